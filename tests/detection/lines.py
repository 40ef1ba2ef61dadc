# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Literal rows of `anomaly_log`: the lines that incidents are made of."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from otel_llmcost.store import Store
from tests.detection.traffic import NOW


def line(store: Store, name: str = "a", *, at: datetime = NOW, **more: Any) -> None:
    """Two dollars of longer prompts of `support`, for an hour, last seen at a moment."""
    row = {
        "anomaly_id": name,
        "detector": "detect_prompt_growth",
        "detected_at": at,
        "started_at": at - timedelta(hours=1),
        "ended_at": at,
        "kind": "prompt_growth",
        "level": "report",
        "environment": "prod",
        "feature": "support",
        "model": "large-1",
        "calls": 40,
        "expected": 1000.0,
        "actual": 9000.0,
        "unit": "input tokens a call",
        "evidence": "9,000 input tokens a call instead of 1,000",
        "excess_usd": Decimal(2),
        "cause": "prompt",
        "parts": {"prompt": Decimal(2)},
        "worst_record_id": "r1",
        "worst_trace_id": "t1",
        **more,
    }
    store.insert("anomaly_log", [list(row.values())], list(row))
