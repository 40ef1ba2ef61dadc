# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Bedrock's streams: binary messages of `application/vnd.amazon.eventstream`, an event in each."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from otel_llmcost.guard import guard
from otel_llmcost.instrumentation.bodies.readers import Reader, parse_object

_PRELUDE = 12  # total length, length of the headers, checksum
_CHECKSUM = 4
_LONGEST = 32 << 20  # AWS allows 24 MB
_message_guard = guard("aws.message")


class AwsEventStream:
    """Reads messages as they arrive; the checksums are the SDK's business."""

    __slots__ = ("_buffer", "_readable", "_reader", "held")

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._buffer = bytearray()
        self._readable = True
        self.held: bytes | bytearray = b""

    @property
    def complete(self) -> bool:
        return self._reader.complete

    @property
    def error(self) -> str | None:
        return self._reader.error

    def response(self) -> dict[str, Any]:
        return self._reader.response()

    def feed(self, chunk: bytes) -> bytes:
        if self._readable:
            self._buffer += chunk
            self._messages()
        return chunk

    def _messages(self) -> None:
        """Take the whole messages of the buffer."""
        start = 0
        while len(self._buffer) - start >= _PRELUDE:
            length = int.from_bytes(self._buffer[start : start + 4], "big")
            if not _PRELUDE + _CHECKSUM <= length <= _LONGEST:
                self._readable = False  # not such a stream
                self._buffer.clear()
                return
            if len(self._buffer) - start < length:
                break
            message = bytes(self._buffer[start : start + length])
            start += length
            with _message_guard:
                self._take(message)
        del self._buffer[:start]

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
