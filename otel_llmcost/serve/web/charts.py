# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Charts as data: what the page's script hands to Plotly, and the same figures as a table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from otel_llmcost.reports import formatting
from otel_llmcost.reports.explore import OTHERS
from otel_llmcost.reports.selection import TAG
from otel_llmcost.serve.web.span import Span

SLOTS = 7
OTHER = "other"
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One name over all buckets; None where nothing is known."""

    name: str
    colour: str
    href: str = ""
    """The page narrowed to it."""
    not_href: str = ""
    """The page without it."""
    values: Sequence[Decimal | float | None]
    total: str = ""
    """Its sum, for the legend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart of one span. Pointers and eyes get a drawing, everybody gets the table."""

    title: str
    label: str
    """What a screen reader reads."""
    kind: Literal["bar", "line"]
    unit: Literal["usd", "share"]
    span: Span
    series: Sequence[Series]

    @property
    def figure(self) -> str:
        """JSON for `page.js`. Plotly reads its texts as HTML, so names are escaped once for it."""
        drawn = [
            {
                "name": one.name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
                "colour": one.colour,
                "href": one.href,
                "values": [None if value is None else float(value) for value in one.values],
            }
            for one in self.series
        ]
        return json.dumps(
            {
                "kind": self.kind,
                "unit": self.unit,
                "starts": [self.span.on_axis(bucket) for bucket in self.span.buckets],
                "ends": self.span.on_axis(self.span.until),
                "step": self.span.step.total_seconds() * 1000,
                "series": drawn,
            }
        )

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """The same figures, one row a bucket; without the buckets that hold nothing."""
        rows = [
            (self.span.title(bucket), [one.values[n] for one in self.series])
            for n, bucket in enumerate(self.span.buckets)
        ]
        return [
            (title, [self._shown(value) for value in values])
            for title, values in rows
            if any(value is not None for value in values)
        ]

    def _shown(self, value: Decimal | float | None) -> str:
        if value is None:
            return "—"
        return formatting.usd(value) if self.unit == "usd" else formatting.share(float(value))


def colours(names: Sequence[str], fixed: Sequence[str] = ()) -> dict[str, str]:
    """A colour class for each of at most seven names: by the rank that a name has in `fixed`, so
    that it is the same on every page; other names take what is left, in order."""
    held = {name: f"c{slot}" for slot, name in enumerate(fixed[:SLOTS]) if name in names}
    free = [f"c{slot}" for slot in range(SLOTS) if f"c{slot}" not in held.values()]
    rest = [name for name in names if name not in held]
    return held | dict(zip(rest, free, strict=False))


def spend(span: Span, path: str, by: str, found: Rows, fixed: Sequence[str] = ()) -> Chart:
    """Stacked bars of dollars, a segment a value of `by`; the last is all the others.

    `found` is what `explore` returned for the buckets of the span.
    """
    cells: dict[tuple[datetime, str], Decimal | None] = {}
    for row in found:
        cells[row["bucket"], "" if row["is_other"] else row[by]] = row["cost_usd"]
    names = {name for _, name in cells}
    sums = {name: _sum(cells, name) for name in names}
    order = sorted(names, key=lambda name: (name == "", -(sums[name] or 0), name))
    colour = colours([name for name in order if name], fixed)
    return Chart(
        title=f"Spend by {by.removeprefix(TAG)}",
        label=f"Stacked bars: spend by {by.removeprefix(TAG)}, {span.name}. The figures follow.",
        kind="bar",
        unit="usd",
        span=span,
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
    return Chart(
        title=title,
        label=f"A line: {title.lower()} {span.name}. The figures follow.",
        kind="line",
        unit="share",
        span=span,
        series=[line],
    )


def _sum(cells: Mapping[tuple[datetime, str], Decimal | None], name: str) -> Decimal | None:
    known = [cost for (_, own), cost in cells.items() if own == name and cost is not None]
    return sum(known, Decimal(0)) if known else None
