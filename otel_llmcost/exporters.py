# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What OpenTelemetry finds when it looks for the gRPC exporter, its default, which is an extra.

gRPC's packages are larger than everything else that an application needs. Without them, what goes
to no endpoint of its own goes over HTTP to this machine; an endpoint over gRPC needs the extra.
The entry points `otlp_proto_grpc` lead here; with the extra, to the gRPC exporter itself.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module, util
from typing import Any

from otel_llmcost.errors import MissingExtraError

_MODULES = {
    "OTLPSpanExporter": ("trace_exporter", "TRACES"),
    "OTLPMetricExporter": ("metric_exporter", "METRICS"),
    "OTLPLogExporter": ("_log_exporter", "LOGS"),
}


def protocol_of_grpc(signal: str, environ: Mapping[str, str]) -> str:
    """`grpc` or `http`: what sends a signal (TRACES, METRICS, LOGS) that is configured for gRPC.

    Raises MissingExtraError where gRPC has an endpoint and is not installed.
    """
    if has_grpc():
        return "grpc"
    for variable in (f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"):
        if environ.get(variable):
            raise MissingExtraError(
                "grpc",
                f"{variable} over gRPC, the default (OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf "
                "and port 4318 do without),",
            )
    return "http"


def has_grpc() -> bool:
    """Whether the gRPC exporter is installed."""
    try:
        return util.find_spec("opentelemetry.exporter.otlp.proto.grpc") is not None
    except ModuleNotFoundError:
        return False


def __getattr__(name: str) -> Any:
    """The class that an entry point names. Raises as `protocol_of_grpc`."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, signal = _MODULES[name]
    protocol = protocol_of_grpc(signal, os.environ)
    return getattr(import_module(f"opentelemetry.exporter.otlp.proto.{protocol}.{module}"), name)
