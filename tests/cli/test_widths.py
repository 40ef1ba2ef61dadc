# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""No terminal is too narrow for a figure: every command, at every width."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

import click
import pytest

from otel_llmcost.attribution.run_record import RunLine, RunRecord
from otel_llmcost.cli import app, table
from otel_llmcost.pricing import PriceBook
from otel_llmcost.reports import Report
from otel_llmcost.reports.formatting import figure
from otel_llmcost.store import Result, Store
from tests.cli.calls import add, blown_up, call, priced
from tests.cli.conftest import Command, Terminal, command_in
from tests.support.embedded import empty, shared_store

pytestmark = pytest.mark.slow

WIDTHS = (40, 60, 80, 100, 120)
NUMERIC = {"count", "usd", "exact_usd", "share", "ratio", "ms", "seconds", "figure", "time"}
REPLY = {
    "provider": "anthropic",
    "at": "2026-11-20T12:00:00Z",
    "response": {
        "model": "claude-opus-5-5",
        "usage": {
            "input_tokens": 123_456,
            "cache_read_input_tokens": 4_000_000,
            "output_tokens": 98_765,
            "inference_geo": "us",
            "server_tool_use": {"web_search_requests": 3},
        },
    },
}
OWN = {"provider": "own-cluster", "models": ["own"], "prices": {"input": "1234.5", "output": "9"}}
OVERLAY = {"entries": [{**OWN, "from": "2026-01-01"}, {**OWN, "from": "2026-06-01"}]}
USED = ("--instance-usd-per-hour", "4.5", "--tokens-per-second", "2500")
COMMANDS: dict[str, tuple[str, ...]] = {
    "spend": ("spend", "--by", "feature,model"),
    "spend by day": ("spend", "--by", "day,user,mode"),
    "spend by outcome": ("spend", "--by", "outcome"),
    "spend top calls": ("spend", "--top-calls"),
    "anomalies": ("anomalies",),
    "incidents": ("incidents",),
    "diff": ("diff", "48h..2h", "2h.."),
    "savings": ("savings",),
    "savings realised": ("savings", "realised"),
    "breakeven": ("breakeven", *USED, "--commit-usd-per-month", "10000", "--discount", "15%"),
    "budgets list": ("budgets", "list"),
    "budgets list --check": ("budgets", "list", "--check"),
    "invoices list": ("invoices", "list"),
    "reconcile": ("reconcile", "--month", f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m}"),
    "gate": ("gate", "new.json", "--baseline", "old.json"),
    "query": ("query", "SELECT ts, feature, model, cost_usd, input_tokens, 1 / 3 FROM calls"),
    "price": ("price", "reply.json"),
    "price explain": ("price", "reply.json", "--explain"),
    "explain": ("explain", "msg_01"),
    "price-book list": ("price-book", "list"),
    "price-book show": ("price-book", "show", "claude-opus-5-5"),
    "price-book check": ("price-book", "check", "prices.json"),
    "reprice": ("reprice", "--since", "7d"),
    "schema status": ("schema", "status"),
    "doctor": ("doctor",),
}
"""A name that begins with the command, and its arguments."""


