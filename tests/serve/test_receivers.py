# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""OTLP over both transports, from real exporters and by hand, against a real daemon."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from typing import Any

import grpc
import pytest
from google.protobuf import json_format
from google.rpc import status_pb2
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (
    OTLPSpanExporter as GrpcSpanExporter,
)
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

from tests.ingest.bodies import START, record, records, traces
from tests.serve.running import Running, get


def exporter(daemon: Running, kind: str) -> SpanExporter:
    if kind == "grpc":
        return GrpcSpanExporter(endpoint=daemon.facts["otlp_grpc"], insecure=True)
    packing = Compression.Gzip if kind == "http+gzip" else Compression.NoCompression
    return OTLPSpanExporter(f"{daemon.facts['otlp_http']}/v1/traces", compression=packing)


@pytest.mark.parametrize("kind", ["grpc", "http", "http+gzip"])
def test_every_span_of_the_sdk_is_stored_once(daemon: Running, kind: str) -> None:
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(exporter(daemon, kind)))
    tracer = provider.get_tracer(f"emitter {kind}")
    for number in range(700):
        with tracer.start_as_current_span(
            "chat", attributes={"gen_ai.request.model": f"m{number}"}
        ):
            pass
    provider.shutdown()
    counted = "SELECT toUInt32(count()), toUInt32(uniqExact(SpanAttributes)) FROM otel_traces"
    assert daemon.rows(f"{counted} WHERE ScopeName = 'emitter {kind}'") == [[700, 700]]


def test_an_event_of_the_sdk_is_stored_with_its_name(daemon: Running) -> None:
    provider = LoggerProvider()
    sender = OTLPLogExporter(f"{daemon.facts['otlp_http']}/v1/logs")
    provider.add_log_record_processor(SimpleLogRecordProcessor(sender))
    logger: Any = provider.get_logger("events")
    logger.emit(event_name="llmcost.call", attributes={"llmcost.record.seq": 7}, body="secret")
    provider.shutdown()
    found = "SELECT EventName, Body, LogAttributes FROM otel_logs WHERE ScopeName = 'events'"
    assert daemon.rows(found) == [["llmcost.call", "", {"llmcost.record.seq": "7"}]]


def test_json_is_stored_like_protobuf(daemon: Running) -> None:
    span = {
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": "eee19b7ec3c1b174",
        "startTimeUnixNano": str(START),
        "endTimeUnixNano": str(START + 5),
        "attributes": [{"key": "n", "value": {"intValue": "12"}}],
    }
    scope = {"scope": {"name": "json"}, "spans": [span]}
    body = json.dumps({"resourceSpans": [{"scopeSpans": [scope]}]}).encode()
    reply = daemon.otlp("traces", body, Content_Type="application/json; charset=utf-8")
    assert (reply.status, reply.body) == (200, b"{}")
    found = "SELECT TraceId, SpanId, SpanAttributes FROM otel_traces WHERE ScopeName = 'json'"
    assert daemon.rows(found) == [[span["traceId"], span["spanId"], {"n": "12"}]]


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_packed_bodies_are_unpacked(daemon: Running, pack: Any) -> None:
    name = "gzip" if pack is gzip.compress else "deflate"
    reply = daemon.otlp("traces", pack(records(1, first=900)), Content_Encoding=name)
    assert reply.status == 200


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (records(3, first=5000)[:-2], {}, 400),
        (b"not gzip", {"Content_Encoding": "gzip"}, 400),
        (gzip.compress(records(3, first=5000))[:-9], {"Content_Encoding": "gzip"}, 400),
        (b"x", {"Content_Encoding": "snappy"}, 400),
        (gzip.compress(bytes(64 << 20)), {"Content_Encoding": "gzip"}, 413),
        (b"{", {"Content_Type": "application/json"}, 400),
        (b"x", {"Content_Type": "text/plain"}, 415),
    ],
)
def test_what_is_no_request_is_refused_and_nothing_of_it_stored(
    daemon: Running, body: bytes, headers: dict[str, str], status: int
) -> None:
    reply = daemon.otlp("traces", body, **headers)
    assert reply.status == status
    reported = (
        json.loads(reply.body)["message"]
        if "Content_Type" in headers
        else status_pb2.Status.FromString(reply.body).message
    )
    assert reported
    assert daemon.rows(f"SELECT 1 FROM otel_traces WHERE TraceId = '{5001:032x}'") == []


def test_grpc_names_a_malformed_request(daemon: Running) -> None:
    with grpc.insecure_channel(daemon.facts["otlp_grpc"].removeprefix("http://")) as channel:
        export = channel.unary_unary(
            "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        )
        with pytest.raises(grpc.RpcError) as refused:
            export(b"\xff")
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_sending_everything_three_times_changes_nothing(daemon: Running) -> None:
    sums = (
        "SELECT toUInt32(count()), toString(sum(cost_usd)), toUInt32(sum(input_tokens)) "
        "FROM calls WHERE feature = 'replayed'"
    )
    bodies = [
        traces(
            *(record(n) | {"llmcost.feature": "replayed"} for n in range(at, at + 10)), first=at
        ).SerializeToString()
        for at in (7000, 7010, 7020)
    ]
    for order in (bodies, bodies[::-1], [b"".join(bodies)]):
        for body in order:
            assert daemon.otlp("traces", body).status == 200
        assert daemon.rows(sums) == [[30, "0.135", 30_000]]


def test_the_rest_of_a_request_is_stored_and_what_is_not_is_reported_to_the_sender(
    daemon: Running,
) -> None:
    request = traces(*(record(n) | {"llmcost.feature": "mixed"} for n in range(8000, 8003)))
    spans = request.resource_spans[0].scope_spans[0].spans
    spans[0].start_time_unix_nano = 0
    spans[1].trace_id = b"short"
    why = "2 of 3 spans: 1 broken_id, 1 no_time"
    answer = ExportTraceServiceResponse.FromString(
        daemon.otlp("traces", request.SerializeToString()).body
    )
    assert (answer.partial_success.rejected_spans, answer.partial_success.error_message) == (2, why)
    body = json_format.MessageToDict(request)
    for span in body["resourceSpans"][0]["scopeSpans"][0]["spans"]:
        span["traceId"] = base64.b64decode(span["traceId"]).hex()
        span["spanId"] = base64.b64decode(span["spanId"]).hex()
    reply = daemon.otlp("traces", json.dumps(body).encode(), Content_Type="application/json")
    assert json.loads(reply.body) == {"partialSuccess": {"rejectedSpans": "2", "errorMessage": why}}
    with grpc.insecure_channel(daemon.facts["otlp_grpc"].removeprefix("http://")) as channel:
        export = channel.unary_unary(
            "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
            response_deserializer=ExportTraceServiceResponse.FromString,
        )
        assert export(request.SerializeToString()).partial_success.rejected_spans == 2
    assert daemon.rows("SELECT toUInt32(count()) FROM calls WHERE feature = 'mixed'") == [[1]]
    reported = (
        "SELECT DISTINCT reason, service FROM rejected WHERE service = 'shop' ORDER BY reason"
    )
    assert daemon.rows(reported) == [["broken_id", "shop"], ["no_time", "shop"]]


def test_a_page_elsewhere_cannot_borrow_our_address(daemon: Running) -> None:
    for name in ("otlp_http", "http_url", "web"):
        assert get(f"{daemon.facts[name]}/ping", Host="evil.example").status == 400
