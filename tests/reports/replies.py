# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Reports about one reply's cost: its usage as the provider or a gateway sent it.

Counts are the report's own where it has them. Prices are the provider's of that day.
"""

from __future__ import annotations

from typing import Any

from tests.reports.model import Reply, Report


def message(model: str, day: str, usage: dict[str, Any], **more: Any) -> Reply:
    """A reply of Anthropic's Messages API; `request` and `provider` may be given."""
    provider, request = more.pop("provider", "anthropic"), more.pop("request", {})
    response = {"model": model, "stop_reason": "end_turn", "usage": usage, **more}
    return Reply(provider, {"model": model, **request}, response, day)


def chat(model: str, day: str, usage: dict[str, Any], **more: Any) -> Reply:
    """A chat completion."""
    return _openai("/v1/chat/completions", model, day, {"usage": usage, **more})


def response(model: str, day: str, usage: dict[str, Any], **more: Any) -> Reply:
    """A reply of OpenAI's Responses API."""
    return _openai("/v1/responses", model, day, {"usage": usage, **more})


def _openai(endpoint: str, model: str, day: str, reply: dict[str, Any]) -> Reply:
    request = {"model": model, **reply.pop("request", {})}
    client = {"endpoint": endpoint, **reply.pop("client", {})}
    said = {"model": model, "service_tier": "default", **reply}
    return Reply("openai", {**request, "client": client}, said, day)


def stream(provider: str, model: str, day: str, endpoint: str, *events: Any) -> Reply:
    request = {"model": model, "stream": True, "client": {"endpoint": endpoint}}
    return Reply(provider, request, {"stream_events": list(events)}, day)


def chunk(**more: Any) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "gpt-5.1", **more}


