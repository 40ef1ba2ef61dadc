# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Any measure of any selected calls, by time and up to two dimensions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from otel_llmcost import schema
from otel_llmcost.errors import ConfigError
from otel_llmcost.reports.diagnosis import why_empty
from otel_llmcost.reports.report import Column, Kind, Query, Report, Row, records
from otel_llmcost.reports.selection import NONE, TAG, Selection
from otel_llmcost.reports.spend import DIMENSIONS, Dimension, check_key, dimension
from otel_llmcost.reports.window import Window

OTHERS = "others"
_MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What can be computed over a group of calls; None where it is unknown."""

    title: str
    kind: Kind
    calls: str
    """Expression over `calls`."""
    hours: str | None
    """Expression over the hourly rollup; None where that does not keep it."""


def _sum(title: str, column: str, kind: Kind = "count") -> Measure:
    return Measure(title=title, kind=kind, calls=f"sum(c.{column})", hours=f"sum(c.{column})")


MEASURES: Mapping[str, Measure] = {
    "cost_usd": _sum("Cost", "cost_usd", "usd"),
    "calls": Measure(title="Calls", kind="count", calls="count()", hours="sum(c.calls)"),
    "input_tokens": _sum("Input tokens", "input_tokens"),
    "uncached_input_tokens": _sum("Uncached input tokens", "uncached_input_tokens"),
    "cache_read_tokens": _sum("Cache read tokens", "cache_read_tokens"),
    "cache_write_tokens": _sum("Cache write tokens", "cache_write_tokens"),
    "output_tokens": _sum("Output tokens", "output_tokens"),
    "reasoning_tokens": _sum("Reasoning tokens", "reasoning_tokens"),
    "cost_per_call": Measure(
        title="Cost per call",
        kind="usd",
        calls="toFloat64(sum(c.cost_usd)) / nullIf(countIf(c.cost_usd IS NOT NULL), 0)",
        hours="toFloat64(sum(c.cost_usd)) / nullIf(sum(c.priced_calls), 0)",
    ),
    "cache_hit_rate": Measure(
        title="Cache hit rate",
        kind="share",
        calls="sum(c.cache_read_tokens) / nullIf(sum(c.input_tokens), 0)",
        hours="sum(c.cache_read_tokens) / nullIf(sum(c.input_tokens), 0)",
    ),
    "latency_p50_ms": Measure(
        title="Latency, median", kind="ms", calls="quantileExact(0.5)(c.duration_ms)", hours=None
    ),
    "latency_p95_ms": Measure(
        title="Latency, 95th percentile",
        kind="ms",
        calls="quantileExactInclusive(0.95)(c.duration_ms)",
        hours=None,
    ),
    "errors": Measure(
        title="Errors", kind="count", calls="countIf(c.error_type != '')", hours="sum(c.errors)"
    ),
    "retries": Measure(title="Retries", kind="count", calls="sum(c.resend_count)", hours=None),
    "tagged_share": Measure(
        title="Calls that the app tagged",
        kind="share",
        calls="countIf(c.feature_source = 'tag') / count()",
        hours=None,
    ),
    "unpriced_calls": Measure(
        title="Unpriced calls",
        kind="count",
        calls="countIf(c.cost_usd IS NULL)",
        hours="sum(c.unpriced_calls)",
    ),
}
"""What `explore` computes, by name. Unknown costs are in no sum; `unpriced_calls` counts them."""


def explore(
    query: Query,
    window: Window,
    selection: Selection,
    by: Sequence[str] = (),
    measures: Sequence[str] = ("cost_usd",),
    *,
    starts: Sequence[datetime] = (),
    limits: Sequence[int] = (),
) -> list[dict[str, Any]]:
    """One row per bucket that begins at one of `starts` (none = one) and value of each dimension.

    Rows have `bucket` (UTC), the names in `by`, `is_other` and the measures. A dimension keeps the
    `limits` values with most of the first measure; `is_other` rows hold all the rest, `values`
    combinations of them. `by` takes names of dimensions and `tag.<allocation key>`. Raises
    ConfigError for anything else.
    """
    dimensions = [_dimension(name) for name in by]
    if len(dimensions) > 2:
        raise ConfigError(f"explore takes two dimensions, not {len(dimensions)}")
    wanted = [_measure(name) for name in measures]
    begins = sorted(starts) or [window.since]
    hours = (
        selection.is_rolled_up
        and all(one.hour for one in dimensions)
        and all(one.hours for one in wanted)
        and all(start.timestamp() % 900 == 0 for start in begins)
    )
    expressions = {
        "by": _columns([(one.hour if hours else one.call) or "" for one in dimensions]),
        "rank": _expression(wanted[0], hours=hours),
        "only": selection.where("s" if hours else "c", hours=hours),
        "measures": ", ".join(
            f"{_expression(one, hours=hours)} AS measure_{n}" for n, one in enumerate(wanted)
        ),
    }
    sql = schema.query("explore")
    if hours:
        sql = marked(sql, "selected", schema.query("explore_hours"))
    for marker, text in expressions.items():
        sql = marked(sql, marker, text)
    top = dict(enumerate(limits, 1))
    found = query(
        sql,
        window.parameters(
            starts=[int(start.timestamp()) for start in begins],
            top_1=top.get(1, _MOST_ROWS),
            top_2=top.get(2, _MOST_ROWS),
            **selection.parameters,
        ),
    )
    return [_row(record, by, measures) for record in records(found)]


def marked(sql: str, marker: str, text: str) -> str:
    """A query with one of our own expressions between its markers of that name."""
    return re.sub(rf"/\* {marker} \*/.*?/\* {marker} \*/", lambda _: text, sql, flags=re.DOTALL)


_SHOWN = (
    "calls",
    *("input_tokens", "cache_read_tokens", "output_tokens", "errors", "unpriced_calls"),
    "cost_usd",
)


def breakdown(
    query: Query, window: Window, selection: Selection, by: str, limit: int = 50
) -> Report:
    """What the selected calls cost by one dimension, with their total; the most expensive first.

    Raises ConfigError for what is no dimension, and no allocation key that a call of the window
    carries.
    """
    measures = ("cost_usd", *_SHOWN[:-1])
    found = explore(query, window, selection, [by], measures, limits=[limit])
    shown = [row for row in found if not row["is_other"]]
    if not shown:
        return Report(title=_title(by, window), columns=(), rows=[], note=why_empty(query, window))
    [total] = explore(query, window, selection, [], measures)
    if all(row[by] == NONE for row in shown) and by not in DIMENSIONS:
        check_key(query, window, by.removeprefix(TAG))
    notes: list[str] = []
    for row in found[len(shown) :]:
        notes.append(
            f"{limit} of {limit + row['values']} values shown; the total counts all of them."
        )
    return Report(
        title=_title(by, window),
        columns=(
            Column(by.removeprefix(TAG)),
            *(Column(name, MEASURES[name].kind) for name in _SHOWN),
            Column("cost_share", "share"),
        ),
        rows=[(row[by], *_shown_values(row, total)) for row in shown],
        total=("total", *_shown_values(total, total)),
        note="\n".join(notes) or None,
    )


def _shown_values(row: Mapping[str, Any], total: Mapping[str, Any]) -> Row:
    cost, all_costs = row["cost_usd"], total["cost_usd"]
    share = float(cost) / float(all_costs) if cost is not None and all_costs else None
    return (*(row[name] for name in _SHOWN), share)


def _title(by: str, window: Window) -> str:
    return f"Spend by {by.removeprefix(TAG)}, {window}"


def _row(record: Mapping[str, Any], by: Sequence[str], measures: Sequence[str]) -> dict[str, Any]:
    others = [bool(record[f"other_{n}"]) for n in range(1, len(by) + 1)]
    return {
        "bucket": datetime.fromtimestamp(record["bucket"], UTC),
        **{
            name: OTHERS if others[n] else record[f"name_{n + 1}"] or NONE
            for n, name in enumerate(by)
        },
        "is_other": any(others),
        "values": record["values"],
        **{name: record[f"measure_{n}"] for n, name in enumerate(measures)},
    }


def _columns(expressions: Sequence[str]) -> str:
    made = [f"toString({text})" for text in expressions] + ["''"] * (2 - len(expressions))
    return ", ".join(f"{text} AS dimension_{n}" for n, text in enumerate(made, 1))


def _dimension(name: str) -> Dimension:
    return dimension(name.removeprefix(TAG))


def _measure(name: str) -> Measure:
    if name not in MEASURES:
        raise ConfigError(f"{name!r} is no measure: use {', '.join(MEASURES)}")
    return MEASURES[name]


def _expression(measure: Measure, *, hours: bool) -> str:
    return (measure.hours if hours else measure.calls) or ""
