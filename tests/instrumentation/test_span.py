# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A record goes onto its span at once, and still as the SDK would have put it there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from otel_llmcost.instrumentation.records.span_attributes import set_attributes

START = {"gen_ai.operation.name": "chat", "server.address": "api.anthropic.com"}
RECORD: Mapping[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.response.finish_reasons": ("end_turn",),
    "llmcost.usage.input": 120,
    "gen_ai.usage.cost.amount": 0.0021,
    "llmcost.price.version": "2026-11-22",
    "gen_ai.request.stream": False,
}
LIMITS = {
    "the usual ones": SpanLimits(),
    "number": SpanLimits(max_span_attributes=4),
    "length": SpanLimits(max_span_attribute_length=6),
    "no attributes": SpanLimits(max_span_attributes=0),
}


def _ended(limits: SpanLimits, put: Any) -> ReadableSpan:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(span_limits=limits, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    span = provider.get_tracer("test").start_span("chat", attributes=START)
    put(span, RECORD)
    span.end()
    return exporter.get_finished_spans()[0]


@pytest.mark.parametrize("limits", LIMITS.values(), ids=list(LIMITS))
@pytest.mark.filterwarnings("ignore")
def test_a_span_holds_what_the_sdk_would_have_put_there(limits: SpanLimits) -> None:
    ours = _ended(limits, set_attributes)
    expected = _ended(limits, lambda span, record: span.set_attributes(record))
    assert dict(ours.attributes or {}) == dict(expected.attributes or {})
    assert ours.dropped_attributes == expected.dropped_attributes


def test_a_span_that_keeps_its_attributes_otherwise_gets_them_all_the_same() -> None:
    class Other:
        def __init__(self) -> None:
            self.given: dict[str, Any] = {}

        def set_attributes(self, attributes: Mapping[str, Any]) -> None:
            self.given.update(attributes)

    span: Any = Other()
    set_attributes(span, RECORD)
    assert span.given == RECORD
