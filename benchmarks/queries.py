# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""How long every question takes over 30 days: panels, alert rules, commands, the page.

The same four questions are put to the raw spans' Map columns, of typed calls and of the rollup.
Targets are those of the design; they hold for 50 million calls.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Group
from rich.table import Table

from benchmarks import generator
from otel_llmcost.detection.detect import detect
from otel_llmcost.store import Store, open_store
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
    "budgets list --check": ("budgets", "list", "--check"),
}
COMMAND_TARGETS = {"review": 5.0, "savings": 3.0}
SPEND, USERS = "spend panels", "user and percentile panels"
FACTS = "panels of what calls were like"
CALLS = "panels that read calls"
TARGETS = {SPEND: 0.1, USERS: 0.3}
"""The design names these two."""
RAW = {
    "cost by feature and day": (
        "SELECT toDate(Timestamp) AS d, SpanAttributes['llmcost.feature'] AS f, "
        "sum(toFloat64OrZero(SpanAttributes['gen_ai.usage.cost.amount'])) "
        "FROM llmcost.otel_traces GROUP BY d, f",
        "SELECT toDate(ts) AS d, feature AS f, sum(cost_usd) FROM llmcost.calls GROUP BY d, f",
        "SELECT toDate(hour) AS d, feature AS f, sum(cost_usd) FROM llmcost.hourly_spend GROUP "
        "BY d, f",
    ),
    "cost and tokens by model": (
        "SELECT SpanAttributes['gen_ai.response.model'] AS m, "
        "sum(toFloat64OrZero(SpanAttributes['gen_ai.usage.cost.amount'])), "
        "sum(toUInt64OrZero(SpanAttributes['gen_ai.usage.input_tokens'])) "
        "FROM llmcost.otel_traces GROUP BY m",
        "SELECT model AS m, sum(cost_usd), sum(input_tokens) FROM llmcost.calls GROUP BY m",
        "SELECT model AS m, sum(cost_usd), sum(input_tokens) FROM llmcost.hourly_spend GROUP BY m",
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


class Timed(NamedTuple):
    """One question, run several times; in seconds."""

    group: str
    name: str
    target: float | None
    walls: list[float]
    """Sorted. They wait for whatever else the machine does; `cpu` does not."""
    cpu: float
    """The least that one answer took of all cores together."""

    @property
    def p95(self) -> float:
        return self.walls[round(0.95 * (len(self.walls) - 1))]


def seconds(run: Callable[[], Any], times: int) -> tuple[list[float], float]:
    """Sorted wall times, fewer when one takes long, and the least CPU time."""
    walls: list[float] = []
    cpus: list[float] = []
    while len(walls) < times and sum(walls) < 8:
        began, cpu = time.perf_counter(), time.process_time()
        run()
        walls.append(time.perf_counter() - began)
        cpus.append(time.process_time() - cpu)
    return sorted(walls), min(cpus)


def group_of(sql: str) -> str:
    """What a panel reads decides what may be required of it."""
    if "{user_id" in sql or "bill_lines" in sql:
        return CALLS
    if re.search("daily_users|daily_calls|daily_units|quantile", sql):
        return USERS
    if re.search("finish_reasons|what_if|savings|change_between|trust|cache_turns", sql):
        return FACTS
    return CALLS if "llmcost.calls" in sql else SPEND


def questions(store: Store) -> dict[str, tuple[str, Callable[[], Any], float | None]]:
    """Each panel, alert and command with its group and its target in seconds."""
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
    found: dict[str, tuple[str, Callable[[], Any], float | None]] = {}
    for panel in PANELS:
        for target in panel["targets"]:
            sql = target["rawSql"]
            name, group = f"{boards[sql]}: {panel['title']}", group_of(sql)
            found[name] = (group, partial(store.query, look.expand(sql)), TARGETS.get(group))
    for rule in RULES:
        for step in rule["data"]:
            if sql := step["model"].get("rawSql"):
                window = dt.timedelta(seconds=step["relativeTimeRange"]["from"])
                run = partial(store.query, Panel(until - window, until).expand_backend(sql))
                found[f"alert: {rule['title']}"] = ("alert rules", run, None)
    for name, words in COMMANDS.items():
        found[name] = ("commands", partial(command, store, *words), COMMAND_TARGETS.get(name, 1))
    newest = store.query("SELECT max(ts) FROM llmcost.llm_calls").rows[0][0]
    detect(store, newest)  # the first pass reads ten days of calls; later ones only what is new
    found["detection pass"] = ("commands", partial(detect, store, newest), 1)
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
        "rollup, per call": sizes["hourly_spend__rows"][0] / calls,
    }


def table(calls: int = 1_000_000, folder: Path | None = None, times: int = 15) -> Group:
    """All of it; with a folder the store stays there and is used again."""
    place = folder or Path(tempfile.mkdtemp(prefix="llmcost-bench-"))
    store = opened(place, calls)
    result = Table(title=f"questions over 30 days, {calls:,} calls, ms")
    for column in ("question", "p50", "p95", "cpu", "target"):
        result.add_column(column, justify="left" if column == "question" else "right")
    measured: list[Timed] = []
    for name, (group, run, goal) in questions(store).items():
        try:
            measured.append(Timed(group, name, goal, *seconds(run, times)))
        except Exception as error:  # noqa: BLE001  one that fails must not hide the others
            result.add_row(name, "failed", str(error)[:80], "", "")
    for one in sorted(measured, key=lambda one: -one.p95):
        mark = " !" if one.target and one.p95 > one.target else ""
        p50, p95 = ms(statistics.median(one.walls)), ms(one.p95) + mark
        result.add_row(one.name, p50, p95, ms(one.cpu), ms(one.target) if one.target else "")
    spans = store.query("SELECT count() FROM llmcost.otel_traces").rows[0][0]
    for name, (raw, typed, rollup) in RAW.items():
        taken = [seconds(partial(store.query, s), 3) for s in (raw, typed, rollup) if s]
        kinds = (f"raw Map, {spans:,} spans", "typed", "rollup")
        for kind, (walls, cpu) in zip(kinds, taken, strict=False):
            result.add_row(f"{name} — {kind}", ms(walls[0]), "", ms(cpu), "")
    for name, size in bytes_per_call(store).items():
        target = "90" if "typed" in name else ""
        result.add_row(f"bytes on disk, {name}", f"{size:.0f}", "", "", target)
    store.close()
    if folder is None:
        shutil.rmtree(place)
    return Group(result, groups(measured, calls))


def groups(measured: list[Timed], calls: int) -> Table:
    """By group: the middle question, the slowest one, and how many keep to the target."""
    result = Table(title=f"the same by group, {calls:,} calls, ms")
    for column in ("group", "median p50", "median cpu", "slowest", "p95", "cpu", "in target"):
        result.add_column(column, justify="left" if column in ("group", "slowest") else "right")
    for group in dict.fromkeys(one.group for one in measured):
        own = [one for one in measured if one.group == group]
        slowest = max(own, key=lambda one: one.cpu)
        kept = [one for one in own if one.target and one.p95 <= one.target]
        requested = sum(one.target is not None for one in own)
        result.add_row(
            group,
            ms(statistics.median(statistics.median(one.walls) for one in own)),
            ms(statistics.median(one.cpu for one in own)),
            slowest.name,
            ms(slowest.p95),
            ms(slowest.cpu),
            f"{len(kept)} of {requested}" if requested else "",
        )
    return result


def ms(seconds: float) -> str:
    """Seconds as milliseconds."""
    return f"{seconds * 1e3:.0f}"
