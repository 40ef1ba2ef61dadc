# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""One test record through OTLP, for `doctor --send`: it costs $0, in an environment of its own."""

from __future__ import annotations

import secrets
import time
import urllib.error
import urllib.request

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from otel_llmcost.errors import StoreError

ENVIRONMENT = "llmcost-doctor"


def send(endpoint: str) -> str:
    """Send the record to an OTLP/HTTP endpoint; returns its id. Raises StoreError."""
    record_id = secrets.token_hex(16)
    url = f"{endpoint.rstrip('/')}/v1/logs"
    body = _request(record_id, time.time_ns()).SerializeToString()
    headers = {"Content-Type": "application/x-protobuf"}
    # A proxy for the outside world must not be asked for this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, body, headers), timeout=10):
            return record_id
    except urllib.error.HTTPError as error:
        raise StoreError(f"{url} answered {error.code} {error.reason}") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise StoreError(f"cannot send to {url}: {reason}") from error


def _request(record_id: str, now: int) -> ExportLogsServiceRequest:
    attributes = {
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
    record = LogRecord(
        time_unix_nano=now,
        observed_time_unix_nano=now,
        event_name="llmcost.call",
        attributes=[_attribute(name, value) for name, value in attributes.items()],
    )
    scope = ScopeLogs(scope=InstrumentationScope(name="otel_llmcost"), log_records=[record])
    resource = Resource(
        attributes=[
            _attribute("service.name", "otel-llmcost-doctor"),
            _attribute("deployment.environment.name", ENVIRONMENT),
        ]
    )
    return ExportLogsServiceRequest(
        resource_logs=[ResourceLogs(resource=resource, scope_logs=[scope])]
    )


def _attribute(name: str, value: str | int | float) -> KeyValue:
    match value:
        case str():
            return KeyValue(key=name, value=AnyValue(string_value=value))
        case int():
            return KeyValue(key=name, value=AnyValue(int_value=value))
        case float():
            return KeyValue(key=name, value=AnyValue(double_value=value))
