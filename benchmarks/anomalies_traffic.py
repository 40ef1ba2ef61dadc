# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Traffic of production clients, and labelled trouble in it; see `benchmarks.anomalies`."""

from __future__ import annotations

import gzip
import json
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.anomalies_trouble import QUIET, Injection, injected
from tests.detection.traffic import Call, call

START = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=28)
BASE_HOURS = 168
QUANTILES = (0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)
CACHED_SHARE = 0.8
NOTHING = Injection(kind=QUIET)


@dataclass(slots=True, kw_only=True)
class Hour:
    """What the calls of an hour cost and used."""

    usd: float
    tokens: float
    """A call's; 0 without calls."""

    @classmethod
    def of(cls, calls: Sequence[Call]) -> Hour:
        tokens = [made["input"] + made["cache_read"] + made["output"] for made in calls]
        return cls(usd=sum(usd(made) for made in calls), tokens=fmean(tokens) if tokens else 0)


@dataclass(slots=True, kw_only=True)
class Background:
    """One client's traffic at one rate, with nothing wrong in it."""

    name: str
    client: Mapping[str, Any]
    rate: float
    """Calls an hour, on average."""
    usd_per_hour: float
    cached: bool
    seed: int
    price: Decimal = Decimal(1)
    shape: list[float] = field(default_factory=list[float])
    seen: dict[int, Hour] = field(default_factory=dict[int, Hour])

    def __post_init__(self) -> None:
        self.shape = _shape(self.client)
        needed = self.usd_per_hour / (self.rate * self._mean_usd())
        self.price = Decimal(repr(needed)).quantize(Decimal("1E-6"))

    def calls(self, hour: int) -> list[Call]:
        """The calls of an hour, always the same."""
        rng = random.Random(f"{self.seed}:{self.name}:{hour}")
        made = [self.call(rng, hour) for _ in range(_arrivals(rng, self.rate * self.busy(hour)))]
        if hour not in self.seen:
            self.seen[hour] = Hour.of(made)
        return made

    def call(self, rng: random.Random, hour: int) -> Call:
        """One more call of an hour."""
        windows = list(self.client["tokens"].values())
        fresh, output = (
            _drawn(rng, quantiles) for quantiles in windows[self._at(hour) // 6 % len(windows)]
        )
        read = round(fresh * CACHED_SHARE) if self.cached else 0
        at = START + timedelta(hours=hour, seconds=rng.uniform(0, 3590))
        size = {"input": fresh - read, "cache_read": read, "output": output}
        return call(at, self.name, ingested_at=at, price=self.price, **size)

    def busy(self, hour: int) -> float:
        """How many times its mean rate the client has in an hour."""
        return self.shape[self._at(hour) % len(self.shape)]

    def _at(self, hour: int) -> int:
        """The hour of the client's own two weeks; every seed begins elsewhere."""
        return self.seed * 37 + hour

    def _mean_usd(self) -> float:
        rng = random.Random(f"{self.seed}:{self.name}")
        return fmean(usd(self.call(rng, rng.randrange(336))) for _ in range(300))


@dataclass(slots=True, kw_only=True)
class Feature:
    """A background with one trouble from `onset` on; quiet ones have none."""

    name: str
    seed: int
    background: Background
    injection: Injection = NOTHING
    onset: int = 0
    changed: dict[int, Hour] = field(default_factory=dict[int, Hour])

    @property
    def end(self) -> int:
        """The first hour after its trouble."""
        return self.onset + self.injection.hours

    def calls(self, hour: int) -> list[Call]:
        """The calls of an hour with the trouble in them."""
        rng = random.Random(f"{self.name}:{hour}")
        usual, spare = self.background.calls(hour), self.background.call(rng, hour)
        made = injected(rng, self.injection, usual, hour - self.onset, spare)
        self.changed[hour] = Hour.of(made)
        return [one | {"feature": self.name} for one in made]

    def seen(self, hour: int) -> Hour:
        """What an hour cost and used; the hour must have been."""
        return self.changed.get(hour) or self.background.seen[hour]

    def excess(self, last: int) -> float:
        """USD that the trouble added up to an hour."""
        usual = self.background.seen
        return sum(now.usd - usual[hour].usd for hour, now in self.changed.items() if hour <= last)


def clients(path: Path, half: str) -> list[Mapping[str, Any]]:
    """`choose` or `report`: every other client, by name; `all` of them."""
    packed = path.read_bytes()
    text = gzip.decompress(packed) if path.suffix == ".gz" else packed
    known = sorted(json.loads(text)["clients"], key=lambda one: one["client"])
    return {"all": known, "choose": known[::2], "report": known[1::2]}[half]


def usd(made: Call) -> float:
    """What a call costs; 0 where it is unknown."""
    price = float(made["price"] or 0)
    return price * (made["input"] * 3 + made["cache_read"] * 0.3 + made["output"] * 15) / 1e6


def _drawn(rng: random.Random, quantiles: Sequence[float]) -> int:
    """A number of tokens: quantiles joined by straight lines."""
    at = rng.random()
    heights = [quantiles[0], *quantiles]
    for n in range(1, len(QUANTILES)):
        if at <= QUANTILES[n]:
            low, high = QUANTILES[n - 1], QUANTILES[n]
            part = (at - low) / (high - low)
            return max(1, round(heights[n - 1] + part * (heights[n] - heights[n - 1])))
    return max(1, round(heights[-1]))


def _shape(client: Mapping[str, Any]) -> list[float]:
    """Hourly rates over two weeks around 1."""
    rates = client["rate_per_s"]
    hours = [sum(rates[n : n + 6]) for n in range(0, len(rates) - 5, 6)]
    mean = sum(hours) / len(hours) or 1
    return [hour / mean for hour in hours]


def _arrivals(rng: random.Random, mean: float) -> int:
    """Poisson."""
    if mean > 50:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    count, left = 0, rng.expovariate(1)
    while left < mean:
        count += 1
        left += rng.expovariate(1)
    return count
