# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What was spent, by any dimension; and the dearest single calls."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from otel_llmcost import schema
from otel_llmcost.analysis.empty import unpriced_note, why_empty
from otel_llmcost.analysis.report import Column, Query, Report, Row, pick, records
from otel_llmcost.analysis.window import Window
from otel_llmcost.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Dimension:
    """One thing spend can be grouped by, as our own SQL."""

    call: str
    """Expression over the `calls` view."""
    hour: str | None = None
    """Expression over `spend_1h`; None when the rollup does not keep it."""
    user: str | None = None
    """Expression over `user_costs`; None when that does not keep it."""


_ROLLED_UP = ("feature", "model", "provider", "team", "service", "environment", "operation", "mode")
_BY_USER = ("feature", "team", "service", "environment")
DIMENSIONS: dict[str, Dimension] = {
    **{name: Dimension(call=name, hour=name) for name in _ROLLED_UP},
    **{name: Dimension(call=name, hour=name, user=name) for name in _BY_USER},
    "day": Dimension(call="toString(toDate(c.ts))", hour="toString(toDate(s.hour))"),
    "hour": Dimension(
        call="formatDateTime(toStartOfHour(c.ts), '%Y-%m-%d %H:00')",
        hour="formatDateTime(s.hour, '%Y-%m-%d %H:00')",
    ),
    "user": Dimension(call="user_id", user="user_id"),
    "session": Dimension(call="session_id"),
    "agent": Dimension(call="agent_name"),
    "workflow": Dimension(call="workflow_name"),
    "version": Dimension(call="service_version"),
    "status": Dimension(call="cost_status"),
    "call_site": Dimension(call="call_site"),
    "source": Dimension(call="source"),
}
"""What spend can be grouped by. Any other word is the key of an `allocate(key=…)`."""

_ALLOCATION_KEY = re.compile(r"[a-z][a-z0-9_]{0,31}")
_BY_MARKERS = re.compile(r"/\* by \*/.*?/\* by \*/", re.DOTALL)

_MEASURES = (
    Column("calls", "count", spare=1),
    Column("input_tokens", "count", spare=4),
    Column("cache_read_tokens", "count", spare=6),
    Column("output_tokens", "count", spare=5),
    Column("errors", "count", spare=8),
    Column("unpriced_calls", "count", spare=7),
    Column("cost_usd", "usd"),
    Column("cost_share", "share", spare=3),
)


def by_clause(sql: str, expressions: Sequence[str]) -> str:
    """A query of ours grouped by these expressions, which are our own, never user text."""
    columns = ", ".join(f"{text} AS dimension_{n}" for n, text in enumerate(expressions, 1))
    return _BY_MARKERS.sub(lambda _: columns, sql, count=1)


def spend(
    query: Query, window: Window, by: Sequence[str] = ("feature",), limit: int = 50
) -> Report:
    """Spend grouped by one or more dimensions, dearest first, with the total of the whole window.

    `by` takes names of `DIMENSIONS` and allocation keys. Raises ConfigError for anything else.
    """
    names = list(dict.fromkeys(by))
    if not names:
        raise ConfigError(f"nothing to group by: use one of {', '.join(DIMENSIONS)}")
    dimensions = [dimension(name) for name in names]
    hours = [grouped.hour for grouped in dimensions]
    users = [grouped.user for grouped in dimensions]
    if window.whole_hours and all(hours):
        sql = by_clause(schema.query("spend_by_hour"), [hour for hour in hours if hour])
    elif "user" in names and all(users) and not window.filters.model:
        sql = by_clause(schema.query("spend_by_user"), [user for user in users if user])
    else:
        sql = by_clause(schema.query("spend_by_call"), [grouped.call for grouped in dimensions])
    found = records(query(sql, window.parameters(limit=limit)))
    keys = [f"dimension_{n}" for n in range(1, len(names) + 1)]
    rows = [
        (*(record[key] or "(none)" for key in keys), *pick(record, _MEASURES)) for record in found
    ]
    return Report(
        title=f"Spend by {' and '.join(names)}, {window}",
        columns=(*(Column(name) for name in names), *_MEASURES),
        rows=rows,
        total=_total(len(names), found[0]) if found else None,
        note=_note(query, window, names, found, limit),
    )


_CALLS = (
    Column("ts", "time", spare=2),
    Column("feature"),
    Column("model", spare=1),
    Column("user_id", spare=3),
    Column("input_tokens", "count", spare=4),
    Column("cache_read_tokens", "count", spare=7),
    Column("output_tokens", "count", spare=5),
    Column("cost_usd", "usd"),
    Column("duration_ms", "ms", spare=6),
    Column("environment", detail=True),
    Column("call_site", spare=8),
    Column("trace_id", spare=9),
    Column("record_id", detail=True),
)


def top_calls(query: Query, window: Window, limit: int = 20) -> Report:
    """The dearest single calls of a window."""
    found = records(query(schema.query("top_calls"), window.parameters(limit=limit)))
    return Report(
        title=f"Dearest calls, {window}",
        columns=_CALLS,
        rows=[pick(record, _CALLS) for record in found],
        note=None if found else why_empty(query, window),
    )


def dimension(name: str) -> Dimension:
    """What a name groups by. Raises ConfigError for what is no dimension and no allocation key."""
    known = DIMENSIONS.get(name)
    if known:
        return known
    if not _ALLOCATION_KEY.fullmatch(name):
        raise ConfigError(
            f"cannot group by {name!r}: use {', '.join(DIMENSIONS)}, or an allocation key"
        )
    return Dimension(call=f"c.allocation['{name}']")


def _total(dimensions: int, record: dict[str, Any]) -> Row:
    share = None if record["all_cost_usd"] is None else 1.0
    totals = [record[f"all_{column.name}"] for column in _MEASURES[:-1]]
    return ("total", *[""] * (dimensions - 1), *totals, share)


def _note(
    query: Query, window: Window, names: list[str], found: list[dict[str, Any]], limit: int
) -> str | None:
    if not found:
        return why_empty(query, window)
    notes: list[str] = []
    if found[0]["all_rows"] > limit:
        notes.append(f"{limit} of {found[0]['all_rows']} rows shown; the total counts all of them.")
    for n, name in enumerate(names, 1):
        if name not in DIMENSIONS and not any(record[f"dimension_{n}"] for record in found):
            notes.append(
                f"No call carries the allocation key {name!r}: set it with "
                f"llmcost.allocate({name}=…), or group by {', '.join(DIMENSIONS)}."
            )
    if found[0]["all_unpriced_calls"]:
        notes.append(unpriced_note(query, window))
    return "\n".join(notes) or None
