# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What is usually advised instead of detectors, on the same hours."""

from __future__ import annotations

from collections.abc import Callable
from statistics import fmean, median, pstdev

from tests.bench.anomalies_traffic import Feature

Rule = Callable[[Feature, int], bool]
"""Whether the rule is broken in an hour."""


def _past(feature: Feature, hour: int) -> list[float]:
    return [feature.cost.get(n, 0.0) for n in range(hour - 168, hour)]


def three_sigma(feature: Feature, hour: int) -> bool:
    """The hour costs more than the week's mean and three standard deviations."""
    past = _past(feature, hour)
    return feature.cost.get(hour, 0) > fmean(past) + 3 * pstdev(past)


def mad(feature: Feature, hour: int) -> bool:
    """The hour costs more than the week's median and three scaled median deviations."""
    past = _past(feature, hour)
    middle = median(past)
    spread = 1.4826 * median(abs(usd - middle) for usd in past)
    return feature.cost.get(hour, 0) > middle + 3 * spread


def day_over_day(feature: Feature, hour: int) -> bool:
    """The last 24 hours cost half as much again as the 24 before."""
    days = [sum(feature.cost.get(hour - n - back, 0) for n in range(24)) for back in (0, 24)]
    return days[0] > 1.5 * days[1] > 0


def three_times(feature: Feature, hour: int) -> bool:
    """Calls of the hour use three times the tokens they did in the middle hour of the week."""
    means = [fmean(feature.tokens[n]) for n in range(hour - 168, hour) if feature.tokens.get(n)]
    now = feature.tokens.get(hour)
    return bool(now and means) and fmean(now or [0]) >= 3 * median(means)


RULES: dict[str, Rule] = {
    "mean + 3 sigma": three_sigma,
    "median + 3 MAD": mad,
    "day over day 50 %": day_over_day,
    "3x tokens": three_times,
}


def alerts(rule: Rule, feature: Feature, hours: range) -> list[int]:
    """Hours in which an alert begins; one that comes back within six hours is the same."""
    found: list[int] = []
    last = -100
    for hour in hours:
        if rule(feature, hour):
            if hour - last > 6:
                found.append(hour)
            last = hour
    return found