def message_events(
    model: str, start: dict[str, Any], delta: dict[str, Any]
) -> tuple[dict[str, Any], ...]:
    return (
        {"type": "message_start", "message": {"id": "msg_1", "model": model, "usage": start}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": delta},
        {"type": "message_stop"},
    )


CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"

CACHE = [
    Report(
        "BerriAI/litellm#9812",
        "cache counted twice",
        "Claude 3.7 Sonnet: 3 input, 12304 written to the cache, 550 output",
        message(
            "claude-3-7-sonnet-20250219",
            "2025-04-08",
            {
                "input_tokens": 3,
                "cache_creation_input_tokens": 12304,
                "cache_read_input_tokens": 0,
                "output_tokens": 550,
            },
        ),
        bill=[(3, 3), (12304, 3.75), (550, 15)],
    ),
    Report(
        "langfuse/langfuse#10592",
        "cache counted twice",
        "OpenRouter: 17903 prompt tokens, 17817 of them cached",
        chat(
            "openai/gpt-5.1",
            "2025-11-20",
            {
                "prompt_tokens": 17903,
                "completion_tokens": 100,
                "total_tokens": 18003,
                "prompt_tokens_details": {"cached_tokens": 17817},
            },
            client={"base_url": "https://openrouter.ai/api/v1", "billed_by": "openai"},
        ),
        bill=[(86, 1.25), (17817, 0.125), (100, 10)],
    ),
    Report(
        "laravel/ai#846",
        "cache write at the input price",
        "gpt-5.6-luna: 18014 input, 18011 of them written to the cache",
        response(
            "gpt-5.6-luna",
            "2026-08-04",
            {
                "input_tokens": 18014,
                "input_tokens_details": {"cache_write_tokens": 18011, "cached_tokens": 0},
                "output_tokens": 20,
                "total_tokens": 18034,
            },
        ),
        bill=[(3, 0.2), (18011, 0.25), (20, 1.2)],
    ),
    Report(
        "can1357/oh-my-pi#6876",
        "1 h cache write at the 5 min price",
        "Claude Opus 5: 344139 written for 1 hour",
        message(
            "claude-opus-5",
            "2026-07-28",
            {
                "input_tokens": 0,
                "cache_creation_input_tokens": 344139,
                "cache_creation": {
                    "ephemeral_5m_input_tokens": 0,
                    "ephemeral_1h_input_tokens": 344139,
                },
                "output_tokens": 10,
            },
        ),
        bill=[(344139, 10), (10, 25)],
    ),
    Report(
        "BerriAI/litellm#39088",
        "cache lost behind a gateway",
        "Vercel AI Gateway: 9520 prompt tokens, 9519 of them cached, and its own `cost`",
        chat(
            "openai/gpt-5.1",
            "2026-09-01",
            {
                "prompt_tokens": 9520,
                "completion_tokens": 16,
                "total_tokens": 9536,
                "cost": 0.00254674,
                "prompt_tokens_details": {
                    "cached_tokens": 9519,
                    "audio_tokens": 0,
                    "video_tokens": 0,
                },
                "market_cost": 0.00254674,
                "gateway_cost": 0.00254674,
            },
            client={"base_url": "https://ai-gateway.vercel.sh/v1", "billed_by": "openai"},
        ),
        bill=[(1, 1.25), (9519, 0.125), (16, 10)],
    ),
]

STREAMS = [
    Report(
        "BerriAI/litellm#36083",
        "stream without usage",
        "the last chunk has both a choice and the usage, 600 of 1000 tokens cached",
        stream(
            "openai",
            "gpt-5.1",
            "2026-08-06",
            CHAT,
            chunk(choices=[{"index": 0, "delta": {"content": "Hi"}}]),
            chunk(
                choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}],
                service_tier="default",
                usage={
                    "prompt_tokens": 1000,
                    "completion_tokens": 100,
                    "total_tokens": 1100,
                    "prompt_tokens_details": {"cached_tokens": 600},
                },
            ),
        ),
        bill=[(400, 1.25), (600, 0.125), (100, 10)],
    ),
    Report(
        "tensorzero/tensorzero#5481",
        "stream counted twice",
        "`message_start` has 1 output token, `message_delta` the sum of 15",
        stream(
            "anthropic",
            "claude-sonnet-4-5-20250929",
            "2025-12-31",
            MESSAGES,
            *message_events(
                "claude-sonnet-4-5-20250929",
                {"input_tokens": 25, "output_tokens": 1},
                {"output_tokens": 15},
            ),
        ),
        bill=[(25, 3), (15, 15)],
    ),
    Report(
        "symfony/ai#2178",
        "stream counted twice",
        "both events repeat 2 input and 47119 written tokens",
        stream(
            "anthropic",
            "claude-opus-4-8",
            "2026-06-15",
            MESSAGES,
            *message_events(
                "claude-opus-4-8",
                {
                    "input_tokens": 2,
                    "cache_creation_input_tokens": 47119,
                    "cache_read_input_tokens": 0,
                    "output_tokens": 4,
                },
                {
                    "input_tokens": 2,
                    "cache_creation_input_tokens": 47119,
                    "cache_read_input_tokens": 0,
                    "output_tokens": 64,
                },
            ),
        ),
        bill=[(2, 5), (47119, 6.25), (64, 25)],
    ),
    Report(
        "openai/openai-openapi#539",
        "stream without usage",
        "the client goes away before the chunk with the usage",
        stream(
            "openai",
            "gpt-5.1",
            "2026-04-05",
            CHAT,
            chunk(choices=[{"index": 0, "delta": {"content": "Hi"}}]),
        ),
        status="unpriced",
        reason="no_usage",
    ),
]

