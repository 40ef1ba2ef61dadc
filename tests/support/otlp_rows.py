# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Rows of otel_traces and otel_logs as the collector's exporter writes them: values are text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from otel_llmcost.store import Store

NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
PROCESS = "00c0ffee00c0ffee"


def record_attributes(number: int, **more: str) -> dict[str, str]:
    """Attributes of a plain priced record; `more` overrides, with `__` for dots."""
    cost = Decimal("0.000052") + Decimal(number) * Decimal("0.0000001")
    given = {
        "llmcost.record.id": f"{PROCESS}{number:016x}",
        "llmcost.record.seq": str(number),
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": "claude-opus-5",
        "gen_ai.response.model": "claude-opus-5",
        "gen_ai.response.id": f"msg_{number}",
        "gen_ai.response.finish_reasons": '["end_turn"]',
        "gen_ai.usage.input_tokens": "100",
        "gen_ai.usage.output_tokens": "20",
        "gen_ai.usage.cache_read.input_tokens": "60",
        "gen_ai.usage.cache_write.input_tokens": "10",
        "gen_ai.usage.cost.amount": repr(float(cost)),
        "llmcost.cost.status": "priced",
        "llmcost.cost.input": repr(float(cost)),
        "llmcost.feature": f"feature-{number % 3}",
        "llmcost.allocation.team": "docs",
        "llmcost.usage.input": "30",
        "user.id": f"u{number % 2}",
    }
    given.update({key.replace("__", "."): value for key, value in more.items()})
    return given


def span(
    attributes: Mapping[str, str],
    *,
    start: dt.datetime = NOON,
    milliseconds: int = 1500,
    scope: str = "otel_llmcost",
    service: str = "shop",
    trace: str = "0af7651916cd43dd8448eb211c80319c",
    span_id: str = "b7ad6b7169203331",
    status: str = "Unset",
) -> dict[str, Any]:
    return {
        "Timestamp": start, "TraceId": trace, "SpanId": span_id, "ParentSpanId": "00f067aa0ba902b7",
        "SpanName": "chat", "SpanKind": "Client", "ServiceName": service,
        "ResourceAttributes": {"service.name": service, "deployment.environment.name": "prod"},
        "ScopeName": scope, "SpanAttributes": dict(attributes),
        "Duration": milliseconds * 1_000_000, "StatusCode": status,
    }  # fmt: skip


def event(
    attributes: Mapping[str, str],
    *,
    start: dt.datetime | None = NOON,
    milliseconds: int = 1500,
    scope: str = "otel_llmcost",
    service: str = "shop",
    name: str = "llmcost.call",
) -> dict[str, Any]:
    """The event of the record that a `span` with the same arguments carries."""
    sent = dict(attributes)
    if start is not None:
        sent["llmcost.start_time_unix_nano"] = str(int(start.timestamp()) * 1_000_000_000)
    return {
        "Timestamp": (start or NOON) + dt.timedelta(milliseconds=milliseconds),
        "TraceId": "0af7651916cd43dd8448eb211c80319c", "SpanId": "b7ad6b7169203331",
        "ServiceName": service,
        "ResourceAttributes": {"service.name": service, "deployment.environment.name": "prod"},
        "ScopeName": scope, "LogAttributes": sent, "EventName": name,
    }  # fmt: skip


def send(store: Store, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert spans and events, each kind as one batch, as an exporter does."""
    for table, mark in (("otel_traces", "SpanAttributes"), ("otel_logs", "LogAttributes")):
        batch = [row for row in rows if mark in row]
        if batch:
            columns = list(batch[0])
            store.insert(table, [[row[column] for column in columns] for row in batch], columns)
