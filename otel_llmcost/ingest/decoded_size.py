# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What it takes to decode an OTLP body, computed from its structure without decoding it.

A body of empty messages, two or three bytes each, becomes 60 times its size in memory and minutes
of CPU. So messages are counted first, and bounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

MAX_MESSAGES = 1_000_000
"""Messages in one body: spans, attributes, events … A batch of 8,192 spans has some 200,000."""
_MESSAGE = 120
_JSON_OBJECT = 260
_JSON_VALUE = 60
# Above it, messages inside of spans and log records are counted too.
_DEEP = 1 << 20
# Numbers of the fields that hold messages, and the fields of those.
_Fields = Mapping[int, Any]

_VALUE: dict[int, Any] = {}
_ATTRIBUTE: _Fields = {2: _VALUE}
_VALUE.update({5: {1: _VALUE}, 6: {1: _ATTRIBUTE}})
_RESOURCE: _Fields = {1: _ATTRIBUTE}
_SCOPE: _Fields = {3: _ATTRIBUTE}
_ITEMS: Mapping[str, _Fields] = {
    "traces": {9: _ATTRIBUTE, 11: {3: _ATTRIBUTE}, 13: {4: _ATTRIBUTE}, 15: {}},
    "logs": {5: _VALUE, 6: _ATTRIBUTE},
    "metrics": {number: {1: {7: _ATTRIBUTE, 9: _ATTRIBUTE}} for number in (5, 7, 9, 10, 11)},
}


class TooManyMessages(ValueError):
    """More messages than one body may have."""


def decoded_bytes(signal: str, body: bytes, encoding: Literal["protobuf", "json"]) -> int:
    """About how much memory decoding takes, at most. Raises TooManyMessages."""
    if encoding == "json":
        objects = body.count(b"{") + body.count(b"[")
        if objects > MAX_MESSAGES:
            raise TooManyMessages(_why(objects))
        return 4 * len(body) + _JSON_OBJECT * objects + _JSON_VALUE * body.count(b",")
    return 3 * len(body) + _MESSAGE * count(signal, body)


def count(signal: str, body: bytes) -> int:
    """How many messages a protobuf body has. Raises TooManyMessages."""
    item: _Fields = _ITEMS[signal] if len(body) > _DEEP else {}
    request: _Fields = {1: {1: _RESOURCE, 2: {1: _SCOPE, 2: item}}}
    found = 0
    waiting: list[tuple[int, int, _Fields]] = [(0, len(body), request)]
    while waiting:
        at, end, fields = waiting.pop()
        while at < end:
            tag, at = (body[at], at + 1) if body[at] < 128 else _varint(body, at)
            kind = tag & 7
            if kind == 2:
                size, at = _varint(body, at)
                inner = fields.get(tag >> 3)
                if inner is not None:
                    found += 1
                    if found > MAX_MESSAGES:
                        raise TooManyMessages(_why(found))
                    if inner and size:
                        waiting.append((at, min(at + size, end), cast(_Fields, inner)))
                at += size
            elif kind == 0:
                _, at = _varint(body, at)
            elif kind in (1, 5):
                at += 8 if kind == 1 else 4
            else:
                break  # a group, or no protobuf at all: the decoder will say so
    return found


def _varint(body: bytes, at: int) -> tuple[int, int]:
    """The number at a place, and where the next field begins; beyond the end when it is cut."""
    number = shift = 0
    while at < len(body):
        byte = body[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            break
        shift += 7
        if shift > 63:
            break
    return number, at


def _why(found: int) -> str:
    return f"{found:,} messages in one body are too many: send smaller batches"
