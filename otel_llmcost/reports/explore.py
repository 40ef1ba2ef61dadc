# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Any measure of any selected calls, by time and up to two dimensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from otel_llmcost import schema
from otel_llmcost.errors import ConfigError
from otel_llmcost.reports.diagnosis import why_empty
from otel_llmcost.reports.dimensions import Dimension, dimension
from otel_llmcost.reports.report import Column, Kind, Query, Report, Row, marked, records
from otel_llmcost.reports.selection import NONE, TAG, Selection
from otel_llmcost.reports.spend import check_key
from otel_llmcost.reports.window import Window

OTHERS = "others"
OUTCOME = "outcome"
"""The dimension that only outcomes have."""
_MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What can be computed over a group of calls; None where it is unknown."""

    title: str
    kind: Kind
    calls: str | None = None
    """Expression over `calls`; None for what is of outcomes only."""
    hours: str | None = None
    """Expression over the hourly rollup; None where that does not keep it."""
    outcomes: str | None = None
    """Expression over `outcome_costs`; None where outcomes have none."""
    adds_up: bool = True
    """Whether the values of groups add up to that of all of them."""


def _sum(title: str, column: str, kind: Kind = "count") -> Measure:
    return Measure(title=title, kind=kind, calls=f"sum(c.{column})", hours=f"sum(c.{column})")


MEASURES: Mapping[str, Measure] = {
    "cost_usd": replace(_sum("Cost", "cost_usd", "usd"), outcomes="sum(c.cost_usd)"),
    "calls": Measure(
        title="Calls",
        kind="count",
        calls="count()",
        hours="sum(c.calls)",
        outcomes="sum(c.calls / c.sharing)",
    ),
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
        adds_up=False,
    ),
    "cost_per_outcome": Measure(
        title="Cost per outcome",
        kind="usd",
        outcomes="toFloat64(sum(c.cost_usd)) / nullIf(count(c.cost_usd), 0)",
        adds_up=False,
    ),
    "outcomes": Measure(title="Outcomes", kind="count", outcomes="count()"),
    "cache_hit_rate": Measure(
        title="Cache hit rate",
        kind="share",
        calls="sum(c.cache_read_tokens) / nullIf(sum(c.input_tokens), 0)",
        hours="sum(c.cache_read_tokens) / nullIf(sum(c.input_tokens), 0)",
        adds_up=False,
    ),
    "latency_p50_ms": Measure(
        title="Latency, median",
        kind="ms",
        calls="quantileExact(0.5)(c.duration_ms)",
        adds_up=False,
    ),
    "latency_p95_ms": Measure(
        title="Latency, 95th percentile",
        kind="ms",
        calls="quantileExactInclusive(0.95)(c.duration_ms)",
        adds_up=False,
    ),
    "errors": Measure(
        title="Errors", kind="count", calls="countIf(c.error_type != '')", hours="sum(c.errors)"
    ),
    "retries": Measure(title="Retries", kind="count", calls="sum(c.resend_count)"),
    "tagged_share": Measure(
        title="Calls that the app tagged",
        kind="share",
        calls="countIf(c.feature_source = 'tag') / count()",
        adds_up=False,
    ),
    "unpriced_calls": Measure(
        title="Unpriced calls",
        kind="count",
        calls="countIf(c.cost_usd IS NULL)",
        hours="sum(c.unpriced_calls)",
    ),
}
"""What `explore` computes, by name. Unknown costs are in no sum; `unpriced_calls` counts them."""


OUTCOMES = ("cost_per_outcome", "outcomes")
"""Measures of outcomes instead of calls."""
OUTCOME_DIMENSIONS = {
    **{name: name for name in (OUTCOME, "feature", "team", "service", "environment")},
    "user": "user_id",
    "session": "session_id",
}
"""What outcomes can be grouped and narrowed by: columns of `outcome_costs`."""


def explore(
    query: Query,
    window: Window,
    selection: Selection,
    by: Sequence[str] = (),
    measures: Sequence[str] = ("cost_usd",),
    *,
    starts: Sequence[datetime] = (),
    limits: Sequence[int] = (),
    as_pairs: bool = False,
) -> list[dict[str, Any]]:
    """One row per bucket that begins at one of `starts` (none = one) and value of each dimension.

    Rows have `bucket` (UTC), the names in `by`, `is_other` and the measures. A dimension keeps the
    `limits` values with most of the first measure; `is_other` rows hold all the rest, `values`
    combinations of them. `as_pairs` keeps pairs of two values, the first of `limits` of them. `by`
    takes names of dimensions and `tag.<allocation key>`; measures of outcomes take those of
    `OUTCOME_DIMENSIONS`. Raises ConfigError for anything else.
    """
    if len(by) > 2:
        raise ConfigError(f"explore takes two dimensions, not {len(by)}")
    wanted = [_measure(name) for name in measures]
    begins = sorted(starts) or [window.since]
    source = _source(selection, by, measures, begins)
    columns = [_column(name, source) for name in by]
    if as_pairs and len(columns) == 2:
        columns = [f"concat(toString({columns[0]}), char(31), toString({columns[1]}))"]
    ranks = [_expression(one, source) for one in wanted]
    sql = schema.query("explore")
    if source != "calls":
        sql = marked(sql, "selected", schema.query(f"explore_{source}"))
    for marker, text in {
        "by": _columns(columns),
        "rank": ranks[0],
        "only": selection.where("s" if source == "hours" else "c", hours=source == "hours"),
        "measures": ", ".join(f"{text} AS measure_{n}" for n, text in enumerate(ranks)),
    }.items():
        sql = marked(sql, marker, text)
    for n in range(len(columns) + 1, 3):  # or its calls would be read again to rank one value
        sql = marked(sql, f"other_{n}", "toUInt8(0)")
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
    return [_row(record, by, measures, len(columns)) for record in records(found)]


_Source = Literal["calls", "hours", "outcomes"]


def _source(
    selection: Selection, by: Sequence[str], measures: Sequence[str], begins: Sequence[datetime]
) -> _Source:
    """What has everything that is wanted: outcomes, the hourly rollup, else the calls."""
    if set(measures) & set(OUTCOMES) or OUTCOME in by:
        for name in [*by, *(one.name for one in selection.conditions)]:
            if name not in OUTCOME_DIMENSIONS:
                raise ConfigError(
                    f"outcomes have no {name!r}: group and narrow them by "
                    f"{', '.join(OUTCOME_DIMENSIONS)}"
                )
        return "outcomes"
    is_rolled_up = (
        selection.is_rolled_up
        and all(_dimension(name).hour for name in by)
        and all(MEASURES[name].hours for name in measures)
        and all(start.timestamp() % 900 == 0 for start in begins)
    )
    return "hours" if is_rolled_up else "calls"


def _column(name: str, source: _Source) -> str:
    if source == "outcomes":
        return f"c.{OUTCOME_DIMENSIONS[name]}"
    found = _dimension(name)
    return (found.hour if source == "hours" else found.call) or ""


_SHOWN = (
    "calls",
    *("input_tokens", "cache_read_tokens", "output_tokens", "errors", "unpriced_calls"),
    "cost_usd",
)


_SHOWN_OF_OUTCOMES = ("outcomes", "calls", "cost_usd", "cost_per_outcome")


def breakdown(
    query: Query,
    window: Window,
    selection: Selection,
    by: str | Sequence[str],
    limit: int = 50,
    measure: str = "cost_usd",
) -> Report:
    """What the selected calls cost by one or two dimensions, with their total; the highest of
    `measure` first. By none, one row.

    Raises ConfigError for what is no dimension, and no allocation key that a call of the window
    carries.
    """
    names = [by] if isinstance(by, str) else list(by)
    shown = _SHOWN_OF_OUTCOMES if measure in OUTCOMES or OUTCOME in names else _SHOWN
    columns = shown if measure in shown else (*shown, measure)
    measures = (measure, *(name for name in columns if name != measure))
    found = explore(
        query, window, selection, names, measures, limits=[limit], as_pairs=len(names) == 2
    )
    rows = [row for row in found if not row["is_other"]]
    words = " and ".join(name.removeprefix(TAG) for name in names)
    title = f"{MEASURES[measure].title} by {words}" if words else MEASURES[measure].title
    if not rows:
        return Report(title=title, columns=(), rows=[], note=why_empty(query, window))
    [total] = explore(query, window, selection, [], measures)
    for name in names:
        if all(row[name] == NONE for row in rows) and name.startswith(TAG):
            check_key(query, window, name.removeprefix(TAG))
    notes = [
        f"{limit} of {limit + row['values']} values shown; the total counts all of them."
        for row in found[len(rows) :]
    ]
    return Report(
        title=f"{title}, {window}",
        columns=(
            *(Column(name.removeprefix(TAG)) for name in names),
            *(Column(name, MEASURES[name].kind) for name in columns),
            Column("cost_share", "share"),
        ),
        rows=[
            (*(row[name] for name in names), *_shown_values(row, total, columns)) for row in rows
        ],
        total=("total", *[""] * (len(names) - 1), *_shown_values(total, total, columns))
        if names
        else None,
        note="\n".join(notes) or None,
    )


def _shown_values(row: Mapping[str, Any], total: Mapping[str, Any], columns: Sequence[str]) -> Row:
    cost, all_costs = row["cost_usd"], total["cost_usd"]
    share = float(cost) / float(all_costs) if cost is not None and all_costs else None
    return (*(row[name] for name in columns), share)


def _row(
    record: Mapping[str, Any], by: Sequence[str], measures: Sequence[str], columns: int
) -> dict[str, Any]:
    others = [bool(record[f"other_{n}"]) for n in range(1, columns + 1)]
    names = [record[f"name_{n}"] for n in range(1, columns + 1)]
    if columns < len(by):  # pairs
        names = names[0].split("\x1f", 1) if not others[0] else ["", ""]
        others *= 2
    return {
        "bucket": datetime.fromtimestamp(record["bucket"], UTC),
        **{name: OTHERS if others[n] else names[n] or NONE for n, name in enumerate(by)},
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


def _expression(measure: Measure, source: _Source) -> str:
    text = {"calls": measure.calls, "hours": measure.hours, "outcomes": measure.outcomes}[source]
    if text is None:
        raise ConfigError(
            f"{measure.title.lower()} is not known of {source}: choose cost, calls, outcomes or "
            "cost per outcome"
        )
    return text
