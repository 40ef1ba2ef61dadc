# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""CPU time added to one SDK call and to one chunk, ours beside the others, over a mock transport.

Each variant has a process of its own, pinned to one core; its rounds are interleaved with those of
the others, and compared pair by pair. "thread" is the CPU time that the calling thread itself takes
more than with the plain SDK; "all-in" is that of all threads, until the spans of the round have
been encoded as OTLP. "encode" is the part of it that encoding alone takes. Every chunk of a stream
arrives on its own; its share is all that the stream took more, over chunks. Anthropic's built-in
tracing is off except where it is the variant.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import multiprocessing
import sys
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

import anthropic
import openai
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from rich.table import Table

from benchmarks import rounds
from benchmarks.replies import (
    CHUNKS,
    COMPLETION,
    MESSAGE,
    anthropic_stream,
    openai_stream,
    transport,
)

ROUNDS = 15
ROUNDS_OF_MANY_STREAMS = 7  # of 50 x 300 chunks
CALLS = 512
STREAMS = 10
AT_ONCE = 50

OURS = "otel-llmcost"
INSTRUMENTORS = {
    "anthropic": {
        "official": "opentelemetry.instrumentation.genai.anthropic:AnthropicInstrumentor",
        "OpenInference": "openinference.instrumentation.anthropic:AnthropicInstrumentor",
        "OpenLLMetry": "opentelemetry.instrumentation.anthropic:AnthropicInstrumentor",
        OURS: "otel_llmcost.instrumentation.anthropic:AnthropicCostInstrumentor",
    },
    "openai": {
        "official": "opentelemetry.instrumentation.genai.openai:OpenAIInstrumentor",
        "OpenInference": "openinference.instrumentation.openai:OpenAIInstrumentor",
        "OpenLLMetry": "opentelemetry.instrumentation.openai:OpenAIInstrumentor",
        OURS: "otel_llmcost.instrumentation.openai:OpenAICostInstrumentor",
    },
}
PLAIN, BUILT_IN = "plain SDK", "built-in tracing"
REQUEST: dict[str, Any] = {"messages": [{"role": "user", "content": "Where is my parcel?"}]}


class Taken(NamedTuple):
    """What a round took, in µs per call."""

    wall: float
    thread: float
    """CPU time of the threads that made the calls."""
    all_in: float
    """CPU time of all threads, until the spans were encoded."""
    encode: float
    attributes: float = 0
    """How many a span has."""
    size: float = 0
    """Bytes of an encoded span, without its resource."""


class EncodingExporter(SpanExporter):
    """Encodes spans as an OTLP exporter does, and sends them nowhere."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        encode_spans(spans).SerializeToString()
        self.spans.extend(spans)
        return SpanExportResult.SUCCESS


class Callers:
    """CPU time of the threads that make calls."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.taken = 0.0

    def call(self, function: Callable[[], Any]) -> None:
        start = time.thread_time()
        function()
        with self._lock:
            self.taken += time.thread_time() - start


