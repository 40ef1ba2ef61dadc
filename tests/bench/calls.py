# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Time added to one SDK call, ours beside the official instrumentations, over a mock transport.

Rounds of the variants are interleaved and their minima compared, so that the SDK's own work and the
machine's noise fall out. Anthropic's built-in tracing is off.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import time
from collections.abc import Callable, Iterator

import anthropic
import httpx2
import openai
from opentelemetry.instrumentation.genai.anthropic import AnthropicInstrumentor
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from rich.table import Table

from otel_llmcost.instrumentation.anthropic import AnthropicCostInstrumentor
from otel_llmcost.instrumentation.openai import OpenAICostInstrumentor

ROUNDS = 12
CALLS = 150
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


class NullExporter(SpanExporter):
    """Takes spans and forgets them, so that only instrumentation is measured."""

    def export(self, spans: object) -> SpanExportResult:
        return SpanExportResult.SUCCESS


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


def transport(reply: object, stream: bytes) -> httpx2.MockTransport:
    plain = json.dumps(reply).encode()

    def answer(request: httpx2.Request) -> httpx2.Response:
        if json.loads(request.content).get("stream"):
            head = {"content-type": "text/event-stream"}
            return httpx2.Response(200, headers=head, content=stream)
        return httpx2.Response(200, headers={"content-type": "application/json"}, content=plain)

    return httpx2.MockTransport(answer)


def anthropic_calls(**options: object) -> tuple[Callable[[], object], Callable[[], object]]:
    http = anthropic.DefaultHttpxClient(transport=transport(MESSAGE, anthropic_stream()))
    client = anthropic.Anthropic(api_key="k", http_client=http, **options)  # type: ignore[arg-type] # bench only
    ask = {"max_tokens": 64, "messages": [{"role": "user", "content": "Where is my parcel?"}]}

    def create() -> object:
        return client.messages.create(model="claude-opus-5-5", **ask)

    def stream() -> object:
        return sum(1 for _ in client.messages.create(model="claude-opus-5-5", stream=True, **ask))

    return create, stream


def openai_calls() -> tuple[Callable[[], object], Callable[[], object]]:
    http = openai.DefaultHttpxClient(transport=transport(COMPLETION, openai_stream()))
    client = openai.OpenAI(api_key="k", http_client=http)
    ask = {"messages": [{"role": "user", "content": "Where is my parcel?"}]}

    def create() -> object:
        return client.chat.completions.create(model="gpt-6-sol", **ask)

    def stream() -> object:
        chunks = client.chat.completions.create(
            model="gpt-6-sol", stream=True, stream_options={"include_usage": True}, **ask
        )
        return sum(1 for _ in chunks)

    return create, stream


@contextlib.contextmanager
def instrumented(instrumentor: object | None, provider: TracerProvider) -> Iterator[None]:
    if instrumentor is None:
        yield
        return
    instrumentor.instrument(tracer_provider=provider)  # type: ignore[attr-defined] # bench only
    try:
        yield
    finally:
        instrumentor.uninstrument()  # type: ignore[attr-defined] # bench only


def microseconds(call: Callable[[], object], times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - start) / times * 1e6


def measure(
    call: Callable[[], object], variants: dict[str, object | None], times: int
) -> dict[str, tuple[float, float]]:
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(NullExporter()))
    samples: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(ROUNDS):
        for name, instrumentor in variants.items():
            with instrumented(instrumentor, provider):
                call()
                samples[name].append(microseconds(call, times))
    provider.shutdown()
    return {name: (min(values), statistics.median(values)) for name, values in samples.items()}


def table() -> Table:
    """One row per SDK, kind of call and variant: total time, and what it adds to the plain SDK."""
    result = Table(title="added time per call (µs; minimum of interleaved rounds)")
    for column in ("call", "variant", "total", "added", "added, median", "per chunk"):
        left = column in ("call", "variant")
        result.add_column(column, justify="left" if left else "right")
    native_off = {"open_telemetry": False}
    sdks = {
        "anthropic": (
            anthropic_calls(**native_off),
            {"official": AnthropicInstrumentor(), "otel-llmcost": AnthropicCostInstrumentor()},
        ),
        "openai": (
            openai_calls(),
            {"official": OpenAIInstrumentor(), "otel-llmcost": OpenAICostInstrumentor()},
        ),
    }
    for sdk, ((create, stream), instrumentors) in sdks.items():
        variants: dict[str, object | None] = {"plain SDK": None, **instrumentors}
        for kind, call, times in (("create", create, CALLS), ("stream", stream, 8)):
            measured = measure(call, variants, times)
            base_min, base_median = measured["plain SDK"]
            for name, (low, median) in measured.items():
                per_chunk = f"{(low - base_min) / CHUNKS:.2f}" if kind == "stream" else ""
                result.add_row(
                    f"{sdk} {kind}",
                    name,
                    f"{low:.0f}",
                    f"{low - base_min:.0f}",
                    f"{median - base_median:.0f}",
                    per_chunk,
                )
    return result
