# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The emulated providers bill the demo's past again, as if one lever had been pulled.

Nothing here queries the store, our price book or our SQL: each past call goes through the
emulator's own price list under the changed plan, and what the `savings` view
claims must be the difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from otel_llmcost import semconv
from otel_llmcost.demo.habits import Call
from otel_llmcost.emulator.prices import BilledUsage, charge

Bills = Iterator[tuple[BilledUsage, BilledUsage | None]]
"""Each call a lever changes: as it was billed, and as it would be; None = it is not made."""
_DAY = timedelta(days=1)
_SHORT = 256
_TIERS = {"fast": "priority"}


def saving(lever: str, change: str, calls: Iterable[Call]) -> Decimal | None:
    """USD that the calls of one feature and model would have cost less; None for a lever that has
    no known answer."""
    plan = _PLANS.get(lever)
    if plan is None:
        return None
    bills = list(plan([call for call in calls if not call.error], change))
    if not bills:  # what was inferred, as who can wait, is not for the provider to say
        return None
    return sum(
        (charge(was) - (charge(now) if now else Decimal(0)) for was, now in bills), Decimal(0)
    )


def billed(call: Call) -> BilledUsage:
    """What a past call consumed, as the provider meters it."""
    tokens = {bucket: int(n) for bucket, n in call.usage.charges[0].buckets.items()}
    return BilledUsage(
        model=call.habit.model,
        uncached=tokens.get("input", 0),
        read=tokens.get("cache_read", 0),
        write=tokens.get("cache_write_5m", 0),
        write_long=tokens.get("cache_write_1h", 0),
        output=tokens.get("output", 0),
        tier=_TIERS.get(call.usage.mode, call.usage.mode),
    )


def _batch(calls: Sequence[Call], _: str) -> Bills:
    """What was declared deferrable, at the batch price."""
    for call in calls:
        if call.facts.get(semconv.ALLOCATION_PREFIX + "deferrable"):
            yield billed(call), replace(billed(call), tier="batch")


def _standard_tier(calls: Sequence[Call], _: str) -> Bills:
    for call in calls:
        if not call.habit.stream:
            yield billed(call), replace(billed(call), tier="standard")


def _cheaper_model(calls: Sequence[Call], change: str) -> Bills:
    model = change.removeprefix("model ")
    for call in calls:
        if (call.usage.output_tokens or 0) <= _SHORT:
            yield billed(call), replace(billed(call), model=model)


def _cache_ttl(calls: Sequence[Call], change: str) -> Bills:
    """The same prompts in order of time: read while the cache is kept, written when it is not."""
    long = change == "ttl 1h"
    life = timedelta(hours=1) if long else timedelta(minutes=5)
    expires: dict[str, datetime] = {}
    for call in calls:
        was, prefix = billed(call), call.facts.get(semconv.FINGERPRINT_PREFIX, "")
        tokens = was.read + was.write + was.write_long
        until = expires.get(prefix)
        warm = until is not None and call.start <= until
        expires[prefix] = call.start + life
        yield (
            was,
            replace(
                was,
                read=tokens if warm else 0,
                write=0 if warm or long else tokens,
                write_long=tokens if long and not warm else 0,
            ),
        )


def _duplicate_requests(calls: Sequence[Call], _: str) -> Bills:
    sent: dict[str, datetime] = {}
    for call in calls:
        request = call.facts.get(semconv.FINGERPRINT_REQUEST)
        if request is None:
            continue
        before = sent.get(request)
        sent[request] = call.start
        if before is not None and call.start - before <= _DAY:
            yield billed(call), None


def _cap_output(calls: Sequence[Call], change: str) -> Bills:
    cap = int(change.removeprefix("max_tokens ").split(",")[0])
    for call in calls:
        was = billed(call)
        yield was, replace(was, output=min(was.output, cap))


_PLANS: dict[str, Callable[[Sequence[Call], str], Bills]] = {
    "batch": _batch,
    "standard_tier": _standard_tier,
    "cheaper_model": _cheaper_model,
    "cache_ttl": _cache_ttl,
    "duplicate_requests": _duplicate_requests,
    "cap_output": _cap_output,
}
