# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What the board says of anomalies, on literal rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.dashboards.engine import Engine, engine
from tests.dashboards.files import panel
from tests.dashboards.macros import Panel
from tests.dashboards.rows import EVERYTHING

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def filled() -> Engine:
    """One anomaly that goes on, one that ended five hours ago, one of ten days ago."""
    made = engine()
    for name, ago, excess in (("now", 0, "2.5"), ("over", 5, None), ("old", 240, "9")):
        seen = NOW - timedelta(hours=ago)
        row: dict[str, Any] = {
            "anomaly_id": name,
            "detected_at": seen,
            "kind": "loop",
            "environment": "prod",
            "feature": name,
            "excess_usd": None if excess is None else Decimal(excess),
            "started_at": seen - timedelta(hours=1),
            "ended_at": seen,
            "evidence": "40 calls of one session in an hour instead of 7",
            "cause": "volume",
            "worst_record_id": f"record of {name}",
        }
        made.store.insert("anomaly_log", [list(row.values())], list(row))
    return made


def test_anomalies_of_the_range_are_listed_with_dollars_and_cause(filled: Engine) -> None:
    sql = panel("anomalies", "Anomalies")["targets"][0]["rawSql"]
    rows = filled.query(Panel(NOW - timedelta(days=1), NOW, 3600, EVERYTHING).expand(sql)).rows
    assert [(row["feature"], row["state"], row["excess"]) for row in rows] == [
        ("now", "open", Decimal("2.5")),
        ("over", "closed", None),
    ]
    assert rows[0]["cause"] == "volume"
    assert rows[0]["record_id"] == "record of now"


def test_the_overview_lists_open_anomalies_first(filled: Engine) -> None:
    sql = panel("overview", "What blew up")["targets"][0]["rawSql"]
    rows = filled.query(Panel(NOW - timedelta(days=1), NOW, 3600, EVERYTHING).expand(sql)).rows
    assert [(row["feature"], row["state"]) for row in rows] == [("now", "open"), ("over", "closed")]
