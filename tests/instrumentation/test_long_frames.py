# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Frames of many megabytes, in any pieces: same bytes, same usage, linear time, little memory."""

from __future__ import annotations

import base64
import copy
import json
import pickle
import random
from typing import Any

import pytest

from benchmarks.frames import USAGE, frame, measure, pieces
from otel_llmcost import providers
from otel_llmcost.instrumentation import uninstrument
from otel_llmcost.instrumentation.bodies.aws import AwsEventStream
from otel_llmcost.instrumentation.bodies.readers import EventStream, JsonBody, LinesBody
from otel_llmcost.instrumentation.bodies.unfinished import LONG, MOST, Unfinished
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import (
    Api,
    Server,
    assert_exact,
    chunk_frames,
    message_frames,
    sse,
)
from tests.instrumentation.sdk_http import httpx


class Events:
    """A reader that keeps every event."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.complete = False
        self.error = None

    def feed(self, event: Any) -> None:
        self.events.append(event)

    def response(self) -> dict[str, Any]:
        return {"events": self.events}


def split(body: bytes, rng: random.Random, most: int) -> list[bytes]:
    found: list[bytes] = []
    at = 0
    while at < len(body):
        size = rng.randint(1, most)
        found.append(body[at : at + size])
        at += size
    return found


def fed(chunks: list[bytes], *, strip: bool) -> tuple[bytes, list[Any]]:
    reader = Events()
    stream = EventStream(reader, strip=strip)
    out = b"".join(stream.feed(chunk) for chunk in chunks) + stream.end()
    return out, reader.events


@pytest.mark.parametrize("ending", [b"\n\n", b"\r\n\r\n", b"\r\r"])
@pytest.mark.parametrize("strip", [False, True])
@pytest.mark.parametrize("cut", [b"", b'data: {"rest": 1}'])
def test_pieces_of_any_size_are_read_as_one(ending: bytes, strip: bool, cut: bytes) -> None:
    frames = [*chunk_frames(with_usage=True), *message_frames(), b": comment\n\n"]
    body = b"".join(f.replace(b"\n\n", ending) for f in frames) + cut
    unsplit = fed([body], strip=strip)
    assert unsplit[0] != body if strip else unsplit[0] == body
    rng = random.Random(1)
    for most in (1, 2, 3, 7, 50, 300):
        out, events = fed(split(body, rng, most), strip=strip)
        assert out == unsplit[0]
        assert [e for e in events if "usage" in str(e)] == [
            e for e in unsplit[1] if "usage" in str(e)
        ]


@pytest.mark.parametrize("strip", [False, True])
def test_a_long_frame_between_others_is_passed_on_complete_and_read(strip: bool) -> None:
    long = frame(3)
    before, after = chunk_frames(with_usage=False)[:2], sse({"choices": [], "usage": {"n": 1}})
    body = b"".join(before) + long + after + b"data: [DONE]\n\n"
    expected = body.replace(after, b"") if strip else body
    for most in (4096, 1 << 20, 5 << 20):
        out, events = fed(split(body, random.Random(2), most), strip=strip)
        assert out == expected
        assert [e["usage"] for e in events if "usage" in e] == [USAGE, {"n": 1}]


def test_a_long_frame_is_handed_on_before_its_end() -> None:
    stream = EventStream(Events(), strip=True)
    arriving = pieces(frame(3))
    out = sum(len(stream.feed(piece)) for piece in arriving[:-1])
    assert out == sum(map(len, arriving[:-1]))


@pytest.mark.parametrize("strip", [False, True])
def test_time_grows_with_the_length_and_memory_does_not(strip: bool) -> None:
    small, large = measure(4, strip=strip), measure(16, strip=strip)
    assert large[2] < small[2] * 1.5 < 8
    took = large[0] / small[0]
    assert took < 12, "four times the length: four times the time, sixteen times when quadratic"


def test_nothing_is_kept_of_what_is_no_json() -> None:
    unfinished = Unfinished()
    for _ in range(40):
        unfinished.add(b"<p>" * (LONG // 3))
        assert len(unfinished.kept) <= MOST + LONG
    assert unfinished.take() == b""


LONG_TEXTS = [
    "a" * 3_000_000,
    'quoted \\" \\ \n ' * 200_000,
    "\u6f22\u5b57 \U0001f600" * 200_000,
    "ends in a backslash \\" * 150_000,
]


@pytest.mark.parametrize("text", LONG_TEXTS)
@pytest.mark.parametrize("ascii_only", [False, True])
def test_what_is_kept_of_a_long_body_is_json_without_its_long_texts(
    text: str, ascii_only: bool
) -> None:
    value = {
        "a": {"short": 'x"\\', "n": [1, -2.5e3, True, None]},
        "text": text,
        "vector": [0.25] * 100_000,
        "usage": {"total_tokens": 12},
    }
    body = json.dumps(value, ensure_ascii=ascii_only).encode()
    for most in (101, 4096, len(body)):
        read = JsonBody()
        for chunk in split(body, random.Random(3), most):
            assert read.feed(chunk) == chunk
        read.end()
        assert read.response() == {**value, "text": "", "vector": []}


def test_long_lines_of_a_batch_are_read() -> None:
    lines: list[Any] = []
    values = [{"n": n, "text": "x" * (n * 900_000), "usage": {"n": n}} for n in range(4)]
    body = b"\n".join(json.dumps(value).encode() for value in values)
    read = LinesBody(lines.append)
    for piece in pieces(body):
        assert read.feed(piece) == piece
    read.end()
    assert [line["usage"] for line in lines] == [{"n": n} for n in range(4)]


def test_long_messages_of_bedrock_are_read_and_garbage_is_not_kept() -> None:
    reader = Events()
    stream = AwsEventStream(reader)
    event = base64.b64encode(json.dumps({"text": "x" * 3_000_000, "n": 7}).encode()).decode()
    payload = json.dumps({"bytes": event}).encode()
    size = 12 + len(payload) + 4
    message = size.to_bytes(4, "big") + bytes(8) + payload + bytes(4)
    for piece in pieces(message * 2):
        assert stream.feed(piece) == piece
    assert [event["n"] for event in reader.events] == [7, 7]
    for piece in pieces(b"\x7f" * 3_000_000):
        assert stream.feed(piece) == piece
    assert len(stream._buffer) < 1_000_000  # pyright: ignore[reportPrivateUsage]


async def test_a_streamed_image_is_priced_by_its_last_frame(
    telemetry: Telemetry, is_async: bool, server: Server
) -> None:
    api = Api("openai", is_async, server)
    server.queued.append(server.stream(pieces(frame(3))))
    made = api.client.images.generate(model="gpt-image-1", prompt="a hat", stream=True)
    events = await api.consume(await made if is_async else made)
    assert len(events[-1].b64_json) == 3_000_000
    assert telemetry.record["llmcost.cost.status"] == "priced"
    assert telemetry.record["gen_ai.usage.output_tokens"] == 50


@pytest.mark.parametrize("way", ["pickle", "copy", "deepcopy"])
async def test_an_unread_response_can_be_pickled_and_copied(
    telemetry: Telemetry, api: Api, way: str
) -> None:
    ways: dict[str, Any] = {
        "pickle": lambda r: pickle.loads(pickle.dumps(r)),
        "copy": copy.copy,
        "deepcopy": copy.deepcopy,
    }
    stream = await api.open_stream()
    copied: httpx.Response = ways[way](stream.response)
    uninstrument()
    plain = await api.open_stream()
    without_us: httpx.Response = ways[way](plain.response)
    assert copied.__dict__.keys() == without_us.__dict__.keys()
    assert copied.status_code == 200
    await api.close(plain)
    await api.consume(stream)
    assert_exact(telemetry.record, api.sdk)


def test_a_reader_of_images_finds_the_usage() -> None:
    reader = providers.stream_reader("openai", "/v1/images/generations")
    stream = EventStream(reader)
    for piece in pieces(frame(2)):
        stream.feed(piece)
    assert reader.complete
    assert reader.response()["usage"] == USAGE
