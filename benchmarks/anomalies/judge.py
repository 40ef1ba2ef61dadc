# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What counts: material events, found in time; incidents without a cause, and those too many."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

QUIET_HOURS = 24
"""After which the next alert of a feature is another incident."""
LEAST_CALLS = 5
FLOOR_USD = 0.25
FLOOR_SHARE = 0.02
"""Of the feature's own day."""
REPORT = "report"
_DRAWS = 500
T = TypeVar("T")
Measure = Callable[[Sequence[T]], float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One line of one pass: what a detector says of a feature in an hour."""

    hour: int
    kind: str
    level: str = REPORT
    cause: str = ""
    usd: float = 0
    evidence: str = ""


@dataclass(slots=True, kw_only=True)
class Incident:
    """Everything said of one feature until it is quiet for a day."""

    start: int
    last: int
    lines: dict[str, Sighting] = field(default_factory=dict[str, Sighting])
    """The newest of each kind."""

    @property
    def level(self) -> str:
        return REPORT if any(one.level == REPORT for one in self.lines.values()) else "digest"

    @property
    def main(self) -> Sighting:
        """Its most expensive line, of those that are reported if some are."""
        return max(self.lines.values(), key=lambda one: (one.level == REPORT, one.usd))


def incidents(sightings: Iterable[Sighting]) -> list[Incident]:
    """One until a feature has been quiet for a day."""
    found: list[Incident] = []
    for one in sorted(sightings, key=lambda one: one.hour):
        if not found or one.hour - found[-1].last > QUIET_HOURS:
            found.append(Incident(start=one.hour, last=one.hour))
        found[-1].last = one.hour
        said = found[-1].lines.get(one.kind)
        if said is None or one.level == REPORT or said.level != REPORT:
            found[-1].lines[one.kind] = one
    return found


def reported(sightings: Iterable[Sighting]) -> list[Sighting]:
    """Without those for the digest."""
    return [one for one in sightings if one.level == REPORT]


def is_material(
    *, loss: float | None, hours: int, calls: float, usd_per_day: float, single: bool = False
) -> bool:
    """Whether a trouble is worth an alert: five calls are in it, and a day of it would cost the
    floor. A single call is worth what it costs; where the loss is unknown, calls decide."""
    if single and loss is not None:
        return loss >= max(FLOOR_USD, FLOOR_SHARE * usd_per_day)
    per_day = None if loss is None else abs(loss) * 24 / max(1, hours)
    return calls >= LEAST_CALLS and (
        per_day is None or per_day >= max(FLOOR_USD, FLOOR_SHARE * usd_per_day)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """What became of one event."""

    hour: int | None
    """The first is 1; None when it was missed."""
    named: bool = False
    extra: int = 0
    """Incidents beyond the first, which are false."""


def find(
    said: Sequence[Sighting],
    twin: Sequence[Sighting],
    *,
    onset: int,
    until: int,
    causes: Sequence[str],
) -> Find:
    """Found when something is reported from onset on, before `until`, that the same hours of the
    untouched twin do not say as well."""
    during = [one for one in reported(said) if onset <= one.hour < until]
    usual = [one for one in reported(twin) if onset <= one.hour < until]
    known = {(one.hour, one.kind) for one in usual}
    new = [one for one in during if (one.hour, one.kind) not in known]
    extra = max(0, len(incidents(during)) - len(incidents(usual)) - bool(new))
    if not new:
        return Find(hour=None, extra=extra)
    main = max(incidents(new), key=lambda incident: incident.main.usd).main
    first = min(one.hour for one in new)
    return Find(
        hour=first - onset + 1,
        named=main.kind in causes or main.cause in causes,
        extra=extra,
    )


def share(finds: Sequence[Find], within: float = float("inf")) -> float | None:
    """Of events, those found within so many hours."""
    if not finds:
        return None
    return sum(one.hour is not None and one.hour <= within for one in finds) / len(finds)


def interval(by_client: dict[str, list[T]], measure: Measure[T]) -> tuple[float, float] | None:
    """95 % of what other clients might have given: clients drawn with replacement."""
    if len(by_client) < 2:
        return None
    rng, names = random.Random(1), sorted(by_client)
    drawn = (
        [one for name in rng.choices(names, k=len(names)) for one in by_client[name]]
        for _ in range(_DRAWS)
    )
    values = sorted(value for some in drawn if (value := measure(some)) is not None)
    if not values:
        return None
    return values[round(0.025 * (len(values) - 1))], values[round(0.975 * (len(values) - 1))]
