# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A record goes onto its span at once, and still as the SDK would have put it there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from opentelemetry.context import Context
from opentelemetry.sdk.trace import (
    ReadableSpan,
    Span,
    SpanLimits,
    SpanProcessor,
    TracerProvider,
)
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_ON,
    DEFAULT_ON,
    Decision,
    ParentBased,
    Sampler,
    SamplingResult,
    StaticSampler,
    TraceIdRatioBased,
)

from otel_llmcost.config import Config
from otel_llmcost.instrumentation.records.emitter import Emitter
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


class _Watching(SpanProcessor):
    """Notes what spans start with."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        self.seen.append(dict(span.attributes or {}))


class _Deciding(StaticSampler):
    """Notes what it decides by."""

    def __init__(self) -> None:
        super().__init__(Decision.RECORD_AND_SAMPLE)
        self.seen: list[dict[str, Any]] = []

    def should_sample(self, *given: Any, **named: Any) -> SamplingResult:
        self.seen.append(dict(named.get("attributes") or given[4]))
        return super().should_sample(*given, **named)


def _started(provider: TracerProvider) -> Any:
    emitter = Emitter(Config(), tracer_provider=provider)
    return emitter.start_span(START, Context(), started=1)


def test_a_processor_that_looks_at_starting_spans_sees_their_attributes() -> None:
    watching, provider = _Watching(), TracerProvider(shutdown_on_exit=False)
    emitter = Emitter(Config(), tracer_provider=provider)
    emitter.start_span(START, Context(), started=1)
    provider.add_span_processor(watching)  # later than the first span
    emitter.start_span(START, Context(), started=1)
    assert watching.seen == [START]


@pytest.mark.parametrize("wrap", [lambda s: s, ParentBased], ids=["alone", "for roots"])
def test_a_sampler_of_the_applications_own_sees_the_attributes(wrap: Any) -> None:
    deciding = _Deciding()
    _started(TracerProvider(sampler=wrap(deciding), shutdown_on_exit=False))
    assert deciding.seen == [START]


@pytest.mark.parametrize(
    "sampler", [DEFAULT_ON, ALWAYS_ON, TraceIdRatioBased(1)], ids=["parent", "always", "ratio"]
)
def test_where_nothing_looks_at_the_start_a_span_has_its_attributes_right_after(
    sampler: Sampler,
) -> None:
    provider = TracerProvider(sampler=sampler, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(InMemorySpanExporter()))
    assert dict(_started(provider).attributes) == START
