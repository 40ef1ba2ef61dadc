# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What could have been cheaper in the past of the demo: five features, each with one bad habit.

A report that could wait, a priority tier without need, a cache that expires too soon, a question
repeated again and again, and answers that run on until they are cut off. What each would have saved
is known: `rebill` has the emulated provider bill the same calls again.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from otel_llmcost import semconv
from otel_llmcost.demo.habits import DAYS, USERS, Call, Habit
from otel_llmcost.usage import Charge, Usage

REPORT = Habit(
    feature="report.nightly", team="finance", provider="openai", model="gpt-6.1-sol",
    function="Nightly.report", per_day=12, fresh=20_000, output=900, users=("",), seconds=14.0,
)  # fmt: skip
TRIAGE = Habit(
    feature="mail.triage", team="support", provider="openai", model="gpt-6.1-terra",
    function="HelpDesk.triage", per_day=20, fresh=8_000, output=400, seconds=1.1,
)  # fmt: skip
POLICY = Habit(
    feature="policy.check", team="legal", provider="anthropic", model="claude-opus-5-5",
    function="Portal.check_policy", per_day=26, fresh=200, cached=3_000, write="cache_write_5m",
    output=320, seconds=4.0,
)  # fmt: skip
FAQ = Habit(
    feature="faq.answer", team="support", provider="anthropic", model="claude-sonnet-5-5",
    function="Portal.answer_faq", per_day=40, fresh=3_000, output=340, seconds=3.0,
)  # fmt: skip
PRODUCT = Habit(
    feature="product.describe", team="growth", provider="openai", model="gpt-6.1-sol",
    function="Portal.describe", per_day=20, fresh=4_000, output=320, seconds=5.0,
)  # fmt: skip
HABITS = (REPORT, TRIAGE, POLICY, FAQ, PRODUCT)
LIMIT = 4_000
"""`max_tokens` of the product texts: three in ten are cut off there."""


def calls(end: datetime, seed: int = 0) -> Iterator[Call]:
    """The planted calls of the days before `end`, in order of time; they are not numbered yet."""
    rng = random.Random(f"planted {seed}")
    made: list[Call] = []
    for day in range(1, DAYS + 1):
        midnight = end.replace(hour=0) - timedelta(days=day - 1)
        made += _nightly(rng, midnight)
        made += _by_day(rng, midnight, TRIAGE, mode="fast")
        made += _policy(rng, midnight)
        made += _faq(rng, midnight)
        made += _product(rng, midnight)
    first = end - timedelta(days=DAYS)
    yield from sorted((c for c in made if first <= c.start < end), key=lambda call: call.start)


def _nightly(rng: random.Random, midnight: datetime) -> Iterator[Call]:
    """Declared: `@feature("report.nightly", deferrable=True)`."""
    facts = {semconv.ALLOCATION_PREFIX + "deferrable": "True"}
    for n in range(REPORT.per_day):
        start = midnight + timedelta(hours=2, minutes=5 * n, seconds=rng.uniform(0, 200))
        yield _call(rng, REPORT, start, _tokens(rng, REPORT), facts=facts)


def _by_day(
    rng: random.Random, midnight: datetime, habit: Habit, mode: str = "standard"
) -> Iterator[Call]:
    for _ in range(habit.per_day):
        yield _call(rng, habit, _daytime(rng, midnight), _tokens(rng, habit), mode=mode)


def _policy(rng: random.Random, midnight: datetime) -> Iterator[Call]:
    """Every 25 minutes or so, now and then two in a row: five minutes of cache are too short."""
    facts = {semconv.FINGERPRINT_PREFIX: "5ca1ab1e0ddba115"}
    start, last = midnight + timedelta(hours=8), None
    while start < midnight + timedelta(hours=18):
        warm = last is not None and start - last <= timedelta(minutes=5)
        tokens = _tokens(rng, POLICY)
        tokens["cache_read" if warm else "cache_write_5m"] = POLICY.cached
        yield _call(rng, POLICY, start, tokens, facts=facts)
        last = start
        pause = 100 if rng.random() < 0.15 else rng.uniform(1_200, 1_800)
        start += timedelta(seconds=round(pause))


def _faq(rng: random.Random, midnight: datetime) -> Iterator[Call]:
    """Half of the questions are repeats."""
    for _ in range(FAQ.per_day):
        sent = rng.randrange(40)
        same = random.Random(sent)
        facts = {semconv.FINGERPRINT_REQUEST: f"{same.getrandbits(64):016x}"}
        yield _call(rng, FAQ, _daytime(rng, midnight), _tokens(same, FAQ), facts=facts)


def _product(rng: random.Random, midnight: datetime) -> Iterator[Call]:
    facts = {semconv.REQUEST_MAX_TOKENS: LIMIT}
    for _ in range(PRODUCT.per_day):
        tokens, reason = _tokens(rng, PRODUCT), None
        if rng.random() < 0.3:
            tokens["output"], reason = LIMIT, "length"
        start = _daytime(rng, midnight)
        yield _call(rng, PRODUCT, start, tokens, facts=facts, reason=reason)


def _daytime(rng: random.Random, midnight: datetime) -> datetime:
    return midnight + timedelta(seconds=round(rng.uniform(8 * 3_600, 18 * 3_600)))


def _tokens(rng: random.Random, habit: Habit) -> dict[str, int]:
    """Near the usual ones; no answer is so short that a cheaper model would be tried."""
    return {
        "input": round(habit.fresh * rng.uniform(0.8, 1.2)),
        "output": round(habit.output * rng.uniform(0.85, 1.19)),
    }


def _call(
    rng: random.Random,
    habit: Habit,
    start: datetime,
    tokens: Mapping[str, int],
    *,
    mode: str = "standard",
    facts: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> Call:
    read, written = tokens.get("cache_read", 0), tokens.get("cache_write_5m", 0)
    user = rng.choice(USERS) if habit is not REPORT else ""
    return Call(
        number=0,
        habit=habit,
        start=start,
        seconds=habit.seconds * rng.uniform(0.8, 1.3),
        user=user,
        session=f"{user}-{start:%m%d}" if user else "",
        facts=facts or {},
        usage=Usage(
            provider=habit.provider,
            model=habit.model,
            mode=mode,
            response_id=f"planted_{rng.getrandbits(48):012x}",
            finish_reasons=(reason or ("end_turn" if habit.provider == "anthropic" else "stop"),),
            input_tokens=tokens["input"] + read + written,
            cache_read_tokens=read,
            cache_write_tokens=written,
            output_tokens=tokens["output"],
            charges=(Charge(model=habit.model, buckets=dict(tokens)),),
        ),
    )
