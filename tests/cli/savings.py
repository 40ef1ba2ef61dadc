# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Calls that could have cost less."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from otel_llmcost.pricing import rate
from otel_llmcost.usage import Charge, Usage
from tests.cli.calls import call

# Noon of yesterday: no pause below crosses the hour unless it is meant to.
NOON = dt.datetime.now(dt.UTC).replace(hour=12, minute=0, second=0, microsecond=0) - dt.timedelta(1)
USED = {"input": 4000, "cache_read": 1000, "output": 600}
NO_USER = {"user_id": "", "session_id": ""}


def usage(model: str = "claude-opus-5", mode: str = "standard", **buckets: int) -> Usage:
    charge = Charge(model=model, buckets=buckets or USED)
    provider = "anthropic" if model.startswith("claude") else "openai"
    return Usage(provider=provider, model=model, mode=mode, charges=(charge,))


def cost(one: Usage) -> Decimal:
    total = rate(one, NOON).total
    assert total is not None
    return total


def stored(one: Usage, *, after: float = 0, **more: Any) -> dict[str, Any]:
    """A call `after` seconds past noon of yesterday."""
    used = dict(one.charges[0].buckets)
    written = sum(n for bucket, n in used.items() if bucket.startswith("cache_write"))
    facts = {
        "ts": NOON + dt.timedelta(seconds=after),
        "usd": str(cost(one)),
        "provider": one.provider,
        "model": one.model,
        "mode": one.mode,
        "other_usage": used,
        "uncached_input_tokens": used.get("input", 0),
        "cache_read_tokens": used.get("cache_read", 0),
        "cache_write_tokens": written,
        "input_tokens": used.get("input", 0) + used.get("cache_read", 0) + written,
        "output_tokens": used.get("output", 0),
    }
    return call(**{**facts, **more})