_DECISION = (
    *("decision", "lever", "environment", "feature", "provider", "model"),
    "saving_usd_per_month",
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bit of everything in the store, with figures that need their width; its folder."""
    store = shared_store()
    empty(store)
    with pytest.MonkeyPatch.context() as monkeypatch:
        folder = tmp_path_factory.mktemp("filled")
        fill(store, command_in(folder, monkeypatch))
    return folder


def fill(store: Store, cli: Command) -> None:
    blown_up(store)
    big: dict[str, Any] = {"input_tokens": 123_456_789, "cache_read_tokens": 98_765_432}
    add(
        store,
        priced(),
        call(usd="1234.567891", feature="support.tickets.summarize-and-translate", **big),
        call(usd="98765.4", user_id="f" * 60, scope_id="run-1", model="gpt-6.1-terra", **big),
        call(usd="0.00000004", feature="index.build", duration_ms=987_654),
        call(usd=None, error_type="timeout", call_site="app.some.module.function:123"),
    )
    noted = (datetime.now(UTC) - timedelta(minutes=30), "o1", "resolved", 1.0, "run-1", "support")
    store.insert("outcomes", [noted], ("ts", "outcome_id", "name", "value", "scope_id", "feature"))
    done = ("cap_output", "prod", "index.build", "openai", "gpt-6.1-terra", Decimal("98765.4321"))
    store.insert("saving_decisions", [("done", *done)], _DECISION)
    cli("anomalies", "detect")
    cli("budgets", "set", "123456.78", "--per", "month")
    cli("budgets", "set", "0.000001", "--per", "day", "--for", "feature=support")
    cli("budgets", "set", "0.5", "--per", "call")
    day = f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m-%d}"
    Path("bill.csv").write_text(f"date,model,amount_usd\n{day},claude-opus-5,98765.43\n")
    assert cli("invoices", "import", "bill.csv", "--provider", "anthropic").exit_code == 0
    Path("prices.json").write_text(json.dumps(OVERLAY))
    Path("reply.json").write_text(json.dumps(REPLY))
    for name, tokens in (("old", 1_000_000), ("new", 7_654_321)):
        Path(f"{name}.json").write_text(record(tokens))


def record(tokens: int) -> str:
    """What `run --record` writes, of one feature."""
    line = RunLine(
        feature="support.tickets.summarize-and-translate", provider="anthropic",
        model="claude-opus-5-5", mode="standard", context="", geo="",
        calls=3, unpriced_calls=0, replies=3, of_several_models=0,
        usd={"input": Decimal(tokens) * 4 / 1_000_000}, tokens=(tokens, 0, 0, 0),
        buckets={"input": Decimal(tokens)},
    )  # fmt: skip
    return RunRecord(
        recorded_at=datetime.now(UTC), service="shop", price_book=PriceBook().version,
        lines=(line,), runs={},
    ).to_json()  # fmt: skip


def shown(monkeypatch: pytest.MonkeyPatch) -> list[Report]:
    """The reports that were printed as tables, from now on."""
    seen: list[Report] = []
    printed = table.print_report

    def remember(report: Report, stream: TextIO) -> None:
        seen.append(report)
        printed(report, stream)

    monkeypatch.setattr(table, "print_report", remember)
    return seen


def query_once(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A command that runs again is answered as the first time: only its tables are in question.
    What is returned is called before each run."""
    query = Store.query
    answers: list[tuple[str, Result]] = []
    sent = 0

    def remembered(store: Store, sql: str, *more: Any, **options: Any) -> Result:
        nonlocal sent
        if sent == len(answers) or answers[sent][0] != sql:
            answers[sent:] = [(sql, query(store, sql, *more, **options))]
        sent += 1
        return answers[sent - 1][1]

    def begin() -> None:
        nonlocal sent
        sent = 0

    monkeypatch.setattr(Store, "query", remembered)
    return begin


def numbers(report: Report, hidden: set[str]) -> Counter[str]:
    """Every figure that the report's table shows, as often as it shows it."""
    found: Counter[str] = Counter()
    all_rows = [*report.rows, *([report.total] if report.total else [])]
    for n, column in enumerate(report.columns):
        heading = column.name.removesuffix("_usd").removesuffix("_tokens").replace("_", " ")
        empty = not any(row[n] not in (None, "", 0) for row in report.rows)
        if (
            column.detail
            or column.footnote
            or heading in hidden
            or (empty and column.kind != "usd")
        ):
            continue
        values = [row[n] for row in all_rows if not isinstance(row[n], str | None)]
        if column.kind in NUMERIC or column.kind == "raw":
            found.update(figure(column.kind, value) for value in values)
    return found


def times(text: str, one: str) -> int:
    """How often a figure stands in a text, and is no part of a longer one."""
    words = r"\s+".join(map(re.escape, one.split()))  # the date and the time of a `raw` time
    return len(re.findall(rf"(?<![\d.,$<>-]){words}(?![\d%]|[.,]\d)", text))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_figure_is_complete_at_every_width(
    filled: Path, cli: Command, terminal: Terminal, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(filled)
    reports = shown(monkeypatch)
    begin = query_once(monkeypatch)
    for width in WIDTHS:
        begin()
        terminal(width)
        reports.clear()
        result = cli(*COMMANDS[name])
        out = result.stdout
        assert reports, result.stderr
        named = re.findall(r"^Hidden at \d+ columns: ([^;\n]*)", out, re.M)
        hidden = {heading for line in named for heading in line.split(", ")}
        wanted = sum((numbers(report, hidden) for report in reports), Counter[str]())
        cut = {one: number for one, number in wanted.items() if times(out, one) < number}
        assert not cut, f"{width} columns\n{out}"
        lines = [line for line in out.splitlines() if not line.startswith(("[", "Hidden at"))]
        assert max(map(len, lines)) <= width, out
        assert "…" not in out.replace("msg_…", "")


def test_every_command_with_a_table_is_among_them() -> None:
    def with_tables(command: click.Command, path: tuple[str, ...]) -> Iterator[str]:
        if any("table" in getattr(p.type, "choices", ()) for p in command.params):
            yield " ".join(path)
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                below = command.get_command(context, name)
                assert below is not None
                yield from with_tables(below, (*path, name))

    missing = {
        path
        for path in with_tables(app.app, ())
        if not any(" ".join(args).startswith(path) for args in COMMANDS.values())
    }
    assert not missing
