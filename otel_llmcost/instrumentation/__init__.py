# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Turning the instrumentation on and off for everything installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from otel_llmcost.guard import guard

if TYPE_CHECKING:
    from opentelemetry._logs import LoggerProvider
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

__all__ = ["flush", "instrument", "uninstrument"]


def instrument(
    *,
    tracer_provider: TracerProvider | None = None,
    meter_provider: MeterProvider | None = None,
    logger_provider: LoggerProvider | None = None,
) -> None:
    """Record what every anthropic and openai reply costs, from now on, on existing clients too.

    The providers default to the global ones. Does nothing when it is on already; never raises and
    never imports an SDK.
    """
    providers: dict[str, Any] = {
        "tracer_provider": tracer_provider,
        "meter_provider": meter_provider,
        "logger_provider": logger_provider,
    }
    with guard("instrument"):
        for instrumentor in _instrumentors():
            instrumentor.instrument(**providers)


def uninstrument() -> None:
    """Stop recording and leave the SDKs as they were. Does nothing when it is off already."""
    with guard("uninstrument"):
        for instrumentor in _instrumentors():
            instrumentor.uninstrument()


def flush(timeout: float = 3.0) -> bool:
    """Send every record made so far, and wait for it, at most `timeout` seconds.

    For a process that is about to be frozen (AWS Lambda, Cloud Run), killed or replaced. Records of
    streams that are still being read do not exist yet. Returns whether everything was delivered, or
    taken by the exporters of the application's own OpenTelemetry providers; never raises.
    """
    from otel_llmcost.instrumentation.records import flush

    return flush.flush(timeout)


def _instrumentors() -> list[Any]:
    from otel_llmcost.instrumentation.anthropic import AnthropicCostInstrumentor
    from otel_llmcost.instrumentation.openai import OpenAICostInstrumentor

    return [AnthropicCostInstrumentor(), OpenAICostInstrumentor()]
