# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Any measure by up to two dimensions: over time, as a heat map, and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

from otel_llmcost.errors import ConfigError
from otel_llmcost.reports import Column, Query, Report, formatting
from otel_llmcost.reports.call_list import USUAL, Wanted, call_page
from otel_llmcost.reports.explore import (
    MEASURES,
    OTHERS,
    OUTCOME,
    OUTCOME_DIMENSIONS,
    OUTCOMES,
    breakdown,
    explore,
)
from otel_llmcost.reports.selection import TAG
from otel_llmcost.serve.web.charts import Unit
from otel_llmcost.serve.web.colours import Colours, colours
from otel_llmcost.serve.web.graphics import Heat, HeatMap, HeatRow
from otel_llmcost.serve.web.page import (
    BY,
    Field,
    Page,
    call_links,
    dimension_in,
    measured,
    spend_stats,
    totals,
    unpriced,
    with_earlier,
    with_sql,
)
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Dress, Link, Record, table

TOTAL = "(total)"
"""What `by` is for no dimension: the total."""
PARAMETERS = ("by", "and", "measure", "as")
_AS = {"bar": "bars", "line": "lines", "heat": "a heat map", "table": "a table"}
_ROWS, _CALLS, _HEAT_ROWS, _HEAT_COLUMNS = 50, 10, 20, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Explored(Page):
    """The page with its heat map."""

    template: ClassVar[str] = "explore.html"

    heat: HeatMap | None = None

    @property
    def panels(self) -> dict[str, tuple[str, Report]]:
        """With the heat map, as `csv=heat`."""
        drawn = {"heat": (self.heat.title, self.heat.report)} if self.heat else {}
        return super(Explored, self).panels | drawn


@dataclass(frozen=True, slots=True)
class _Chosen:
    by: Sequence[str]
    measure: str
    shown_as: str

    @classmethod
    def of(cls, wanted: Mapping[str, str]) -> _Chosen:
        names = [wanted.get("by", "") or "feature", wanted.get("and", "")]
        by = [dimension_in({"by": name}) for name in names if name not in ("", TOTAL)]
        if len(set(by)) < len(by):
            raise ConfigError(f"by and and are both {by[0]!r}: choose two dimensions, or one")
        measure = wanted.get("measure") or ("cost_per_outcome" if OUTCOME in by else "cost_usd")
        if measure not in MEASURES:
            raise ConfigError(f"measure={measure!r} is none of {', '.join(MEASURES)}")
        shown_as = wanted.get("as") or "bar"
        if shown_as not in _AS:
            raise ConfigError(f"as={shown_as!r} is none of {', '.join(_AS)}")
        return cls(by, measure, shown_as)

    @property
    def own(self) -> dict[str, str]:
        """The parameters of the page, without those that are usual."""
        usual = "cost_per_outcome" if OUTCOME in self.by else "cost_usd"
        return {
            "by": self.by[0] if self.by else TOTAL,
            "and": self.by[1] if len(self.by) > 1 else "",
            "measure": self.measure if self.measure != usual else "",
            "as": self.shown_as if self.shown_as != "bar" else "",
        }

    @property
    def title(self) -> str:
        name = "Spend" if self.measure == "cost_usd" else MEASURES[self.measure].title
        words = " and ".join(one.removeprefix(TAG) for one in self.by)
        return f"{name} by {words}" if words else name

    @property
    def is_of_outcomes(self) -> bool:
        return self.measure in OUTCOMES or OUTCOME in self.by


def explored(query: Query, span: Span, wanted: Mapping[str, str]) -> Page:
    """A measure by up to two dimensions, as wanted; with its table, and the most expensive
    calls."""
    chosen = _Chosen.of(wanted)
    page = Explored(path="/explore", title=chosen.title, span=span, fields=_fields(chosen))
    colour = colours(query, chosen.by)
    found = with_sql(query, partial(_table, span=span, chosen=chosen, colour=colour))
    if not found.rows:
        return replace(page, empty="\n".join(found.note))
    now, earlier = totals(query, span)
    page = replace(
        page,
        stats=spend_stats(now, earlier, span),
        notes=unpriced(query, span, now),
        tables=[found, *([] if chosen.is_of_outcomes else [_calls(query, span)])],
    )
    if chosen.shown_as == "heat":
        return replace(page, heat=with_sql(query, partial(_heat, span=span, chosen=chosen)))
    if chosen.shown_as == "table":
        return page
    kind = "line" if chosen.shown_as == "line" else "bar"
    chart = with_sql(
        query,
        lambda traced: measured(
            traced,
            span,
            chosen.by,
            chosen.measure,
            colour,
            lambda other: other.href("/explore", **chosen.own),
            kind,
        ),
    )
    if MEASURES[chosen.measure].adds_up:
        chart = with_earlier(query, span, chart, chosen.measure)
    return replace(page, charts=[chart])


def _fields(chosen: _Chosen) -> list[Field]:
    known = list(dict.fromkeys((*BY, OUTCOME, *chosen.by)))
    if chosen.is_of_outcomes:
        known = list(OUTCOME_DIMENSIONS)
    second = chosen.by[1] if len(chosen.by) > 1 else ""
    return [
        Field(
            name="measure",
            label="Show",
            value=chosen.measure,
            choices=tuple(MEASURES),
            words={name: one.title.lower() for name, one in MEASURES.items()},
        ),
        Field(
            name="by",
            label="by",
            value=chosen.by[0] if chosen.by else TOTAL,
            choices=(TOTAL, *known),
            words={TOTAL: "nothing: the total"},
        ),
        Field(
            name="and",
            label="and",
            value=second,
            choices=("", *known),
            words={"": "nothing else"},
        ),
        Field(name="as", label="as", value=chosen.shown_as, choices=tuple(_AS), words=_AS),
    ]


