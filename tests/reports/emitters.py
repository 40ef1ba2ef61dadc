# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Reports about calls that are counted twice, or by somebody's spans: rows and requests."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from tests.reports.model import RawHttp, Report, Rows
from tests.support.otlp_rows import NOON, event, span

OPENINFERENCE = "openinference.instrumentation."


def row(
    attributes: dict[str, Any],
    scope: str,
    place: str = "a",
    parent: str = "0",
    *,
    begins: int = 0,
    lasts: int = 1500,
) -> dict[str, Any]:
    """A span at a `place` in the one trace, milliseconds after its begin."""
    texts = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in attributes.items()
    }
    start = NOON + dt.timedelta(milliseconds=begins)
    sent = span(texts, scope=scope, span_id=place * 16, start=start, milliseconds=lasts)
    return {**sent, "ParentSpanId": parent * 16}


def semconv(
    operation: str,
    model: str,
    tokens: int,
    output: int = 0,
    *,
    provider: str = "openai",
    **more: Any,
) -> dict[str, Any]:
    """A span of OpenTelemetry's GenAI conventions; `__` stands for a dot in `more`."""
    return {
        "gen_ai.operation.name": operation,
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": model,
        "gen_ai.usage.input_tokens": tokens,
        "gen_ai.usage.output_tokens": output,
        **{name.replace("__", "."): value for name, value in more.items()},
    }


def openinference(
    model: str, prompt: int, completion: int, *, provider: str = "openai", **details: int
) -> dict[str, Any]:
    return {
        "openinference.span.kind": "LLM",
        "llm.model_name": model,
        "llm.provider": provider,
        "llm.token_count.prompt": prompt,
        "llm.token_count.completion": completion,
        **{f"llm.token_count.prompt_details.{name}": count for name, count in details.items()},
    }


STEP = {"gen_ai.operation.name": "agent_step", "gen_ai.provider.name": "openai"}
EMBEDDING = "text-embedding-3-large"
CLAUDE_CODE: dict[str, str] = {
    "event.name": "api_request",
    "event.timestamp": "2026-11-20T12:00:05.000Z",
    "model": "claude-sonnet-4-6",
    "request_id": "req_011CZmJ1",
    "input_tokens": "4",
    "cache_creation_tokens": "0",
    "cache_read_tokens": "15178",
    "output_tokens": "100",
    "duration_ms": "5000",
}


def claude_code(session: str) -> dict[str, Any]:
    reported = {**CLAUDE_CODE, "session.id": session}
    scope = "com.anthropic.claude_code.events"
    return {**event(reported, scope=scope, name=""), "Body": "claude_code.api_request"}