TIERS = [
    Report(
        "BerriAI/litellm#13810",
        "service tier",
        "gpt-5-nano served as `flex`",
        response(
            "gpt-5-nano",
            "2025-08-20",
            {"input_tokens": 14, "output_tokens": 1200, "total_tokens": 1214},
            request={"service_tier": "flex"},
            service_tier="flex",
        ),
        bill=[(14, 0.025), (1200, 0.2)],
    ),
    Report(
        "BerriAI/litellm#31837",
        "service tier",
        "`priority` in the request, served as `default`",
        response(
            "gpt-5-mini",
            "2026-07-01",
            {"input_tokens": 1000, "output_tokens": 100, "total_tokens": 1100},
            request={"service_tier": "priority"},
        ),
        bill=[(1000, 0.25), (100, 2)],
    ),
    Report(
        "BerriAI/litellm#37046",
        "service tier",
        "gpt-4o served as `priority`: 9 input, 1 output",
        chat(
            "gpt-4o-2024-08-06",
            "2026-08-15",
            {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10},
            request={"service_tier": "priority"},
            service_tier="priority",
        ),
        bill=[(9, 4.25), (1, 17)],
    ),
    Report(
        "BerriAI/litellm#38378",
        "fast mode",
        "`speed: fast` in the request to Claude Opus 4.6, served at `standard`",
        message(
            "claude-opus-4-6",
            "2026-08-26",
            {"input_tokens": 100, "output_tokens": 100, "speed": "standard"},
            request={"speed": "fast"},
        ),
        bill=[(100, 5), (100, 25)],
    ),
    Report(
        "BerriAI/litellm#34526",
        "fast mode",
        "Claude Opus 5, fast: 6034 cache reads cost twice too",
        message(
            "claude-opus-5",
            "2026-07-24",
            {
                "input_tokens": 12,
                "cache_read_input_tokens": 6034,
                "output_tokens": 40,
                "speed": "fast",
            },
            request={"speed": "fast"},
        ),
        bill=[(12, 10), (6034, 1), (40, 50)],
    ),
    Report(
        "BerriAI/litellm#32307",
        "batch discount",
        "a result of a message batch: 9 input, 25 output",
        message(
            "claude-opus-4-6",
            "2026-07-10",
            {"input_tokens": 9, "output_tokens": 25, "service_tier": "batch"},
        ),
        bill=[(9, 2.5), (25, 12.5)],
    ),
    Report(
        "BYK/loreai#503",
        "batch discount",
        "cache reads and 1 h writes of a batch cost half too",
        message(
            "claude-opus-4-8",
            "2026-06-02",
            {
                "input_tokens": 10,
                "cache_read_input_tokens": 5000,
                "cache_creation_input_tokens": 2000,
                "cache_creation": {
                    "ephemeral_5m_input_tokens": 0,
                    "ephemeral_1h_input_tokens": 2000,
                },
                "output_tokens": 100,
                "service_tier": "batch",
            },
        ),
        bill=[(10, 2.5), (5000, 0.25), (2000, 5), (100, 12.5)],
    ),
]

THRESHOLDS = [
    Report(
        "pydantic/genai-prices#711",
        "long context",
        "gpt-5.6-sol: exactly 272000 input tokens are not more than 272000",
        response(
            "gpt-5.6-sol",
            "2026-09-22",
            {"input_tokens": 272000, "output_tokens": 1000, "total_tokens": 273000},
        ),
        bill=[(272000, 4), (1000, 20)],
    ),
    Report(
        "ding113/claude-code-hub#869",
        "long context",
        "gpt-5.4: above 272000 every token costs more, not the rest alone",
        response(
            "gpt-5.4",
            "2026-03-06",
            {"input_tokens": 300000, "output_tokens": 1000, "total_tokens": 301000},
        ),
        bill=[(300000, 5), (1000, 22.5)],
    ),
    Report(
        "BerriAI/litellm#39861",
        "long context",
        "gpt-6-astra in a batch, 300000 input, 100000 of them cached",
        chat(
            "gpt-6-astra",
            "2026-09-05",
            {
                "prompt_tokens": 300000,
                "completion_tokens": 1000,
                "total_tokens": 301000,
                "prompt_tokens_details": {"cached_tokens": 100000},
            },
            client={"batch": True},
        ),
        bill=[(200000, 10), (100000, 1), (1000, 37.5)],
    ),
    Report(
        "BerriAI/litellm#16377",
        "long context",
        "Claude Sonnet 4.5: 250000 cache reads put the reply above 200000",
        message(
            "claude-sonnet-4-5-20250929",
            "2025-11-07",
            {
                "input_tokens": 10,
                "cache_read_input_tokens": 250000,
                "cache_creation_input_tokens": 1000,
                "output_tokens": 100,
            },
        ),
        bill=[(10, 6), (250000, 0.6), (1000, 7.5), (100, 22.5)],
    ),
    Report(
        "BerriAI/litellm#18988",
        "long context",
        "the same with writes for 1 hour: twice the price, twice again",
        message(
            "claude-sonnet-4-5-20250929",
            "2026-01-12",
            {
                "input_tokens": 10,
                "cache_creation_input_tokens": 250000,
                "cache_creation": {
                    "ephemeral_5m_input_tokens": 0,
                    "ephemeral_1h_input_tokens": 250000,
                },
                "output_tokens": 100,
            },
        ),
        bill=[(10, 6), (250000, 12), (100, 22.5)],
    ),
]

