# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What the benchmark of detection found, counted: shares with intervals over seeds."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any

from rich.table import Table

from benchmarks.anomalies_rules import RULES

OURS = "otel-llmcost"
DETECTORS = (OURS, *RULES)
Row = Mapping[str, Any]
Measure = Callable[[Sequence[Row]], float | None]
_DRAWS = 500


def summary(found: Mapping[str, Sequence[Row]]) -> dict[str, Any]:
    """`table`: recall by injection and rate; `totals`: false alerts and delays."""
    return {
        "table": [_line(label, rate, found["events"]) for label, rate in _groups(found["events"])],
        "totals": [_total(name, found) for name in DETECTORS],
        "false_kinds": dict(Counter(kind for one in found["quiet"] for kind in one["kinds"])),
    }


def _groups(events: Sequence[Row]) -> list[tuple[str, float]]:
    order = {one["label"]: n for n, one in reversed(list(enumerate(events)))}
    return sorted({(e["label"], e["rate"]) for e in events}, key=lambda g: (order[g[0]], g[1]))


def _line(label: str, rate: float, events: Sequence[Row]) -> dict[str, Any]:
    some = [one for one in events if (one["label"], one["rate"]) == (label, rate)]
    return {
        "injection": label,
        "calls_per_hour": rate,
        "events": len(some),
        "recall": {name: _recall(name)(some) for name in DETECTORS},
        "interval": interval(some, _recall(OURS)),
        "named": sum(one["named"] for one in some) / len(some),
        "median_hours_to_detect": _delay(OURS)(some),
        "median_excess_before_usd": _spent(OURS)(some),
    }


def _total(name: str, found: Mapping[str, Sequence[Row]]) -> dict[str, Any]:
    events, quiet = found["events"], found["quiet"]
    rates = sorted({one["rate"] for one in quiet})
    by_rate = {
        f"{rate:g}": _false(name)([one for one in quiet if one["rate"] == rate]) for rate in rates
    }
    return {
        "detector": name,
        "recall": _recall(name)(events),
        "recall_interval": interval(events, _recall(name)),
        "false_alerts_per_feature_week": _false(name)(quiet),
        "false_interval": interval(quiet, _false(name)),
        "false_by_rate": by_rate,
        "median_hours_to_detect": _delay(name)(events),
        "median_excess_before_usd": _spent(name)(events),
    }


def interval(rows: Sequence[Row], measure: Measure) -> list[float] | None:
    """95 % of what other seeds might have given: seeds drawn with replacement."""
    by_seed: dict[int, list[Row]] = {}
    for one in rows:
        by_seed.setdefault(one["seed"], []).append(one)
    if len(by_seed) < 2:
        return None
    rng, seeds = random.Random(1), list(by_seed)
    drawn = [[one for seed in rng.choices(seeds, k=len(seeds)) for one in by_seed[seed]]
             for _ in range(_DRAWS)]  # fmt: skip
    values = sorted(value for some in drawn if (value := measure(some)) is not None)
    return [values[round(at * (len(values) - 1))] for at in (0.025, 0.975)] if values else None


def _recall(name: str) -> Measure:
    def measure(rows: Sequence[Row]) -> float | None:
        found = [one["hours_to_detect"][name] is not None for one in rows]
        return sum(found) / len(found) if found else None

    return measure


def _false(name: str) -> Measure:
    def measure(rows: Sequence[Row]) -> float | None:
        weeks = sum(one["hours"] for one in rows) / 168
        return sum(one["alerts"][name] for one in rows) / weeks if weeks else None

    return measure


def _delay(name: str) -> Measure:
    def measure(rows: Sequence[Row]) -> float | None:
        hours = [at for one in rows if (at := one["hours_to_detect"][name]) is not None]
        return median(hours) if hours else None

    return measure


def _spent(name: str) -> Measure:
    def measure(rows: Sequence[Row]) -> float | None:
        spent = [one["excess_before_usd"][name] for one in rows]
        return median(spent) if spent else None

    return measure


def table(reported: Mapping[str, Any]) -> Table:
    """Share of events found, by injection and rate."""
    result = Table(title="share of events found; an hour to detect is the first")
    columns = ("injection", "calls/h", "events", OURS, "95 %", "named", "hours", "USD before")
    for name in (*columns, *RULES):
        result.add_column(name, justify="right")
    for row in reported["table"]:
        result.add_row(
            row["injection"], f"{row['calls_per_hour']:g}", str(row["events"]),
            _number(row["recall"][OURS]), _between(row["interval"]), _number(row["named"]),
            _number(row["median_hours_to_detect"], 1), _number(row["median_excess_before_usd"]),
            *(_number(row["recall"][name]) for name in RULES),
        )  # fmt: skip
    return result


def totals(reported: Mapping[str, Any]) -> Table:
    """All events and all quiet weeks, by detector."""
    result = Table(title=f"over all; false alerts of ours: {reported['false_kinds']}")
    rates = reported["totals"][0]["false_by_rate"]
    columns = ("detector", "recall", "95 %", "false alerts per feature-week", "95 %")
    for name in (*columns, *(f"at {rate}/h" for rate in rates), "median hours", "USD before"):
        result.add_column(name, justify="right")
    for row in reported["totals"]:
        result.add_row(
            row["detector"], _number(row["recall"]), _between(row["recall_interval"]),
            _number(row["false_alerts_per_feature_week"]), _between(row["false_interval"]),
            *(_number(row["false_by_rate"][rate]) for rate in rates),
            _number(row["median_hours_to_detect"], 1), _number(row["median_excess_before_usd"]),
        )  # fmt: skip
    return result


def _number(value: float | None, digits: int = 2) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _between(values: list[float] | None) -> str:
    return "-" if values is None else f"{values[0]:.2f}-{values[1]:.2f}"
