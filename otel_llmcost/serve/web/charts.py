# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Charts as data: what `charts.js` draws, and the same figures as a table and as CSV.

    Chart.over(span, title="Cache hit rate", kind="line", unit="share", series=[Series(…)])

is a chart over the buckets of a span, and a drag over it zooms. `Chart(names=…, ticks=…, …)` has
positions of its own. A page puts charts into `Page.charts`, or draws them in its own template with
the macro `chart` of `parts.html` and sets `draws = True`. Small graphics that need no script are in
`graphics`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from otel_llmcost.reports import Column, Report, formatting
from otel_llmcost.reports.explore import OTHERS
from otel_llmcost.reports.selection import TAG
from otel_llmcost.serve.web.span import Span

SLOTS = 7
OTHER = "other"
Rows = Sequence[Mapping[str, Any]]
Value = Decimal | float | None
Unit = Literal["usd", "count", "share", "ms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One name over all positions; None where nothing is known."""

    name: str
    colour: str
    """A class of `page.css`: c0 to c23, other, accent, bad or good."""
    href: str = ""
    """The page narrowed to it: where a click on it leads."""
    not_href: str = ""
    """The page without it."""
    values: Sequence[Value]
    total: str = ""
    """Its sum, for the legend."""
    is_dashed: bool = False
    """Drawn as a dashed line, also among bars: what is compared with, a forecast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something that happened, marked at a position and listed below the chart."""

    at: int
    """Number of the position."""
    text: str
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A horizontal line, such as a budget."""

    value: Decimal | float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart. Pointers and eyes get a drawing, everybody gets the table."""

    title: str
    label: str
    """What a screen reader reads."""
    kind: Literal["bar", "line"]
    """Bars are stacked."""
    unit: Unit
    names: Sequence[str]
    """The positions from left to right, in words."""
    ticks: Sequence[str]
    """The same for the axis, short; "" where it shows none."""
    heading: str = "Time"
    """What the positions are."""
    series: Sequence[Series]
    marks: Sequence[Mark] = ()
    levels: Sequence[Level] = ()
    band: tuple[Sequence[Value], Sequence[Value]] | None = None
    """Low and high bound of what is expected, by position."""
    span: Span | None = None
    """With one, its buckets are the positions, and a drag zooms."""
    sql: Sequence[str] = ()
    """The statements behind it, the main one first."""

    @classmethod
    def over(cls, span: Span, **rest: Any) -> Chart:
        """A chart over the buckets of a span."""
        names = [span.title(bucket) for bucket in span.buckets]
        ticks = [span.tick(bucket) for bucket in span.buckets]
        return cls(span=span, names=names, ticks=ticks, **rest)

    @property
    def has_legend(self) -> bool:
        """Whether there is more than one name to distinguish, or a name to click."""
        return len(self.series) > 1 or any(one.href for one in self.series)

    @property
    def figure(self) -> str:
        """JSON for `charts.js`, which writes names as text and never as HTML."""
        span = self.span
        edges = [*span.buckets, span.until] if span else []
        return json.dumps(
            {
                "kind": self.kind,
                "unit": self.unit,
                "names": self.names,
                "ticks": self.ticks,
                "edges": [span.shown(edge) for edge in edges] if span else [],
                "series": [self._drawn(one) for one in self.series],
                "marks": [{"at": m.at, "text": m.text, "href": m.href} for m in self.marks],
                "levels": [{"value": float(one.value), "text": one.text} for one in self.levels],
                "band": [list(map(_number, bound)) for bound in self.band] if self.band else None,
                "totals": [self.shown(_sum(column)) for column in self._columns()]
                if self.kind == "bar" and len(self.series) > 1
                else [],
            }
        )

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """The same figures, one row a position; without the positions that hold nothing."""
        return [
            (name, [self.shown(one.values[n]) if one.values[n] is not None else "—"
                    for one in self.series])
            for n, name in enumerate(self.names)
            if any(one.values[n] is not None for one in self.series)
        ]  # fmt: skip

    @property
    def report(self) -> Report:
        """The same with all digits, for CSV."""
        positions = self.span.buckets if self.span else self.names
        return Report(
            title=self.title,
            columns=(
                Column("start" if self.span else self.heading.lower(), "raw"),
                *(Column(one.name, self.unit) for one in self.series),
            ),
            rows=[
                (position, *(one.values[n] for one in self.series))
                for n, position in enumerate(positions)
            ],
        )

    def shown(self, value: Value) -> str:
        """A value as people read it."""
        return formatting.figure(self.unit, value)

    def _drawn(self, one: Series) -> dict[str, Any]:
        return {
            "name": one.name,
            "colour": one.colour,
            "href": one.href,
            "dashed": one.is_dashed,
            "values": [_number(value) for value in one.values],
            "texts": ["" if value is None else self.shown(value) for value in one.values],
        }

    def _columns(self) -> list[list[Value]]:
        stacked = [one.values for one in self.series if not one.is_dashed]
        return [[values[n] for values in stacked] for n in range(len(self.names))]


def spend(span: Span, path: str, by: str, found: Rows, fixed: Sequence[str] = ()) -> Chart:
    """Stacked bars of dollars, a segment a value of `by`; the last is all the others.

    `found` is what `explore` returned for the buckets of the span.
    """
    cells: dict[tuple[datetime, str], Decimal | None] = {}
    for row in found:
        cells[row["bucket"], "" if row["is_other"] else row[by]] = row["cost_usd"]
    names = {name for _, name in cells}
    sums = {name: _sum([cost for (_, own), cost in cells.items() if own == name]) for name in names}
    order = sorted(names, key=lambda name: (name == "", -(sums[name] or 0), name))
    colour = colours([name for name in order if name], fixed)
    return Chart.over(
        span,
        title=f"Spend by {by.removeprefix(TAG)}",
        label=f"Stacked bars: spend by {by.removeprefix(TAG)}, {span.name}. The figures follow.",
        kind="bar",
        unit="usd",
        series=[
            Series(
                name=name or OTHERS,
                colour=colour.get(name, OTHER),
                href=span.adding(by, name).href(path, by=by) if name else "",
                not_href=span.adding(by, name, excluded=True).href(path, by=by) if name else "",
                values=[cells.get((bucket, name)) for bucket in span.buckets],
                total=formatting.usd(sums[name]),
            )
            for name in order
        ],
    )


def shares(span: Span, title: str, values: Mapping[datetime, float | None]) -> Chart:
    """A line of shares from 0 to 100 %; buckets without a share leave a gap."""
    line = Series(name=title, colour="c2", values=[values.get(bucket) for bucket in span.buckets])
    return Chart.over(
        span,
        title=title,
        label=f"A line: {title.lower()} {span.name}. The figures follow.",
        kind="line",
        unit="share",
        series=[line],
    )


def colours(names: Sequence[str], fixed: Sequence[str] = ()) -> dict[str, str]:
    """A colour class for each of at most seven names: by the rank that a name has in `fixed`, so
    that it is the same on every page; other names take what is left, in order."""
    held = {name: f"c{slot}" for slot, name in enumerate(fixed[:SLOTS]) if name in names}
    free = [f"c{slot}" for slot in range(SLOTS) if f"c{slot}" not in held.values()]
    rest = [name for name in names if name not in held]
    return held | dict(zip(rest, free, strict=False))


def _number(value: Value) -> float | None:
    return None if value is None else float(value)


def _sum(values: Sequence[Any]) -> Any:
    """Of what is known; None where nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None
