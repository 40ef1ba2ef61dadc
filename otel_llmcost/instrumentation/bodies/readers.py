# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Readers of response bodies, fed with the decoded bytes as the application pulls them.

`feed` and `end` return what the application gets: the same bytes, except that the usage which was
requested on its behalf is taken out of OpenAI chat streams again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast

from otel_llmcost.guard import guard
from otel_llmcost.instrumentation.bodies.unfinished import LONG, Unfinished

_FRAME_END = re.compile(rb"\r?\n\r?\n|\r\r")
_USAGE_NULL = re.compile(rb',\s*"usage"\s*:\s*null|"usage"\s*:\s*null\s*,\s*')
_FRAMES_UNTIL_NAMED = 8  # the first chunks of a chat need not name its model (Azure)
_DELTA = re.compile(
    rb"event:\s*(?:content_block_delta|[\w.]+\.delta)\r?\n"
    rb'|data:\s*\{\s*"type"\s*:\s*"(?:content_block_delta|[\w.]+\.delta)"'
)
_CHAT_MATTERS = re.compile(rb'"usage"\s*:\s*\{|"finish_reason"\s*:\s*"')
_CHUNK_FIELDS = frozenset(
    {"id", "object", "created", "model", "choices", "usage"}
    | {"service_tier", "system_fingerprint", "obfuscation"}
)
_decode = json.JSONDecoder().decode
_frame_guard = guard("bodies.frame")
_reader_guard = guard("bodies.reader")


class Reader(Protocol):
    """Folds the events of a stream; see `providers.stream_reader`."""

    def feed(self, event: Mapping[str, Any]) -> None: ...
    def response(self) -> dict[str, Any]: ...
    @property
    def complete(self) -> bool: ...
    @property
    def error(self) -> str | None: ...


class Body(Protocol):
    """What a tee needs of a body."""

    held: bytes | bytearray
    """What was fed and has not been handed on yet"""

    def feed(self, chunk: bytes) -> bytes: ...
    def end(self) -> bytes: ...
    def response(self) -> dict[str, Any]: ...
    @property
    def complete(self) -> bool: ...
    @property
    def error(self) -> str | None: ...


