# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Chart geometry: figures in, rectangles and paths out. The template draws them as SVG."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zlib import crc32

from otel_llmcost.analysis import figures

SLOTS = 7
OTHER = "other"
_LEFT, _RIGHT, _TOP, _BOTTOM = 56.0, 8.0, 10.0, 24.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A label on an axis; `at` is its coordinate."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One segment of a stacked bar."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True, slots=True)
class Spot:
    """The area of one bucket, for pointers; `tip` says what it holds, one line each."""

    x: float
    width: float
    tip: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a legend."""

    name: str
    colour: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Everything the template needs to draw one chart."""

    width: int
    height: int
    label: str
    """What a reader who cannot see it is told."""
    ticks_y: list[Tick]
    ticks_x: list[Tick]
    spots: list[Spot]
    bars: list[Bar]
    legend: list[Entry]
    lines: list[str]
    """Paths; a gap in the data begins a new one."""
    dots: list[Tick]

    @property
    def left(self) -> float:
        """Where the plot begins."""
        return _LEFT

    @property
    def bottom(self) -> float:
        """Where the plot ends."""
        return self.height - _BOTTOM


@dataclass(frozen=True, slots=True)
class Axis:
    """Buckets of time along x: their starts, labels and words."""

    buckets: Sequence[datetime]
    tick: Callable[[datetime], str]
    title: Callable[[datetime], str]


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


def stacked(
    axis: Axis,
    cells: Mapping[tuple[datetime, str], Decimal | None],
    colour: Mapping[str, str],
    *,
    label: str,
    width: int,
    height: int,
) -> Chart:
    """Stacked bars of dollars: one bar a bucket, one segment a name; the empty name is "other"."""
    sums = {name: _sum(cells, name) for name in {name for _, name in cells}}
    order = sorted(sums, key=lambda name: (name == "", -(sums[name] or 0), name))
    totals = [_stack(cells, bucket, order) for bucket in axis.buckets]
    top, ticks = _scale(max(totals, default=0.0))
    plot = height - _TOP - _BOTTOM
    slot = (width - _LEFT - _RIGHT) / len(axis.buckets)
    gap = min(4.0, slot * 0.2)
    bars: list[Bar] = []
    spots: list[Spot] = []
    for n, bucket in enumerate(axis.buckets):
        x, y = _LEFT + n * slot, height - _BOTTOM
        for name in order:
            tall = float(cells.get((bucket, name)) or 0) / top * plot
            if tall > 0:
                y -= tall
                bars.append(Bar(x + gap / 2, y, slot - gap, tall, colour.get(name, OTHER)))
        spots.append(Spot(x, slot, _tip(axis.title(bucket), bucket, order, cells)))
    return Chart(
        width=width,
        height=height,
        label=label,
        ticks_y=[Tick(height - _BOTTOM - t / top * plot, _dollars(t, top)) for t in ticks],
        ticks_x=_dates(axis, slot),
        spots=spots,
        bars=bars,
        legend=[
            Entry(name or OTHER, colour.get(name, OTHER), figures.usd(sums[name])) for name in order
        ],
        lines=[],
        dots=[],
    )


def line(
    axis: Axis, shares: Mapping[datetime, float | None], *, label: str, width: int, height: int
) -> Chart:
    """A line of shares from 0 to 100 %; buckets without a share leave a gap."""
    plot = height - _TOP - _BOTTOM
    slot = (width - _LEFT - _RIGHT) / len(axis.buckets)
    paths: list[list[str]] = [[]]
    dots: list[Tick] = []
    spots: list[Spot] = []
    for n, bucket in enumerate(axis.buckets):
        value = shares.get(bucket)
        spots.append(
            Spot(_LEFT + n * slot, slot, f"{axis.title(bucket)}\nhit rate {figures.share(value)}")
        )
        if value is None:
            paths.append([])
            continue
        x, y = _LEFT + (n + 0.5) * slot, height - _BOTTOM - min(value, 1.0) * plot
        paths[-1].append(f"{x:.1f},{y:.1f}")
        dots.append(Tick(x, f"{y:.1f}"))
    return Chart(
        width=width,
        height=height,
        label=label,
        ticks_y=[
            Tick(height - _BOTTOM - t * plot, f"{t * 100:.0f}%") for t in (0, 0.25, 0.5, 0.75, 1)
        ],
        ticks_x=_dates(axis, slot),
        spots=spots,
        bars=[],
        legend=[],
        lines=["M" + "L".join(points) for points in paths if len(points) > 1],
        dots=dots,
    )


def _sum(cells: Mapping[tuple[datetime, str], Decimal | None], name: str) -> Decimal | None:
    known = [cost for (_, own), cost in cells.items() if own == name and cost is not None]
    return sum(known, Decimal(0)) if known else None


def _stack(
    cells: Mapping[tuple[datetime, str], Decimal | None], bucket: datetime, names: Sequence[str]
) -> float:
    return sum(float(cells.get((bucket, name)) or 0) for name in names)


def _tip(
    title: str,
    bucket: datetime,
    names: Sequence[str],
    cells: Mapping[tuple[datetime, str], Decimal | None],
) -> str:
    here = [(name, cells[bucket, name]) for name in names if (bucket, name) in cells]
    if not here:
        return f"{title}\nno calls"
    known = [cost for _, cost in here if cost is not None]
    lines = [f"{name or OTHER}  {figures.usd(cost)}" for name, cost in here]
    return "\n".join([title, *lines, f"total  {figures.usd(sum(known) if known else None)}"])


def _scale(most: float) -> tuple[float, list[float]]:
    """The top of a dollar axis and its round ticks."""
    if most <= 0:
        return 1.0, [0.0]
    rough = most / 4
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough * 0.999)
    count = math.ceil(most / step * 0.999)
    return step * count, [step * n for n in range(count + 1)]


def _dollars(value: float, top: float) -> str:
    """An axis label with as many decimals as the whole axis needs."""
    places = 0 if top >= 10 else max(2, 1 - math.floor(math.log10(top)))
    return f"${value:,.{places}f}"


def _dates(axis: Axis, slot: float) -> list[Tick]:
    """At most one label every 64 units, where the label changes."""
    ticks: list[Tick] = []
    seen = ""
    for n, bucket in enumerate(axis.buckets):
        text, x = axis.tick(bucket), _LEFT + (n + 0.5) * slot
        if text != seen and (not ticks or x - ticks[-1].at >= 64):
            ticks.append(Tick(x, text))
        seen = text
    return ticks
