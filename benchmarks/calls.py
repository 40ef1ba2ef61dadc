# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Time added to one SDK call and to one chunk, ours beside the others, over a mock transport.

Every chunk of a stream arrives on its own; its share is all that the stream took more, over chunks.
Rounds of the variants are interleaved and their minima compared, so that the SDK's own work and the
machine's noise fall out. Anthropic's built-in tracing is off except where it is the variant.
"""

from __future__ import annotations

import asyncio
import importlib
import multiprocessing
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any

import anthropic
import openai
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from rich.table import Table

from benchmarks.replies import (
    CHUNKS,
    COMPLETION,
    MESSAGE,
    anthropic_stream,
    openai_stream,
    transport,
)

ROUNDS = 12
CALLS = 100
STREAMS = 6
AT_ONCE = 50
ROUNDS_OF_MANY_STREAMS = 4  # of 50 x 300 chunks

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

Run = Callable[[], float]
"""Makes some calls; returns µs per call."""


class NullExporter(SpanExporter):
    """Takes spans and forgets them, so that only instrumentation is measured."""

    def export(self, spans: object) -> SpanExportResult:
        return SpanExportResult.SUCCESS


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


def kinds(sdk: Sdk, loop: asyncio.AbstractEventLoop, pool: ThreadPoolExecutor) -> dict[str, Run]:
    """What is measured, by name; each also at `AT_ONCE` calls in flight."""

    def one_by_one(call: Callable[[], Any], times: int) -> Run:
        def run() -> None:
            for _ in range(times):
                call()

        return timed(run, times)

    def threads(call: Callable[[], Any], times: int) -> Run:
        return timed(lambda: [f.result() for f in [pool.submit(call) for _ in range(times)]], times)

    def tasks(call: Callable[[], Any], times: int, at_once: int) -> Run:
        async def run() -> None:
            for _ in range(times // at_once):
                await asyncio.gather(*[call() for _ in range(at_once)])

        return timed(lambda: loop.run_until_complete(run()), times // at_once * at_once)

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


def timed(run: Callable[[], object], times: int) -> Run:
    def measure() -> float:
        start = time.perf_counter()
        run()
        return (time.perf_counter() - start) / times * 1e6

    return measure


def serve(pipe: Connection, sdk: str, variant: str) -> None:
    """A process of its own for one variant: not every peer can be taken out again."""
    warnings.simplefilter("ignore")
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(NullExporter()))
    if place := INSTRUMENTORS[sdk].get(variant):
        module, _, cls = place.partition(":")
        getattr(importlib.import_module(module), cls)().instrument(tracer_provider=provider)
    loop = asyncio.new_event_loop()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs = kinds(Sdk(sdk, provider if variant == BUILT_IN else None), loop, pool)
        pipe.send(list(runs))
        while kind := pipe.recv():
            pipe.send(runs[kind]())
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


def measure(sdk: str) -> dict[str, dict[str, list[float]]]:
    """µs per call by kind, variant and round."""
    spawn = multiprocessing.get_context("spawn")
    pipes: dict[str, Connection] = {}
    for variant in variants(sdk):
        pipes[variant], theirs = spawn.Pipe()
        spawn.Process(target=serve, args=(theirs, sdk, variant), daemon=True).start()
    *_, names = (pipe.recv() for pipe in pipes.values())
    samples = {kind: {variant: list[float]() for variant in pipes} for kind in names}
    for kind in names:
        many = "stream," in kind
        for _ in range(ROUNDS_OF_MANY_STREAMS if many else ROUNDS):
            for variant, pipe in pipes.items():
                pipe.send(kind)
                samples[kind][variant].append(pipe.recv())
    for pipe in pipes.values():
        pipe.send(None)
    return samples


def table() -> Table:
    """One row per SDK, kind of call and variant: total time, and what it adds to the plain SDK."""
    result = Table(title="added time per call (µs; minimum and median of interleaved rounds)")
    for column in ("call", "variant", "total", "added", "added, median", "per chunk"):
        left = column in ("call", "variant")
        result.add_column(column, justify="left" if left else "right")
    for sdk in INSTRUMENTORS:
        for kind, by_variant in measure(sdk).items():
            base = by_variant[PLAIN]
            for name, times in by_variant.items():
                added = min(times) - min(base)
                result.add_row(
                    f"{sdk} {kind}",
                    name,
                    f"{min(times):.0f}",
                    f"{added:.0f}",
                    f"{statistics.median(times) - statistics.median(base):.0f}",
                    f"{added / CHUNKS:.2f}" if "stream" in kind else "",
                )
    return result