ONE_CALL = [
    Report(
        "langfuse/langfuse#14754",
        "duplicates of two emitters",
        "AI SDK 7: `invoke_agent` repeats the tokens of two calls, each in an `agent_step`",
        Rows(
            [
                row(semconv("invoke_agent", "gpt-5.1", 14426, 771), "gen_ai", lasts=9000),
                row(STEP, "gen_ai", "b", "a", lasts=3000),
                row(semconv("chat", "gpt-5.1", 6426, 371), "gen_ai", "c", "b", begins=10),
                row(STEP, "gen_ai", "d", "a", begins=3500, lasts=3000),
                row(semconv("chat", "gpt-5.1", 8000, 400), "gen_ai", "e", "d", begins=4000),
            ]
        ),
        calls=2,
        bill=[(14426, 1.25), (771, 10)],
        status="estimated",
        reason="foreign_host",
        fixed=True,
    ),
    Report(
        "langfuse/langfuse#16409",
        "duplicates of one emitter",
        "AI SDK 7, `embed`: two nested spans of 28 tokens",
        Rows(
            [
                row(semconv("embeddings", EMBEDDING, 28), "gen_ai"),
                row(semconv("embeddings", EMBEDDING, 28), "gen_ai", "b", "a", begins=5, lasts=900),
            ]
        ),
        bill=[(28, 0.13)],
        status="estimated",
        reason="foreign_host",
    ),
    Report(
        "langfuse/langfuse#16409",
        "duplicates of one emitter",
        "AI SDK 7, `embedMany`: a span of 60 tokens around two calls of 28 and 32",
        Rows(
            [
                row(semconv("embeddings", EMBEDDING, 60), "gen_ai"),
                row(semconv("embeddings", EMBEDDING, 28), "gen_ai", "b", "a", begins=5, lasts=600),
                row(semconv("embeddings", EMBEDDING, 32), "gen_ai", "c", "a", begins=7, lasts=800),
            ]
        ),
        calls=2,
        bill=[(60, 0.13)],
        status="estimated",
        reason="foreign_host",
        fixed=True,
    ),
    Report(
        "DataDog/dd-trace-js#8936",
        "duplicates of two emitters",
        "LangChain's span, which leaves 10000 cached tokens out, around the SDK's",
        Rows(
            [
                row(
                    openinference("claude-sonnet-4-6", 50, 100, provider="anthropic"),
                    OPENINFERENCE + "langchain",
                ),
                row(
                    openinference(
                        "claude-sonnet-4-6", 10050, 100, provider="anthropic", cache_read=10000
                    ),
                    OPENINFERENCE + "anthropic",
                    "b",
                    "a",
                    begins=5,
                    lasts=1400,
                ),
            ]
        ),
        bill=[(50, 3), (10000, 0.3), (100, 15)],
        status="estimated",
        reason="foreign_host",
        fixed=True,
    ),
    Report(
        "langfuse/langfuse#9344",
        "duplicates of three emitters",
        "Google ADK around LiteLLM around OpenAI",
        Rows(
            [
                row(
                    openinference("openai/gpt-5.1", 100, 20, provider="google"),
                    OPENINFERENCE + "google_adk",
                ),
                row(
                    semconv("chat", "gpt-5.1", 100, 20, gen_ai__response__id="chatcmpl-Ab1"),
                    "litellm",
                    "b",
                    "a",
                    begins=5,
                    lasts=1400,
                ),
                row(
                    semconv("chat", "gpt-5.1", 100, 20, gen_ai__response__id="chatcmpl-Ab1"),
                    "opentelemetry.instrumentation.openai_v2",
                    "c",
                    "b",
                    begins=9,
                    lasts=1300,
                ),
            ]
        ),
        bill=[(100, 1.25), (20, 10)],
        status="estimated",
        reason="foreign_gateway",
    ),
    Report(
        "Arize-ai/openinference#2119",
        "duplicates of one emitter",
        "smolagents: `generate` wrapped twice",
        Rows(
            [
                row(openinference("gpt-5.1", 100, 20), OPENINFERENCE + "smolagents"),
                row(
                    openinference("gpt-5.1", 100, 20),
                    OPENINFERENCE + "smolagents",
                    "b",
                    "a",
                    begins=5,
                    lasts=1400,
                ),
            ]
        ),
        bill=[(100, 1.25), (20, 10)],
        status="estimated",
        reason="foreign_host",
    ),
    Report(
        "Arize-ai/openinference#1154",
        "duplicates of two emitters",
        "CrewAI's kickoff span has the tokens of the two calls below it",
        Rows(
            [
                row(
                    {
                        "openinference.span.kind": "CHAIN",
                        "llm.token_count.prompt": 300,
                        "llm.token_count.completion": 40,
                    },
                    OPENINFERENCE + "crewai",
                    lasts=9000,
                ),
                *(
                    row(
                        openinference("gpt-5.1", prompt, 20),
                        OPENINFERENCE + "litellm",
                        place,
                        "a",
                        begins=begins,
                    )
                    for prompt, place, begins in ((100, "b", 5), (200, "c", 3000))
                ),
            ]
        ),
        calls=2,
        bill=[(300, 1.25), (40, 10)],
        status="estimated",
        reason="foreign_host",
    ),
    Report(
        "ccusage/ccusage#1762",
        "duplicates of one emitter",
        "Claude Code: one request in the logs of two sessions",
        Rows([claude_code("11111111"), claude_code("22222222")]),
        bill=[(4, 3), (15178, 0.3), (100, 15)],
        status="estimated",
        reason="foreign_subscription",
    ),
]

