# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The start of a frame, line or body whose end has not arrived: linear time, bounded memory.

A streamed image is one frame of many megabytes. No price depends on the text inside long JSON
strings or on long lists of numbers, so beyond `LONG` bytes they are left out of what is kept.
"""

from __future__ import annotations

import re

LONG = 1 << 20
"""Bytes up to which everything is kept."""
MOST = 8 << 20
"""Bytes of abridged JSON beyond which nothing is kept: no provider's reply looks like that."""
_LONG_RUN = 4096

_IN_STRING = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)
_NUMBERS = re.compile(rb"[-+.0-9eE,\s]*")
_OTHER = re.compile(rb'[^-+.0-9eE,\s"]*')


class Unfinished:
    """Bytes that wait for the rest of their frame."""

    __slots__ = ("_abridge", "kept", "size", "tail")

    def __init__(self) -> None:
        self.kept = bytearray()
        """What is kept: all that was added, until that is too long. Always the same object."""
        self.size = 0
        """How many bytes were added."""
        self.tail = b""
        """The last three bytes that were added."""
        self._abridge: _Abridge | None = None

    def add(self, data: bytes) -> None:
        """Append `data`."""
        self.size += len(data)
        self.tail = data[-3:] if len(data) >= 3 else (self.tail + data)[-3:]
        if self.size <= LONG:
            self.kept += data
            return
        if self._abridge is None:
            self._abridge, data = _Abridge(), bytes(self.kept) + data
            self.kept.clear()
        self.kept += self._abridge.feed(data)
        if len(self.kept) > MOST:
            self.kept.clear()
            self._abridge.keeps = False

    def restart(self, data: bytes = b"") -> None:
        """Forget what was added, and begin with `data`."""
        self._abridge = None
        if len(data) > LONG:
            self.kept.clear()
            self.size = 0
            self.add(data)
        else:
            self.kept[:] = data
            self.size = len(data)
            self.tail = data[-3:]

    def take(self) -> bytes:
        """What is kept; then nothing is."""
        if self._abridge is not None:
            self.kept += self._abridge.end()
        kept = bytes(self.kept)
        self.restart()
        return kept


class _Abridge:
    """Copies JSON text, fed in pieces, without the inside of its long strings and number lists."""

    __slots__ = ("_escape", "_in_string", "_run", "_run_size", "keeps")

    def __init__(self) -> None:
        self._in_string = False
        self._escape = b""  # a backslash whose second character has not arrived
        self._run = bytearray()  # of the string or numbers under way
        self._run_size = 0
        self.keeps = True

    def feed(self, data: bytes) -> bytes:
        """What to keep of `data`, and of earlier data whose length is known only now."""
        if not self.keeps:
            return b""
        data, self._escape = self._escape + data, b""
        out = bytearray()
        at = 0
        while at < len(data):
            end = _end_of(_IN_STRING if self._in_string else _NUMBERS, data, at)
            self._extend_run(data[at:end])
            if end == len(data):
                break
            if self._in_string and data[end : end + 1] == b"\\":
                self._escape = data[end:]
                break
            out += self._end_of_run()
            if not self._in_string:
                other = _end_of(_OTHER, data, end)
                out += data[end:other]
                end = other
            if data[end : end + 1] == b'"':
                out += b'"'
                self._in_string = not self._in_string
                end += 1
            at = end
        return bytes(out)

    def end(self) -> bytes:
        """What is left when no more data follows."""
        return self._end_of_run() + self._escape if self.keeps else b""

    def _extend_run(self, data: bytes) -> None:
        self._run_size += len(data)
        if self._run_size <= _LONG_RUN:
            self._run += data
        else:
            self._run.clear()

    def _end_of_run(self) -> bytes:
        run = bytes(self._run)
        self._run.clear()
        self._run_size = 0
        return run


def _end_of(pattern: re.Pattern[bytes], data: bytes, start: int) -> int:
    match = pattern.match(data, start)
    return match.end() if match else start