REGIONS = [
    Report(
        "BerriAI/litellm#38369",
        "regional uplift",
        "`inference_geo: us` on Claude Sonnet 4.6",
        message(
            "claude-sonnet-4-6",
            "2026-08-26",
            {"input_tokens": 8, "output_tokens": 13, "inference_geo": "us"},
        ),
        bill=[(8, 3.3), (13, 16.5)],
    ),
    Report(
        "BerriAI/litellm#28626",
        "regional uplift",
        "gpt-5.4 at `eu.api.openai.com`",
        response(
            "gpt-5.4",
            "2026-05-22",
            {"input_tokens": 1000, "output_tokens": 100, "total_tokens": 1100},
            client={"base_url": "https://eu.api.openai.com/v1"},
        ),
        bill=[(1000, 2.75), (100, 16.5)],
    ),
    Report(
        "anthropics/claude-code#83690",
        "regional uplift",
        "Bedrock, `us.anthropic.claude-sonnet-4-6`",
        message(
            "us.anthropic.claude-sonnet-4-6",
            "2026-09-07",
            {"input_tokens": 1000, "output_tokens": 100},
            provider="aws.bedrock",
        ),
        bill=[(1000, 3.3), (100, 16.5)],
    ),
    Report(
        "theopenco/llmgateway#2729",
        "regional uplift",
        "Bedrock, Claude Opus 4.8 in a Region and for 1 h cache writes",
        message(
            "anthropic.claude-opus-4-8",
            "2026-06-17",
            {
                "input_tokens": 1000,
                "cache_creation_input_tokens": 2000,
                "cache_creation": {
                    "ephemeral_5m_input_tokens": 0,
                    "ephemeral_1h_input_tokens": 2000,
                },
                "output_tokens": 100,
            },
            provider="aws.bedrock",
        ),
        bill=[(1000, 5.5), (2000, 11), (100, 27.5)],
    ),
]

