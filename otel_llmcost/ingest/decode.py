# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Checks one OTLP body and hands it on as the protobuf bytes the engine decodes.

Each body is parsed once here (upb, a few µs a span), so that a malformed one is refused alone
instead of failing the group it would be committed with. The parse uses OTLP's own messages with
one change: a value is a scalar or a list of strings, as in `otlp.proto`. Whatever does not fit
(bytes, nested lists, maps) shows as unknown fields, and only such bodies take the slow way through
`plain_values`, which writes these values as the text the Collector would store.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Literal, cast

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from google.protobuf.message import DecodeError, Message

# opentelemetry-proto ships type stubs for all but logs.
from opentelemetry.proto.collector.logs.v1 import (  # pyright: ignore[reportMissingTypeStubs]
    logs_service_pb2,
)
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.logs.v1 import logs_pb2  # pyright: ignore[reportMissingTypeStubs]
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

from otel_llmcost.ingest.validate import Rejected, drop_invalid

Signal = Literal["traces", "logs", "metrics"]

_REQUESTS: Mapping[Signal, type[Message]] = {
    "traces": trace_service_pb2.ExportTraceServiceRequest,
    "logs": logs_service_pb2.ExportLogsServiceRequest,
    "metrics": metrics_service_pb2.ExportMetricsServiceRequest,
}
_FAST_KINDS = {"string_value", "bool_value", "int_value", "double_value", "array_value"}


class MalformedBody(ValueError):
    """These bytes are not the OTLP request they claim to be."""


@dataclass(frozen=True)
class Body:
    """One request, ready for the engine, and the number of items (spans, records, points) in it."""

    data: bytes
    items: int
    """All that came, the rejected ones included."""
    rejected: tuple[Rejected, ...] = ()
    """Invalid items, which `data` has no longer."""

    def __len__(self) -> int:
        return len(self.data)

    @property
    def rejected_items(self) -> int:
        """How many were invalid."""
        return sum(part.items for part in self.rejected)

    @cached_property
    def digest(self) -> bytes:
        """What distinguishes these bytes from all others."""
        return hashlib.sha256(self.data).digest()


def from_protobuf(signal: Signal, body: bytes) -> Body:
    """Check protobuf bytes. Raises MalformedBody."""
    try:
        if signal == "metrics":
            return Body(body, _count(signal, _REQUESTS[signal].FromString(body)))
        request = _fast_messages()[signal].FromString(body)
        items = _count(signal, request)
        if rejected := drop_invalid(signal, request):
            complete = _REQUESTS[signal].FromString(body)
            drop_invalid(signal, complete)
            return Body(plain_values(complete), items, rejected)
        # Measuring costs as much as parsing; only an unusual encoder's body is measured twice.
        request.DiscardUnknownFields()
        known = request.ByteSize()
        if known == len(body) or known == _fast_messages()[signal].FromString(body).ByteSize():
            return Body(body, items)
        complete = _REQUESTS[signal].FromString(body)
    except DecodeError as error:
        raise MalformedBody(f"not an OTLP {signal} request: {error}") from error
    return Body(plain_values(complete), items)


def from_json(signal: Signal, body: bytes) -> Body:
    """Read OTLP/JSON, whose ids are hex where protobuf's JSON has base64. Raises MalformedBody."""
    try:
        document: Any = json.loads(body)
        if not isinstance(document, dict):
            raise ValueError("a JSON object is expected")
        _hex_ids_to_base64(document)
        request = _REQUESTS[signal]()
        json_format.ParseDict(cast("dict[str, Any]", document), request, ignore_unknown_fields=True)
    except (ValueError, RecursionError, json_format.ParseError) as error:
        raise MalformedBody(f"not an OTLP {signal} request: {error}") from error
    return from_protobuf(signal, request.SerializeToString())


def plain_values(request: Message) -> bytes:
    """The same request, with bytes, lists and maps written as text."""
    for value in _values(request):
        kind = value.WhichOneof("value")
        if kind in ("array_value", "kvlist_value", "bytes_value") and not _is_strings(value):
            value.string_value = as_text(value)
    return request.SerializeToString()


