# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What an OTLP sender is answered, the same over gRPC and HTTP."""

from __future__ import annotations

from google.protobuf import any_pb2, duration_pb2
from google.protobuf.message import Message

# googleapis-common-protos has no type stubs.
from google.rpc import (  # pyright: ignore[reportMissingTypeStubs]
    error_details_pb2,
    status_pb2,
)

# opentelemetry-proto ships type stubs for all but logs.
from opentelemetry.proto.collector.logs.v1 import (  # pyright: ignore[reportMissingTypeStubs]
    logs_service_pb2,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from otel_llmcost.ingest import Body, Signal

RESOURCE_EXHAUSTED, UNAVAILABLE = 8, 14
STORE_RETRY_S = 5


def exported(signal: Signal, body: Body) -> Message:
    """The answer to a request that was stored, with a partial success when items were left out."""
    if signal == "metrics":
        return ExportMetricsServiceResponse()
    traces = signal == "traces"
    answer = (
        ExportTraceServiceResponse() if traces else logs_service_pb2.ExportLogsServiceResponse()
    )
    if body.rejected:
        reasons = ", ".join(f"{part.items} {part.reason}" for part in body.rejected)
        noun = "spans" if traces else "log records"
        partial = answer.partial_success
        partial.error_message = f"{body.rejected_items} of {body.items} {noun}: {reasons}"
        setattr(
            partial, "rejected_spans" if traces else "rejected_log_records", body.rejected_items
        )
    return answer


def retry_later(code: int, message: str, seconds: int) -> status_pb2.Status:
    """A refusal for now. OTLP clients retry RESOURCE_EXHAUSTED only if it carries a RetryInfo."""
    detail = any_pb2.Any()
    delay = duration_pb2.Duration(seconds=seconds)
    detail.Pack(error_details_pb2.RetryInfo(retry_delay=delay))
    return status_pb2.Status(code=code, message=message[:1000], details=[detail])
