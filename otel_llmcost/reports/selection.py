# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Which calls a page shows: conditions on any dimension that stack, and their form in a URL.

`feature=a&feature=b` keeps the calls of either, `not-feature=c` leaves some out, and
`tag.customer=acme` names an allocation key. All conditions must hold. `(none)` stands for calls
without a value.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from otel_llmcost.errors import ConfigError
from otel_llmcost.reports.dimensions import DIMENSIONS, Dimension, dimension
from otel_llmcost.reports.window import Filters

NONE = "(none)"
"""What calls without a value are called."""
NOT = "not-"
TAG = "tag."
_TIMES = ("day", "hour", "month")
SELECTABLE = tuple(name for name in DIMENSIONS if name not in _TIMES)
"""Dimensions that conditions may name; `tag.<key>` names any allocation key."""
_ANYWHERE = ("environment", "service", "feature", "model")


@dataclass(frozen=True, slots=True)
class Condition:
    """Calls whose dimension has one of these values, or, `excluded`, none of them."""

    name: str
    values: tuple[str, ...]
    excluded: bool = False

    @property
    def parameter(self) -> str:
        """Its name in a URL."""
        return f"{NOT if self.excluded else ''}{self.name}"

    @property
    def label(self) -> str:
        """The dimension in words."""
        return self.name.removeprefix(TAG).replace("_", " ")


@dataclass(frozen=True, slots=True)
class Selection:
    """Conditions on calls; none keeps all."""

    conditions: tuple[Condition, ...] = ()

    @classmethod
    def of(cls, items: Iterable[tuple[str, str]]) -> Selection:
        """From the parameters of a URL. Raises ConfigError for one that is no condition, and for a
        value that is both kept and left out."""
        made = cls()
        for name, value in items:
            excluded = name.startswith(NOT)
            made = made.adding(name.removeprefix(NOT), value, excluded=excluded)
        for one in made.conditions:
            kept = made._values(one.name, excluded=False)
            if one.excluded and (both := set(one.values) & set(kept)):
                raise ConfigError(f"{one.label} {sorted(both)[0]!r} is both kept and left out")
        return made

    @property
    def items(self) -> list[tuple[str, str]]:
        """The parameters of a URL that selects the same calls."""
        return [(one.parameter, value) for one in self.conditions for value in one.values]

    def adding(self, name: str, value: str, *, excluded: bool = False) -> Selection:
        """With one more value kept or left out. Raises ConfigError for what is no dimension."""
        dimension_of(name)
        if value in self._values(name, excluded=excluded):
            return self
        for n, one in enumerate(self.conditions):
            if (one.name, one.excluded) == (name, excluded):
                more = replace(one, values=(*one.values, value))
                return Selection((*self.conditions[:n], more, *self.conditions[n + 1 :]))
        return Selection((*self.conditions, Condition(name, (value,), excluded)))

    def without(self, name: str, value: str, *, excluded: bool = False) -> Selection:
        """With one value less."""
        left = [
            replace(one, values=tuple(v for v in one.values if v != value))
            if (one.name, one.excluded) == (name, excluded)
            else one
            for one in self.conditions
        ]
        return Selection(tuple(one for one in left if one.values))

    @property
    def is_rolled_up(self) -> bool:
        """Whether the hourly rollup keeps every dimension that is named."""
        return all(dimension_of(one.name).hour for one in self.conditions)

    def where(self, alias: str, *, hours: bool = False) -> str:
        """The conditions as SQL over `calls`, or over the rollup, as `alias`; `1` for none.

        The values are parameters, see `parameters`.
        """
        parts: list[str] = []
        for n, one in enumerate(self.conditions):
            found = dimension_of(one.name)
            expression = found.hour if hours else found.call
            operator = "NOT IN" if one.excluded else "IN"
            # Nothing around the column: an index of it would not be used.
            parts.append(
                f"{_qualified(alias, expression or '')} {operator} {{selected_{n}:Array(String)}}"
            )
        return " AND ".join(parts) or "1"

    @property
    def parameters(self) -> dict[str, list[str]]:
        """The values of `where`."""
        return {
            f"selected_{n}": ["" if value == NONE else value for value in one.values]
            for n, one in enumerate(self.conditions)
        }

    def narrowing(self, any_of: Collection[str], one_of: Collection[str] = ()) -> Selection:
        """The conditions that a report can keep that has `any_of` these dimensions, and of
        `one_of` those a single value that is kept."""
        return Selection(
            tuple(
                one
                for one in self.conditions
                if one.name in any_of
                or (
                    (one.name in one_of and not one.excluded and one.values[1:] == ())
                    and one.values != (NONE,)
                )
            )
        )

    def without_all(self, known: Selection) -> Selection:
        """The conditions that are not in another selection."""
        return Selection(tuple(one for one in self.conditions if one not in known.conditions))

    def keeps(self, record: Mapping[str, Any]) -> bool:
        """Whether a record with these dimensions as its fields is selected."""
        return all(
            (str(record[one.name] or NONE) in one.values) != one.excluded for one in self.conditions
        )

    @property
    def filters(self) -> Filters:
        """The part that every report understands: one value of four dimensions."""
        single = {
            one.name: one.values[0]
            for one in self.conditions
            if one.name in _ANYWHERE and not one.excluded and len(one.values) == 1
        }
        return Filters(**{name: "" if value == NONE else value for name, value in single.items()})

    def __str__(self) -> str:
        return ", ".join(
            f"{one.label} {'is not' if one.excluded else 'is'} {' or '.join(one.values)}"
            for one in self.conditions
        )

    def _values(self, name: str, *, excluded: bool) -> tuple[str, ...]:
        wanted = (one for one in self.conditions if (one.name, one.excluded) == (name, excluded))
        return next((one.values for one in wanted), ())


ALL = Selection()
"""Without conditions."""


def dimension_of(name: str) -> Dimension:
    """The dimension that a condition names. Raises ConfigError for what is none."""
    if name.startswith(TAG):
        return dimension(name.removeprefix(TAG))
    if name not in SELECTABLE:
        raise ConfigError(
            f"{name!r} is no dimension: use {', '.join(SELECTABLE)}, or tag.<allocation key>"
        )
    return DIMENSIONS[name]


def _qualified(alias: str, expression: str) -> str:
    """A column's expression with the table's alias."""
    return f"{alias}.{expression}" if re.fullmatch(r"\w+", expression) else expression
