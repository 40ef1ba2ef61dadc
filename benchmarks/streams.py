# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Ten thousand streams that the application drops after one chunk: open spans and memory left."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import openai
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from rich.table import Table

from benchmarks.replies import anthropic_stream, openai_stream
from otel_llmcost.instrumentation import instrument, uninstrument

STREAMS = 10_000
WARM_UP = 2_000  # until the allocator has seen its high-water mark


class Open(SpanProcessor):
    """Counts spans between their start and their end."""

    def __init__(self) -> None:
        self.started = 0
        self.ended = 0

    def on_start(self, span: Span, parent_context: object = None) -> None:
        self.started += 1

    def on_end(self, span: ReadableSpan) -> None:
        self.ended += 1


def _client(sdk: str, is_async: bool) -> Any:
    body = anthropic_stream() if sdk == "anthropic" else openai_stream()
    headers = {"content-type": "text/event-stream"}

    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers=headers, content=body)

    http: Any = (httpx2.AsyncClient if is_async else httpx2.Client)(
        transport=httpx2.MockTransport(answer)
    )
    if sdk == "anthropic":
        kind: Any = anthropic.AsyncAnthropic if is_async else anthropic.Anthropic
        return kind(api_key="k", http_client=http, open_telemetry=False).messages
    kind = openai.AsyncOpenAI if is_async else openai.OpenAI
    return kind(api_key="k", http_client=http).chat.completions


def _arguments(sdk: str) -> dict[str, Any]:
    model = "claude-sonnet-4-6" if sdk == "anthropic" else "gpt-4o"
    return {"model": model, "max_tokens": 9, "messages": [], "stream": True}


def _drop(resource: Any, sdk: str) -> Callable[[int], None]:
    def run(count: int) -> None:
        for _ in range(count):
            for _ in resource.create(**_arguments(sdk)):
                break

    return run


def _adrop(resource: Any, sdk: str, runner: asyncio.Runner) -> Callable[[int], None]:
    async def drop(count: int) -> None:
        for number in range(count):
            async for _ in await resource.create(**_arguments(sdk)):
                break
            if number % 100 == 0:
                await _settled()
        await _settled()

    return lambda count: runner.run(drop(count))


def _resident() -> float:
    """KB of memory in use (Linux)."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024


async def _settled() -> None:
    """Wait until the loop has closed the generators that were dropped."""
    await asyncio.sleep(0)
    while len(asyncio.all_tasks()) > 1:
        await asyncio.sleep(0)


def _collect(runner: asyncio.Runner) -> None:
    for _ in range(5):  # what the collector finds may be closed by the loop and found again
        gc.collect()
        runner.run(_settled())


def measure(
    sdk: str, is_async: bool, count: int = STREAMS, *, plain: bool = False
) -> tuple[int, int, float]:
    """Spans started, spans never ended, and KB by which the process grew over `count`."""
    spans = Open()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(spans)
    logs, metrics_provider = (
        LoggerProvider(shutdown_on_exit=False),
        MeterProvider(shutdown_on_exit=False),
    )
    if not plain:
        instrument(tracer_provider=provider, logger_provider=logs, meter_provider=metrics_provider)
    try:
        with asyncio.Runner() as runner:
            resource = _client(sdk, is_async)
            run = _adrop(resource, sdk, runner) if is_async else _drop(resource, sdk)
            run(WARM_UP)
            _collect(runner)
            before = _resident()
            run(count)
            _collect(runner)
            deadline = time.monotonic() + 10
            while spans.ended < spans.started and time.monotonic() < deadline:
                time.sleep(0.01)  # another thread settles what the collector found
            _collect(runner)
            grown = _resident() - before
    finally:
        uninstrument()
    return spans.started, spans.started - spans.ended, grown


def table() -> Table:
    """Open spans and growth after the streams were dropped, both SDKs, sync and async."""
    found = Table(title=f"{STREAMS:,} abandoned streams", title_justify="left")
    for column in ("SDK", "", "spans started", "open spans", "growth", "growth, plain SDK"):
        found.add_column(column, justify="left" if column in ("SDK", "") else "right")
    for sdk in ("anthropic", "openai"):
        for is_async in (False, True):
            started, still_open, grown = measure(sdk, is_async)
            plain = measure(sdk, is_async, plain=True)[2]
            mode = "async" if is_async else "sync"
            growth = (f"{grown:,.0f} KB", f"{plain:,.0f} KB")
            found.add_row(sdk, mode, f"{started:,}", str(still_open), *growth)
    return found


if __name__ == "__main__":
    from rich.console import Console

    Console().print(table())
