# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""gRPC is an extra: what OpenTelemetry's default exporter is with it and without."""

from __future__ import annotations

from importlib.metadata import entry_points

import pytest
from opentelemetry.exporter.otlp.proto.grpc import _log_exporter as grpc_logs
from opentelemetry.exporter.otlp.proto.grpc import metric_exporter as grpc_metrics
from opentelemetry.exporter.otlp.proto.grpc import trace_exporter as grpc_traces
from opentelemetry.exporter.otlp.proto.http import _log_exporter as http_logs
from opentelemetry.exporter.otlp.proto.http import metric_exporter as http_metrics
from opentelemetry.exporter.otlp.proto.http import trace_exporter as http_traces

from otel_llmcost import exporters
from otel_llmcost.doctor import checks
from otel_llmcost.errors import MissingExtraError

SIGNALS = {
    "traces": (grpc_traces.OTLPSpanExporter, http_traces.OTLPSpanExporter),
    "metrics": (grpc_metrics.OTLPMetricExporter, http_metrics.OTLPMetricExporter),
    "logs": (grpc_logs.OTLPLogExporter, http_logs.OTLPLogExporter),
}


def ours(signal: str) -> type:
    """What the entry point that OpenTelemetry looks for leads to."""
    found = entry_points(group=f"opentelemetry_{signal}_exporter", name="otlp_proto_grpc")
    (entry,) = [one for one in found if one.value.startswith("otel_llmcost")]
    return entry.load()


@pytest.fixture
def no_grpc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporters, "has_grpc", lambda: False)
    for name in ("ENDPOINT", "TRACES_ENDPOINT", "LOGS_ENDPOINT", "PROTOCOL"):
        monkeypatch.delenv(f"OTEL_EXPORTER_OTLP_{name}", raising=False)


@pytest.mark.parametrize("signal", SIGNALS)
def test_with_the_extra_the_default_is_the_grpc_exporter(signal: str) -> None:
    assert ours(signal) is SIGNALS[signal][0]


@pytest.mark.usefixtures("no_grpc")
@pytest.mark.parametrize("signal", SIGNALS)
def test_without_it_and_without_an_endpoint_the_default_is_http(signal: str) -> None:
    assert ours(signal) is SIGNALS[signal][1]


@pytest.mark.usefixtures("no_grpc")
@pytest.mark.parametrize("variable", ["ENDPOINT", "TRACES_ENDPOINT"])
def test_without_it_an_endpoint_over_grpc_fails_and_names_both_fixes(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(f"OTEL_EXPORTER_OTLP_{variable}", "http://collector:4317")
    with pytest.raises(MissingExtraError) as raised:
        ours("traces")
    assert "pip install 'otel-llmcost[grpc]'" in str(raised.value)
    assert "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf" in str(raised.value)


@pytest.mark.usefixtures("no_grpc")
def test_the_doctor_names_the_extra() -> None:
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4317"}
    (finding,) = checks.exporter(environ)
    assert (finding.state, finding.fix) == ("fail", "pip install 'otel-llmcost[grpc]'")


@pytest.mark.usefixtures("no_grpc")
def test_the_doctor_follows_the_default_to_http() -> None:
    assert {finding.found.split(" at ")[-1] for finding in checks.exporter({})} == {
        "http://localhost:4318/v1/traces",
        "http://localhost:4318/v1/logs",
    }


def test_another_name_is_no_exporter() -> None:
    with pytest.raises(AttributeError, match="no attribute 'OTLPProfileExporter'"):
        _ = exporters.OTLPProfileExporter
