# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A week of calls of many features, and a moment at which to look at them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from otel_llmcost.store import Store

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
THIS_HOUR = NOW.replace(minute=0)
WEEK = 174
"""Hours: seven days that are the norm, and six that are looked at."""
CENT = Decimal("0.01")
Call = dict[str, Any]
Change = Callable[[Call, int, int], Call | list[Call] | None]
"""From a call, its hours ago and its number in the hour: what is made of it."""

_numbers = itertools.count(1)


def call(at: datetime, feature: str, **more: Any) -> Call:
    """A thousand tokens in, a hundred out: 0.3 and 0.15 cents."""
    number = next(_numbers)
    made = {
        "ts": at,
        "record_id": f"{7:016x}{number:016x}",
        "trace_id": f"{number:032x}",
        "scope_id": f"{number:016x}",
        "session_id": "",
        "environment": "prod",
        "service": "shop",
        "service_version": "1",
        "feature": feature,
        "call_site": "",
        "provider": "anthropic",
        "request_model": "small",
        "model": "small-1",
        "operation": "chat",
        "input": 1000,
        "cache_read": 0,
        "output": 100,
        "reasoning_tokens": 0,
        "price": 1,
        "finish_reason": "stop",
        "error_type": "",
        "resend_count": 0,
        "request_fingerprint": f"{number:016x}",
        "prefix_fingerprint": "p",
        **more,
    }
    return made


def usual(feature: str, per_hour: int = 10, hours: int = WEEK) -> Iterator[tuple[Call, int, int]]:
    """Every call with its hours ago and its number in the hour; sizes vary by a third."""
    for ago in range(hours, -1, -1):
        for n in range(per_hour // 2 if ago == 0 else per_hour):
            jitter = ((ago * 31 + n * 17) % 21 - 10) / 30
            at = THIS_HOUR - timedelta(hours=ago) + timedelta(minutes=2 + n * 25 / per_hour)
            yield (
                call(
                    at, feature, input=round(1000 * (1 + jitter)), output=round(100 * (1 - jitter))
                ),
                ago,
                n,
            )


def traffic(feature: str, change: Change | None = None, **size: int) -> Iterator[Call]:
    """The usual calls of a feature, each changed."""
    for made, ago, n in usual(feature, **size):
        changed = change(made, ago, n) if change else made
        if isinstance(changed, list):
            yield from changed
        elif changed is not None:
            yield changed


def since(hours: int, **change: Any) -> Change:
    """The calls of the last hours, with these facts; a function is given the old value."""

    def changed(made: Call, ago: int, _: int) -> Call:
        if ago >= hours:
            return made
        return made | {k: v(made[k]) if callable(v) else v for k, v in change.items()}

    return changed


def fill(store: Store, calls: Iterable[Call]) -> None:
    """Insert calls with their prices: $3, $0.3 and $15 a million tokens, times `price`."""
    rows = [_row(made) for made in calls]
    store.insert("llm_calls", [list(row.values()) for row in rows], list(rows[0]))


def _row(made: Call) -> Call:
    row = dict(made)
    fresh, read, output, price = (row.pop(k) for k in ("input", "cache_read", "output", "price"))
    paid = price is not None
    parts = [
        Decimal(tokens) * Decimal(usd) * (price or 0) / 1_000_000
        for tokens, usd in ((fresh, "3"), (read, "0.3"), (output, "15"))
    ]
    return row | {
        "mode": "standard",
        "source": "otel_llmcost",
        "replies": 1,
        "version": 1,
        "duration_ms": 900,
        "input_tokens": fresh + read,
        "uncached_input_tokens": fresh,
        "cache_read_tokens": read,
        "output_tokens": output,
        "cost_status": "priced" if paid else "unpriced",
        "cost_input_usd": parts[0] if paid else None,
        "cost_cache_read_usd": parts[1] if paid else None,
        "cost_output_usd": parts[2] if paid else None,
        "cost_usd": sum(parts, Decimal(0)) if paid else None,
    }
