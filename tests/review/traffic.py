# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Calls with real prices, on days of the reader's choice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from otel_llmcost.pricing import rate
from otel_llmcost.store import Store
from otel_llmcost.usage import Charge, Usage
from tests.cli.calls import add, call

DAY = dt.timedelta(days=1)
A = dt.datetime(2026, 8, 10, 10, tzinfo=dt.UTC)
B = dt.datetime(2026, 8, 25, 10, tzinfo=dt.UTC)
"""Two days; between them, on 2026-08-21, the price of gpt-5.6-sol fell."""

Call = dict[str, Any]


def priced(
    at: dt.datetime,
    *,
    model: str = "claude-opus-5",
    provider: str = "anthropic",
    mode: str = "standard",
    geo: str | None = None,
    buckets: dict[str, int] | None = None,
    **more: Any,
) -> Call:
    """One call at its list price."""
    used = {"input": 1000, "output": 200} if buckets is None else buckets
    usage = Usage(
        provider=provider, model=model, mode=mode, geo=geo,
        charges=(Charge(model=model, buckets=used),),
    )  # fmt: skip
    cost = rate(usage, at)
    assert cost.total is not None, cost.reason
    groups = cost.by_group()
    written = sum(n for name, n in used.items() if name.startswith("cache_write"))
    facts: Call = {
        "ts": at,
        "provider": provider,
        "model": model,
        "mode": mode,
        "uncached_input_tokens": used.get("input", 0),
        "cache_read_tokens": used.get("cache_read", 0),
        "cache_write_tokens": written,
        "input_tokens": used.get("input", 0) + used.get("cache_read", 0) + written,
        "output_tokens": used.get("output", 0),
        "other_usage": used,
        "cost_input_usd": groups.get("input", Decimal(0)),
        "cost_cache_read_usd": groups.get("cache_read", Decimal(0)),
        "cost_cache_write_usd": groups.get("cache_write", Decimal(0)),
        "cost_output_usd": groups.get("output", Decimal(0)),
        "cost_tools_usd": groups.get("tools", Decimal(0)),
        "price_version": cost.version,
    }
    return call(usd=str(cost.total), **{**facts, **more})


def unpriced(at: dt.datetime, **more: Any) -> Call:
    """One call whose cost is unknown."""
    return call(ts=at, usd=None, **more)


def fill(store: Store, calls: Iterable[Call]) -> None:
    """Insert them at once and roll them up."""
    add(store, *calls)
