# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What other emitters really send (tests/data/foreign), as rows of a store."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from tests.support.otlp_rows import NOON

FOLDER = Path(__file__).parents[1] / "data/foreign"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def load(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.json").read_text())


def rows(name: str) -> list[dict[str, Any]]:
    """Spans a second apart, events at the time they name."""
    dump = load(name)
    spans = [
        {
            "Timestamp": NOON + dt.timedelta(seconds=number), "TraceId": f"{7:032x}",
            "SpanId": f"{number:016x}", "SpanName": reported["name"], "ServiceName": name,
            "ScopeName": reported["scope"], "ScopeVersion": reported["scope_version"],
            "SpanAttributes": _texts(reported["attributes"]), "Duration": 1_500_000_000,
            "StatusCode": reported["status"].title(),
        }
        for number, reported in enumerate(dump.get("spans", []))
    ]  # fmt: skip
    events = [
        {
            "Timestamp": dt.datetime.fromisoformat(reported["attributes"]["event.timestamp"]),
            "Body": reported["body"], "ServiceName": name, "ScopeName": reported["scope"],
            "ScopeVersion": reported["scope_version"],
            "LogAttributes": _texts(reported["attributes"]),
        }
        for reported in dump.get("events", [])
    ]  # fmt: skip
    return spans + events


def _texts(attributes: dict[str, Any]) -> dict[str, str]:
    """Values as the exporter writes them."""
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in attributes.items()
    }
