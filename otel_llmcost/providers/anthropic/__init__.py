# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Anthropic: the Messages API, Claude's models, and the `anthropic` SDK."""

from __future__ import annotations

from decimal import Decimal

from otel_llmcost.providers.anthropic import (
    batches,
    invoices,
    sessions,
    streams,
    translation,
    usage,
)
from otel_llmcost.providers.fields import JSON, mapping
from otel_llmcost.providers.provider import Api, GeoFactor, Provider, Sdk

_OWN_COUNTS = frozenset({"cache_read_input_tokens", "inputTokens"})  # Messages, Converse

SDK = Sdk(
    name="anthropic",
    oldest=(0, 40),
    base_url_variable="ANTHROPIC_BASE_URL",
    instrumentors=(
        ("opentelemetry.instrumentation.anthropic", "AnthropicInstrumentor"),
        ("opentelemetry.instrumentation.genai.anthropic", "AnthropicInstrumentor"),
        ("openinference.instrumentation.anthropic", "AnthropicInstrumentor"),
    ),
    customer_header="anthropic-user-profile-id",
)


def recognises(endpoint: str, usage: JSON) -> bool:
    """By its names of counts, else by its endpoints."""
    return (
        not _OWN_COUNTS.isdisjoint(usage)
        or "messages" in endpoint
        or endpoint.startswith(("invoke", "converse"))
    )


def recognises_reply(reply: JSON) -> bool:
    """By the type that every message has."""
    return reply.get("type") == "message"


def paid_by_customer(request: JSON) -> bool:
    """Linked billing: the customer behind the request's user profile pays.

    Anthropic rejects what it cannot bill so, rather than bill the caller: the request decides.
    """
    return mapping(request.get("billing_policy")).get("bill_to") == "user_profile"


API = Api(
    name="anthropic",
    sdk=SDK,
    model_word="claude",
    hyphenated_versions=True,
    posts=frozenset({"/messages", "/dreams"}),
    posts_by_id=("/sessions/{id}/events", "/deployments/{id}/run"),
    gets=("/messages/batches/{id}/results",),
    recognises=recognises,
    recognises_reply=recognises_reply,
    recognises_event=streams.endpoint_of_event,
    read=usage.read,
    is_session=sessions.is_session,
    read_session=sessions.read,
    from_openai_format=translation.from_openai_format,
    stream_reader=lambda endpoint: streams.MessagesReader(),
    batch_line=batches.batch_line,
    write_buckets=("cache_write_5m", "cache_write_1h"),
    write_seconds=(300, 3_600),
    cut_reasons=("max_tokens",),
    window_reasons=("model_context_window_exceeded",),
    derived_prices={  # anthropic 2, 6
        "cache_write_5m": Decimal("1.25"),
        "cache_write_1h": Decimal(2),
        "batch_input": Decimal("0.5"),
    },
    rules={
        "input": 1,
        "cache_read": 2,
        "cache_write": 2,
        "output": 13,
        "tools": 12,
        "file_search_call": 12,
        "managed_agent_session_hour": 12,
        "long": 9,
        "long_small": 10,
        "batch": 6,
        "fast": 8,
        "geo": 11,
    },
)

PROVIDER = Provider(
    name="anthropic",
    company="Anthropic",
    service="Claude API",
    api=API,
    hosts=(
        r"api\.anthropic\.com",
        r"aws-external-anthropic\.[a-z0-9.-]+\.(?:amazonaws\.com|api\.aws)",
    ),
    routes=("anthropic",),
    # Models from before data residency have no factor, and cost the same in every geography.
    # See anthropic 11.
    geo_factors={"us": GeoFactor("inference_geo_us_multiplier", must_be_listed=False)},
    paid_by_customer=paid_by_customer,
    invoice_lines=invoices.invoice_lines,
    invoice_column="usage_date_utc",
)
