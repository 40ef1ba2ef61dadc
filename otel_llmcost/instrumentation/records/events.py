# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Where events leave: the application's LoggerProvider, or our own for `LLMCOST_OTLP_ENDPOINT`."""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry._logs import Logger, LoggerProvider, SeverityNumber, get_logger_provider
from opentelemetry._logs import LogRecord as ApiLogRecord
from opentelemetry.context import Context
from opentelemetry.metrics import MeterProvider, get_meter

from otel_llmcost import semconv
from otel_llmcost.config import Config
from otel_llmcost.guard import guard

if TYPE_CHECKING:
    from opentelemetry.sdk._logs import LoggerProvider as SdkLoggerProvider
    from opentelemetry.sdk.resources import Resource

    from otel_llmcost.instrumentation.records.outbox import Outbox

_log = logging.getLogger(__name__)
LAST_SECONDS = 3.0
"""How long the end of a process waits for records of ours."""

_LATE = (
    "opentelemetry.sdk._logs.export",
    "opentelemetry.exporter.otlp.proto.http._log_exporter",
    "otel_llmcost.instrumentation.records.outbox",
)
_SUPPRESSIONS = (
    "suppress_instrumentation",
    otel_context._SUPPRESS_INSTRUMENTATION_KEY,  # pyright: ignore[reportPrivateUsage] - checked by the SDK
)


class EventSink:
    """Sends events through the application's logger provider, the given one if any."""

    def __init__(
        self,
        logger_provider: LoggerProvider | None = None,
        meter_provider: MeterProvider | None = None,
    ) -> None:
        self._given = logger_provider
        self._used: LoggerProvider | None = None
        self._logger: Logger | None = None
        self._dropped = get_meter(semconv.SCOPE, meter_provider=meter_provider).create_counter(
            semconv.METRIC_DROPPED,
            unit="{record}",
            description="Records that the queue of the OpenTelemetry SDK had no room for",
        )

    def emit(
        self, name: str, attributes: dict[str, Any], *, at: int, context: Context | None
    ) -> None:
        """Send one event at `at` (ns since the epoch) with the trace ids of `context`."""
        provider = self.provider()
        self.note_drop(_log_processors(provider))
        record = ApiLogRecord(
            timestamp=at,
            observed_timestamp=at,
            context=context,
            severity_number=SeverityNumber.INFO,
            attributes=attributes,
            event_name=name,
        )
        if not any(otel_context.get_value(key) for key in _SUPPRESSIONS):
            self._logger_of(provider).emit(record)
        else:
            with _unsuppressed():
                self._logger_of(provider).emit(record)

    def note_drop(self, processors: Iterable[object]) -> None:
        """Count the record that the SDK drops, its oldest, if it has no room for the next one."""
        if _queue_is_full(processors):
            self._dropped.add(1)

    def provider(self) -> LoggerProvider:
        """Where the next event leaves."""
        return self._given or get_logger_provider()

    def _logger_of(self, provider: LoggerProvider) -> Logger:
        if self._logger is None or self._used is not provider:
            self._used, self._logger = provider, provider.get_logger(semconv.SCOPE)
        return self._logger


class EndpointSink(EventSink):
    """Sends events straight to an OTLP/HTTP endpoint, whatever providers the application has."""

    def __init__(self, endpoint: str, meter_provider: MeterProvider | None = None) -> None:
        super().__init__(None, meter_provider)
        self._endpoint = endpoint
        self._resource = prepare()
        self._own: SdkLoggerProvider | None = None
        self._outbox: Outbox | None = None
        self._pid: int | None = None
        self._until: float | None = None
        self._renew_lock()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._renew_lock)

    def _renew_lock(self) -> None:
        self._opening = threading.Lock()

    def flush(self, timeout: float) -> bool:
        """Send what waits; whether all of it was delivered within `timeout` seconds."""
        outbox = self._outbox if self._pid == os.getpid() else None
        return outbox is None or outbox.flush(timeout)

    @guard("sink.shutdown")
    def shutdown(self) -> None:
        """Send what waits, for at most `LAST_SECONDS`, stop, and say what was not delivered."""
        if self._outbox is None or self._pid != os.getpid():
            return
        outbox, self._own, self._outbox = self._outbox, None, None
        outbox.close(LAST_SECONDS)
        if outbox.undelivered:
            _log.warning(
                "%d of %d records were not delivered to %s",
                *(outbox.undelivered, outbox.accepted, self._endpoint),
            )

    def provider(self) -> LoggerProvider:
        """Our own."""
        # A connection shared across fork can lose a batch, so the child makes its own.
        if self._own is None or self._pid != os.getpid():
            with self._opening:
                if self._own is None or self._pid != os.getpid():
                    self._own, self._pid = self._new_provider(), os.getpid()
        return self._own

    def _new_provider(self) -> SdkLoggerProvider:
        from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
        from opentelemetry.sdk._logs import LoggerProvider as SdkLoggerProvider

        from otel_llmcost.instrumentation.records.outbox import Outbox

        # The application's resource, so that its service name is on our records too.
        resource = getattr(trace.get_tracer_provider(), "resource", None) or self._resource
        provider = SdkLoggerProvider(resource=resource, shutdown_on_exit=False)
        exporter = OTLPLogExporter(endpoint=f"{self._endpoint}/v1/logs")
        outbox = Outbox(exporter, lambda: self._dropped.add(1), until=self._until)
        provider.add_log_record_processor(outbox)
        self._outbox = outbox
        if self._until is None:
            atexit.register(self._at_exit)
            _before_a_child_of_multiprocessing_ends(self._at_exit)
        return provider

    def _at_exit(self) -> None:
        # What the application registered with atexit before us runs after us, and may call too.
        self._until = time.monotonic() + LAST_SECONDS
        self.shutdown()