COUNTS = [
    Report(
        "langfuse/langfuse#12306",
        "cache counted twice",
        "Pydantic AI: 130213 input, 128955 read and 1253 written among them",
        Rows(
            [
                row(
                    semconv(
                        "chat",
                        "claude-sonnet-4-6",
                        130213,
                        100,
                        provider="anthropic",
                        gen_ai__usage__details__cache_read_tokens=128955,
                        gen_ai__usage__details__cache_write_tokens=1253,
                    ),
                    "pydantic-ai",
                )
            ]
        ),
        bill=[(5, 3), (128955, 0.3), (1253, 3.75), (100, 15)],
        status="estimated",
        reason="foreign_host",
    ),
    Report(
        "langfuse/langfuse#12306",
        "cache counted twice",
        "the same under `gen_ai.usage.cache_read_tokens` and `cache_write_tokens`",
        Rows(
            [
                row(
                    semconv(
                        "chat",
                        "claude-sonnet-4-6",
                        130213,
                        100,
                        provider="anthropic",
                        gen_ai__usage__cache_read_tokens=128955,
                        gen_ai__usage__cache_write_tokens=1253,
                    ),
                    "pydantic-ai",
                )
            ]
        ),
        bill=[(5, 3), (128955, 0.3), (1253, 3.75), (100, 15)],
        status="estimated",
        reason="foreign_host",
        fixed=True,
    ),
    Report(
        "Arize-ai/openinference#3734",
        "cache left out",
        "OpenInference before the fix: prompt 10, 1733 written and 512 read beside it",
        Rows(
            [
                row(
                    openinference(
                        "claude-sonnet-4-6",
                        10,
                        5,
                        provider="anthropic",
                        cache_write=1733,
                        cache_read=512,
                    ),
                    OPENINFERENCE + "anthropic",
                )
            ]
        ),
        bill=[(10, 3), (1733, 3.75), (512, 0.3), (5, 15)],
        status="estimated",
        reason="foreign_host",
    ),
    Report(
        "PostHog/posthog#39901",
        "cache counted twice",
        "LangChain counts 10000 cached tokens of Claude among 10050 input tokens",
        Rows(
            [
                row(
                    openinference(
                        "claude-sonnet-4-6", 10050, 100, provider="anthropic", cache_read=10000
                    ),
                    OPENINFERENCE + "langchain",
                )
            ]
        ),
        bill=[(50, 3), (10000, 0.3), (100, 15)],
        status="estimated",
        reason="foreign_host",
    ),
    Report(
        "traceloop/openllmetry#4060",
        "cache left out",
        "OpenAI Agents: 9000 of 10000 input tokens were cached, the span does not say so",
        Rows(
            [
                row(
                    semconv("chat", "gpt-5.1", 10000, 50),
                    "opentelemetry.instrumentation.openai_agents",
                )
            ]
        ),
        bill=[(1000, 1.25), (9000, 0.125), (50, 10)],
        over=[(9000, 1.125)],
        status="estimated",
        reason="foreign_host",
    ),
    Report(
        "traceloop/openllmetry#4377",
        "stream counted twice",
        "the span adds `message_start`'s 4 output tokens to the 64 that the stream had",
        Rows(
            [
                row(
                    semconv(
                        "chat",
                        "claude-sonnet-4-6",
                        17,
                        68,
                        provider="anthropic",
                        server__address="api.anthropic.com",
                    ),
                    "opentelemetry.instrumentation.anthropic",
                )
            ]
        ),
        bill=[(17, 3), (64, 15)],
        over=[(4, 15)],
        status="estimated",
        reason="foreign_tier",
    ),
    Report(
        "strands-agents/harness-sdk#1267",
        "duplicates of one emitter",
        "Strands: the agent repeats its call; the provider is named `strands-agents`",
        Rows(
            [
                row(
                    semconv(
                        operation,
                        "us.anthropic.claude-sonnet-4-6",
                        1000,
                        100,
                        provider="strands-agents",
                    ),
                    "strands.telemetry.tracer",
                    place,
                    parent,
                )
                for operation, place, parent in (("invoke_agent", "a", "0"), ("chat", "b", "a"))
            ]
        ),
        bill=[(1000, 3.3), (100, 16.5)],
        status="estimated",
        reason="foreign_host",
        fixed=True,
    ),
]

DONE: dict[str, Any] = {
    "id": "resp_0123",
    "object": "response",
    "model": "gpt-4o",
    "output": [],
    "status": "completed",
    "service_tier": "default",
    "usage": {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15},
}
MESSAGE: dict[str, Any] = {
    "id": "msg_01ABCDEFGHJKLMNP",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-6",
    "content": [],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 10, "output_tokens": 5},
}
PROMPT: dict[str, Any] = {
    "model": "claude-sonnet-4-6",
    "max_tokens": 9,
    "messages": [{"role": "user", "content": "Hi"}],
}

REQUESTS = [
    Report(
        "BerriAI/litellm#25015",
        "polling counted again",
        "`responses.create`, then three times `responses.retrieve`",
        RawHttp(
            "openai",
            [(200, DONE)] * 4,
            [
                ("responses.create", {"model": "gpt-4o", "input": "Hi"}),
                *[("responses.retrieve", {"response_id": "resp_0123"})] * 3,
            ],
        ),
        bill=[(10, 2.5), (5, 10)],
    ),
    Report(
        "open-telemetry/semantic-conventions-genai#476",
        "retries counted",
        "the SDK retries after 529 and 429",
        RawHttp(
            "anthropic",
            [(529, {"type": "error"}), (429, {"type": "error"}), (200, MESSAGE)],
            [("messages.create", PROMPT)],
        ),
        bill=[(10, 3), (5, 15)],
    ),
]

EMITTERS = [*ONE_CALL, *COUNTS, *REQUESTS]
