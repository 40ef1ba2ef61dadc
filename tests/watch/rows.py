# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Rows that the watcher reports on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from otel_llmcost.store import Store


def anomaly(store: Store, name: str = "a1", *, hours_ago: float = 0, **more: Any) -> None:
    """One that was last seen so many hours ago; two hours later it is closed."""
    seen = datetime.now(UTC) - timedelta(hours=hours_ago)
    row = {
        "anomaly_id": name,
        "detector": "detect_prompt_growth",
        "detected_at": seen - timedelta(hours=1),
        "kind": "prompt_growth",
        "environment": "prod",
        "feature": "support",
        "model": "claude-opus-5",
        "excess_usd": Decimal("12.5"),
        "worst_record_id": "r1",
        "worst_trace_id": "t1",
        "started_at": seen - timedelta(hours=1),
        "ended_at": seen,
        "evidence": "9,000 tokens a call instead of 1,000",
        "cause": "prompt_length",
        **more,
    }
    store.insert("anomaly_log", [list(row.values())], list(row))