@cache
def prepare() -> Resource | None:
    """Load now what cannot be loaded any more once the main thread has ended.

    The SDK's log module and its default resource use a thread pool, which Python refuses then.
    """
    with guard("sink.prepare"):
        for name in _LATE:
            import_module(name)
        from opentelemetry.sdk.resources import Resource

        return Resource.create()
    return None


def _before_a_child_of_multiprocessing_ends(send: Callable[[], None]) -> None:
    # A forked one ends without running what is registered with atexit.
    library = sys.modules.get("multiprocessing")
    if library is not None and library.parent_process() is not None:
        from multiprocessing.util import Finalize

        Finalize(None, send, exitpriority=10)


_by_endpoint: dict[str, EndpointSink] = {}
_latest: EventSink | None = None


def open_sink(
    settings: Config,
    logger_provider: LoggerProvider | None = None,
    meter_provider: MeterProvider | None = None,
) -> EventSink:
    """The sink that `settings` require; both instrumentors and outcomes share one per endpoint."""
    global _latest
    endpoint = settings.otlp_endpoint
    if endpoint is None:
        _latest = EventSink(logger_provider, meter_provider)
    else:
        if endpoint not in _by_endpoint:
            _by_endpoint[endpoint] = EndpointSink(endpoint, meter_provider)
        _latest = _by_endpoint[endpoint]
    return _latest


def endpoint_sinks() -> list[EndpointSink]:
    """The sinks that were opened for an endpoint."""
    return list(_by_endpoint.values())


def current(settings: Config) -> EventSink:
    """The sink opened last, so that outcomes take the way of the records."""
    return _latest or open_sink(settings)


@contextmanager
def _unsuppressed() -> Generator[None]:
    # Logfire's processors drop what is emitted inside a call that it covers.
    context = otel_context.get_current()
    for key in _SUPPRESSIONS:
        context = otel_context.set_value(key, False, context)
    token = otel_context.attach(context)
    try:
        yield
    finally:
        otel_context.detach(token)


def _log_processors(provider: LoggerProvider) -> Iterable[object]:
    multi = getattr(provider, "_multi_log_record_processor", None)
    return getattr(multi, "_log_record_processors", ())


def span_processors(tracer_provider: object) -> Iterable[object]:
    """The processors of an SDK tracer provider; none of any other provider."""
    active = getattr(tracer_provider, "_active_span_processor", None)
    return getattr(active, "_span_processors", ())


def _queue_is_full(processors: Iterable[object]) -> bool:
    # As far as the SDK lets one see.
    for processor in processors:
        batch = getattr(processor, "_batch_processor", None)
        queue = getattr(batch, "_queue", None)
        if queue is not None and len(queue) >= getattr(batch, "_max_queue_size", 1 << 62):
            return True
    return False


def exports_spans(processors: Iterable[object]) -> bool:
    """Whether spans reach an exporter through one of these processors.

    `is_recording()` does not say so: with `OTEL_TRACES_EXPORTER=none` spans record and go nowhere.
    A processor we do not know counts as none; then the event leaves too and the store merges both.
    """
    return any(
        hasattr(processor, "span_exporter") or hasattr(processor, "_batch_processor")
        for processor in processors
    )
