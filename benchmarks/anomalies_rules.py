# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What is usually advised instead of detectors, on the same hours."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from statistics import fmean, median, pstdev

from benchmarks.anomalies_traffic import Feature

Rule = Callable[[Feature, int], bool]
"""Whether the rule is broken in an hour."""


def _past(feature: Feature, hour: int) -> list[float]:
    return [feature.seen(n).usd for n in range(hour - 168, hour)]


def three_sigma(feature: Feature, hour: int) -> bool:
    """The hour costs more than the week's mean and three standard deviations."""
    past = _past(feature, hour)
    return feature.seen(hour).usd > fmean(past) + 3 * pstdev(past)


def mad(feature: Feature, hour: int) -> bool:
    """The hour costs more than the week's median and three scaled median deviations."""
    past = _past(feature, hour)
    middle = median(past)
    spread = 1.4826 * median(abs(usd - middle) for usd in past)
    return feature.seen(hour).usd > middle + 3 * spread


def day_over_day(feature: Feature, hour: int) -> bool:
    """The last 24 hours cost half as much again as the 24 before."""
    days = [sum(feature.seen(hour - n - back).usd for n in range(24)) for back in (0, 24)]
    return days[0] > 1.5 * days[1] > 0


def three_times(feature: Feature, hour: int) -> bool:
    """Calls of the hour use three times the tokens they did in the middle hour of the week."""
    means = [feature.seen(n).tokens for n in range(hour - 168, hour) if feature.seen(n).tokens]
    now = feature.seen(hour).tokens
    return bool(now and means) and now >= 3 * median(means)


RULES: dict[str, Rule] = {
    "mean + 3 sigma": three_sigma,
    "median + 3 MAD": mad,
    "day over day 50 %": day_over_day,
    "3x tokens": three_times,
}


def begins(hours: Iterable[int]) -> list[int]:
    """When an alert begins; a rule broken again within six hours goes on with it."""
    found: list[int] = []
    last = -100
    for hour in hours:
        if hour - last > 6:
            found.append(hour)
        last = hour
    return found
