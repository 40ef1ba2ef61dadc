# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""How an application sets OpenTelemetry up, and turns each emitter on."""

from __future__ import annotations

from collections.abc import Callable

from opentelemetry import trace
from opentelemetry._logs import get_logger_provider, set_logger_provider
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def set_up(*, logfire: bool = False) -> Callable[[], None]:
    """Global providers that export over OTLP; returns how to send what waits."""
    spans = BatchSpanProcessor(OTLPSpanExporter())
    records = BatchLogRecordProcessor(OTLPLogExporter())
    if logfire:
        _configure_logfire(spans, records)
    else:
        traces = TracerProvider()
        traces.add_span_processor(spans)
        trace.set_tracer_provider(traces)
        logs = LoggerProvider()
        logs.add_log_record_processor(records)
        set_logger_provider(logs)

    def flush() -> None:
        for provider in (trace.get_tracer_provider(), get_logger_provider()):
            provider.force_flush()  # type: ignore[attr-defined] - both are the SDK's

    return flush


def _configure_logfire(spans: BatchSpanProcessor, records: BatchLogRecordProcessor) -> None:
    import logfire

    logfire.configure(
        send_to_logfire=False,
        console=False,
        additional_span_processors=[spans],
        advanced=logfire.AdvancedOptions(log_record_processors=[records]),
    )


def _ours() -> None:
    import otel_llmcost

    otel_llmcost.instrument()


def _official() -> None:
    from opentelemetry.instrumentation.genai.anthropic import AnthropicInstrumentor
    from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor

    AnthropicInstrumentor().instrument()
    OpenAIInstrumentor().instrument()


def _openllmetry() -> None:
    from opentelemetry.instrumentation.anthropic import AnthropicInstrumentor
    from opentelemetry.instrumentation.openai import OpenAIInstrumentor

    AnthropicInstrumentor().instrument()
    OpenAIInstrumentor().instrument()


def _openinference() -> None:
    from openinference.instrumentation.anthropic import AnthropicInstrumentor
    from openinference.instrumentation.openai import OpenAIInstrumentor

    AnthropicInstrumentor().instrument()
    OpenAIInstrumentor().instrument()


def _logfire() -> None:
    import logfire

    logfire.instrument_anthropic()
    logfire.instrument_openai()


def _sentry() -> None:
    import sentry_sdk
    from sentry_sdk.integrations.anthropic import AnthropicIntegration
    from sentry_sdk.integrations.openai import OpenAIIntegration

    sentry_sdk.init(
        dsn="http://key@127.0.0.1:9/1",
        transport=lambda _: None,
        traces_sample_rate=1.0,
        integrations=[AnthropicIntegration(), OpenAIIntegration()],
    )


def _pydantic_ai() -> None:
    from pydantic_ai import Agent

    Agent.instrument_all()


TURN_ON: dict[str, Callable[[], None]] = {
    "ours": _ours,
    "official": _official,
    "openllmetry": _openllmetry,
    "openinference": _openinference,
    "logfire": _logfire,
    "sentry": _sentry,
    "pydantic_ai": _pydantic_ai,
}
