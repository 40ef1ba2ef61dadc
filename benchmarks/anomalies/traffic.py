# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Traffic of production clients, hour by hour: how many calls, and what they are like.

Hour 0 is the first that is watched, a Monday's midnight. What comes before it is the past.
"""

from __future__ import annotations

import gzip
import json
import math
import random
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

WEEK = 168
CACHED_SHARE = 0.8
LEVELS = (0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)
"""Of the quantiles in the file of clients, with a first one of ours."""
_USD = (3, 0.3, 15)
"""A million tokens of plain input, cache reads and output, times a background's price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """Calls of one hour that are alike; the statement calls.sql makes them."""

    feature: str
    background: str
    """Whose calls they are: the same background, part, hour and number is the same call."""
    part: str = ""
    hour: int
    calls: int
    client: str
    window: int
    """Which of the client's windows lengths are drawn from."""
    price: float
    """Times $3, $0.30 and $15 a million tokens."""
    cached: float = 0
    """Share of input that is read from a cache."""
    input: float = 1
    """Times the client's tokens; so is output."""
    output: float = 1
    thinking: float = 0
    """Reasoning tokens, times the tokens of the reply, beside it."""
    model: str = "small"
    rise: float = 1
    """Times the price of the usual model."""
    version: str = "1"
    failed: float = 0
    """Share of calls; so are resent, repeated and truncated."""
    resent: float = 0
    repeated: float = 0
    truncated: float = 0
    together: bool = False
    """One trace, whose calls have one length and `growth` more of it with every call."""
    growth: float = 0
    twice: bool = False
    """Every record arrives twice."""


