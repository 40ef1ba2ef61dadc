# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Calls put into the store as if they had been ingested."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

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
    for one in calls:
        store.insert("llm_calls", [list(one.values())], list(one))
    store.refresh()
