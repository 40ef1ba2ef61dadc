# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The demo's output in the terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from shlex import quote

from rich.console import Console

from otel_llmcost.cli.layout import Field
from otel_llmcost.cli.render import printable
from otel_llmcost.cli.table import print_fields
from otel_llmcost.demo import totals
from otel_llmcost.demo.proof import Lever
from otel_llmcost.emulator.ledger import plain
from otel_llmcost.reports import formatting

# File names and commands are to be copied: no wrapping, no highlighting of numbers in them.
console = Console(highlight=False, soft_wrap=True)

_SPEND = """
    SELECT
        feature, count() AS calls, sum(input_tokens) AS input, sum(cache_read_tokens) AS read,
        sum(output_tokens) AS output, sum(cost_usd) AS usd, feature_source
    FROM calls
    WHERE environment = {environment:String} AND ts >= {since:DateTime64(6, 'UTC')}
    GROUP BY feature, feature_source
    ORDER BY usd DESC
"""
_INCIDENTS = """
    SELECT kinds[1] AS kind, feature, model, evidence, excess_usd, cause
    FROM llmcost.incidents
    WHERE environment = {environment:String} AND level = 'report'
        AND ifNull(end, now()) >= {since:DateTime64(6, 'UTC')}
    ORDER BY excess_usd DESC NULLS LAST
"""
_PLANTED = 3  # demo.planted: a grown prompt, a cache collapse, a loop
_PATIENCE = 8.0
QUERY = (
    "SELECT feature, model, count() AS calls, sum(cost_usd) AS usd FROM calls "
    "WHERE environment = 'demo' GROUP BY ALL ORDER BY usd DESC"
)


def title(store: Path) -> None:
    """What is about to happen."""
    console.print(
        f"[bold]otel-llmcost demo[/]  [dim]emulated providers, real SDKs, store {store}/[/]"
    )


def history(sent: int) -> None:
    """How the store got its past."""
    if sent:
        console.print(f"[dim]·[/] sent {sent:,} calls of the last 14 days over OTLP")
    else:
        console.print("[dim]·[/] the last 14 days are in the store already")


def running() -> None:
    """The app is started now."""
    console.print("[dim]·[/] running opentelemetry-instrument python -m otel_llmcost.demo.app")


def spend(query: totals.Query, since: datetime, bill: totals.Bill, seconds: float) -> None:
    """Spend by feature of the calls just made, and how much of the prompts came from caches."""
    rows = query(_SPEND, {"environment": totals.ENVIRONMENT, "since": since}).rows
    lines = [_spend_line(*row) for row in rows]
    names = ("feature", "calls", "input", "cached", "output", "USD")
    fields = [
        Field(name=name, cells=[line[n] for line in lines], number=n > 0, spare=spare)
        for n, (name, spare) in enumerate(zip(names, (0, 1, 4, 2, 3, 0), strict=True))
    ]
    console.print()
    if rows:
        print_fields("Spend by feature, this run", fields, sys.stdout)
    read, tokens = (sum(row[n] or 0 for row in rows) for n in (3, 2))
    console.print(
        f"Cache hit rate [bold]{_share(read, tokens)}[/] of input tokens · {bill.refused} attempts "
        f"refused and retried, none billed twice · {seconds:.0f} s"
    )


def _spend_line(
    feature: str, calls: int, tokens: int, read: int, output: int, usd: Decimal | None, source: str
) -> tuple[str, ...]:
    # Untagged spend is named by the place in the code it came from.
    site = printable(str(feature).removeprefix("__main__."))
    name = f"{site} (untagged)" if source == "call_site" else site
    cost = "unknown" if usd is None else f"{usd:.6f}"
    return name, f"{calls:,}", f"{tokens:,}", _share(read, tokens), f"{output:,}", cost


def incidents(query: totals.Query, since: datetime) -> None:
    """What suddenly costs more than it used to; the daemon looks again after the last call."""
    parameters = {"environment": totals.ENVIRONMENT, "since": since}
    deadline = time.monotonic() + _PATIENCE
    while len(rows := query(_INCIDENTS, parameters).rows) < _PLANTED:
        if time.monotonic() > deadline:
            console.print("[yellow]Not all that went wrong was found yet[/]")
            break
        time.sleep(0.3)
    for kind, feature, model, evidence, excess, cause in rows:
        name = kind.replace("_", " ").capitalize()
        dollars = (
            "unknown cost"
            if excess is None
            else f"{formatting.usd(excess)} too much, mostly {cause}"
        )
        console.print(
            f"[red bold]{name}[/] in [bold]{feature}[/] on {model}: {dollars}\n  {evidence}",
            highlight=False,
        )


def verdict(bill: totals.Bill, found: totals.Stored) -> None:
    """Whether store and providers agree, and if not, where they differ."""
    console.print()
    if found.agrees(bill):
        places = "calls, rollup" + (" and page" if found.page is not None else "")
        console.print(
            f"[green bold]✓[/] store total = provider ledger total = [bold]${plain(bill.total)}[/] "
            f"[dim]({bill.replies} replies; {places})[/]"
        )
        return
    console.print(
        f"[red bold]✗[/] store total ${plain(found.calls)} ({found.replies} replies) is not "
        f"provider ledger total ${plain(bill.total)} ({bill.replies} replies)"
    )
    for line in found.differences(bill):
        console.print(f"  {line}")


def savings(levers: Sequence[Lever]) -> None:
    """Where the next dollars of the history are, and that the providers say the same."""
    console.print()
    console.print(f"The {len(levers)} best savings of the last 14 days")
    for lever in levers:
        row = lever.row
        known = "no known answer" if lever.rebilled is None else f"${plain(lever.rebilled)}"
        verdict = "[green]✓ re-billed[/]" if lever.agrees else f"[red]✗ re-billed: {known}[/]"
        console.print(
            f"  [bold]${plain(row['saving_usd'])}[/] of ${row['cost_usd']:.2f} in "
            f"[bold]{row['feature']}[/]: {row['lever']} ({row['change']})  {verdict}"
        )


def go_on(store: Path) -> None:
    """The commands to continue with, ready to be copied."""
    console.print()
    console.print("Look around: ", end="")
    console.print(f"otel-llmcost serve --store {quote(str(store))}", style="cyan", markup=False)
    console.print("Query in SQL: ", end="")
    console.print(
        f'otel-llmcost query --url {quote(str(store))} "{QUERY}"', style="cyan", markup=False
    )


def _share(part: float | None, total: float | None) -> str:
    return f"{(part or 0) / total:.1%}" if total else "-"