@dataclass(frozen=True, kw_only=True)
class Client:
    """Two weeks of one production client."""

    name: str
    shape: Sequence[float]
    """How many times its mean rate the client has in an hour."""
    starts: Sequence[int]
    """Seconds at which each window begins."""
    lengths: Sequence[tuple[Sequence[float], Sequence[float]]]
    """Quantiles of input and output tokens of each window."""

    def window(self, hour: int) -> int:
        """That of an hour of its two weeks; the one before where it has none."""
        return max(0, bisect_right(self.starts, hour * 3600) - 1)

    @cached_property
    def typical(self) -> int:
        """The window whose calls cost what those of its middle one do."""
        order = sorted(range(len(self.lengths)), key=lambda window: self.usd(window, 0))
        return order[len(order) // 2]

    def usd(self, window: int, cached: float) -> float:
        """What a call of a window costs on average, at a price of 1."""
        size, reply = (_mean(quantiles) for quantiles in self.lengths[window])
        return (size * ((1 - cached) * _USD[0] + cached * _USD[1]) + reply * _USD[2]) / 1e6


@dataclass(kw_only=True)
class Background:
    """One client's traffic at one rate, with nothing wrong in it."""

    client: Client
    rate: float
    """Calls an hour, on average."""
    habit: Habit
    cached: bool = False
    usd_per_day: float = 24
    _made: dict[int, list[Calls]] = field(default_factory=dict[int, "list[Calls]"])

    @cached_property
    def name(self) -> str:
        return f"{self.client.name} {self.rate:g}/h {self.habit.name}"

    @cached_property
    def price(self) -> float:
        share = CACHED_SHARE if self.cached else 0
        if self.habit is OWN:
            busy = [(self.client.shape[n], self.client.window(n)) for n in range(2 * WEEK)]
            usd = sum(b * self.client.usd(w, share) for b, w in busy) / sum(b for b, _ in busy)
        else:
            usd = self.client.usd(self.client.typical, share)
        return round(self.usd_per_day / 24 / (self.rate * usd), 6)

    def calls(self, hour: int) -> list[Calls]:
        """The calls of an hour, always the same."""
        if hour not in self._made:
            rng = random.Random(f"{self.name}:{hour}")
            made = self.habit.calls(self, hour, rng) if hour >= self.habit.since else []
            self._made[hour] = [one for one in made if one.calls]
        return self._made[hour]

    def some(self, hour: int, mean: float, rng: random.Random, **more: Any) -> Calls:
        """So many usual calls of an hour."""
        own = self.habit is OWN
        usual = Calls(
            feature=self.name,
            background=self.name,
            hour=hour,
            calls=arrivals(rng, mean),
            client=self.client.name,
            window=self.client.window(hour + WEEK) if own else self.client.typical,
            price=self.price,
            cached=CACHED_SHARE if self.cached else 0,
        )
        return replace(usual, **more)

    def busy(self, hour: int) -> float:
        """How many times its mean rate it has in an hour."""
        return self.client.shape[hour + WEEK] if self.habit is OWN else rhythm(hour)


@dataclass(frozen=True, kw_only=True)
class Habit:
    """How traffic comes; no alert is right in any of it."""

    name: str
    calls: Callable[[Background, int, random.Random], list[Calls]]
    since: int = -WEEK
    """Its first hour."""
    arrives: Callable[[int], int] = lambda hour: hour
    """When an hour's calls are seen."""
    rate: float = 15


def rhythm(hour: int) -> float:
    """A day's: 1 on average, most in the afternoon."""
    return 1 + 0.6 * math.sin(2 * math.pi * (hour - 9) / 24)


def _own(one: Background, hour: int, rng: random.Random) -> list[Calls]:
    return [one.some(hour, one.rate * one.busy(hour), rng)]


def _times(factor: Callable[[int], float]) -> Callable[..., list[Calls]]:
    """The day's rhythm, an hour's calls times a factor."""

    def calls(one: Background, hour: int, rng: random.Random) -> list[Calls]:
        return [one.some(hour, one.rate * rhythm(hour) * factor(hour), rng)]

    return calls


def _shifted(by: int) -> Callable[..., list[Calls]]:
    """The day's rhythm, from Thursday on so many hours earlier."""

    def calls(one: Background, hour: int, rng: random.Random) -> list[Calls]:
        return [one.some(hour, one.rate * rhythm(hour + by if hour >= 72 else hour), rng)]

    return calls


def _batch(at: Callable[[int], bool], input: float) -> Callable[..., list[Calls]]:
    """Sixty long calls in some hours."""

    def calls(one: Background, hour: int, rng: random.Random) -> list[Calls]:
        usual = one.some(hour, one.rate * rhythm(hour), rng)
        job = replace(usual, part="job", calls=60, input=input)
        return [usual, job] if at(hour) else [usual]

    return calls


def _twice(one: Background, hour: int, rng: random.Random) -> list[Calls]:
    return [one.some(hour, one.rate * rhythm(hour), rng, twice=True)]


def _sessions(one: Background, hour: int, rng: random.Random) -> list[Calls]:
    """Agents: calls come in sessions, short and long ones, whose prompts grow."""
    mean = 12
    usual = one.some(hour, one.rate * rhythm(hour) / mean, rng)
    return [
        replace(usual, part=f"session {n}", calls=1 + int(rng.expovariate(1 / (mean - 1))),
                together=True, growth=0.1)
        for n in range(usual.calls)
    ]  # fmt: skip


def _two_peaked(one: Background, hour: int, rng: random.Random) -> list[Calls]:
    """Short and long prompts, whose mix wanders."""
    phase = random.Random(one.name).uniform(0, 100)
    wander = math.sin(2 * math.pi * (hour + phase) / 37) * math.sin(2 * math.pi * hour / 101)
    share, mean = 0.5 + 0.45 * wander, one.rate * rhythm(hour)
    return [
        one.some(hour, mean * (1 - share), rng),
        one.some(hour, mean * share, rng, part="long", input=10),
    ]


def _doubling(one: Background, hour: int, rng: random.Random) -> list[Calls]:
    return [one.some(hour, min(one.rate, 2 ** ((hour - 10) / 6)), rng)]


OWN = Habit(name="own", calls=_own)
"""The client's own rates and lengths, in true order."""
AGENTS = Habit(name="agents' sessions", calls=_sessions)
TWO_PEAKED = Habit(name="two-peaked, mix wanders", calls=_two_peaked)
SPARSE = Habit(
    name="sparse, 2 calls a day", calls=_times(lambda _: 1), since=-4 * WEEK, rate=1 / 12
)
WEEKLY_JOB = Habit(name="weekly job", calls=_batch(lambda h: h % WEEK == 3, 5))
STEADY = Habit(name="steady", calls=_times(lambda _: 1))
HABITS = (
    STEADY,
    Habit(name="weekends at 1/5", calls=_times(lambda h: 0.2 if h % WEEK >= 120 else 1)),
    Habit(name="clock change, 1 h", calls=_shifted(1)),
    Habit(name="time zone, 8 h", calls=_shifted(8)),
    WEEKLY_JOB,
    Habit(name="month-end batch, two nights", calls=_batch(lambda h: h in (25, 26, 49, 50), 3)),
    Habit(name="calls +10 % a day", calls=_times(lambda h: 1.1 ** (max(h, 0) / 24))),
    Habit(name="new feature", calls=_times(lambda _: 1), since=10),
    Habit(name="new feature, doubling every 6 h", calls=_doubling, since=10, rate=100),
    Habit(name="outage, 6 h", calls=_times(lambda h: 0 if 62 <= h < 68 else 1)),
    Habit(name="silent for two days", calls=_times(lambda h: 0 if 48 <= h < 96 else 1)),
    Habit(name="data 6 h late", calls=_times(lambda _: 1), arrives=lambda h: h + 6),
    Habit(name="data twice", calls=_twice),
    Habit(name="a week's backfill", calls=_times(lambda _: 1), arrives=lambda h: max(h, 24)),
    AGENTS,
    TWO_PEAKED,
    SPARSE,
)  # fmt: skip
"""Lengths of one window of the client, all in a day's rhythm, so that only the habit alerts."""


def clients(path: Path, half: str) -> list[Client]:
    """`choose` or `report`: every other client, by name; `all` of them."""
    packed = path.read_bytes()
    text = gzip.decompress(packed) if path.suffix == ".gz" else packed
    known = sorted(json.loads(text)["clients"], key=lambda one: one["client"])
    chosen = {"all": known, "choose": known[::2], "report": known[1::2]}[half]
    return [_client(one) for one in chosen]


def _client(known: Mapping[str, Any]) -> Client:
    rates = known["rate_per_s"]
    hours = [sum(rates[n : n + 6]) for n in range(0, len(rates) - 5, 6)]
    hours = [hours[n % len(hours)] for n in range(2 * WEEK)]
    mean = sum(hours) / len(hours) or 1
    windows = sorted((int(start), lengths) for start, lengths in known["tokens"].items())
    return Client(
        name=known["client"],
        shape=[hour / mean for hour in hours],
        starts=[start for start, _ in windows],
        lengths=[(lengths[0], lengths[1]) for _, lengths in windows],
    )


def _mean(quantiles: Sequence[float]) -> float:
    """Of a length that is drawn between quantiles joined by straight lines."""
    heights = [quantiles[0], *quantiles]
    steps = zip(LEVELS, LEVELS[1:], heights, heights[1:], strict=False)
    return sum((to - at) * (low + high) / 2 for at, to, low, high in steps)


def arrivals(rng: random.Random, mean: float) -> int:
    """Poisson."""
    if mean > 50:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    count, left = 0, rng.expovariate(1)
    while left < mean:
        count += 1
        left += rng.expovariate(1)
    return count
