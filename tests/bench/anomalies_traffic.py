# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Traffic of production clients with labelled trouble in it; see `tests.bench.anomalies`."""

from __future__ import annotations

import gzip
import json
import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.detection.traffic import Call, call

START = datetime(2026, 11, 2, tzinfo=UTC)
BASE_HOURS = 168
QUANTILES = (0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)
CACHED_SHARE = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """One labelled trouble; `kind` is a detector's name, or `none`."""

    kind: str
    factor: float = 1
    """Of tokens, price or calls; of a day for slow_creep; calls for loop; a share for the rest."""
    hours: int = 6

    @property
    def label(self) -> str:
        return self.kind if self.kind == "none" else f"{self.kind} {self.factor:g}"


@dataclass(slots=True, kw_only=True)
class Feature:
    """One client's traffic at one rate, with one injection from `onset` on."""

    name: str
    client: Mapping[str, Any]
    rate: float
    injection: Injection
    onset: int
    seed: int
    price: Decimal = Decimal(1)
    excess: dict[int, float] = field(default_factory=dict[int, float])
    """USD that the injection adds, by hour."""
    cost: dict[int, float] = field(default_factory=dict[int, float])
    tokens: dict[int, list[int]] = field(default_factory=dict[int, list[int]])

    def hour(self, hour: int, usd_per_hour: float) -> Iterator[Call]:
        """The calls of an hour."""
        rng = random.Random(f"{self.seed}:{self.name}:{hour}")
        if self.price == 1:
            self.price = Decimal(repr(usd_per_hour / (self.rate * self._mean_usd()))).quantize(
                Decimal("1E-6")
            )
        shape = _shape(self.client)
        mean = self.rate * shape[(self.seed * 37 + hour) % len(shape)]
        trouble = self.injection
        on = self.onset <= hour < self.onset + trouble.hours
        count = _arrivals(rng, mean)
        planned = [self._call(rng, hour) for _ in range(count)]
        usual = sum(_usd(made) for made in planned)
        if on:
            planned = _injected(rng, trouble, planned, hour - self.onset, self._call(rng, hour))
            self.excess[hour] = sum(_usd(made) for made in planned) - usual
        self.cost[hour] = sum(_usd(made) for made in planned)
        self.tokens[hour] = [
            made["input"] + made["cache_read"] + made["output"] for made in planned
        ]
        yield from planned

    def _call(self, rng: random.Random, hour: int) -> Call:
        fresh, output = (_drawn(rng, quantiles) for quantiles in self._quantiles(hour))
        read = 0
        if self.injection.kind == "cache_collapse":
            read, fresh = round(fresh * CACHED_SHARE), round(fresh * (1 - CACHED_SHARE))
        at = START + timedelta(hours=hour, seconds=rng.uniform(0, 3500))
        return call(at, self.name, input=fresh, cache_read=read, output=output, price=self.price)

    def _quantiles(self, hour: int) -> list[list[float]]:
        windows = list(self.client["tokens"].values())
        return windows[((self.seed * 37 + hour) // 6) % len(windows)]

    def _mean_usd(self) -> float:
        rng = random.Random(f"{self.seed}:{self.name}")
        return sum(_usd(self._call(rng, rng.randrange(336))) for _ in range(300)) / 300


def clients(path: Path, half: str) -> list[Mapping[str, Any]]:
    """`choose` or `report`: every other client; `all` of them."""
    packed = path.read_bytes()
    text = gzip.decompress(packed) if path.suffix == ".gz" else packed
    known = sorted(json.loads(text)["clients"], key=lambda one: one["client"])
    return {"all": known, "choose": known[::2], "report": known[1::2]}[half]


def injections(path: Path | None) -> list[Injection]:
    """Of a file, else one or more of each kind."""
    if path:
        return [Injection(**one) for one in json.loads(path.read_text())]
    return [
        *(Injection(kind="prompt_bloat", factor=factor) for factor in (2, 3, 5)),
        Injection(kind="prompt_bloat", factor=1.5, hours=24),
        Injection(kind="output_blowup", factor=3),
        Injection(kind="model_swap", factor=5),
        Injection(kind="cache_collapse"),
        Injection(kind="loop", factor=60, hours=1),
        Injection(kind="monster_call", factor=50, hours=1),
        Injection(kind="volume_surge", factor=5),
        Injection(kind="duplicate_requests", factor=0.7),
        Injection(kind="retry_storm", factor=0.5),
        Injection(kind="truncation_surge", factor=0.6),
        Injection(kind="slow_creep", factor=1.3, hours=72),
        Injection(kind="unpriced_model", factor=1),
        *[Injection(kind="none")] * 3,
    ]


def _injected(
    rng: random.Random, trouble: Injection, calls: list[Call], since: int, spare: Call
) -> list[Call]:
    """The calls of an hour with the trouble in them, `since` hours after it began."""
    factor, share = trouble.factor, {"resend_count": 2}
    match trouble.kind:
        case "prompt_bloat":
            return [one | {"input": round(one["input"] * factor)} for one in calls]
        case "slow_creep":
            grown = factor ** (since / 24)
            return [one | {"input": round(one["input"] * grown)} for one in calls]
        case "output_blowup":
            return [one | {"output": round(one["output"] * factor)} for one in calls]
        case "model_swap":
            swapped = {"model": "large-1", "request_model": "large"}
            dearer = Decimal(repr(factor))
            return [one | swapped | {"price": one["price"] * dearer} for one in calls]
        case "cache_collapse":
            return [
                one | {"input": one["input"] + one["cache_read"], "cache_read": 0} for one in calls
            ]
        case "volume_surge":
            return [_again(one, n) for one in calls for n in range(round(factor))]
        case "loop":
            return [*calls, *(_again(spare, n, new_trace=False) for n in range(round(factor)))]
        case "monster_call":
            return [*calls, spare | {"input": round(spare["input"] * factor)}]
        case "duplicate_requests":
            share = {"request_fingerprint": "again"}
        case "truncation_surge":
            share = {"finish_reason": "max_tokens"}
        case "unpriced_model":
            share = {"model": "mystery-1", "price": None}
        case "retry_storm":
            pass
        case _:
            return calls
    return [one | share if rng.random() < factor else one for one in calls]


def _again(one: Call, n: int, *, new_trace: bool = True) -> Call:
    ids = ("record_id", "request_fingerprint") + (("trace_id", "scope_id") if new_trace else ())
    return one | {name: f"{one[name]}{n}" for name in ids}


def _usd(made: Call) -> float:
    price = float(made["price"] or 0)
    return price * (made["input"] * 3 + made["cache_read"] * 0.3 + made["output"] * 15) / 1e6


def _drawn(rng: random.Random, quantiles: list[float]) -> int:
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
