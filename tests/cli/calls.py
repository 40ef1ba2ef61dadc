# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Calls put into the store as if they had been ingested."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from otel_llmcost.pricing import PriceBook
from otel_llmcost.store import Store

_numbers = itertools.count(1)


def call(hours_ago: float = 1.0, usd: str | None = "0.01", **more: Any) -> dict[str, Any]:
    """One call; `usd=None` is an unpriced one."""
    n = next(_numbers)
    return {
        "ts": datetime.now(UTC) - timedelta(hours=hours_ago),
        "record_id": f"00c0ffee00c0ffee{n:016x}",
        "trace_id": f"{n:032x}",
        "environment": "prod",
        "service": "shop",
        "feature": "support",
        "user_id": "ada",
        "operation": "chat",
        "provider": "anthropic",
        "model": "claude-opus-5",
        "mode": "standard",
        "replies": 1,
        "input_tokens": 1000,
        "uncached_input_tokens": 250,
        "cache_read_tokens": 750,
        "output_tokens": 100,
        "cost_usd": None if usd is None else Decimal(usd),
        "cost_status": "unpriced" if usd is None else "priced",
        "cost_reason": "unknown_model" if usd is None else "",
        "duration_ms": 1200,
        "source": "otel_llmcost",
        "version": 1,
        **more,
    }


def add(store: Store, *calls: dict[str, Any]) -> None:
    """Insert calls and roll them up, as the daemon does."""
    put(store, *calls)
    store.refresh()


def put(store: Store, *calls: dict[str, Any]) -> None:
    """Insert calls, those with the same columns at once."""
    by_columns: dict[tuple[str, ...], list[list[Any]]] = {}
    for one in calls:
        by_columns.setdefault(tuple(one), []).append(list(one.values()))
    for columns, rows in by_columns.items():
        store.insert("llm_calls", rows, columns)


def blown_up(store: Store) -> None:
    """Days of calls of a cent each, and within this second six with eight times the prompt."""
    usual = [
        call(
            hours_ago=hour,
            input_tokens=1000 + hour,
            uncached_input_tokens=1000 + hour,
            cache_read_tokens=0,
            cost_input_usd="0.01",
        )
        for hour in range(8, 90)
    ]
    big: dict[str, Any] = {
        "input_tokens": 8_000,
        "uncached_input_tokens": 8_000,
        "cache_read_tokens": 0,
        "cost_input_usd": "0.08",
    }
    add(store, *usual, *(call(hours_ago=n / 36_000, usd="0.08", **big) for n in range(6)))


# claude-opus-5 costs $5 input, $0.50 cache read and $25 output per million tokens:
# 250 x 0.000005 + 750 x 0.0000005 + 100 x 0.000025.
USD = "0.004125"


def priced(**more: Any) -> dict[str, Any]:
    """A call as our instrumentation records it, with what was billed bucket by bucket."""
    return call(
        usd=more.pop("usd", USD),
        price_version=more.pop("price_version", PriceBook().version),
        other_usage={
            "input": Decimal(250),
            "cache_read": Decimal(750),
            "output": Decimal(100),
        },
        span_id="00f067aa0ba902b7",
        response_id="msg_01",
        **more,
    )


def priced_call(**more: Any) -> dict[str, Any]:
    """1,000 input tokens at $5 and 100 of output at $25 per million."""
    return call(
        usd="0.0075",
        input_tokens=1000,
        uncached_input_tokens=1000,
        cache_read_tokens=0,
        output_tokens=100,
        other_usage={"input": Decimal(1000), "output": Decimal(100)},
        price_version=PriceBook().version,
        **more,
    )
