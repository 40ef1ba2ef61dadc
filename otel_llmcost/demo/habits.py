# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Who called what during the two weeks before the demo: made up, but with a working day's shape."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from otel_llmcost.usage import Charge, Usage

DAYS = 14
# Share of a day's calls by hour of the day (UTC): two humps with a lunch break, little at night.
HOURS = (1, 1, 1, 1, 1, 2, 6, 14, 24, 28, 27, 22, 16, 23, 27, 25, 20, 13, 8, 6, 5, 4, 2, 1)
WEEKEND = 0.35
USERS = ("ana", "ben", "chloe", "dmitri", "emeka", "fatima", "goran", "hana", "ivo", "jun", "kemal")
ERROR_SHARE = 0.012


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How one feature uses one model on a usual day; tokens as in the sample app."""

    feature: str
    team: str
    provider: str
    model: str
    operation: str = "chat"
    function: str
    """Where in the app the calls come from."""
    per_day: int
    fresh: int
    """Input tokens that differ from call to call."""
    cached: int = 0
    """Input tokens of the prefix that all calls share."""
    write: str | None = None
    """Bucket in which a write of that prefix is billed."""
    hit_share: float = 0.9
    """How often the prefix is still in the cache."""
    output: int = 0
    stream: bool = False
    users: tuple[str, ...] = USERS
    seconds: float = 2.0


HABITS = (
    Habit(
        feature="support.reply",
        team="support",
        provider="anthropic",
        model="claude-sonnet-5-5",
        function="HelpDesk.reply",
        per_day=110,
        fresh=80,
        cached=2_411,
        write="cache_write_5m",
        output=110,
        stream=True,
        seconds=3.1,
    ),
    Habit(
        feature="docs.search",
        team="knowledge",
        provider="openai",
        model="text-embedding-3-small",
        operation="embeddings",
        function="Portal.search",
        per_day=75,
        fresh=21,
        seconds=0.2,
    ),
    Habit(
        feature="docs.search",
        team="knowledge",
        provider="openai",
        model="gpt-6-luna",
        function="Portal.search",
        per_day=75,
        fresh=624,
        output=190,
        seconds=1.4,
    ),
    Habit(
        feature="chat.onboarding",
        team="growth",
        provider="openai",
        model="gpt-6.1-sol",
        function="Portal.onboard",
        per_day=40,
        fresh=25,
        output=185,
        stream=True,
        seconds=2.4,
    ),
    Habit(
        feature="code.review",
        team="platform",
        provider="anthropic",
        model="claude-opus-5-5",
        function="Portal.review",
        per_day=18,
        fresh=1_510,
        cached=4_013,
        write="cache_write_1h",
        hit_share=0.75,
        output=145,
        stream=True,
        users=("ci",),
        seconds=6.5,
    ),
    Habit(
        feature="summarize.ticket",
        team="support",
        provider="openai",
        model="gpt-6.1-terra",
        function="HelpDesk.summarize",
        per_day=45,
        fresh=813,
        output=160,
        users=USERS[:4],
        seconds=1.9,
    ),
    Habit(
        feature="extract.invoice",
        team="finance",
        provider="anthropic",
        model="claude-haiku-4-5",
        function="HelpDesk.extract_invoice",
        per_day=40,
        fresh=450,
        output=15,
        users=("accounting",),
        seconds=0.9,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of the past."""

    number: int
    habit: Habit
    start: datetime
    seconds: float
    user: str
    session: str
    usage: Usage
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Further attributes of its record."""
    error: str | None = None
    """Set when the provider refused: nothing was billed then."""


def calls(end: datetime, seed: int = 0) -> Iterator[Call]:
    """All calls of the `DAYS` before `end` (a whole hour), in order of time."""
    rng = random.Random(seed)
    hour = end - timedelta(days=DAYS)
    number = 0
    while hour < end:
        planned = [
            (rng.uniform(0, 3_600), habit)
            for habit in HABITS
            for _ in range(_arrivals(rng, habit, hour))
        ]
        for second, habit in sorted(planned, key=lambda plan: plan[0]):
            number += 1
            start = hour + timedelta(seconds=second)
            user = rng.choices(habit.users, [1 / n for n in range(1, len(habit.users) + 1)])[0]
            yield Call(
                number=number,
                habit=habit,
                start=start,
                seconds=habit.seconds * rng.lognormvariate(0, 0.35),
                user=user,
                session=f"{user}-{start:%m%d}-{start.hour // 2}",
                usage=_usage(rng, habit, number),
                error="overloaded_error" if rng.random() < ERROR_SHARE else None,
            )
        hour += timedelta(hours=1)


def _arrivals(rng: random.Random, habit: Habit, hour: datetime) -> int:
    """How often this habit struck in this hour; the fraction decides about one call more."""
    expected = habit.per_day * HOURS[hour.hour] / sum(HOURS) * rng.uniform(0.7, 1.3)
    if hour.weekday() >= 5:
        expected *= WEEKEND
    return int(expected) + (rng.random() < expected % 1)


def _usage(rng: random.Random, habit: Habit, number: int) -> Usage:
    """Tokens near the habit's usual ones: never so far off that they would be an anomaly."""
    fresh = max(1, round(habit.fresh * rng.uniform(0.75, 1.3)))
    output = round(habit.output * min(2.0, rng.lognormvariate(0, 0.3)))
    hit = rng.random() < habit.hit_share
    buckets = {"input": fresh, "output": output}
    if habit.write:
        buckets["cache_read" if hit else habit.write] = habit.cached
    read = buckets.get("cache_read", 0)
    return Usage(
        provider=habit.provider,
        model=habit.model,
        response_id=None if habit.operation == "embeddings" else f"history_{number:06}",
        finish_reasons=("end_turn" if habit.provider == "anthropic" else "stop",),
        input_tokens=fresh + habit.cached,
        cache_read_tokens=read,
        cache_write_tokens=habit.cached - read,
        cache_write_long_tokens=buckets.get("cache_write_1h", 0),
        output_tokens=output,
        charges=(
            Charge(
                model=habit.model,
                buckets={name: tokens for name, tokens in buckets.items() if tokens},
            ),
        ),
    )
