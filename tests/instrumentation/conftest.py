# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Telemetry kept in memory, and both SDKs over a transport without a network."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, Sampler

from otel_llmcost import config
from otel_llmcost.instrumentation import instrument, uninstrument
from otel_llmcost.instrumentation.records.details import expanded
from tests.instrumentation.older_sdks import pytest_runtest_makereport
from tests.instrumentation.providers_stub import Api, Server

__all__ = ["pytest_runtest_makereport"]


class Telemetry:
    """Providers of one test, never the global ones, and what came out of them."""

    def __init__(self, sampler: Sampler = ALWAYS_ON) -> None:
        self.spans_out = InMemorySpanExporter()
        self.tracer_provider = TracerProvider(sampler=sampler, shutdown_on_exit=False)
        self.tracer_provider.add_span_processor(SimpleSpanProcessor(self.spans_out))
        self.logs_out = InMemoryLogRecordExporter()
        self.logger_provider = LoggerProvider(shutdown_on_exit=False)
        self.logger_provider.add_log_record_processor(SimpleLogRecordProcessor(self.logs_out))
        self.metrics_out = InMemoryMetricReader()
        self.meter_provider = MeterProvider([self.metrics_out], shutdown_on_exit=False)

    def on(self, **settings: Any) -> Telemetry:
        """Instrument with these providers and settings."""
        uninstrument()
        config.use(config.Config(**settings))
        instrument(
            tracer_provider=self.tracer_provider,
            meter_provider=self.meter_provider,
            logger_provider=self.logger_provider,
        )
        return self

    @property
    def spans(self) -> list[ReadableSpan]:
        return list(self.spans_out.get_finished_spans())

    @property
    def own_spans(self) -> list[Mapping[str, Any]]:
        """What our spans say, attribute by attribute; the small form has tests of its own."""
        return [
            expanded(span.attributes or {})
            for span in self.spans
            if span.instrumentation_scope and span.instrumentation_scope.name == "otel_llmcost"
        ]

    @property
    def events(self) -> list[Mapping[str, Any]]:
        return [
            expanded(data.log_record.attributes or {})
            for data in self.logs_out.get_finished_logs()
            if data.log_record.event_name == "llmcost.call"
        ]

    @property
    def records(self) -> list[Mapping[str, Any]]:
        """Every record once, whether it left as a span, as an event, or both."""
        reported = [*self.own_spans, *self.events]
        return list(
            {r["llmcost.record.id"]: r for r in reported if "llmcost.record.id" in r}.values()
        )

    @property
    def record(self) -> Mapping[str, Any]:
        records = self.records
        assert len(records) == 1, records
        return records[0]

    def eventually(self, condition: Callable[[], bool]) -> bool:
        """Wait for what another thread does in a moment."""
        for _ in range(500):
            if condition():
                return True
            time.sleep(0.01)
        return False

    def metric_points(self, name: str) -> list[Any]:
        data = self.metrics_out.get_metrics_data()
        return [
            point
            for resource in (data.resource_metrics if data else [])
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
        ]


@pytest.fixture
def telemetry() -> Iterator[Telemetry]:
    """Instrumented with in-memory providers and default settings."""
    telemetry = Telemetry().on()
    yield telemetry
    uninstrument()


@dataclass
class Collector:
    """An OTLP/HTTP endpoint for logs, and what it was sent."""

    url: str = ""
    requests: list[ExportLogsServiceRequest] = field(default_factory=list)

    @property
    def logs(self) -> list[LogRecord]:
        return [
            log
            for request in self.requests
            for resource in request.resource_logs
            for scope in resource.scope_logs
            for log in scope.log_records
        ]

    @property
    def record_ids(self) -> set[str]:
        return {
            attribute.value.string_value
            for log in self.logs
            for attribute in log.attributes
            if attribute.key == "llmcost.record.id"
        }


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A real collector for another process to send to."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            if self.path == "/v1/logs":
                collector.requests.append(ExportLogsServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    collector.url = f"http://127.0.0.1:{server.server_port}"
    yield collector
    server.shutdown()
    server.server_close()


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture(params=["anthropic", "openai"])
def sdk(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=["sync", "async"])
def is_async(request: pytest.FixtureRequest) -> bool:
    return request.param == "async"


@pytest.fixture
def api(sdk: str, is_async: bool, server: Server) -> Api:
    """A client of either SDK, sync and async."""
    return Api(sdk, is_async, server, max_retries=2)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries happen at once."""
    from anthropic import _base_client as anthropic_client
    from openai import _base_client as openai_client

    for module in (anthropic_client, openai_client):
        monkeypatch.setattr(module, "INITIAL_RETRY_DELAY", 0.0)
        monkeypatch.setattr(module, "MAX_RETRY_DELAY", 0.0)
