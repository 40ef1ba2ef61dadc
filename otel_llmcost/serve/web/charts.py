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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from otel_llmcost.reports import Column, Kind, Report, formatting
from otel_llmcost.reports.explore import MEASURES, OTHERS, OUTCOME
from otel_llmcost.reports.selection import TAG
from otel_llmcost.serve.web.colours import Colours
from otel_llmcost.serve.web.span import Span

SLOTS = 7
"""Names that a chart distinguishes; the others are one."""
Rows = Sequence[Mapping[str, Any]]
Value = Decimal | float | None
Unit = Kind


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
    texture: int = 0
    """1 to 3 where other names of the chart have the same colour."""
    is_dashed: bool = False
    """Drawn as a dashed line, also among bars: what is compared with, a forecast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something that happened, marked at a position."""

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
    unit: Unit
    names: Sequence[str]
    """The positions from left to right, in words."""
    ticks: Sequence[str]
    """The same for the axis, short; "" where it shows none."""
    heading: str = "Time"
    """What the positions are."""
    series: Sequence[Series]
    is_stacked: bool = True
    """Bars stand on each other, because their values add up."""
    marks: Sequence[Mark] = ()
    lists_marks: bool = True
    """Below the chart; not needed where a table lists them."""
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
                "stacked": self.is_stacked,
                "names": self.names,
                "ticks": self.ticks,
                "edges": [span.shown(edge) for edge in edges] if span else [],
                "series": [self._drawn(one) for one in self.series],
                "marks": [{"at": m.at, "text": m.text, "href": m.href} for m in self.marks],
                "levels": [{"value": float(one.value), "text": one.text} for one in self.levels],
                "band": [list(map(_number, bound)) for bound in self.band] if self.band else None,
                "totals": [self.shown(_sum(column)) for column in self._columns()]
                if self.kind == "bar" and self.is_stacked and len(self.series) > 1
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
            "texture": one.texture,
            "values": [_number(value) for value in one.values],
            "texts": ["" if value is None else self.shown(value) for value in one.values],
        }

    def _columns(self) -> list[list[Value]]:
        stacked = [one.values for one in self.series if not one.is_dashed]
        return [[values[n] for values in stacked] for n in range(len(self.names))]


def over_time(
    span: Span,
    found: Rows,
    by: Sequence[str],
    measure: str,
    colours: Colours,
    href: Callable[[Span], str],
    kind: Literal["bar", "line"] = "bar",
) -> Chart:
    """A measure over time, a series for each value (or pair of values) of `by`; the last is all the
    others.

    `found` is what `explore` returned for the buckets of the span, and `href` the page of another
    span, which a click on a value leads to.
    """
    cells: dict[tuple[datetime, tuple[str, ...]], Value] = {}
    for row in found:
        names = () if row["is_other"] else tuple(str(row[name]) for name in by)
        cells[row["bucket"], names] = row[measure]
    sums = {
        names: _sum([value for (_, own), value in cells.items() if own == names])
        for names in {names for _, names in cells}
    }
    order = sorted(sums, key=lambda names: (not names and bool(by), -(sums[names] or 0), names))
    title = {names: " · ".join(names) or (OTHERS if by else MEASURES[measure].title)
             for names in order}  # fmt: skip
    textures = colours.textures([title[names] for names in order])
    words = " and ".join(name.removeprefix(TAG) for name in by)
    name = "Spend" if measure == "cost_usd" else MEASURES[measure].title
    adds_up = MEASURES[measure].adds_up
    return Chart.over(
        span,
        title=f"{name} by {words}" if by else name,
        label=f"{'Bars' if kind == 'bar' else 'Lines'}: {name.lower()}"
        f"{f' by {words}' if by else ''}, {span.name}. The figures follow.",
        kind=kind,
        unit=MEASURES[measure].kind,
        is_stacked=adds_up,
        series=[
            Series(
                name=title[names],
                colour=colours.of(title[names]) if by else "c0",
                texture=textures[title[names]],
                href=href(_narrowed(span, by, names)) if names and by[0] != OUTCOME else "",
                not_href=href(span.adding(by[0], names[0], excluded=True))
                if len(names) == 1 and by[0] != OUTCOME
                else "",
                values=[cells.get((bucket, names)) for bucket in span.buckets],
                total=formatting.figure(MEASURES[measure].kind, sums[names]) if adds_up else "",
            )
            for names in order
        ],
    )


def _narrowed(span: Span, by: Sequence[str], names: Sequence[str]) -> Span:
    for name, value in zip(by, names, strict=True):
        span = span if name == OUTCOME else span.adding(name, value)
    return span


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


def _number(value: Value) -> float | None:
    return None if value is None else float(value)


def _sum(values: Sequence[Any]) -> Any:
    """Of what is known; None where nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None