class Sdk:
    """Clients of one SDK, and the two calls that are measured."""

    def __init__(self, name: str, tracer_provider: TracerProvider | None = None) -> None:
        if name == "anthropic":
            module: Any = anthropic
            served = transport(MESSAGE, anthropic_stream())
            options: Any = {"open_telemetry": False}
            if tracer_provider is not None:
                options = {"open_telemetry": {"tracer_provider": tracer_provider}}
            self._request = {**REQUEST, "model": "claude-opus-5-5", "max_tokens": 64}
            self._more: dict[str, Any] = {}
        else:
            module, served, options = openai, transport(COMPLETION, openai_stream()), {}
            self._request = {**REQUEST, "model": "gpt-6-sol"}
            self._more = {"stream_options": {"include_usage": True}}
        kind = module.__name__ == "anthropic"
        names = ("Anthropic", "AsyncAnthropic") if kind else ("OpenAI", "AsyncOpenAI")
        sync_http = module.DefaultHttpxClient(transport=served)
        async_http = module.DefaultAsyncHttpxClient(transport=served)
        client = getattr(module, names[0])(api_key="k", http_client=sync_http, **options)
        aclient = getattr(module, names[1])(api_key="k", http_client=async_http, **options)
        # Looked up at each call, as applications do: some peers patch the resource classes.
        self._sync = lambda: client.messages if kind else client.chat.completions
        self._async = lambda: aclient.messages if kind else aclient.chat.completions

    def create(self) -> None:
        self._sync().create(**self._request)

    def open(self) -> Any:
        return self._sync().create(stream=True, **self._more, **self._request)

    def stream(self) -> None:
        for _ in self.open():
            pass

    async def acreate(self) -> None:
        await self._async().create(**self._request)

    async def astream(self) -> None:
        async for _ in await self._async().create(stream=True, **self._more, **self._request):
            pass


class Kind(NamedTuple):
    """One way of making calls: `run` makes `calls` of them."""

    run: Callable[[], object]
    calls: int