TOKENS = [
    Report(
        "langfuse/langfuse#11244",
        "reasoning counted twice",
        "gpt-5.1: 1970 output tokens, 956 of them reasoning",
        response(
            "gpt-5.1",
            "2025-12-19",
            {
                "input_tokens": 22118,
                "output_tokens": 1970,
                "output_tokens_details": {"reasoning_tokens": 956},
                "total_tokens": 24088,
            },
        ),
        bill=[(22118, 1.25), (1970, 10)],
    ),
    Report(
        "Helicone/helicone#5805",
        "predicted output counted twice",
        "100 output tokens, 60 accepted and 20 rejected predictions among them",
        chat(
            "gpt-4o-2024-08-06",
            "2026-09-03",
            {
                "prompt_tokens": 50,
                "completion_tokens": 100,
                "total_tokens": 150,
                "completion_tokens_details": {
                    "accepted_prediction_tokens": 60,
                    "rejected_prediction_tokens": 20,
                },
            },
        ),
        bill=[(50, 2.5), (100, 10)],
    ),
    Report(
        "BerriAI/litellm#31142",
        "image tokens at the text price",
        "gpt-image-2 edit: 943 text and 3044 image tokens in, 1372 out, no details of the output",
        Reply(
            "openai",
            {"model": "gpt-image-2", "client": {"endpoint": "/v1/images/edits"}},
            {
                "created": 1782172800,
                "data": [{"b64_json": ""}],
                "usage": {
                    "input_tokens": 3987,
                    "input_tokens_details": {"text_tokens": 943, "image_tokens": 3044},
                    "output_tokens": 1372,
                    "total_tokens": 5359,
                },
            },
            "2026-06-23",
        ),
        bill=[(943, 5), (3044, 8), (1372, 30)],
    ),
    Report(
        "langwatch/langwatch#7048",
        "cached audio at the audio price",
        "gpt-realtime: 300 of 400 audio and 100 of 150 text tokens cached",
        Reply(
            "openai",
            {"model": "gpt-realtime", "client": {"endpoint": "/v1/realtime"}},
            {
                "model": "gpt-realtime",
                "status": "completed",
                "usage": {
                    "total_tokens": 650,
                    "input_tokens": 550,
                    "output_tokens": 100,
                    "input_token_details": {
                        "text_tokens": 150,
                        "audio_tokens": 400,
                        "image_tokens": 0,
                        "cached_tokens": 400,
                        "cached_tokens_details": {
                            "text_tokens": 100,
                            "audio_tokens": 300,
                            "image_tokens": 0,
                        },
                    },
                    "output_token_details": {"text_tokens": 20, "audio_tokens": 80},
                },
            },
            "2026-08-15",
        ),
        bill=[(50, 4), (100, 0.4), (100, 32), (300, 0.4), (20, 16), (80, 64)],
    ),
    Report(
        "langwatch/tasks#641",
        "cached audio at the audio price",
        "the same through a gateway that drops `cached_tokens_details`",
        Reply(
            "openai",
            {"model": "gpt-realtime", "client": {"endpoint": "/v1/realtime"}},
            {
                "model": "gpt-realtime",
                "status": "completed",
                "usage": {
                    "total_tokens": 650,
                    "input_tokens": 550,
                    "output_tokens": 100,
                    "input_token_details": {
                        "text_tokens": 150,
                        "audio_tokens": 400,
                        "cached_tokens": 400,
                    },
                    "output_token_details": {"text_tokens": 20, "audio_tokens": 80},
                },
            },
            "2026-08-15",
        ),
        status="unpriced",
        reason="ambiguous_usage",
    ),
    Report(
        "BerriAI/litellm#36357",
        "audio billed by time",
        'whisper-1: `{"type": "duration", "seconds": 27}`',
        Reply(
            "openai",
            {"model": "whisper-1", "client": {"endpoint": "/v1/audio/transcriptions"}},
            {"text": "", "usage": {"type": "duration", "seconds": 27}},
            "2026-08-09",
        ),
        bill=[(27, 100)],  # 0.006 USD a minute
    ),
    Report(
        "BerriAI/litellm#16412",
        "audio without cost",
        "gpt-4o-transcribe: 14 audio tokens in, 45 out",
        Reply(
            "openai",
            {"model": "gpt-4o-transcribe", "client": {"endpoint": "/v1/audio/transcriptions"}},
            {
                "text": "",
                "usage": {
                    "type": "tokens",
                    "input_tokens": 14,
                    "input_token_details": {"text_tokens": 0, "audio_tokens": 14},
                    "output_tokens": 45,
                    "total_tokens": 59,
                },
            },
            "2025-11-09",
        ),
        bill=[(14, 2.5), (45, 10)],
    ),
]

CALLS_WITHIN = [
    Report(
        "pydantic/pydantic-ai#5065",
        "calls within a reply",
        "compaction: 180000 input and 3500 output that the top-level counts leave out",
        message(
            "claude-opus-4-6",
            "2026-04-13",
            {
                "input_tokens": 23000,
                "output_tokens": 1000,
                "iterations": [
                    {"type": "compaction", "input_tokens": 180000, "output_tokens": 3500},
                    {"type": "message", "input_tokens": 23000, "output_tokens": 1000},
                ],
            },
        ),
        bill=[(203000, 5), (4500, 25)],
    ),
    Report(
        "BerriAI/litellm#39294",
        "calls within a reply",
        "Claude Fable 5 declines after 299 output tokens, Claude Opus 4.8 answers",
        message(
            "claude-opus-4-8",
            "2026-09-02",
            {
                "input_tokens": 2,
                "cache_read_input_tokens": 560186,
                "output_tokens": 136,
                "iterations": [
                    {
                        "type": "message",
                        "model": "claude-fable-5",
                        "input_tokens": 2,
                        "cache_read_input_tokens": 560186,
                        "output_tokens": 299,
                    },
                    {
                        "type": "fallback_message",
                        "model": "claude-opus-4-8",
                        "input_tokens": 2,
                        "cache_read_input_tokens": 560186,
                        "output_tokens": 136,
                    },
                ],
            },
            request={"model": "claude-fable-5", "fallbacks": [{"model": "claude-opus-4-8"}]},
        ),
        bill=[(2, 10), (560186, 1), (299, 50), (2, 5), (560186, 0.5), (136, 25)],
    ),
    Report(
        "theopenco/llmgateway#2642",
        "refusal billed",
        "Claude refuses before any output",
        message(
            "claude-opus-4-8",
            "2026-06-11",
            {"input_tokens": 5000, "output_tokens": 0},
            stop_reason="refusal",
            content=[],
        ),
        status="not_billed",
        reason="refusal",
    ),
    Report(
        "BerriAI/litellm#27065",
        "calls within a reply",
        "compaction that reads 180000 tokens from the cache",
        message(
            "claude-opus-4-6",
            "2026-05-03",
            {
                "input_tokens": 100,
                "output_tokens": 50,
                "iterations": [
                    {
                        "type": "compaction",
                        "input_tokens": 10,
                        "cache_read_input_tokens": 180000,
                        "output_tokens": 3500,
                    },
                    {"type": "message", "input_tokens": 100, "output_tokens": 50},
                ],
            },
        ),
        bill=[(110, 5), (180000, 0.5), (3550, 25)],
    ),
    Report(
        "anthropics/claude-code#84738",
        "calls within a reply",
        "the advisor: its own model, and two turns that the top-level counts already add up",
        message(
            "claude-sonnet-4-6",
            "2026-08-07",
            {
                "input_tokens": 4,
                "cache_read_input_tokens": 400000,
                "output_tokens": 300,
                "iterations": [
                    {
                        "type": "message",
                        "input_tokens": 2,
                        "cache_read_input_tokens": 200000,
                        "output_tokens": 100,
                    },
                    {
                        "type": "advisor_message",
                        "model": "claude-opus-5",
                        "input_tokens": 200000,
                        "output_tokens": 700,
                    },
                    {
                        "type": "message",
                        "input_tokens": 2,
                        "cache_read_input_tokens": 200000,
                        "output_tokens": 200,
                    },
                ],
            },
        ),
        bill=[(4, 3), (400000, 0.3), (300, 15), (200000, 5), (700, 25)],
    ),
]


