# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""OTLP bodies as emitters send them."""

from __future__ import annotations

import time
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

# Of today, because raw rows are kept for two weeks.
START = int(time.time()) // 86_400 * 86_400 * 10**9


def any_value(value: Any) -> AnyValue:
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    if isinstance(value, float):
        return AnyValue(double_value=value)
    if isinstance(value, str):
        return AnyValue(string_value=value)
    if isinstance(value, bytes):
        return AnyValue(bytes_value=value)
    found = AnyValue()
    if isinstance(value, list):
        found.array_value.SetInParent()
        found.array_value.values.extend(any_value(item) for item in value)
    elif isinstance(value, dict):
        found.kvlist_value.SetInParent()
        found.kvlist_value.values.extend(attributes(value))
    return found


def attributes(values: dict[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=key, value=any_value(value)) for key, value in values.items()]


def record(number: int) -> dict[str, Any]:
    """Attributes of one record of ours."""
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": "claude-sonnet-4-5",
        "gen_ai.response.model": "claude-sonnet-4-5",
        "gen_ai.usage.input_tokens": 1000,
        "gen_ai.usage.output_tokens": 100,
        "gen_ai.usage.cost.amount": 0.0045,
        "gen_ai.usage.cost.currency": "USD",
        "gen_ai.usage.cost.source": "local",
        "gen_ai.response.finish_reasons": ["stop"],
        "llmcost.cost.status": "priced",
        "llmcost.cost.input": 0.003,
        "llmcost.cost.output": 0.0015,
        "llmcost.feature": "summarize",
        "llmcost.record.id": f"{number:032x}",
        "llmcost.record.seq": number + 1,
    }


def traces(*spans: dict[str, Any], start: int = START, first: int = 0) -> ExportTraceServiceRequest:
    """One request with a span per mapping of attributes."""
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    resource.resource.attributes.extend(attributes({"service.name": "shop"}))
    scope = resource.scope_spans.add()
    scope.scope.name = "otel_llmcost"
    for number, values in enumerate(spans, first):
        span = scope.spans.add(name="chat claude-sonnet-4-5", kind=3)
        span.trace_id = (number + 1).to_bytes(16)
        span.span_id = (number + 1).to_bytes(8)
        span.start_time_unix_nano = start + number
        span.end_time_unix_nano = start + number + 900_000_000
        span.attributes.extend(attributes(values))
    return request


def records(count: int, first: int = 0) -> bytes:
    """A body with that many records of ours."""
    request = traces(*(record(first + i) for i in range(count)), first=first)
    return request.SerializeToString()


def logs(event_name: str, values: dict[str, Any], *, body: str = "", scope: str = "emitter") -> Any:
    request = ExportLogsServiceRequest()
    resource = request.resource_logs.add()
    resource.resource.attributes.extend(attributes({"service.name": "shop"}))
    found = resource.scope_logs.add()
    found.scope.name = scope
    log = found.log_records.add(event_name=event_name, observed_time_unix_nano=START)
    log.body.string_value = body
    log.attributes.extend(attributes(values))
    return request
