# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""One test record, sent as the app would, for `doctor --send`: it costs $0.

Its service and environment are of its own: the view `calls` leaves that service out, so that a test
record shows in no report.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Generator
from contextlib import contextmanager
from importlib import metadata
from typing import Any

from otel_llmcost.doctor.routes import Route
from otel_llmcost.errors import StoreError

ENVIRONMENT = "llmcost-doctor"
SERVICE = "otel-llmcost-doctor"
_TIMEOUT = 5
_HTTP_STATUS = re.compile(r"\b(?:code|status)\D{0,3}(\d{3})\b", re.IGNORECASE)


def send(route: Route) -> str:
    """Send the record through the exporter of the route; returns its id. Raises StoreError."""
    record_id = secrets.token_hex(16)
    with _heard() as messages:
        try:
            exporter = _exporter(route)
            data = _span(record_id) if route.signal == "traces" else _log(record_id)
            accepted = exporter.export(data).name == "SUCCESS"
            exporter.shutdown()
        except Exception as error:  # whatever a foreign exporter raises is what there is to say
            raise StoreError(f"cannot send to {route}: {error or type(error).__name__}") from error
    if not accepted:
        why = " ".join(messages[-1].split()) if messages else "the exporter does not say why"
        raise StoreError(f"cannot send to {route}: {why}")
    return record_id


def fix(error: str) -> str:
    """What to do about an answer of the endpoint that carries an HTTP status."""
    status = _HTTP_STATUS.search(error)
    match status[1] if status else "":
        case "401" | "403":
            return "set OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20TOKEN"
        case "404" | "405":
            return "name the endpoint without a path: http://HOST:4318"
        case "413":
            return "the endpoint takes no body of that size"
        case _:
            return "the endpoint's own log may say more"


def _exporter(route: Route) -> Any:
    if not route.exporter:
        from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter

        return OTLPLogExporter(endpoint=route.endpoint, timeout=_TIMEOUT)
    group = f"opentelemetry_{route.signal}_exporter"
    found = list(metadata.entry_points(group=group, name=route.exporter))
    if not found:
        raise StoreError(f"no exporter {route.exporter!r} is installed for {route.signal}")
    made = found[0].load()
    return made(timeout=_TIMEOUT) if route.exporter.startswith("otlp_proto_") else made()


@contextmanager
def _heard() -> Generator[list[str]]:
    """What exporters log meanwhile, which is the only place where they say what went wrong."""
    messages: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            messages.append(record.getMessage())

    logger, ear = logging.getLogger("opentelemetry"), Ear(logging.WARNING)
    propagates, logger.propagate = logger.propagate, False
    logger.addHandler(ear)
    try:
        yield messages
    finally:
        logger.removeHandler(ear)
        logger.propagate = propagates


def _attributes(record_id: str, now: int) -> dict[str, Any]:
    return {
        "llmcost.record.id": record_id,
        "llmcost.start_time_unix_nano": now,
        "llmcost.cost.status": "not_billed",
        "llmcost.feature": "doctor",
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": "doctor-test",
        "gen_ai.usage.cost.amount": 0.0,
        "gen_ai.usage.cost.currency": "USD",
    }


def _resource() -> Any:
    from opentelemetry.sdk.resources import Resource

    return Resource({"service.name": SERVICE, "deployment.environment.name": ENVIRONMENT})


def _span(record_id: str) -> Any:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
    from opentelemetry.sdk.trace.sampling import ALWAYS_ON

    kept = InMemorySpanExporter()
    provider = TracerProvider(ALWAYS_ON, _resource(), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    now = time.time_ns()
    attributes = _attributes(record_id, now)
    provider.get_tracer("otel_llmcost").start_span(
        "chat doctor-test", attributes=attributes, start_time=now
    ).end()
    return kept.get_finished_spans()


def _log(record_id: str) -> Any:
    from opentelemetry._logs import LogRecord
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import (
        InMemoryLogRecordExporter,
        SimpleLogRecordProcessor,
    )

    kept = InMemoryLogRecordExporter()
    provider = LoggerProvider(_resource(), shutdown_on_exit=False)
    provider.add_log_record_processor(SimpleLogRecordProcessor(kept))
    now = time.time_ns()
    record = LogRecord(
        timestamp=now,
        observed_timestamp=now,
        event_name="llmcost.call",
        attributes=_attributes(record_id, now),
    )
    provider.get_logger("otel_llmcost").emit(record)
    return kept.get_finished_logs()
