# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Calls that belong together: traces, sessions, conversations, runs of `feature()`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from otel_llmcost import schema
from otel_llmcost.errors import ConfigError
from otel_llmcost.reports.diagnosis import why_empty
from otel_llmcost.reports.explore import explore
from otel_llmcost.reports.report import Column, Query, Report, marked, pick, records
from otel_llmcost.reports.selection import Selection
from otel_llmcost.reports.window import Window

KINDS: Mapping[str, str] = {
    "trace": "trace_id",
    "session": "session_id",
    "conversation": "conversation_id",
    "scope": "scope_id",
}
"""What calls can have in common, and the column of `calls` that names it. A scope is one run of
`feature()`."""
NEWEST = "newest"
SORTS: Mapping[str, str] = {
    NEWEST: "toUnixTimestamp64Milli(max(c.ts))",
    "cost": "ifNull(sum(c.cost_usd), -1)",
    "calls": "count()",
    "tokens": "sum(c.input_tokens) + sum(c.output_tokens)",
    "errors": "countIf(c.error_type != '')",
    "duration": "toUnixTimestamp64Milli(max(c.ts)) - toUnixTimestamp64Milli(min(c.ts))",
}
"""What runs are sorted by, highest first. Those of unknown cost come last."""
COLUMNS = (
    *(Column("run_id"), Column("first_ts", "time"), Column("last_ts", "time", detail=True)),
    *(Column("duration_ms", "ms"), Column("feature"), Column("features", "count", detail=True)),
    *(Column("models"), Column("user"), Column("calls", "count"), Column("errors", "count")),
    *(Column("unpriced_calls", "count"), Column("input_tokens", "count")),
    *(Column("cache_read_tokens", "count"), Column("output_tokens", "count")),
    Column("cost_usd", "usd"),
)
MOST_GROUPED = 1_500_000
"""Calls of a range up to which all of its runs are compared with each other."""
_TAILS = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=7))
_ROLLED_UP = ("environment", "service", "feature", "team")
_UNITS = {"trace": "trace", "session": "session"}
_AFTER = re.compile(r"(-?\d{1,26}(?:\.\d{1,12})?)~(.{1,300})", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRuns:
    """Which runs, and in which order."""

    kind: str = "trace"
    sort: str = NEWEST
    after: str = ""
    """Where the page before ended, see `RunPage.next`."""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> WantedRuns:
        """From the parameters kind, sort and after of a URL. Raises ConfigError."""
        kind, sort = given.get("kind", "") or "trace", given.get("sort", "") or NEWEST
        after = given.get("after", "")
        if kind not in KINDS:
            raise ConfigError(f"kind={kind!r} is none of {', '.join(KINDS)}")
        if sort not in SORTS:
            raise ConfigError(f"sort={sort!r} is none of {', '.join(SORTS)}")
        if after and not _AFTER.fullmatch(after):
            raise ConfigError(f"after={after!r} is no place in a list of runs: begin at its top")
        return cls(kind=kind, sort=sort, after=after)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    """Some runs, and where the next page begins; None at the end."""

    report: Report
    next: str | None


def run_page(
    query: Query, window: Window, selection: Selection, wanted: WantedRuns, limit: int = 30
) -> RunPage:
    """One page of runs, each with what its selected calls in the window add up to.

    Cost is None where no call of a run is priced. Where more than `MOST_GROUPED` calls are selected
    and runs are not sorted by time, the list has the most expensive of each day, and says so.
    """
    is_partial = wanted.sort != NEWEST and _calls(query, window, selection) > MOST_GROUPED
    if is_partial:
        found = _tops(query, window, selection, wanted, limit)
    else:
        found = _ids(query, window, selection, wanted, limit + 1)
    shown = found[:limit]
    rows = _rows(query, window, selection, wanted, [row["run_id"] for row in shown])
    if is_partial:
        rows.sort(key=lambda row: row["cost_usd"] or -1, reverse=True)
    note = None if rows else why_empty(query, window, f"{wanted.kind}s")
    if is_partial and rows:
        note = (
            f"The {len(rows)} most expensive, of the twenty most expensive of each day. Choose a "
            "shorter time to sort and list all of them."
        )
    last = shown[-1] if shown and len(found) > limit and not is_partial else None
    return RunPage(
        report=Report(
            title=f"Runs by {wanted.kind}, {window}",
            columns=COLUMNS,
            rows=[pick(row, COLUMNS) for row in rows],
            note=note,
        ),
        next=f"{last['sort_key']:f}~{last['run_id']}" if last else None,
    )


def _calls(query: Query, window: Window, selection: Selection) -> int:
    found = explore(query, window, selection, [], ["calls"])
    return found[0]["calls"] if found else 0


def _ids(
    query: Query, window: Window, selection: Selection, wanted: WantedRuns, limit: int
) -> list[dict[str, Any]]:
    """Which runs come next. The newest are looked for at the end of the window first."""
    place = _AFTER.fullmatch(wanted.after)
    after, after_id = place.groups() if place else ("0", "")
    sql = _marked("run_ids", wanted.kind, selection)
    sql = marked(sql, "key", SORTS[wanted.sort])
    found: list[dict[str, Any]] = []
    for since in _begins(window, after) if wanted.sort == NEWEST else [window.since]:
        parameters = replace(window, since=since).parameters(
            limit=limit, after=after, after_id=after_id, **selection.parameters
        )
        found = records(query(sql, parameters))
        if len(found) >= limit:
            break
    return found


def _begins(window: Window, after: str) -> list[datetime]:
    """Where to begin to read for the newest runs: ever earlier, at last at the window's begin."""
    end = min(window.until or datetime.max.replace(tzinfo=UTC), datetime.now(UTC))
    if after != "0":
        end = min(end, datetime.fromtimestamp(float(Decimal(after)) / 1000, UTC))
    return [*(end - tail for tail in _TAILS if end - tail > window.since), window.since]


def _tops(
    query: Query, window: Window, selection: Selection, wanted: WantedRuns, limit: int
) -> list[dict[str, Any]]:
    names = {one.name for one in selection.conditions}
    if wanted.kind not in _UNITS or not names <= set(_ROLLED_UP) or wanted.sort != "cost":
        raise ConfigError(
            f"more than {MOST_GROUPED:,} calls are selected: sort by newest, choose a shorter "
            "time, or sort traces or sessions by cost with no other condition than "
            f"{', '.join(_ROLLED_UP)}"
        )
    is_total = names <= {"environment"}
    sql = marked(schema.query("run_tops"), "only", selection.where("u", hours=True))
    unit = {"unit": _UNITS[wanted.kind], "is_total": int(is_total)}
    return records(query(sql, window.parameters(limit=limit, **unit, **selection.parameters)))


def _rows(
    query: Query, window: Window, selection: Selection, wanted: WantedRuns, runs: Sequence[str]
) -> list[dict[str, Any]]:
    if not runs:
        return []
    parameters = window.parameters(runs=list(runs), **selection.parameters)
    [(hours,)] = query(_marked("run_hours", wanted.kind, selection), parameters).rows
    sql = _marked("run_list", wanted.kind, selection)
    found = {row["run_id"]: row for row in records(query(sql, {**parameters, "hours": hours}))}
    return [
        {**found[run], "models": ", ".join(found[run]["models"])} for run in runs if run in found
    ]


def _marked(name: str, kind: str, selection: Selection) -> str:
    sql = marked(schema.query(name), "id", f"c.{KINDS[kind]}")
    return marked(sql, "only", selection.where("c"))
