# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What was spent, by any dimension; and the most expensive single calls."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from otel_llmcost import schema
from otel_llmcost.errors import ConfigError
from otel_llmcost.reports.diagnosis import unpriced_note, why_empty
from otel_llmcost.reports.dimensions import DIMENSIONS, dimension, or_rather
from otel_llmcost.reports.report import Column, Query, Report, Row, pick, records
from otel_llmcost.reports.window import Window

_BY_MARKERS = re.compile(r"/\* by \*/.*?/\* by \*/", re.DOTALL)
_FIRST_MARKERS = "/* first */ /* first */"
_KEYS = 100
"""Allocation keys that a message looks at; the most used ones."""
_TIMES = ("month", "day", "hour")
"""Dimensions whose values have an order of their own."""

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
    """Spend grouped by one or more dimensions, with the total of the whole window.

    The most expensive first; by time, in order of time, and beyond the limit the newest. `by` takes
    names of `DIMENSIONS` and allocation keys that a call carries. Raises ConfigError for anything
    else.
    """
    names = list(dict.fromkeys(by))
    if not names:
        raise ConfigError(f"nothing to group by: use one of {', '.join(DIMENSIONS)}")
    dimensions = [dimension(name) for name in names]
    hours = [grouped.hour for grouped in dimensions]
    users = [grouped.user for grouped in dimensions]
    if all(hours) and ("hour" not in names or window.has_full_hours):
        sql = by_clause(schema.query("spend_by_hour"), [hour for hour in hours if hour])
    elif "user" in names and all(users) and not window.filters.model:
        sql = by_clause(schema.query("spend_by_user"), [user for user in users if user])
    else:
        sql = by_clause(schema.query("spend_by_call"), [grouped.call for grouped in dimensions])
    times = [f"dimension_{n}" for n, name in enumerate(names, 1) if name in _TIMES]
    newest_first = "".join(f"{key} DESC, " for key in times)
    sql = sql.replace(_FIRST_MARKERS, newest_first)
    found = records(query(sql, window.parameters(limit=limit)))
    found.sort(key=lambda record: [record[key] for key in times])
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
    """The most expensive single calls of a window."""
    found = records(query(schema.query("top_calls"), window.parameters(limit=limit)))
    return Report(
        title=f"Most expensive calls, {window}",
        columns=_CALLS,
        rows=[pick(record, _CALLS) for record in found],
        note=None if found else why_empty(query, window),
    )


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
        which = "The newest " if set(names) & set(_TIMES) else ""
        notes.append(
            f"{which}{limit} of {found[0]['all_rows']} rows shown; the total counts all of them."
        )
    for n, name in enumerate(names, 1):
        if name not in DIMENSIONS and not any(record[f"dimension_{n}"] for record in found):
            check_key(query, window, name)
    if found[0]["all_unpriced_calls"]:
        notes.append(unpriced_note(query, window))
    return "\n".join(notes) or None


def check_key(query: Query, window: Window, name: str) -> None:
    """Raise ConfigError for an allocation key that no call of the window carries."""
    found = query(schema.query("allocation_keys"), window.parameters(limit=_KEYS)).rows
    keys = [str(key) for key, _ in found]
    if name not in keys:
        known = [*DIMENSIONS, *keys]
        raise ConfigError(
            f"no call {window} carries {name!r}{or_rather(name, known)}: group by "
            f"{', '.join(known)}, or set it with llmcost.allocate({name}=…)"
        )
