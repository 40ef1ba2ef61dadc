# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Sends records: as our own span, as an event that sampling cannot lose, and as metrics."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from weakref import WeakSet

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.metrics import MeterProvider, get_meter_provider
from opentelemetry.trace import (
    Span,
    SpanKind,
    Status,
    StatusCode,
    TracerProvider,
    set_span_in_context,
)

from otel_llmcost import semconv, tags
from otel_llmcost.config import Config
from otel_llmcost.guard import guard
from otel_llmcost.instrumentation.records import events, span_attributes
from otel_llmcost.instrumentation.records.details import expanded
from otel_llmcost.instrumentation.records.events import EndpointSink

_DURATION_BUCKETS = (
    *(0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64),
    *(1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92),
)
_TOKEN_BUCKETS = tuple(float(4**power) for power in range(14))
_FOR_SAMPLERS = (
    *(semconv.OPERATION, semconv.PROVIDER, semconv.REQUEST_MODEL),
    *(semconv.SERVER_ADDRESS, semconv.FEATURE),
)
_MAX_VALUES = 200
_OTHER = "other"

_open: WeakSet[Emitter] = WeakSet()


class Emitter:
    """Everything one instrumentor sends goes through one of these."""

    def __init__(
        self,
        config: Config,
        *,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        logger_provider: Any = None,
    ) -> None:
        self._events = config.events
        self._details = config.details
        self._tracer_provider = tracer_provider
        self._tracer = trace.get_tracer(semconv.SCOPE, tracer_provider=tracer_provider)
        self._to_endpoint = config.otlp_endpoint is not None
        self._sink = events.open_sink(config, logger_provider, meter_provider)
        self._processors: Iterable[object] | None = None
        self._exported = False
        self._start_seen: tuple[object, Iterable[object], bool] = (None, (), True)
        self._meter_provider = meter_provider
        self._metrics = _Metrics(meter_provider or get_meter_provider())
        _open.add(self)

    def start_span(self, attributes: Mapping[str, Any], context: Context, *, started: int) -> Span:
        """Start a CLIENT span of ours under `context`, with what samplers decide by."""
        model = attributes.get(semconv.REQUEST_MODEL)
        operation = attributes[semconv.OPERATION]
        given = {name: attributes[name] for name in _FOR_SAMPLERS if name in attributes}
        seen = self._start_is_seen()
        span = self._tracer.start_span(
            f"{operation} {model}" if model else operation,
            context=context,
            kind=SpanKind.CLIENT,
            attributes=given if seen else None,
            start_time=started,
        )
        if not seen:
            span_attributes.set_attributes(span, given)
        return span

    def record(
        self,
        attributes: dict[str, Any],
        *,
        span: Span | None,
        ids: Context | None,
        started: int,
        ended: int | None = None,
        mode: str = "standard",
        standard_metrics: bool,
        cost_metric: bool = True,
    ) -> None:
        """Send one record; it ends now unless `ended` says when it did.

        `mode` is the tier that it was served in, for metrics. `span` is our own span for it, if it
        has one; without one the event takes its trace ids from `ids`.
        """
        ended = ended or max(time.time_ns(), started)
        attributes = self._ready(attributes)
        sampled = span is not None and span.get_span_context().trace_flags.sampled
        if span is not None:
            self._end_span(span, attributes, ended, sampled=sampled)
        if self._event_due(sampled):
            event = {**attributes, semconv.START_TIME: started}
            context = ids if span is None else set_span_in_context(span, ids)
            self._sink.emit(semconv.EVENT_CALL, event, at=ended, context=context)
        if cost_metric:
            duration = (ended - started) / 1e9
            self._metrics.record(attributes, mode, duration, standard=standard_metrics)

    def record_later(
        self, span: Span, read: Callable[[], dict[str, Any]], *, most: int, started: int
    ) -> bool:
        """End `span` now; `read` returns its attributes, at `most` so many, when somebody looks.

        Returns whether it did. It cannot where something needs them at once: an event, a metric, a
        limit of the SDK.
        """
        processors = events.span_processors(self._provider())
        if not (
            self._events == "auto"
            and not self._to_endpoint
            and self._metrics.go_nowhere()
            and span.get_span_context().trace_flags.sampled
            and span.is_recording()
            and self._export_spans(processors)
            and span_attributes.put_later(span, functools.partial(self._read, read), most)
        ):
            return False
        self._sink.note_drop(processors)
        span.end(max(time.time_ns(), started))
        return True

    @guard("emitter.read")
    def _read(self, read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        return self._ready(read())

    def _ready(self, attributes: dict[str, Any]) -> dict[str, Any]:
        """`attributes` as they may leave."""
        if not self._details:
            attributes = expanded(attributes)
        for name, value in attributes.items():
            if type(value) is str and not value.isascii():
                attributes[name] = tags.encodable(value, name)
        return attributes

    def event(self, name: str, attributes: dict[str, Any], context: Context) -> None:
        """Send an event that is no record of a call."""
        self._sink.emit(name, attributes, at=time.time_ns(), context=context)

    def resource(self) -> Mapping[str, Any]:
        """Attributes of the application: its name, its environment."""
        return getattr(getattr(self._provider(), "resource", None), "attributes", {})

    def carriers(self) -> list[Any]:
        """The application's providers that records of this one leave through."""
        if self._to_endpoint:
            return []
        return [
            self._provider(),
            self._sink.provider(),
            self._meter_provider or get_meter_provider(),
        ]

    def shutdown(self) -> None:
        """Send what waits in a queue of our own."""
        if isinstance(self._sink, EndpointSink):
            self._sink.shutdown()

    def _end_span(
        self, span: Span, attributes: Mapping[str, Any], ended: int, *, sampled: bool
    ) -> None:
        if span.is_recording():
            span_attributes.set_attributes(span, attributes)
            if semconv.ERROR_TYPE in attributes:
                span.set_status(Status(StatusCode.ERROR))
        if sampled:
            self._sink.note_drop(events.span_processors(self._provider()))
        span.end(ended)

    def _event_due(self, sampled: bool) -> bool:
        if self._to_endpoint or self._events == "always":
            return True
        if self._events == "never":
            return False
        # Our own span reaches a store only when it is sampled and something exports it.
        return not (sampled and self._export_spans(events.span_processors(self._provider())))

    def _export_spans(self, processors: Iterable[object]) -> bool:
        # The SDK makes a new tuple when a processor is added, so the answer holds for this one.
        if processors is not self._processors:
            self._processors, self._exported = processors, events.exports_spans(processors)
        return self._exported

    def _start_is_seen(self) -> bool:
        tracer = getattr(self._tracer, "_tracer", self._tracer)  # of a proxy, the one it stands for
        sampler = getattr(tracer, "sampler", None)
        processors = events.span_processors(self._provider())
        known = self._start_seen
        if known[0] is not sampler or known[1] is not processors:
            seen = span_attributes.start_is_seen(sampler, processors)
            known = self._start_seen = (sampler, processors, seen)
        return known[2]

    def _provider(self) -> TracerProvider:
        return self._tracer_provider or trace.get_tracer_provider()


def emitters() -> list[Emitter]:
    """Those that records may still wait behind."""
    return list(_open)


class _Metrics:
    """The three instruments, with attributes whose number of values is bounded."""

    def __init__(self, provider: MeterProvider) -> None:
        meter = provider.get_meter(semconv.SCOPE)
        self._duration = meter.create_histogram(
            semconv.METRIC_DURATION,
            unit="s",
            description="GenAI operation duration.",
            explicit_bucket_boundaries_advisory=_DURATION_BUCKETS,
        )
        self._tokens = meter.create_histogram(
            semconv.METRIC_TOKENS,
            unit="{token}",
            description="Number of input and output tokens used.",
            explicit_bucket_boundaries_advisory=_TOKEN_BUCKETS,
        )
        self._cost = meter.create_counter(
            semconv.METRIC_COST, unit="{USD}", description="List cost of GenAI operations."
        )
        self._seen: dict[str, set[str]] = {}
        # The API's own provider does nothing, unless the SDK's takes its place later.
        self._idle = (
            provider if type(provider).__module__.startswith("opentelemetry.metrics") else None
        )

    def go_nowhere(self) -> bool:
        """Whether nothing reads metrics, so that none need be recorded at once."""
        return self._idle is not None and get_meter_provider() is self._idle

    def record(
        self, record: Mapping[str, Any], mode: str, duration: float, *, standard: bool
    ) -> None:
        attributes: dict[str, Any] = {
            semconv.OPERATION: record[semconv.OPERATION],
            semconv.PROVIDER: record[semconv.PROVIDER],
            semconv.PRICE_MODE: mode,
            semconv.COST_STATUS: record.get(semconv.COST_STATUS, "priced"),
        }
        for name in (semconv.REQUEST_MODEL, semconv.RESPONSE_MODEL, semconv.FEATURE):
            if (value := record.get(name)) is not None:
                attributes[name] = self._bounded(name, value)
        if (cost := record.get(semconv.COST_AMOUNT)) is not None:
            self._cost.add(cost, attributes)
        if not standard:
            return
        error = record.get(semconv.ERROR_TYPE)
        self._duration.record(
            duration, {**attributes, semconv.ERROR_TYPE: error} if error else attributes
        )
        for kind, name in (("input", semconv.INPUT_TOKENS), ("output", semconv.OUTPUT_TOKENS)):
            if (tokens := record.get(name)) is not None:
                self._tokens.record(tokens, {**attributes, semconv.TOKEN_TYPE: kind})

    def _bounded(self, name: str, value: str) -> str:
        seen = self._seen.setdefault(name, set())
        if value in seen:
            return value
        if len(seen) >= _MAX_VALUES:
            return _OTHER
        seen.add(value)
        return value
