# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Rows that the watcher reports on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from otel_llmcost.detection.look import update
from otel_llmcost.store import Store
from tests.detection.lines import line


def anomaly(store: Store, name: str = "a1", *, hours_ago: float = 0, **more: Any) -> None:
    """One of $12.50 that was last seen so many hours ago, and the incident it begins."""
    seen = datetime.now(UTC) - timedelta(hours=hours_ago)
    facts: dict[str, Any] = {"excess_usd": Decimal("12.5"), **more}
    line(store, name, at=seen, **facts)
    update(store, datetime.now(UTC))
