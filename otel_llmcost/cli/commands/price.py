# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost price`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from otel_llmcost.cli import options, render
from otel_llmcost.pricing.files import replies
from otel_llmcost.pricing.groups import unit_of
from otel_llmcost.pricing.rules import explained
from otel_llmcost.reports import Column, Report
from otel_llmcost.reports.formatting import unit_price
from otel_llmcost.usage import Cost

_COSTS = (
    Column("reply", "count"),
    Column("provider", spare=4),
    Column("model", spare=3),
    Column("response_id", detail=True),
    Column("status", spare=1),
    Column("reason", spare=5),
    Column("input_tokens", "count", spare=2),
    Column("output_tokens", "count", spare=2),
    Column("cost_usd", "exact_usd"),
)
_LINES = (
    Column("reply", "count", spare=5),
    Column("model", spare=4),
    Column("bucket"),
    Column("component", spare=7),
    Column("quantity", "raw"),
    Column("unit_price_usd", "exact_usd", detail=True),
    Column("price", "figure", people=True),
    Column("multipliers", spare=2),
    Column("amount_usd", "exact_usd"),
    Column("rule", spare=3),
    Column("source", footnote=True, spare=6),
)


@click.command("price")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--provider", metavar="NAME", help="Who bills, where the file does not say.")
@click.option("--at", metavar="TIME", help="When, where the file does not say; default: now.")
@click.option("--explain", is_flag=True, help="Every line of the bill: quantity x unit price.")
@options.with_format
def command(
    file: str, provider: str | None, at: str | None, explain: bool, output: options.Format
) -> None:
    """Price provider replies from FILE ("-" is stdin): a JSON object, an array, or JSON lines.

    Each reply is either the provider's own response body, or

    \b
      {"provider": "anthropic",
       "request":  {"model": "claude-sonnet-5", "client": {"base_url": "..."}},
       "response": {"model": "...", "usage": {...}},
       "at":       "2026-11-23T10:00:00Z"}

    where only "response" is needed. Result, output and error files of both providers' batches are
    priced at batch prices, and a saved event stream ("data: {...}" lines) as the reply it carried.
    Exit 1 when a reply could not be priced.
    """
    text = _read(file)
    costs = [
        (n, reply, reply.price()) for n, reply in enumerate(replies.read(text, provider, at), 1)
    ]
    report = _bill(costs) if explain else _summary(costs)
    render.emit(report, output)
    rules = explained(line.rule for _, _, cost in costs for line in cost.lines)
    if explain and output == "table" and rules:
        render.say("\n".join(rules))
    if any(cost.total is None for _, _, cost in costs):
        raise SystemExit(1)


def _read(file: str) -> str:
    try:
        if file == "-":
            return sys.stdin.read().removeprefix("\ufeff")
        return Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"cannot read {file}: {error}") from error


def _summary(costs: list[tuple[int, replies.Reply, Cost]]) -> Report:
    rows = [_summary_row(n, reply, cost) for n, reply, cost in costs]
    priced = [cost.total for _, _, cost in costs if cost.total is not None]
    total = ("total", *[""] * 7, sum(priced, Decimal(0)) if priced else None)
    versions = {cost.version for _, _, cost in costs if cost.version}
    notes = [*_failures(costs)]
    unknown = len(costs) - len(priced)
    if unknown:
        notes.append(f"{unknown} of {len(costs)} replies could not be priced.")
    if versions:
        notes.append(f"Price book {', '.join(sorted(versions))}.")
    note = " ".join(notes) or None
    return Report(title="Cost", columns=_COSTS, rows=rows, total=total, note=note)


def _failures(costs: list[tuple[int, replies.Reply, Cost]]) -> Iterator[str]:
    """What a batch did not bill, counted by reason."""
    why = Counter(reply.failure for _, reply, _ in costs if reply.failure)
    if why:
        reasons = ", ".join(f"{count} {failure}" for failure, count in sorted(why.items()))
        yield f"{why.total()} of {len(costs)} batch lines failed and are not billed ({reasons})."


def _summary_row(n: int, reply: replies.Reply, cost: Cost) -> tuple[Any, ...]:
    usage = cost.usage
    return (
        n,
        reply.provider,
        usage.model if usage else None,
        usage.response_id if usage else None,
        cost.status,
        reply.failure or cost.reason,
        usage.input_tokens if usage else None,
        usage.output_tokens if usage else None,
        cost.total,
    )


def _bill(costs: list[tuple[int, replies.Reply, Cost]]) -> Report:
    rows: list[tuple[Any, ...]] = []
    notes = [*_failures(costs)]
    for n, reply, cost in costs:
        for line in cost.lines:
            multipliers = " ".join(f"x{value:f} {name}" for name, value in line.multipliers)
            listed_as = line.component if line.component != line.bucket else ""
            rows.append(
                (
                    *(n, line.model, line.bucket, listed_as, line.quantity, line.unit_price),
                    unit_price(line.unit_price, unit_of(line.bucket)),
                    *(multipliers, line.amount, line.rule, line.source),
                )
            )
        if cost.total is None:
            notes.append(f"Reply {n} is {cost.status}: {cost.reason}.")
        elif cost.status != "priced" and not reply.failure:
            notes.append(f"Reply {n} is {cost.status}: {cost.reason or 'no charge'}.")
    known = [cost.total for _, _, cost in costs if cost.total is not None]
    total = ("total", *[""] * 7, sum(known, Decimal(0)) if known else None, "", "")
    return Report(
        title="Bill", columns=_LINES, rows=rows, total=total, note="\n".join(notes) or None
    )
