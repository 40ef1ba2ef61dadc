# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Bedrock's streams: binary messages of `application/vnd.amazon.eventstream`, an event in each."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from otel_llmcost.guard import guard
from otel_llmcost.instrumentation._bodies import Reader, parse_object

_PRELUDE = 12  # total length, length of the headers, checksum
_CHECKSUM = 4
_message_guard = guard("aws.message")


class AwsEventStream:
    """Reads messages as they arrive; the checksums are the SDK's business."""

    __slots__ = ("_buffer", "_reader", "held")

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._buffer = self.held = b""

    @property
    def complete(self) -> bool:
        return self._reader.complete

    @property
    def error(self) -> str | None:
        return self._reader.error

    def response(self) -> dict[str, Any]:
        return self._reader.response()

    def feed(self, chunk: bytes) -> bytes:
        self._buffer += chunk
        while len(self._buffer) >= _PRELUDE:
            length = int.from_bytes(self._buffer[:4], "big")
            if length < _PRELUDE + _CHECKSUM:
                self._buffer = b""  # not such a stream
            if len(self._buffer) < length:
                break
            message, self._buffer = self._buffer[:length], self._buffer[length:]
            with _message_guard:
                self._take(message)
        return chunk

    def end(self) -> bytes:
        return b""

    def _take(self, message: bytes) -> None:
        headers = int.from_bytes(message[4:8], "big")
        payload = parse_object(message[_PRELUDE + headers : -_CHECKSUM])
        encoded = payload.get("bytes")
        if not isinstance(encoded, str):
            return
        try:
            event = parse_object(base64.b64decode(encoded))
        except binascii.Error:
            return
        if event:
            self._reader.feed(event)
