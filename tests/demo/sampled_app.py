# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A few calls of every kind, under the telemetry that the first argument names."""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import Any

import anthropic
import openai
from opentelemetry import _logs, trace
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, Decision, Sampler, SamplingResult

import otel_llmcost

ROUNDS = 5
CLAUDE, GPT = "claude-haiku-4-5", "gpt-6-luna"
HI: list[Any] = [{"role": "user", "content": "Where is my parcel?"}]


class RecordOnly(Sampler):
    """Spans record and are never exported."""

    def should_sample(self, *_: Any, **__: Any) -> SamplingResult:
        return SamplingResult(Decision.RECORD_ONLY)

    def get_description(self) -> str:
        return "RecordOnly"


class Stuck(OTLPLogExporter):
    """Exports nothing until it is let go, so that the queue before it runs over."""

    let_go = threading.Event()

    def export(self, batch: Any) -> Any:
        self.let_go.wait(60)
        return super().export(batch)


def set_up(how: str) -> None:
    if how in ("record_only", "overflow"):
        traces = TracerProvider(sampler=RecordOnly() if how == "record_only" else ALWAYS_OFF)
        traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        trace.set_tracer_provider(traces)
        logs = LoggerProvider()
        exporter = Stuck() if how == "overflow" else OTLPLogExporter()
        sizes = {"max_queue_size": 4, "max_export_batch_size": 4} if how == "overflow" else {}
        logs.add_log_record_processor(BatchLogRecordProcessor(exporter, **sizes))
        _logs.set_logger_provider(logs)
    if how in ("record_only", "overflow", "no_provider"):
        otel_llmcost.instrument()


def calls() -> None:
    claude, gpt = anthropic.Anthropic(), openai.OpenAI()
    arguments = {"model": CLAUDE, "max_tokens": 200, "messages": HI}
    claude.messages.create(**arguments)
    for _ in claude.messages.create(stream=True, **arguments):
        pass
    with claude.messages.stream(**arguments) as events:
        events.get_final_message()
    gpt.chat.completions.create(model=GPT, messages=HI)
    for _ in gpt.chat.completions.create(model=GPT, messages=HI, stream=True):
        pass
    gpt.responses.create(model=GPT, input="Where is my parcel?")


async def more_calls() -> None:
    async with anthropic.AsyncAnthropic() as claude, openai.AsyncOpenAI() as gpt:
        arguments = {"model": CLAUDE, "max_tokens": 200, "messages": HI}
        await asyncio.gather(
            claude.messages.create(**arguments), gpt.responses.create(model=GPT, input="hi")
        )


def main() -> None:
    set_up(sys.argv[1])
    try:
        with otel_llmcost.feature("parcels"):
            for _ in range(ROUNDS):
                calls()
                asyncio.run(more_calls())
    finally:
        Stuck.let_go.set()


if __name__ == "__main__":
    main()
