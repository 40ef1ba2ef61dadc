# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Both providers without a network: a short reply, and a stream of many chunks."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Iterator

import httpx2

CHUNKS = 300

MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-opus-5-5",
    "content": [{"type": "text", "text": "Your parcel arrives tomorrow."}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {
        "input_tokens": 120,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 2048,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": 60,
        "service_tier": "standard",
        "inference_geo": "global",
    },
}
COMPLETION = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-6-sol",
    "service_tier": "default",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "Your parcel arrives tomorrow."},
        }
    ],
    "usage": {"prompt_tokens": 120, "completion_tokens": 60, "total_tokens": 180},
}


def sse(events: list[tuple[str | None, object]]) -> bytes:
    frames = []
    for name, data in events:
        head = f"event: {name}\n" if name else ""
        body = data if isinstance(data, str) else json.dumps(data)
        frames.append(f"{head}data: {body}\n\n")
    return "".join(frames).encode()


def anthropic_stream() -> bytes:
    start = {**MESSAGE, "content": [], "stop_reason": None}
    delta = {"type": "text_delta", "text": "word "}
    return sse(
        [
            ("message_start", {"type": "message_start", "message": start}),
            (
                "content_block_start",
                {
                    "type": "content_block_start",
                    "index": 0,
                    "content_block": {"type": "text", "text": ""},
                },
            ),
            *[
                ("content_block_delta", {"type": "content_block_delta", "index": 0, "delta": delta})
                for _ in range(CHUNKS)
            ],
            ("content_block_stop", {"type": "content_block_stop", "index": 0}),
            (
                "message_delta",
                {
                    "type": "message_delta",
                    "delta": {"stop_reason": "end_turn", "stop_sequence": None},
                    "usage": {"output_tokens": CHUNKS},
                },
            ),
            ("message_stop", {"type": "message_stop"}),
        ]
    )


def openai_stream() -> bytes:
    chunk = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "gpt-6-sol",
        "choices": [{"index": 0, "delta": {"content": "word "}, "finish_reason": None}],
    }
    usage = {**chunk, "choices": [], "usage": COMPLETION["usage"]}
    return sse([*[(None, chunk) for _ in range(CHUNKS)], (None, usage), (None, "[DONE]")])


class OneByOne(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """Every event in a piece of its own, as a model says its words."""

    def __init__(self, stream: bytes) -> None:
        self._events = [event + b"\n\n" for event in stream.split(b"\n\n") if event]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._events)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for event in self._events:
            yield event


def transport(reply: object, stream: bytes) -> httpx2.MockTransport:
    plain = json.dumps(reply).encode()
    pieces = OneByOne(stream)
    numbers = itertools.count()

    def answer(request: httpx2.Request) -> httpx2.Response:
        if json.loads(request.content).get("stream"):
            head = {"content-type": "text/event-stream"}
            return httpx2.Response(200, headers=head, stream=pieces)
        # As with a provider, no two replies are the same: a second one would be a replay.
        content = plain.replace(b'"id": "', b'"id": "%d' % next(numbers), 1)
        return httpx2.Response(200, headers={"content-type": "application/json"}, content=content)

    return httpx2.MockTransport(answer)
