# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What goes wrong in the benchmark of detection, and what was meant and only looks like it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any

from benchmarks.anomalies.traffic import (
    AGENTS,
    OWN,
    SPARSE,
    STEADY,
    TWO_PEAKED,
    WEEK,
    WEEKLY_JOB,
    Background,
    Calls,
    Habit,
)  # fmt: skip

GRACE_HOURS = 2
"""After its end in which trouble may still be found."""
Change = Callable[[Background, int, int], list[Calls]]
"""From a background, an hour and how many hours the trouble is old: the calls of that hour."""


@dataclass(frozen=True)
class Trouble:
    """One labelled trouble."""

    name: str
    change: Change
    causes: Sequence[str]
    """Kinds and causes that name it right."""
    _: KW_ONLY
    hours: int = 6
    habit: Habit = OWN
    rates: Sequence[float] = ()
    """Of backgrounds; empty for all."""
    wasted: float = 0
    """Share of its spend that bought nothing; its loss, beside what it costs beyond the usual."""
    affected: float = 1
    """Share of its hours' calls that it changes; of one call, 0."""
    is_priced: bool = True
    """Whether its loss is known in USD."""
    is_meant: bool = False
    """One alert is right, none as well."""
    needs_cache: bool = False
    """Happens only to traffic that reads from a cache."""


@dataclass(kw_only=True)
class Event:
    """One trouble in one background; its onset is the first hour of it."""

    background: Background
    trouble: Trouble
    onset: int
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = f"{self.background.name} + {self.trouble.name}"

    @property
    def end(self) -> int:
        """The first hour after it."""
        return min(self.onset + self.trouble.hours, WEEK)

    def calls(self, hour: int) -> list[Calls]:
        """What the feature calls in an hour of the trouble."""
        made = self.trouble.change(self.background, hour, hour - self.onset)
        return [replace(one, feature=self.name) for one in made if one.calls]


