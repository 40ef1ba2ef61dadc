# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Small drawings as SVG, made here: they need no script, and print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

Value = Decimal | float | None
Points = Sequence[tuple[float, Value]]
"""Along and up, in the drawing's own units; None where nothing is known."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One element of a drawing; colours are those of its class in the style sheet."""

    tag: str
    attributes: dict[str, str]
    text: str = ""


@dataclass(slots=True, kw_only=True)
class Drawing:
    """A drawing whose values go from 0 to `most_along` and from 0 to `most_up`."""

    label: str
    """What a screen reader reads."""
    most_along: float
    most_up: float
    highest: str = ""
    """The highest value, for the caption."""
    width: int = 320
    height: int = 72
    shapes: list[Shape] = field(default_factory=list[Shape])

    def line(self, points: Points, name: str) -> None:
        """A line; it is broken where a value is unknown."""
        part: list[str] = []
        for along, up in [*points, (0.0, None)]:
            if up is not None:
                part.append(self._at(along, up))
            elif part:
                self.shapes.append(Shape("polyline", {"class": name, "points": " ".join(part)}))
                part = []

    def band(self, low: Points, high: Points, name: str) -> None:
        """The area between two lines of the same length."""
        ends = [*high, *reversed(low)]
        points = " ".join(self._at(along, up) for along, up in ends if up is not None)
        self.shapes.append(Shape("polygon", {"class": name, "points": points}))

    def area(self, points: Points, name: str) -> None:
        """The area below a line."""
        self.band([(along, 0.0) for along, _ in points], points, name)

    def mark(self, along: float, name: str) -> None:
        """An upright line over all of the height."""
        x = f"{self._x(along):.1f}"
        ends = {"x1": x, "x2": x, "y1": "0", "y2": str(self.height)}
        self.shapes.append(Shape("line", {"class": name, **ends}))

    def level(self, up: Value, name: str) -> None:
        """A flat line over all of the width."""
        y = f"{self._y(up or 0):.1f}"
        ends = {"x1": "0", "x2": str(self.width), "y1": y, "y2": y}
        self.shapes.append(Shape("line", {"class": name, **ends}))

    def dot(self, along: float, up: Value, name: str) -> None:
        """One point."""
        x, y = self._at(along, up or 0).split(",")  # a line, because circles are stretched
        self.shapes.append(Shape("line", {"class": name, "x1": x, "x2": x, "y1": y, "y2": y}))

    def _at(self, along: float, up: Decimal | float) -> str:
        return f"{self._x(along):.1f},{self._y(up):.1f}"

    def _x(self, along: float) -> float:
        return self.width * along / self.most_along if self.most_along else 0.0

    def _y(self, up: Decimal | float) -> float:
        most = self.height - 4
        return self.height - 2 - (most * float(up) / self.most_up if self.most_up else 0.0)
