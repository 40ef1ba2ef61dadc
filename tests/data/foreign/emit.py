# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`python emit.py EMITTER`: the same calls under one emitter, its spans as JSON lines on stdout.

Run by make_dumps.py in an environment of its own, which has the emitter but not this project.
$ANTHROPIC_AT and $OPENAI_AT say where the emulated providers answer; the SDKs believe that they
talk to the real hosts.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from importlib.metadata import distributions
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult

CLAUDE, GPT = "claude-haiku-5-5", "gpt-6-luna"
LONG = "Read this with care. " * 700  # enough to be cached
ASK: list[Any] = [{"role": "user", "content": "How are you?"}]
CACHED: list[Any] = [{"type": "text", "text": LONG, "cache_control": {"type": "ephemeral"}}]


class Printer(SpanExporter):
    """A JSON line per span."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        for span in spans:
            scope = span.instrumentation_scope
            reported = {
                "name": span.name,
                "scope": scope.name if scope else "",
                "scope_version": (scope.version if scope else "") or "",
                "status": span.status.status_code.name,
                "attributes": dict(span.attributes or {}),
            }
            sys.__stdout__.write(json.dumps(reported) + "\n")  # type: ignore[union-attr] - is open
        return SpanExportResult.SUCCESS


def clients() -> tuple[Any, Any]:
    """Both SDKs' clients, on a transport that takes every request to the emulator."""
    import anthropic
    import httpx2
    import openai

    class Redirect(httpx2.HTTPTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            at = os.environ["ANTHROPIC_AT" if "anthropic" in request.url.host else "OPENAI_AT"]
            there = httpx2.URL(at)
            request.url = request.url.copy_with(scheme="http", host=there.host, port=there.port)
            return super().handle_request(request)

    return (
        anthropic.Anthropic(api_key="emulator", http_client=httpx2.Client(transport=Redirect())),
        openai.OpenAI(api_key="emulator", http_client=httpx2.Client(transport=Redirect())),
    )


def messages(client: Any) -> None:
    """Plain; a cache write; a cache read, streamed."""
    client.messages.create(model=CLAUDE, max_tokens=200, messages=ASK)
    client.messages.create(model=CLAUDE, max_tokens=200, system=CACHED, messages=ASK)
    stream = client.messages.create(
        model=CLAUDE, max_tokens=200, system=CACHED, messages=ASK, stream=True
    )
    for _ in stream:
        pass


def chats(client: Any) -> None:
    """Plain; a cache write; a cache read, streamed; a priority tier; responses; embeddings."""
    long: list[Any] = [{"role": "system", "content": LONG}, *ASK]
    client.chat.completions.create(model=GPT, messages=ASK)
    client.chat.completions.create(model=GPT, messages=long)
    stream = client.chat.completions.create(
        model=GPT, messages=long, stream=True, stream_options={"include_usage": True}
    )
    for _ in stream:
        pass
    client.chat.completions.create(model=GPT, messages=ASK, service_tier="priority")
    client.responses.create(model=GPT, input="How are you?")
    client.embeddings.create(model="text-embedding-3-small", input="How are you?")


def official() -> None:
    from opentelemetry.instrumentation.genai.anthropic import AnthropicInstrumentor
    from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor

    os.environ["ANTHROPIC_OPEN_TELEMETRY"] = "false"
    AnthropicInstrumentor().instrument()
    OpenAIInstrumentor().instrument()


def openllmetry() -> None:
    from opentelemetry.instrumentation.anthropic import AnthropicInstrumentor
    from opentelemetry.instrumentation.openai import OpenAIInstrumentor

    os.environ["ANTHROPIC_OPEN_TELEMETRY"] = "false"
    AnthropicInstrumentor().instrument()
    OpenAIInstrumentor().instrument()


def openinference() -> None:
    from openinference.instrumentation.anthropic import AnthropicInstrumentor
    from openinference.instrumentation.openai import OpenAIInstrumentor

    os.environ["ANTHROPIC_OPEN_TELEMETRY"] = "false"
    AnthropicInstrumentor().instrument()
    OpenAIInstrumentor().instrument()


def anthropic_sdk() -> None:
    """Traces by itself."""


def logfire() -> None:
    import logfire as pydantic_logfire

    os.environ["ANTHROPIC_OPEN_TELEMETRY"] = "false"
    pydantic_logfire.configure(
        send_to_logfire=False,
        console=False,
        inspect_arguments=False,
        additional_span_processors=[SimpleSpanProcessor(Printer())],
    )
    pydantic_logfire.instrument_anthropic()
    pydantic_logfire.instrument_openai()


def litellm() -> None:
    """Calls through LiteLLM itself, which knows only the address it is given."""
    import litellm as gateway
    from litellm.integrations.opentelemetry import OpenTelemetry, OpenTelemetryConfig

    gateway.callbacks = [OpenTelemetry(config=OpenTelemetryConfig(exporter=Printer()))]
    claude = {"model": f"anthropic/{CLAUDE}", "api_base": os.environ["ANTHROPIC_AT"]}
    gpt = {"model": f"openai/{GPT}", "api_base": os.environ["OPENAI_AT"] + "/v1"}
    system = {"role": "system", "content": CACHED}
    for to in (claude, gpt):
        gateway.completion(**to, api_key="emulator", messages=ASK)
        for _ in range(2):
            gateway.completion(**to, api_key="emulator", messages=[system, *ASK])


EMITTERS = {
    "official": official,
    "openllmetry": openllmetry,
    "openinference": openinference,
    "anthropic_sdk": anthropic_sdk,
    "logfire": logfire,
    "litellm": litellm,
}


def main(name: str) -> None:
    """Turn one emitter on, make the calls, and say which packages spoke."""
    if name not in ("logfire", "litellm"):
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(Printer()))
        trace.set_tracer_provider(provider)
    EMITTERS[name]()
    if name != "litellm":
        anthropic, openai = clients()
        messages(anthropic)
        if name != "anthropic_sdk":
            chats(openai)
    found = {d.name: d.version for d in distributions()}
    print(json.dumps({"packages": dict(sorted(found.items()))}), flush=True)
    os._exit(0)  # LiteLLM's threads linger


if __name__ == "__main__":
    main(sys.argv[1])
