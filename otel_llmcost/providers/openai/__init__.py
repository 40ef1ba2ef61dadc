# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""OpenAI: its APIs, whose formats other makers and gateways speak too, and the `openai` SDK."""

from __future__ import annotations

from otel_llmcost.providers.fields import JSON
from otel_llmcost.providers.openai import batches, invoices, places, sessions, streams, usage
from otel_llmcost.providers.provider import Api, GeoFactor, Provider, Sdk

_ENDPOINTS = ("/chat/completions", "/responses", "/responses/{id}")
_REPLIES = frozenset({"chat", "response", "text_completion"})

SDK = Sdk(
    name="openai",
    oldest=(1, 40),
    base_url_variable="OPENAI_BASE_URL",
    instrumentors=(
        ("opentelemetry.instrumentation.openai", "OpenAIInstrumentor"),
        ("opentelemetry.instrumentation.openai_v2", "OpenAIInstrumentor"),
        ("opentelemetry.instrumentation.genai.openai", "OpenAIInstrumentor"),
        ("openinference.instrumentation.openai", "OpenAIInstrumentor"),
    ),
    streams_need_usage_option=True,
)


def recognises(endpoint: str, usage: JSON) -> bool:
    """By the name that only chat completions have for the input, else by its usual endpoints."""
    return "prompt_tokens" in usage or endpoint.endswith(_ENDPOINTS)


def recognises_reply(reply: JSON) -> bool:
    """By the kind of object that every reply names."""
    kind = reply.get("object")
    if kind == "list":  # embeddings
        return "usage" in reply
    return isinstance(kind, str) and kind.split(".")[0] in _REPLIES


API = Api(
    name="openai",
    sdk=SDK,
    posts=frozenset(
        {
            "/chat/completions",
            "/completions",
            "/responses",
            "/responses/compact",
            "/decisions",
            "/embeddings",
            "/images/generations",
            "/images/edits",
            "/images/variations",
            "/audio/speech",
            "/audio/transcriptions",
            "/audio/translations",
            "/videos",
            "/videos/edits",
            "/videos/extensions",
            # Work that is billed later, by usage that the reply does not report.
            "/threads/runs",
            "/fine_tuning/jobs",
            "/fine_tuning/alpha/graders/run",
        }
    ),
    posts_by_id=(
        "/videos/{id}/remix",
        "/threads/{id}/runs",
        "/evals/{id}/runs",
        "/agents/sessions/{id}/events",
    ),
    gets=("/responses/{id}", "/files/{id}/content"),
    recognises=recognises,
    recognises_reply=recognises_reply,
    recognises_event=streams.endpoint_of_event,
    read=usage.read,
    is_session=sessions.is_session,
    read_session=sessions.read,
    stream_reader=streams.stream_reader,
    batch_line=batches.batch_line,
    write_buckets=("cache_write_30m", "cache_write_12h"),
    write_seconds=(1_800, 43_200),
    cut_reasons=("length", "max_output_tokens"),
    unlisted_writes_cost_input=True,  # openai 3: cache writes were free before GPT-5.6
    rules={
        "input": 1,
        "cache_read": 2,
        "cache_write": 3,
        "output": 12,
        "tools": 13,
        "file_search_call": 14,
        "image": 16,
        "audio": 17,
        "request": 18,
        "long": 4,
        "long_small": 4,
        "batch": 5,
        "flex": 6,
        "window": 7,
        "fast": 8,
        "ultrafast": 9,
        "geo": 11,
    },
)

PROVIDER = Provider(
    name="openai",
    company="OpenAI",
    service="OpenAI API",
    api=API,
    hosts=(r"(?:[a-z]{2}\.)?api\.openai\.com",),
    routes=("openai", "responses"),
    place=places.place,
    # Models from before regional processing have no factor, and cost the same everywhere.
    geo_factors={"regional": GeoFactor("regional_processing_multiplier", must_be_listed=False)},
    takes_stream_options=True,
    invoice_lines=invoices.invoice_lines,
    invoice_column="amount_value",
    invoice_item=invoices.invoice_item,
)