def searches(count: int) -> list[dict[str, Any]]:
    action = {"type": "search", "query": "q"}
    return [
        {"type": "web_search_call", "id": f"ws_{n}", "status": "completed", "action": action}
        for n in range(count)
    ]


TOOLS = [
    Report(
        "BerriAI/litellm#31316",
        "tool fee left out",
        "gpt-5-mini: four `web_search_call` items",
        response(
            "gpt-5-mini",
            "2026-06-25",
            {"input_tokens": 12000, "output_tokens": 500, "total_tokens": 12500},
            request={"tools": [{"type": "web_search"}]},
            output=searches(4),
        ),
        bill=[(12000, 0.25), (500, 2), (4, 10_000)],
    ),
    Report(
        "BerriAI/litellm#10384",
        "tool fee without a call",
        "gpt-4.1: `web_search` is offered and not used",
        response(
            "gpt-4.1",
            "2025-04-28",
            {"input_tokens": 300, "output_tokens": 10, "total_tokens": 310},
            request={"tools": [{"type": "web_search", "search_context_size": "medium"}]},
            output=[{"type": "message", "content": []}],
        ),
        bill=[(300, 2), (10, 8)],
    ),
    Report(
        "BerriAI/litellm#16117",
        "tool fee left out",
        "gpt-4.1 runs code: the container is billed by the minute, and no reply says how long",
        response(
            "gpt-4.1",
            "2026-06-23",
            {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120},
            request={"tools": [{"type": "code_interpreter", "container": {"type": "auto"}}]},
            output=[
                {
                    "type": "code_interpreter_call",
                    "id": "ci_1",
                    "status": "completed",
                    "container_id": "cntr_1",
                }
            ],
        ),
        bill=[(100, 2), (20, 8)],
        status="partial",
        reason="container_time",
    ),
    Report(
        "BerriAI/litellm#15227",
        "tool fee left out",
        "Claude: 9548 input, 528 output and two searches",
        message(
            "claude-sonnet-4-5-20250929",
            "2025-10-06",
            {
                "input_tokens": 9548,
                "output_tokens": 528,
                "server_tool_use": {"web_search_requests": 2},
            },
        ),
        bill=[(9548, 3), (528, 15), (2, 10_000)],
    ),
]

REPLIES = [
    *CACHE,
    *STREAMS,
    *TIERS,
    *THRESHOLDS,
    *REGIONS,
    *TOKENS,
    *CALLS_WITHIN,
    *TOOLS,
]