def as_text(value: Any) -> str:
    """The text of an AnyValue, as the Collector's `pcommon.Value.AsString` writes it."""
    raw = _raw(value)
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bytes):
        return base64.b64encode(raw).decode()
    try:
        text = json.dumps(
            raw,
            ensure_ascii=False,
            allow_nan=False,
            sort_keys=True,
            separators=(",", ":"),
            default=_base64,
        )
    except ValueError:
        return ""  # Go's encoder refuses NaN and the Collector then stores an empty string
    # Go's encoder escapes these for HTML.
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _base64(value: object) -> str:
    return base64.b64encode(cast(bytes, value)).decode()


def _raw(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_raw(item) for item in value.array_value.values]
    if kind == "kvlist_value":
        return {field.key: _raw(field.value) for field in value.kvlist_value.values}
    if kind == "double_value":
        double: float = value.double_value
        return int(double) if double.is_integer() and abs(double) < 1e21 else double
    return None if kind is None else getattr(value, kind)


def _is_strings(value: Any) -> bool:
    return value.WhichOneof("value") == "array_value" and all(
        item.WhichOneof("value") == "string_value" for item in value.array_value.values
    )


def _values(message: Any) -> Iterator[Any]:
    """Every attribute value of a request, wherever it hangs."""
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        # `field.is_repeated` needs protobuf 6.31.
        repeated = cast("list[Any]", [value] if isinstance(value, Message) else value)
        if field.message_type.name == "KeyValue":
            yield from (item.value for item in repeated)
        elif field.message_type.name != "AnyValue":  # a log body: never stored
            for item in repeated:
                yield from _values(item)


def _count(signal: Signal, request: Any) -> int:
    if signal == "traces":
        return sum(len(s.spans) for r in request.resource_spans for s in r.scope_spans)
    if signal == "logs":
        return sum(len(s.log_records) for r in request.resource_logs for s in r.scope_logs)
    return sum(len(s.metrics) for r in request.resource_metrics for s in r.scope_metrics)


def _hex_ids_to_base64(node: Any) -> None:
    if isinstance(node, list):
        for item in cast("list[Any]", node):
            _hex_ids_to_base64(item)
    elif isinstance(node, dict):
        for key, value in cast("dict[str, Any]", node).items():
            if key in ("traceId", "spanId", "parentSpanId") and isinstance(value, str):
                node[key] = base64.b64encode(_unhex(value)).decode()
            elif key not in ("attributes", "body"):
                _hex_ids_to_base64(value)


def _unhex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b"?"  # a broken id, which is rejected with its span and not with the whole request


@cache
def _fast_messages() -> Mapping[Signal, type[Message]]:
    """OTLP's request messages in a pool of their own, where values are scalars or string lists."""
    pool = descriptor_pool.DescriptorPool()
    for module in (
        common_pb2,
        resource_pb2,
        trace_pb2,
        logs_pb2,
        trace_service_pb2,
        logs_service_pb2,
    ):
        file = descriptor_pb2.FileDescriptorProto()
        cast(Any, module).DESCRIPTOR.CopyToProto(file)
        if module is common_pb2:
            _narrow(file)
        pool.AddSerializedFile(file.SerializeToString())
    return {
        signal: message_factory.GetMessageClass(
            pool.FindMessageTypeByName(_REQUESTS[signal].DESCRIPTOR.full_name)
        )
        for signal in ("traces", "logs")
    }


def _narrow(common: descriptor_pb2.FileDescriptorProto) -> None:
    messages = {message.name: message for message in common.message_type}
    any_value, array = messages["AnyValue"], messages["ArrayValue"]
    text = common.message_type.add(name="Text")
    text.field.add().CopyFrom(any_value.field[0])
    text.field[0].ClearField("oneof_index")
    kept = [field for field in any_value.field if field.name in _FAST_KINDS]
    del any_value.field[:]
    any_value.field.extend(kept)
    array.field[0].type_name = f".{common.package}.Text"
