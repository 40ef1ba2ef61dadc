# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""How long every question takes over 30 days: panels, alert rules, commands, the page.

The same four questions are asked of the raw spans' Map columns, of typed calls and of the rollup.
Targets are those of the design; they hold for 50 million calls.
"""

from __future__ import annotations

import datetime as dt
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from rich.table import Table

from otel_llmcost.analysis.detection import detect
from otel_llmcost.store import Store, open_store
from tests.bench import generator
from tests.dashboards.files import BOARDS, PANELS, RULES
from tests.dashboards.macros import Panel

RAW_SPANS = 1_000_000
COMMANDS = {
    "spend --by feature": ("spend", "--by", "feature", "--since", "30d"),
    "spend --by model,team": ("spend", "--by", "model,team", "--since", "30d"),
    "spend --by user": ("spend", "--by", "user", "--since", "30d"),
    "spend --top-calls": ("spend", "--top-calls", "--since", "30d"),
    "savings": ("savings", "--since", "30d"),
    "review": ("review",),
    "diff": ("diff", "14d..7d", "7d.."),
    "anomalies": ("anomalies",),
    "budgets status": ("budgets", "status"),
}
COMMAND_TARGETS = {"review": 5.0, "savings": 3.0}
RAW = {
    "cost by feature and day": (
        "SELECT toDate(Timestamp) AS d, SpanAttributes['llmcost.feature'] AS f, "
        "sum(toFloat64OrZero(SpanAttributes['gen_ai.usage.cost.amount'])) "
        "FROM llmcost.otel_traces GROUP BY d, f",
        "SELECT toDate(ts) AS d, feature AS f, sum(cost_usd) FROM llmcost.calls GROUP BY d, f",
        "SELECT toDate(hour) AS d, feature AS f, sum(cost_usd) FROM llmcost.spend_1h GROUP BY d, f",
    ),
    "cost and tokens by model": (
        "SELECT SpanAttributes['gen_ai.response.model'] AS m, "
        "sum(toFloat64OrZero(SpanAttributes['gen_ai.usage.cost.amount'])), "
        "sum(toUInt64OrZero(SpanAttributes['gen_ai.usage.input_tokens'])) "
        "FROM llmcost.otel_traces GROUP BY m",
        "SELECT model AS m, sum(cost_usd), sum(input_tokens) FROM llmcost.calls GROUP BY m",
        "SELECT model AS m, sum(cost_usd), sum(input_tokens) FROM llmcost.spend_1h GROUP BY m",
    ),
    "top 20 users": (
        "SELECT SpanAttributes['user.id'] AS u, "
        "sum(toFloat64OrZero(SpanAttributes['gen_ai.usage.cost.amount'])) AS c "
        "FROM llmcost.otel_traces GROUP BY u ORDER BY c DESC LIMIT 20",
        "SELECT user_id AS u, sum(cost_usd) AS c FROM llmcost.calls "
        "GROUP BY u ORDER BY c DESC LIMIT 20",
        "",
    ),
    "p95 cost by feature": (
        "SELECT SpanAttributes['llmcost.feature'] AS f, "
        "quantile(0.95)(toFloat64OrZero(SpanAttributes['gen_ai.usage.cost.amount'])) "
        "FROM llmcost.otel_traces GROUP BY f",
        "SELECT feature AS f, quantile(0.95)(cost_usd) FROM llmcost.calls GROUP BY f",
        "",
    ),
}


def seconds(ask: Callable[[], Any], times: int) -> list[float]:
    """Sorted wall times; fewer when one takes long."""
    taken: list[float] = []
    while len(taken) < times and sum(taken) < 8:
        began = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - began)
    return sorted(taken)


def questions(store: Store) -> dict[str, tuple[Callable[[], Any], float]]:
    """Each panel, alert and command with its target in seconds."""
    until = dt.datetime.now(dt.UTC)
    every: dict[str, None] = dict.fromkeys(("environment", "service", "feature", "model", "team"))
    [(record, trace, session, user)] = store.query(
        "SELECT record_id, trace_id, session_id, user_id FROM llmcost.llm_calls LIMIT 1"
    ).rows
    chosen = {"record_id": record, "trace_id": trace, "session_id": session, "user_id": user}
    look = Panel(until - dt.timedelta(days=30), until, variables={**every, **chosen})
    boards = {
        target["rawSql"]: name.removeprefix("llmcost-")
        for name, board in BOARDS.items()
        for panel in board["panels"]
        for target in panel.get("targets", [])
    }
    found: dict[str, tuple[Callable[[], Any], float]] = {}
    for panel in PANELS:
        for target in panel["targets"]:
            sql = target["rawSql"]
            needs_calls = "llmcost.calls" in sql or "user" in sql
            goal = 0.3 if needs_calls else 0.1
            name = f"{boards[sql]}: {panel['title']}"
            found[name] = (partial(store.query, look.expand(sql)), goal)
    for rule in RULES:
        for step in rule["data"]:
            if sql := step["model"].get("rawSql"):
                ask = partial(store.query, look.expand_backend(sql))
                found[f"alert: {rule['title']}"] = (ask, 0.3)
    for name, words in COMMANDS.items():
        found[name] = (partial(command, store, *words), COMMAND_TARGETS.get(name, 1.0))
    newest = store.query("SELECT max(ts) FROM llmcost.llm_calls").rows[0][0]
    detect(store, newest)  # the first pass reads ten days of calls; later ones only what is new
    found["detection pass"] = (partial(detect, store, newest), 1.0)
    return found


def command(store: Store, *words: str) -> None:
    """One command of the CLI in this process."""
    from click.testing import CliRunner

    from otel_llmcost.cli.app import app

    path = store.url if "://" in store.url else f"chdb://{store.url}"
    result = CliRunner().invoke(app, [*words, "--url", path])
    if result.exit_code:
        raise RuntimeError(f"{words}: {result.output}")


def opened(folder: Path, calls: int) -> Store:
    """The store with so many calls in a folder, filled the first time."""
    store = open_store(f"chdb://{folder}")
    if not store.query("EXISTS TABLE llmcost.llm_calls").rows[0][0]:
        generator.fill(store, calls, RAW_SPANS)
    return store


def bytes_per_call(store: Store) -> dict[str, float]:
    """On disk, of typed calls, of raw spans (per span) and of the rollup (per call)."""
    found = store.query(
        "SELECT table, sum(bytes_on_disk), sum(rows) FROM system.parts WHERE active "
        "AND database = 'llmcost' GROUP BY table"
    ).rows
    sizes = {str(table): (size, rows) for table, size, rows in found}
    calls = sizes["llm_calls"][1]
    return {
        "typed call": sizes["llm_calls"][0] / calls,
        "raw span": sizes["otel_traces"][0] / sizes["otel_traces"][1],
        "rollup, per call": sizes["llm_cost_1h"][0] / calls,
    }


def table(calls: int = 1_000_000, folder: Path | None = None, times: int = 7) -> Table:
    """All of it; with a folder the store stays there and is used again."""
    place = folder or Path(tempfile.mkdtemp(prefix="llmcost-bench-"))
    store = opened(place, calls)
    result = Table(title=f"questions over 30 days, {calls:,} calls, ms")
    for column in ("question", "p50", "p95", "target"):
        result.add_column(column, justify="left" if column == "question" else "right")
    measured: list[tuple[float, str, float, float]] = []
    for name, (ask, goal) in questions(store).items():
        try:
            taken = seconds(ask, times)
        except Exception as error:  # noqa: BLE001  one that cannot be asked must not hide the others
            result.add_row(name, "failed", str(error)[:80], "")
            continue
        p95 = taken[round(0.95 * (len(taken) - 1))]
        measured.append((p95, name, statistics.median(taken), goal))
    for p95, name, p50, goal in sorted(measured, reverse=True):
        mark = "" if p95 <= goal else " !"
        result.add_row(name, f"{p50 * 1e3:.0f}", f"{p95 * 1e3:.0f}{mark}", f"{goal * 1e3:.0f}")
    spans = store.query("SELECT count() FROM llmcost.otel_traces").rows[0][0]
    for name, (raw, typed, rollup) in RAW.items():
        taken = [min(seconds(partial(store.query, s), 3)) for s in (raw, typed, rollup) if s]
        kinds = (f"raw Map, {spans:,} spans", "typed", "rollup")
        for kind, best in zip(kinds, taken, strict=False):
            result.add_row(f"{name} — {kind}", f"{best * 1e3:.0f}", "", "")
    for name, size in bytes_per_call(store).items():
        result.add_row(f"bytes on disk, {name}", f"{size:.0f}", "", "90" if "typed" in name else "")
    store.close()
    if folder is None:
        shutil.rmtree(place)
    return result