def parse_object(content: bytes) -> dict[str, Any]:
    """`content` as a JSON object; empty for anything else, such as audio or an HTML page."""
    if content[:64].lstrip()[:1] != b"{":
        return {}
    try:
        # As `json.loads`, which looks for five other encodings first.
        value = _decode(content.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


class JsonBody:
    """A JSON reply that the application reads later."""

    __slots__ = ("_begun", "complete", "error", "held")

    def __init__(self) -> None:
        self._begun = Unfinished()
        self.held: bytes | bytearray = b""
        self.complete = False
        self.error: str | None = None

    def feed(self, chunk: bytes) -> bytes:
        self._begun.add(chunk)
        return chunk

    def end(self) -> bytes:
        self.complete = True
        return b""

    def response(self) -> dict[str, Any]:
        return parse_object(self._begun.take()) if self.complete else {}


class LinesBody:
    """JSON lines, handed on one by one."""

    __slots__ = ("_begun", "_take", "complete", "error", "held")

    def __init__(self, take: Callable[[Mapping[str, Any]], None]) -> None:
        self._take = take
        self._begun = Unfinished()
        self.held: bytes | bytearray = b""
        self.complete = False
        self.error: str | None = None

    def feed(self, chunk: bytes) -> bytes:
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            self._begun.add(end)
            self._line(self._begun.take())
        self._begun.add(rest)
        return chunk

    def end(self) -> bytes:
        self._line(self._begun.take())
        self.complete = True
        return b""

    def response(self) -> dict[str, Any]:
        return {}

    def _line(self, line: bytes) -> None:
        if found := parse_object(line):
            self._take(found)


class OpaqueBody:
    """A reply that is not JSON, such as audio; its bytes say nothing about cost."""

    __slots__ = ("complete", "error", "held")

    def __init__(self) -> None:
        self.held: bytes | bytearray = b""
        self.complete = False
        self.error: str | None = None

    def feed(self, chunk: bytes) -> bytes:
        return chunk

    def end(self) -> bytes:
        self.complete = True
        return b""

    def response(self) -> dict[str, Any]:
        return {}


class EventStream:
    """A stream of server-sent events. Frames that cannot matter for cost are not decoded.

    With `strip` a frame is held back until it is whole, unless it is much longer than the usage
    that has to be taken out.
    """

    __slots__ = (
        *("_begun", "_passing", "_reader", "_strip", "_unnamed"),
        *("complete", "error", "held"),
    )

    def __init__(self, reader: Reader, *, strip: bool = False) -> None:
        self._reader = reader
        self._strip = strip
        self._begun = Unfinished()
        self._passing = not strip
        self._unnamed = _FRAMES_UNTIL_NAMED
        self.held: bytes | bytearray = self._begun.kept if strip else b""
        self.complete = False
        self.error: str | None = None

    def response(self) -> dict[str, Any]:
        return self._reader.response()

    def feed(self, chunk: bytes) -> bytes:
        begun = self._begun
        if not begun.size:
            if not (self._strip or self._unnamed) and chunk[-2:] == b"\n\n" and _are_plain(chunk):
                return chunk
            kept = self._frames(chunk)
        elif (end := _end_in(begun.tail, chunk)) < 0:
            kept = self._more(chunk)
        elif begun.size <= LONG:
            kept = self._frames(bytes(begun.kept) + chunk)
        else:
            kept = self._end_of_long_frame(chunk, end)
        return kept if self._strip else chunk

    def end(self) -> bytes:
        handed_on = self._passing
        rest = self._begun.take()
        rest = self._frame(rest) if rest else rest
        self.held = b""
        return b"" if handed_on else rest

    def _frames(self, data: bytes) -> bytes:
        """Take the whole frames of `data`, which begins with a frame; the rest waits."""
        if not self._unnamed and data.endswith(b"\n\n") and _are_plain(data):
            if self._begun.size:
                self._begun.restart()
            return _without_null_usages(data) if self._strip else data
        frame_end = _any_frame_end if b"\r" in data else _frame_end
        kept: list[bytes] = []
        start = 0
        while (end := frame_end(data, start)) > 0:
            kept.append(self._frame(data[start:end]))
            start = end
        rest = data[start:]
        if len(rest) > LONG and self._strip:
            kept.append(self._pass(rest))
        elif rest or self._begun.size:
            self._begun.restart(rest)
        return b"".join(kept)

    def _more(self, chunk: bytes) -> bytes:
        """Take the middle of a frame."""
        if not self._passing and self._begun.size + len(chunk) > LONG:
            return self._pass(bytes(self._begun.kept) + chunk)
        self._begun.add(chunk)
        return chunk if self._passing else b""

    def _pass(self, data: bytes) -> bytes:
        """Stop holding back the frame that begins with `data`."""
        self.held, self._passing = b"", True
        with _frame_guard:  # handed on whatever becomes of it here
            self._begun.restart(data)
        return data

    def _end_of_long_frame(self, chunk: bytes, end: int) -> bytes:
        with _frame_guard:
            self._begun.add(chunk[:end])
            self._frame(self._begun.take())
        self._begun = Unfinished()
        self._passing = not self._strip
        self.held = self._begun.kept if self._strip else b""
        return chunk[:end] + self._frames(chunk[end:])

    def _frame(self, frame: bytes) -> bytes:
        with _frame_guard:
            if not self._unnamed and _is_plain(frame):
                return _without_null_usage(frame) if self._strip else frame
            event = _event(frame)
            if event is not None:
                if self._unnamed:
                    self._unnamed -= 1
                with _reader_guard:  # what was requested is taken out even if it cannot be read
                    self._reader.feed(event)
                    if "choices" not in event or "model" in self._reader.response():
                        self._unnamed = 0
                    self.complete, self.error = self._reader.complete, self._reader.error
                if self._strip:
                    return _without_usage(frame, event)
        return frame


def _are_plain(frames: bytes) -> bool:
    """Whether all of these whole frames carry only content. In doubt they do not."""
    # Each chunk of a stream comes here, and `in` takes twice as long as `count` and `find` do.
    count = frames.count
    number = count(b"\n\n")
    if count(b"\r"):
        return False
    # Real newlines cannot occur inside a JSON string, nor can unescaped quotes.
    if count(b'"choices":') != number:
        deltas = count(b"content_block_delta\ndata:") or count(b".delta\ndata:")
        return deltas == number
    usages = count(b'"usage"')
    if usages and not usages == count(b'"usage":null') == number:
        return False
    reasons = count(b'"finish_reason"')
    nulls = count(b'"finish_reason":null') or count(b'"finish_reason": null')
    if reasons != nulls or count(b'"error"'):
        return False
    return number == 1 or not count(b"[DONE]")  # a frame of its own, without choices


def _end_in(tail: bytes, chunk: bytes) -> int:
    """Where in `chunk` the frame ends whose last bytes so far are `tail`; -1 when it goes on."""
    data = tail + chunk
    end = (_any_frame_end if b"\r" in data else _frame_end)(data, 0)
    return end - len(tail) if end >= 0 else -1


def _frame_end(data: bytes, start: int) -> int:
    end = data.find(b"\n\n", start)
    return end + 2 if end >= 0 else -1


def _any_frame_end(data: bytes, start: int) -> int:
    match = _FRAME_END.search(data, start)
    return match.end() if match else -1


def _is_plain(frame: bytes) -> bool:
    """Whether this is one of the many frames that carry only content."""
    if _DELTA.match(frame):
        return True
    return frame.count(b'"choices"') > 0 and _CHAT_MATTERS.search(frame) is None


def _event(frame: bytes) -> Mapping[str, Any] | None:
    lines = [
        line[5:].removeprefix(b" ") for line in frame.splitlines() if line.startswith(b"data:")
    ]
    data = b"\n".join(lines)
    if data.strip() == b"[DONE]":
        return {"type": "[DONE]"}
    if not data:
        return None
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", event) if isinstance(event, dict) else None


def _without_null_usages(frames: bytes) -> bytes:
    # The pattern takes ten times as long as looking for how OpenAI writes it.
    rest = frames.replace(b',"usage":null', b"")
    return _USAGE_NULL.sub(b"", frames) if rest.count(b'"usage"') else rest


def _without_null_usage(frame: bytes) -> bytes:
    # Unescaped quotes cannot occur inside a JSON string, so this never touches content.
    return _USAGE_NULL.sub(b"", frame, count=1) if b'"usage"' in frame else frame


def _without_usage(frame: bytes, event: Mapping[str, Any]) -> bytes:
    if "usage" not in event:
        return frame
    if event["usage"] is None:
        return _without_null_usage(frame)
    if event.get("choices") == [] and _CHUNK_FIELDS.issuperset(event):
        return b""
    rest = {key: value for key, value in event.items() if key != "usage"}
    return (
        b"data: " + json.dumps(rest, separators=(",", ":"), ensure_ascii=False).encode() + b"\n\n"
    )
