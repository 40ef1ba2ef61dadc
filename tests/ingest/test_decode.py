# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""One OTLP body becomes the bytes the engine decodes, or is refused."""

from __future__ import annotations

import base64
import json

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from otel_llmcost.ingest import MalformedBody, decode
from tests.ingest.bodies import any_value, record, records, traces


def test_a_body_of_plain_values_passes_unchanged() -> None:
    body = records(3)
    assert decode.from_protobuf("traces", body) == decode.Body(body, 3)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"\x00\xff", "AP8="),
        ([1, 2.5, True, "a"], '[1,2.5,true,"a"]'),
        ([["deep", [1]], {"b": 1, "a": b"xy"}], '[["deep",[1]],{"a":"eHk=","b":1}]'),
        ({"z": 1.0, "a": None}, '{"a":null,"z":1}'),
        ({"html": "<b>&"}, r'{"html":"\u003cb\u003e\u0026"}'),
        ({"nan": float("nan")}, ""),
    ],
)
def test_other_values_become_the_text_the_collector_stores(value: object, text: str) -> None:
    body = traces({"x": value}).SerializeToString()
    found = ExportTraceServiceRequest.FromString(decode.from_protobuf("traces", body).data)
    span = found.resource_spans[0].scope_spans[0].spans[0]
    assert span.attributes[0].value == any_value(text)


@pytest.mark.parametrize("body", [b"\xff", b"hello", records(2)[:-3], b"\x0a\x05\x0a\x09abc"])
def test_bytes_that_are_no_request_are_refused(body: bytes) -> None:
    with pytest.raises(MalformedBody, match="not an OTLP traces request"):
        decode.from_protobuf("traces", body)


def test_a_body_nested_without_end_is_refused() -> None:
    value = b""
    for _ in range(200):
        for tag in (b"\x0a", b"\x2a"):  # ArrayValue.values, AnyValue.array_value
            value = tag + varint(len(value)) + value
    attribute = b"\x12" + varint(len(value)) + value
    body = b"\x4a" + varint(len(attribute)) + attribute  # Span.attributes
    for tag in (b"\x12", b"\x12", b"\x0a"):
        body = tag + varint(len(body)) + body
    with pytest.raises(MalformedBody):
        decode.from_protobuf("traces", body)


def varint(number: int) -> bytes:
    return bytes([number & 127 | 128]) + varint(number >> 7) if number > 127 else bytes([number])


def as_json(number: int) -> dict[str, object]:
    return {
        "traceId": "5B8EFFF798038103D269B633813FC60C",
        "spanId": "EEE19B7EC3C1B174",
        "name": "chat",
        "kind": 3,
        "startTimeUnixNano": "1795000000000000000",
        "endTimeUnixNano": 1795000000900000000,
        "attributes": [
            {"key": "llmcost.record.id", "value": {"stringValue": f"{number:032x}"}},
            {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "12"}},
            {"key": "raw", "value": {"bytesValue": base64.b64encode(b"x").decode()}},
            {"key": "traceId", "value": {"stringValue": "not an id"}},
        ],
        "somethingNew": 1,
    }


def test_json_ids_are_hex_and_unknown_fields_are_ignored() -> None:
    document = {"resourceSpans": [{"scopeSpans": [{"spans": [as_json(1)]}]}]}
    body = decode.from_json("traces", json.dumps(document).encode())
    span = ExportTraceServiceRequest.FromString(body.data).resource_spans[0].scope_spans[0].spans[0]
    assert body.items == 1
    assert span.trace_id.hex() == "5b8efff798038103d269b633813fc60c"
    assert span.span_id.hex() == "eee19b7ec3c1b174"
    assert span.end_time_unix_nano - span.start_time_unix_nano == 900_000_000


def test_numbers_of_any_kind_may_be_text_or_numbers() -> None:
    """As OpenRouter's Broadcast sends them."""
    values = [{"intValue": 25}, {"intValue": "25"}, {"doubleValue": "0.0069"}, {"doubleValue": 1}]
    sent = as_json(1) | {
        "attributes": [{"key": str(key), "value": value} for key, value in enumerate(values)],
        "status": {"code": 1},
    }
    document = {"resourceSpans": [{"scopeSpans": [{"scope": {"name": "x"}, "spans": [sent]}]}]}
    body = decode.from_json("traces", json.dumps(document).encode())
    span = ExportTraceServiceRequest.FromString(body.data).resource_spans[0].scope_spans[0].spans[0]
    ints, doubles = span.attributes[:2], span.attributes[2:]
    assert [item.value.int_value for item in ints] == [25, 25]
    assert [item.value.double_value for item in doubles] == [0.0069, 1.0]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"resourceSpans": 1}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_json_that_is_no_request_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedBody):
        decode.from_json("traces", body)


def test_metrics_are_counted() -> None:
    body = b'{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"a"},{"name":"b"}]}]}]}'
    assert decode.from_json("metrics", body).items == 2


def test_records_keep_their_own_attributes() -> None:
    from otel_llmcost.ingest import content

    assert [key for key in record(0) if content.is_content(key)] == []
