# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What is usually advised instead of detectors, on the same hours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import sqrt
from statistics import median

from benchmarks.anomalies.judge import Said, Sighting, grouped
from benchmarks.anomalies.passes import NOTHING, Spent
from benchmarks.anomalies.traffic import WEEK

Seen = Mapping[int, Spent]
Rule = Callable[[Seen, int], bool]
"""Whether the rule is broken in an hour."""


def _past(seen: Seen, hour: int) -> list[float]:
    return [seen.get(n, NOTHING).usd for n in range(hour - WEEK, hour)]


def three_sigma(seen: Seen, hour: int) -> bool:
    """The hour costs more than the week's mean and three standard deviations."""
    past = _past(seen, hour)
    mean = sum(past) / WEEK
    deviation = sqrt(sum((usd - mean) ** 2 for usd in past) / WEEK)
    return seen.get(hour, NOTHING).usd > mean + 3 * deviation


def mad(seen: Seen, hour: int) -> bool:
    """The hour costs more than the week's median and three scaled median deviations."""
    past = _past(seen, hour)
    middle = median(past)
    spread = 1.4826 * median(abs(usd - middle) for usd in past)
    return seen.get(hour, NOTHING).usd > middle + 3 * spread


def day_over_day(seen: Seen, hour: int) -> bool:
    """The last 24 hours cost half as much again as the 24 before."""
    days = [sum(seen.get(hour - n - b, NOTHING).usd for n in range(24)) for b in (0, 24)]
    return days[0] > 1.5 * days[1] > 0


def three_times(seen: Seen, hour: int) -> bool:
    """Calls of the hour use three times the tokens they did in the middle hour of the week."""
    now = seen.get(hour, NOTHING).tokens
    means = [seen[n].tokens for n in range(hour - WEEK, hour) if n in seen]
    return bool(now and means) and now >= 3 * median(means)


RULES: dict[str, Rule] = {
    "mean + 3 sigma": three_sigma,
    "median + 3 MAD": mad,
    "day over day + 50 %": day_over_day,
    "3x tokens": three_times,
}


def broken(name: str, seen: Seen, hours: Iterable[int]) -> Said:
    """When a rule is broken; only hours with calls can break one."""
    found = [Sighting(hour=h, kind=name) for h in hours if h in seen and RULES[name](seen, h)]
    return Said(sightings=found, incidents=grouped(found))
