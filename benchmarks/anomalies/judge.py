# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What counts: material events, found in time; incidents without a cause, and those too many."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Everything said of one feature until it is quiet for a day."""

    start: int
    """The hour of the pass that saw it first; so is `last` of the last one."""
    last: int
    kinds: Sequence[str]
    """The most expensive first."""
    level: str = REPORT
    cause: str = ""
    usd: float = 0
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one detector says of one feature."""

    sightings: Sequence[Sighting] = ()
    incidents: Sequence[Incident] = ()

    def between(self, first: int, until: int) -> Said:
        """What it says in some hours."""
        return Said(
            sightings=[one for one in self.sightings if first <= one.hour < until],
            incidents=[one for one in self.incidents if first <= one.last and one.start < until],
        )


def said(
    sightings: Sequence[Sighting], incidents: Sequence[Incident], *, digest: bool = False
) -> Said:
    """Of all that a detector says, what is reported; with `digest`, all of it."""
    return Said(
        sightings=[one for one in sightings if digest or one.level == REPORT],
        incidents=[one for one in incidents if digest or one.level == REPORT],
    )


def grouped(sightings: Sequence[Sighting]) -> list[Incident]:
    """The incidents of a rule that has none of its own: one until a feature is quiet for a day."""
    groups: list[list[Sighting]] = []
    for one in sorted(sightings, key=lambda one: one.hour):
        if not groups or one.hour - groups[-1][-1].hour > QUIET_HOURS:
            groups.append([])
        groups[-1].append(one)
    return [
        Incident(start=some[0].hour, last=some[-1].hour, kinds=[some[0].kind]) for some in groups
    ]


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


def find(of_it: Said, twin: Said, *, onset: int, until: int, causes: Sequence[str]) -> Find:
    """Found when something is reported from onset on, before `until`, that the same hours of the
    untouched twin do not say as well."""
    now, usual = of_it.between(onset, until), twin.between(onset, until)
    known = {(one.hour, one.kind) for one in usual.sightings}
    new = [one.hour for one in now.sightings if (one.hour, one.kind) not in known]
    extra = max(0, len(now.incidents) - len(usual.incidents) - bool(new))
    if not new:
        return Find(hour=None, extra=extra)
    main = max(now.incidents, key=lambda one: one.usd, default=None)
    named = main is not None and (main.kinds[0] in causes or main.cause in causes)
    return Find(hour=min(new) - onset + 1, named=named, extra=extra)


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