def event(background: Background, trouble: Trouble) -> Event:
    """Begins in some hour of the busier half of a day; what lasts for days, on the first."""
    rng = random.Random(f"{background.name} {trouble.name}")
    day = rng.randrange(7) if trouble.hours <= 24 else 0
    latest = min(day * 24 + 24, max(24, WEEK - GRACE_HOURS - trouble.hours))
    hours = sorted(range(latest - 24, latest), key=background.busy)
    return Event(background=background, trouble=trouble, onset=rng.choice(hours[len(hours) // 2 :]))


def changed(**facts: Any) -> Change:
    """Every call of the hour has these facts; numbers times what they were."""
    return lambda one, hour, _: [replace(calls, **facts) for calls in one.calls(hour)]


def longer(factor: float, within: Callable[[int], bool] = lambda _: True) -> Change:
    """Prompts are so many times as long, in some hours since the onset."""

    def change(one: Background, hour: int, since: int) -> list[Calls]:
        by = factor if within(since) else 1
        return [replace(calls, input=calls.input * by) for calls in one.calls(hour)]

    return change


def _two_hours_a_day(since: int) -> bool:
    return since % 24 < 2 and since < 120


def growing(percent: float) -> Change:
    """Prompts grow by so much a day."""

    def change(one: Background, hour: int, since: int) -> list[Calls]:
        by = (1 + percent / 100) ** (since / 24)
        return [replace(calls, input=calls.input * by) for calls in one.calls(hour)]

    return change


def less_cached(per_day: float) -> Change:
    """Every day such a share of the prompt less is read from the cache."""

    def change(one: Background, hour: int, since: int) -> list[Calls]:
        gone = per_day * since / 24
        return [replace(calls, cached=max(0, calls.cached - gone)) for calls in one.calls(hour)]

    return change


def model(rise: float) -> Change:
    """A new version requests another model, at so many times the price."""
    return changed(model="large" if rise > 1 else "mini", rise=rise, version="2")


def more(times: int) -> Change:
    """So many times the calls."""
    return lambda one, hour, _: [replace(c, calls=c.calls * times) for c in one.calls(hour)]


def extra(calls: int, **facts: Any) -> Change:
    """The usual calls, and some that should not be there."""

    def change(one: Background, hour: int, _: int) -> list[Calls]:
        made = one.some(hour, 0, random.Random(0), part="extra", calls=calls, **facts)
        return [*one.calls(hour), made]

    return change


def loop(calls: int) -> Change:
    """One trace that carries its own output along: each call is longer than the one before."""
    return extra(calls, together=True, growth=0.05)


_RETRIES = ("retry_storm", "retries")
_PROMPT = ("prompt", "prompt_growth")
_OUTPUT = ("output", "output_growth")
_MODEL = ("model", "model_swap")
_CACHE = ("cache", "cache_collapse")
_CALLS = ("volume", "volume_surge")
_DRIFT = ("prompt", "gradual_drift")
_DEPLOY = {"hours": 48, "rates": (15,), "is_meant": True}
_DAYS = {"hours": WEEK, "rates": (15,)}

TROUBLES = (
    Trouble("prompt x1.5, a day", longer(1.5), _PROMPT, hours=24),
    *(Trouble(f"prompt x{n}", longer(n), _PROMPT) for n in (2, 3, 5)),
    *(Trouble(f"output x{n}", changed(output=n), _OUTPUT) for n in (2, 3, 5)),
    Trouble("reasoning x6", changed(thinking=5), ("reasoning", "reasoning_growth")),
    *(Trouble(f"model x{n}", model(n), _MODEL) for n in (2, 5)),
    Trouble("cache gone", changed(cached=0), _CACHE, needs_cache=True),
    *(Trouble(f"loop of {n}", loop(n), ("loop",), hours=1) for n in (25, 60)),
    Trouble("one call x100", extra(1, input=100), ("call_outlier",), hours=1, affected=0),
    Trouble("40 % fail", changed(failed=0.4), _RETRIES, hours=3, affected=0.4, is_priced=False),
    Trouble("half retried", changed(resent=0.5), _RETRIES, affected=0.5, is_priced=False),
    Trouble("70 % repeated", changed(repeated=0.7), ("repeats",), affected=0.7, wasted=0.7),
    Trouble("60 % cut off", changed(truncated=0.6), ("truncated",), affected=0.6, wasted=0.6),
    Trouble("calls x5", more(5), _CALLS),
    *(Trouble(f"prompt growth +{n} % a day", growing(n), _DRIFT, **_DAYS) for n in (5, 10, 20)),
    Trouble("cache drift -8 points a day", less_cached(0.08), _CACHE, needs_cache=True, **_DAYS),
    Trouble("prompt x3, 2 h a day, five days", longer(3, _two_hours_a_day), _PROMPT, **_DAYS),
    Trouble("prompt x3 for good", longer(3), _PROMPT, **_DAYS),
    Trouble("prompt x3, agents' sessions", longer(3), _PROMPT, habit=AGENTS),
    Trouble("prompt x3, two-peaked", longer(3), _PROMPT, habit=TWO_PEAKED),
    Trouble("prompt x10, sparse, for good", longer(10), _PROMPT, habit=SPARSE, hours=WEEK),
)  # fmt: skip
MEANT = (
    *(Trouble(f"deploy: model x{n}", model(n), _MODEL, **_DEPLOY) for n in (2, 5, 0.4)),
    Trouble("flash sale, calls x3", more(3), _CALLS, habit=STEADY, is_meant=True),
)  # fmt: skip
QUICK = frozenset({
    "prompt x2", "prompt x3", "output x3", "reasoning x6", "model x5", "cache gone", "loop of 60",
    "one call x100", "prompt growth +10 % a day", "prompt x10, sparse, for good",
    "deploy: model x2",
})  # fmt: skip
HABITS_QUICK = frozenset({STEADY, WEEKLY_JOB, AGENTS, TWO_PEAKED, SPARSE})