def kinds(
    sdk: Sdk, loop: asyncio.AbstractEventLoop, pool: ThreadPoolExecutor, callers: Callers
) -> dict[str, Kind]:
    """What is measured, by name; each also at `AT_ONCE` calls in flight."""

    def one_by_one(call: Callable[[], Any], times: int) -> Kind:
        def run() -> None:
            for _ in range(times):
                call()

        return Kind(lambda: callers.call(run), times)

    def threads(call: Callable[[], Any], times: int) -> Kind:
        def run() -> None:
            for future in [pool.submit(callers.call, call) for _ in range(times)]:
                future.result()

        return Kind(run, times)

    def tasks(call: Callable[[], Any], times: int, at_once: int) -> Kind:
        async def run() -> None:
            for _ in range(times // at_once):
                await asyncio.gather(*[call() for _ in range(at_once)])

        made = times // at_once * at_once
        return Kind(lambda: callers.call(lambda: loop.run_until_complete(run())), made)

    return {
        "create": one_by_one(sdk.create, CALLS),
        f"create, {AT_ONCE} threads": threads(sdk.create, CALLS),
        "async create": tasks(sdk.acreate, CALLS, 1),
        f"async create, {AT_ONCE} tasks": tasks(sdk.acreate, CALLS, AT_ONCE),
        "stream": one_by_one(sdk.stream, STREAMS),
        f"stream, {AT_ONCE} threads": threads(sdk.stream, AT_ONCE),
        "async stream": tasks(sdk.astream, STREAMS, 1),
        f"async stream, {AT_ONCE} tasks": tasks(sdk.astream, AT_ONCE, AT_ONCE),
    }


def taken(
    kind: Kind, callers: Callers, provider: TracerProvider, exporter: EncodingExporter
) -> Taken:
    """One round."""
    exporter.spans.clear()
    callers.taken = 0.0
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    kind.run()
    wall = time.perf_counter() - wall
    provider.force_flush()
    cpu = time.process_time() - cpu
    each = 1e6 / kind.calls
    return Taken(wall * each, callers.taken * each, cpu * each, *_encoded(exporter.spans, each))


def _encoded(spans: Sequence[ReadableSpan], each: float) -> tuple[float, float, float]:
    """CPU time to encode `spans`, attributes of one and its bytes."""
    if not spans:
        return 0, 0, 0
    start = time.thread_time()
    encoded = encode_spans(spans)
    encoded.SerializeToString()
    took = time.thread_time() - start
    sizes = [
        span.ByteSize()
        for resource in encoded.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    number = sum(len(span.attributes or {}) for span in spans) / len(spans)
    return took * each, number, sum(sizes) / len(sizes)


def serve(pipe: Connection, sdk: str, variant: str) -> None:
    """A process of its own for one variant: not every peer can be taken out again."""
    warnings.simplefilter("ignore")
    rounds.pin()
    exporter, provider, callers = EncodingExporter(), TracerProvider(), Callers()
    provider.add_span_processor(BatchSpanProcessor(exporter))
    if place := INSTRUMENTORS[sdk].get(variant):
        module, _, cls = place.partition(":")
        getattr(importlib.import_module(module), cls)().instrument(tracer_provider=provider)
    loop = asyncio.new_event_loop()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        client = Sdk(sdk, provider if variant == BUILT_IN else None)
        runs = kinds(client, loop, pool, callers)
        pipe.send(list(runs))
        while kind := pipe.recv():
            pipe.send(taken(runs[kind], callers, provider, exporter))
    loop.close()
    provider.shutdown()


def variants(sdk: str) -> list[str]:
    """Those that are installed; what is missing is said, with the command that gets it."""
    found = [PLAIN, BUILT_IN] if sdk == "anthropic" else [PLAIN]
    for name, place in INSTRUMENTORS[sdk].items():
        try:
            importlib.import_module(place.partition(":")[0])
            found.append(name)
        except ImportError:
            print(f"{name} is not installed: pip install --group bench", file=sys.stderr)
    return found


def measure(sdk: str) -> dict[str, dict[str, list[Taken]]]:
    """Rounds by kind and variant, without the first, which warms up."""
    spawn = multiprocessing.get_context("spawn")
    pipes: dict[str, Connection] = {}
    for variant in variants(sdk):
        pipes[variant], theirs = spawn.Pipe()
        spawn.Process(target=serve, args=(theirs, sdk, variant), daemon=True).start()
    *_, names = (pipe.recv() for pipe in pipes.values())
    samples = {kind: {variant: list[Taken]() for variant in pipes} for kind in names}
    for kind in names:
        for number in range(1 + (ROUNDS_OF_MANY_STREAMS if "stream," in kind else ROUNDS)):
            for variant, pipe in pipes.items():
                pipe.send(kind)
                took: Taken = pipe.recv()
                if number:
                    samples[kind][variant].append(took)
    for pipe in pipes.values():
        pipe.send(None)
    return samples


def table() -> Table:
    """One row per SDK, kind of call and variant: what it adds to the plain SDK."""
    result = Table(
        title="CPU time added per call (µs: median of paired rounds and its 95 % interval)",
        caption="all-in: all threads, spans encoded; against otel-llmcost: all-in",
    )
    columns = ("call", "variant", "thread", "all-in", "encode", "wall", "per chunk")
    for column in (*columns, "against ours", "attributes", "bytes"):
        result.add_column(column, justify="left" if column in ("call", "variant") else "right")
    for sdk in INSTRUMENTORS:
        for kind, by_variant in measure(sdk).items():
            for name in by_variant:
                if name != PLAIN:
                    result.add_row(f"{sdk} {kind}", name, *_cells(by_variant, name, kind))
    return result


def _cells(by_variant: dict[str, list[Taken]], name: str, kind: str) -> list[str]:
    def times(variant: str, what: str) -> list[float]:
        return [getattr(took, what) for took in by_variant[variant]]

    added = {
        what: rounds.difference(times(name, what), times(PLAIN, what))
        for what in ("thread", "all_in", "wall")
    }
    chunk = added["thread"]
    return [
        str(added["thread"]),
        str(added["all_in"]),
        f"{min(times(name, 'encode')):.0f}",
        str(added["wall"]),
        f"{chunk.middle / CHUNKS:.2f} ({chunk.low / CHUNKS:.2f} to {chunk.high / CHUNKS:.2f})"
        if "stream" in kind
        else "",
        "" if name == OURS else rounds.compared(times(name, "all_in"), times(OURS, "all_in")),
        f"{times(name, 'attributes')[-1]:.0f}",
        f"{times(name, 'size')[-1]:.0f}",
    ]