def _table(query: Query, span: Span, chosen: _Chosen, colour: Colours) -> Any:
    found = breakdown(query, span.window, span.selection, chosen.by, _ROWS, chosen.measure)
    is_single = len(chosen.by) == 1
    names = [str(row[0]) for row in found.rows] if is_single else []
    return table(
        f"{chosen.title}, in total",
        found,
        Dress(
            links=_links(span, chosen),
            colour={name: colour.of(name) for name in names},
            coloured=chosen.by[0].removeprefix(TAG) if is_single else "",
        ),
    )


def _links(span: Span, chosen: _Chosen) -> dict[str, Link]:
    """Every value narrows the page to it, by the dimension that says most of what is left."""
    rest = [name for name in ("feature", "model", "user") if name not in chosen.by]

    def narrowing(name: str) -> Link:
        own = {**chosen.own, "by": rest[0], "and": ""}

        def link(record: Record) -> str | None:
            value = record.get(name.removeprefix(TAG))
            return span.adding(name, str(value)).href("/explore", **own) if value else None

        return link

    return {name.removeprefix(TAG): narrowing(name) for name in chosen.by if name != OUTCOME}


def _calls(query: Query, span: Span) -> Any:
    return with_sql(
        query,
        lambda traced: table(
            "Most expensive calls",
            call_page(traced, span.window, span.selection, Wanted(sort="cost"), _CALLS).report,
            Dress(
                links=call_links(span),
                only=USUAL,
                more=("All calls", span.href("/calls", sort="cost")),
            ),
        ),
    )


def _heat(query: Query, span: Span, chosen: _Chosen) -> HeatMap:
    """By two dimensions, or by time and one or none."""
    is_by_time = len(chosen.by) < 2
    limits = [_HEAT_ROWS] if is_by_time else [_HEAT_ROWS, _HEAT_COLUMNS]
    starts = span.buckets if is_by_time else []
    found = explore(
        query, span.window, span.selection, chosen.by, [chosen.measure],
        starts=starts, limits=limits,
    )  # fmt: skip
    column = "bucket" if is_by_time else chosen.by[1]
    values = {(_row_name(row, chosen), row[column]): row[chosen.measure] for row in found}
    rows = _order(values, 0)
    columns: Sequence[Any] = starts or _order(values, 1)
    unit = MEASURES[chosen.measure].kind
    most = max((float(value) for value in values.values() if value is not None), default=0) or 1.0

    def cell(row: str, at: Any) -> Heat:
        value = values.get((row, at))
        text = "" if value is None else formatting.figure(unit, value)
        name = span.title(at) if is_by_time else str(at)
        narrowed = span
        for dimension, wanted in zip(chosen.by, (row, str(at)), strict=False):
            narrowed = _narrowed(narrowed, dimension, wanted)
        return Heat(
            text="" if is_by_time else text,
            title=f"{row}, {name}: {text or 'none'}",
            level=0 if not value else max(1, round(8 * float(value) / most)),
            href="" if is_by_time or value is None else narrowed.href("/explore", **chosen.own),
        )

    return HeatMap(
        title=f"{chosen.title}{' over time' if is_by_time else ''}",
        heading=chosen.by[0].removeprefix(TAG) if chosen.by else "",
        names=[span.title(at) for at in starts] or [str(at) for at in columns],
        columns=[span.tick(at) for at in starts] or [str(at) for at in columns],
        rows=[
            HeatRow(
                name=row,
                cells=[cell(row, at) for at in columns],
                href=_narrowed(span, chosen.by[0], row).href("/explore", **chosen.own)
                if chosen.by
                else "",
            )
            for row in rows
        ],
        report=_as_report(found, chosen, column, unit),
    )


def _row_name(row: Mapping[str, Any], chosen: _Chosen) -> str:
    return str(row[chosen.by[0]]) if chosen.by else "total"


def _as_report(
    found: Sequence[Mapping[str, Any]], chosen: _Chosen, column: str, unit: Unit
) -> Report:
    return Report(
        title=chosen.title,
        columns=(
            Column(chosen.by[0].removeprefix(TAG) if chosen.by else "what"),
            Column("start" if column == "bucket" else column.removeprefix(TAG), "raw"),
            Column(chosen.measure, unit),
        ),
        rows=[(_row_name(row, chosen), row[column], row[chosen.measure]) for row in found],
    )


def _order(values: Mapping[tuple[str, Any], Any], part: int) -> list[str]:
    """The names of rows (0) or columns (1), the highest sum first, the others last."""
    sums: dict[str, float] = {}
    for key, value in values.items():
        sums[key[part]] = sums.get(key[part], 0.0) + float(value or 0)
    return sorted(sums, key=lambda name: (name == OTHERS, -sums[name], name))


def _narrowed(span: Span, name: str, value: str) -> Span:
    return span if value == OTHERS or name == OUTCOME else span.adding(name, value)
