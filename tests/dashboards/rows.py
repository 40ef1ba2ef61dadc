# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Calls for the boards, with round figures."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

HOUR = timedelta(hours=1)
EVERYTHING: dict[str, None] = dict.fromkeys(("environment", "service", "feature", "model", "team"))


def call(number: int, at: datetime, **more: Any) -> dict[str, Any]:
    """One record of llm_calls: 100 tokens in, 10 out, one cent, tagged `search`."""
    return {
        "ts": at,
        "record_id": f"{1:016x}{number:016x}",
        "trace_id": f"{number:032x}",
        "environment": "prod",
        "service": "shop",
        "feature": "search",
        "provider": "anthropic",
        "model": "claude-sonnet-4-5",
        "mode": "standard",
        "operation": "chat",
        "source": "otel_llmcost",
        "replies": 1,
        "input_tokens": 100,
        "uncached_input_tokens": 40,
        "cache_read_tokens": 60,
        "output_tokens": 10,
        "cost_usd": Decimal("0.01"),
        "cost_status": "priced",
        "duration_ms": 1200,
        **more,
    }
