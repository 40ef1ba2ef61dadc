# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Both providers as they answer over the wire, and one way to call them, sync or async."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import anthropic
import openai
import pytest

from tests.instrumentation.sdk_http import httpx

MESSAGES = [{"role": "user", "content": "hi"}]

MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-6",
    "content": [{"type": "text", "text": "hello"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {
        "input_tokens": 10,
        "cache_read_input_tokens": 30,
        "cache_creation_input_tokens": 40,
        "cache_creation": {"ephemeral_5m_input_tokens": 40, "ephemeral_1h_input_tokens": 0},
        "output_tokens": 5,
    },
}
COMPLETION = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-4o-2024-08-06",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "hello"},
            "finish_reason": "stop",
        }
    ],
    "usage": {
        "prompt_tokens": 80,
        "completion_tokens": 5,
        "total_tokens": 85,
        "prompt_tokens_details": {"cached_tokens": 30},
    },
}


def sse(event: dict[str, Any], name: str | None = None) -> bytes:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(event, separators=(',', ':'))}\n\n".encode()


def message_frames() -> list[bytes]:
    """A streamed message; the last two frames carry the final counts and the end."""
    start = {**MESSAGE, "content": [], "stop_reason": None}
    start["usage"] = {**MESSAGE["usage"], "output_tokens": 1}
    text = {"type": "content_block_delta", "index": 0}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": start},
        {
            "type": "content_block_start",
            "index": 0,
            "content_block": {"type": "text", "text": ""},
        },
        {**text, "delta": {"type": "text_delta", "text": "hel"}},
        {**text, "delta": {"type": "text_delta", "text": "lo"}},
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": 5},
        },
        {"type": "message_stop"},
    ]
    return [sse(event, event["type"]) for event in events]


def chunk_frames(*, with_usage: bool) -> list[bytes]:
    """A streamed completion as OpenAI sends it with and without `include_usage`."""
    base: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "gpt-4o-2024-08-06",
    }
    usage = {"usage": None} if with_usage else {}
    deltas = [{"role": "assistant", "content": ""}, {"content": "hel"}, {"content": "lo"}, {}]
    frames = [
        sse(
            {
                **base,
                "choices": [
                    {
                        "index": 0,
                        "delta": delta,
                        "finish_reason": None if delta else "stop",
                    }
                ],
                **usage,
            }
        )
        for delta in deltas
    ]
    if with_usage:
        frames.append(sse({**base, "choices": [], "usage": COMPLETION["usage"]}))
    return [*frames, b"data: [DONE]\n\n"]


class Chunks(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that arrives piece by piece, for sync and async clients."""

    def __init__(self, pieces: list[bytes | Exception]) -> None:
        self.pieces = pieces
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


Handler = Callable[[httpx.Request], httpx.Response]


@dataclass
class Server:
    """Answers requests: with what is queued, else with an honest reply."""

    queued: list[httpx.Response | Exception] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)
    bodies: list[Chunks] = field(default_factory=list)
    pieces: Callable[[list[bytes]], list[bytes | Exception]] = list

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.queued:
            answer = self.queued.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        body = json.loads(request.content)
        is_message = request.url.path.endswith("/messages")
        if not body.get("stream"):
            return httpx.Response(200, json=MESSAGE if is_message else COMPLETION)
        requested = bool((body.get("stream_options") or {}).get("include_usage"))
        frames = message_frames() if is_message else chunk_frames(with_usage=requested)
        return self.stream(frames)

    def stream(self, frames: list[bytes]) -> httpx.Response:
        chunks = Chunks(self.pieces(frames))
        self.bodies.append(chunks)
        headers = {"content-type": "text/event-stream"}
        return httpx.Response(200, headers=headers, stream=chunks)


async def resolve(value: Any) -> Any:
    return await value if hasattr(value, "__await__") else value


class Api:
    """One SDK, sync or async, spoken to in the same words."""

    def __init__(self, sdk: str, is_async: bool, server: Server, **client: Any) -> None:
        self.sdk = sdk
        self.is_async = is_async
        self.server = server
        transport = httpx.MockTransport(server)
        http: Any = (httpx.AsyncClient if is_async else httpx.Client)(transport=transport)
        module: Any = anthropic if sdk == "anthropic" else openai
        name = {"anthropic": "Anthropic", "openai": "OpenAI"}[sdk]
        self.client = getattr(module, f"Async{name}" if is_async else name)(
            api_key="k", http_client=http, **client
        )

    @property
    def resource(self) -> Any:
        client = self.client
        return client.messages if self.sdk == "anthropic" else client.chat.completions

    @property
    def model(self) -> str:
        return "claude-sonnet-4-6" if self.sdk == "anthropic" else "gpt-4o"

    def arguments(self, **more: Any) -> dict[str, Any]:
        return {"model": self.model, "max_tokens": 99, "messages": MESSAGES, **more}

    async def create(self, **more: Any) -> Any:
        return await resolve(self.resource.create(**self.arguments(**more)))

    async def open_stream(self, **more: Any) -> Any:
        return await self.create(stream=True, **more)

    async def iterate(self, stream: Any) -> AsyncIterator[Any]:
        if self.is_async:
            async for event in stream:
                yield event
        else:
            for event in stream:
                yield event

    async def consume(self, stream: Any) -> list[Any]:
        return [event async for event in self.iterate(stream)]

    async def close(self, stream: Any) -> None:
        await resolve(stream.close())


# (10 x 3 + 30 x 0.30 + 40 x 3.75 + 5 x 15) and (50 x 2.50 + 30 x 1.25 + 5 x 10) USD per million.
COSTS = {"anthropic": 0.000264, "openai": 0.0002125}


def assert_exact(record: Any, sdk: str) -> None:
    assert record["llmcost.cost.status"] == "priced"
    assert record["gen_ai.usage.cost.amount"] == pytest.approx(COSTS[sdk], abs=1e-12)
    assert record["gen_ai.usage.input_tokens"] == 80
    assert record["gen_ai.usage.cache_read.input_tokens"] == 30
    assert record["gen_ai.usage.output_tokens"] == 5
