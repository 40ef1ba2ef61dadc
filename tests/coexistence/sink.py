# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A place that applications export to: keeps every OTLP body as it came, and reads it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from otel_llmcost.ingest import Ingestor
from tests.support.embedded import store_directory

RECORD_ID = "llmcost.record.id"
COUNTS = (
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.prompt_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.token_count.prompt",
    "llm.token_count.completion",
)


@dataclass(frozen=True, slots=True)
class Reported:
    """One span or event as an application exported it."""

    kind: str
    scope: str
    name: str
    trace_id: str
    span_id: str
    attributes: dict[str, Any]

    @property
    def is_ours(self) -> bool:
        return self.scope == "otel_llmcost"

    @property
    def bears_usage(self) -> bool:
        return any(name in self.attributes for name in COUNTS)

    @property
    def cost(self) -> Decimal | None:
        amount = self.attributes.get("gen_ai.usage.cost.amount")
        return None if amount is None else Decimal(repr(amount))


class Sink:
    """An OTLP/HTTP receiver; a context manager."""

    def __init__(self) -> None:
        self.bodies: list[tuple[str, bytes]] = []
        """Signal (`traces` or `logs`) and body, in order of arrival."""
        received = self.bodies

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                received.append((self.path.rsplit("/", 1)[-1], body))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Sink:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def reported(self) -> list[Reported]:
        """Everything exported so far."""
        found: list[Reported] = []
        for signal, body in list(self.bodies):
            if signal == "traces":
                found += _spans(ExportTraceServiceRequest.FromString(body))
            elif signal == "logs":
                found += _events(ExportLogsServiceRequest.FromString(body))
        return found

    @property
    def records(self) -> list[Reported]:
        """Our records, once each: a span and an event with the same id are one."""
        ours = (
            reported
            for reported in self.reported
            if reported.is_ours and RECORD_ID in reported.attributes
        )
        return list({reported.attributes[RECORD_ID]: reported for reported in ours}.values())

    @property
    def billed(self) -> list[Reported]:
        """Our records of replies; those of calls that got none left out."""
        return [
            reported for reported in self.records if reported.attributes.get("llmcost.replies", 1)
        ]


def ingest(sink: Sink) -> None:
    """Put what arrived into the embedded store of these tests."""
    ingestor = Ingestor(Path(store_directory()))
    try:
        for signal, body in sink.bodies:
            ingestor.ingest(signal, body)
    finally:
        ingestor.close()


def _spans(request: Any) -> list[Reported]:
    return [
        Reported("span", scope.scope.name, span.name, span.trace_id.hex(), span.span_id.hex(),
             _attributes(span.attributes))
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]  # fmt: skip


def _events(request: Any) -> list[Reported]:
    return [
        Reported("event", scope.scope.name, record.event_name, record.trace_id.hex(),
             record.span_id.hex(), _attributes(record.attributes))
        for resource in request.resource_logs
        for scope in resource.scope_logs
        for record in scope.log_records
    ]  # fmt: skip


def _attributes(pairs: Any) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(item) for item in value.array_value.values]
    return None if kind is None else getattr(value, kind)
