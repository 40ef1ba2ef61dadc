# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Graphics that need no script: a waterfall, a heat map, a sparkline, as shapes for the template.

The macros `waterfall`, `heat_map` and `sparkline` of `parts.html` draw them without inline styles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from otel_llmcost.reports import Report, formatting


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One row of a waterfall; its bar begins where the one before ended, a total's at 0."""

    name: str
    amount: Decimal
    title: str = ""
    href: str = ""
    is_total: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A row with its bar, between 0 and 100 from left to right."""

    step: Step
    left: float
    width: float
    kind: Literal["total", "up", "down"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """From one total to another by the steps between them, which add up exactly.

    `Waterfall(title="What changed", steps=[total, step, step, total])`.
    """

    title: str
    steps: Sequence[Step]
    note: Sequence[str] = ()
    """What a reader must know of the figures."""
    sql: Sequence[str] = ()
    """The statements behind it, the main one first."""

    @property
    def bars(self) -> list[Bar]:
        """The rows on one scale, which begins at `begin`."""
        ends = self._ends()
        begin = self.begin
        length = max(max(pair) for pair in ends) - begin or Decimal(1)
        return [
            Bar(
                step=step,
                left=float((max(begin, min(pair)) - begin) / length * 100),
                width=max(0.4, float((max(pair) - max(begin, min(pair))) / length * 100)),
                kind="total" if step.is_total else "up" if step.amount > 0 else "down",
                text=formatting.usd(step.amount) if step.is_total else signed(step.amount),
            )
            for step, pair in zip(self.steps, ends, strict=True)
        ]

    @property
    def begin(self) -> Decimal:
        """Where the scale begins: 0, or more where the steps are small beside the totals."""
        ends = self._ends()
        steps = [pair for pair, step in zip(ends, self.steps, strict=True) if not step.is_total]
        low = min((min(pair) for pair in steps), default=Decimal(0))
        high = max((max(pair) for pair in steps), default=Decimal(0))
        return max(min(Decimal(0), low), low - (high - low)) if low > 0 else min(Decimal(0), low)

    @property
    def cut(self) -> str:
        """What a reader must know of the scale; "" where it begins at 0 or below."""
        if self.begin <= 0:
            return ""
        return f"The bars of totals begin at {formatting.usd(self.begin)}, not at $0."

    def _ends(self) -> list[tuple[Decimal, Decimal]]:
        ends: list[tuple[Decimal, Decimal]] = []
        level = Decimal(0)
        for step in self.steps:
            start = Decimal(0) if step.is_total else level
            level = start + step.amount
            ends.append((start, level))
        return ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """One cell of a heat map."""

    text: str
    title: str
    level: int
    """0 (nothing, or unknown) to 8."""
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatRow:
    """One row of a heat map."""

    name: str
    cells: Sequence[Heat]
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap:
    """Values by row and column, the higher the stronger the colour."""

    title: str
    heading: str
    """What the rows are."""
    names: Sequence[str]
    """The columns in words."""
    columns: Sequence[str]
    """The same, short; "" where a column has no heading of its own."""
    rows: Sequence[HeatRow]
    report: Report
    """The same with all digits, for CSV."""
    sql: Sequence[str] = ()
    """The statements behind it, the main one first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sparkline:
    """A small line over equal steps of time, with the band of what is expected, and one mark.

    `Sparkline(label="Spend an hour", values=[…], band=([…], […]), mark=17)`; None leaves a gap.
    """

    label: str
    """What a screen reader reads."""
    values: Sequence[Decimal | float | None]
    band: tuple[Sequence[Decimal | float | None], Sequence[Decimal | float | None]] | None = None
    mark: int | None = None
    """Number of the value that is marked."""

    @property
    def line(self) -> str:
        """The path of the line in a box of 100 x 30."""
        parts: list[str] = []
        is_begun = False
        for n, value in enumerate(self.values):
            if value is not None:
                parts.append(f"{'L' if is_begun else 'M'}{self._point(n, value)}")
            is_begun = value is not None
        return " ".join(parts)

    @property
    def area(self) -> str:
        """The path around the band; "" without one."""
        if not self.band:
            return ""
        low, high = self.band
        known = [n for n in range(len(self.values)) if low[n] is not None and high[n] is not None]
        top = [self._point(n, high[n] or 0) for n in known]
        bottom = [self._point(n, low[n] or 0) for n in reversed(known)]
        return f"M{' L'.join([*top, *bottom])} Z" if known else ""

    @property
    def dot(self) -> tuple[float, float] | None:
        """Where the marked value is; None without one."""
        value = None if self.mark is None else self.values[self.mark]
        if self.mark is None or value is None:
            return None
        x, y = self._point(self.mark, value).split(",")
        return float(x), float(y)

    def _point(self, n: int, value: Decimal | float) -> str:
        bounds = [*self.band[0], *self.band[1]] if self.band else []
        most = max((float(v) for v in [*self.values, *bounds] if v is not None), default=0) or 1
        return f"{n / max(1, len(self.values) - 1) * 100:.2f},{28 - float(value) / most * 26:.2f}"


def signed(amount: Decimal) -> str:
    """An amount of dollars with its sign."""
    return f"+{formatting.usd(amount)}" if amount > 0 else formatting.usd(amount)
