# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Charts as data: what the page's script hands to Plotly, and the same figures as a table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal
from zlib import crc32

from otel_llmcost.reports import formatting
from otel_llmcost.serve.web.span import Span

SLOTS = 7
OTHER = "other"
Cells = Mapping[tuple[datetime, str], Decimal | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One name over all buckets; None where nothing is known."""

    name: str
    colour: str
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
                "values": [None if value is None else float(value) for value in one.values],
            }
            for one in self.series
        ]
        return json.dumps(
            {
                "kind": self.kind,
                "unit": self.unit,
                "starts": [self.span.on_axis(bucket) for bucket in self.span.buckets],
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


def colours(names: Sequence[str]) -> dict[str, str]:
    """A colour class for each of at most seven names, the same one whatever the range shows.

    The name picks its slot; only where two of these names want the same one does the later move on.
    """
    taken: dict[str, str] = {}
    free = set(range(SLOTS))
    for name in sorted(names)[:SLOTS]:
        slot = crc32(name.encode()) % SLOTS
        while slot not in free:
            slot = (slot + 1) % SLOTS
        free.discard(slot)
        taken[name] = f"c{slot}"
    return taken


def spend(span: Span, by: str, cells: Cells) -> Chart:
    """Stacked bars of dollars, a segment a value of `by`; the empty name is all the others."""
    names = {name for _, name in cells}
    colour = colours([name for name in names if name])
    sums = {name: _sum(cells, name) for name in names}
    order = sorted(names, key=lambda name: (name == "", -(sums[name] or 0), name))
    return Chart(
        title=f"Spend by {by}",
        label=f"Stacked bars: spend by {by} over the last {span.name}. The figures follow.",
        kind="bar",
        unit="usd",
        span=span,
        series=[
            Series(
                name=name or OTHER,
                colour=colour.get(name, OTHER),
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
        label=f"A line: {title.lower()} over the last {span.name}. The figures follow.",
        kind="line",
        unit="share",
        span=span,
        series=[line],
    )


def _sum(cells: Cells, name: str) -> Decimal | None:
    known = [cost for (_, own), cost in cells.items() if own == name and cost is not None]
    return sum(known, Decimal(0)) if known else None
