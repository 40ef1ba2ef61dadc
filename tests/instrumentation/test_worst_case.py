# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What a call may cost at the most: everything that multiplies a price is in it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from opentelemetry.context import Context

from otel_llmcost import providers, semconv
from otel_llmcost.instrumentation.budgets.worst_case import worst_case
from otel_llmcost.instrumentation.calls.call import Call
from otel_llmcost.instrumentation.records import record_attributes

CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"
MESSAGES, COMPLETIONS, IMAGES = "/v1/messages", "/v1/completions", "/v1/images/generations"
OPENAI, ANTHROPIC = "https://api.openai.com/v1", "https://api.anthropic.com"
LIMIT = 100_000
GREETING = [{"role": "user", "content": "hello"}]
LONG = [{"role": "user", "content": "word " * 80_000}]  # 100,000 tokens
VERY_LONG = [{"role": "user", "content": "word " * 240_000}]  # 300,000 tokens


def call(endpoint: str, base_url: str = OPENAI, **body: Any) -> Call:
    sdk = "anthropic" if endpoint == MESSAGES else "openai"
    made = Call(
        sdk=sdk,
        endpoint=endpoint,
        provider=providers.billing_provider(base_url, {}, sdk) or sdk,
        known_host=True,
        base_url=base_url,
        host="",
        body=body,
        stream=False,
        started=0,
        attributes={},
        allocation={},
        context=Context(),
        emitter=None,
    )
    made.attributes = record_attributes.of_request(made)
    assert made.attributes[semconv.OPERATION]
    return made


def usd(endpoint: str, base_url: str = OPENAI, **body: Any) -> float:
    found = worst_case(call(endpoint, base_url, **body))
    assert found is not None
    return float(found)


def chat(base_url: str = OPENAI, **body: Any) -> float:
    given = {"model": "gpt-6-sol", "messages": GREETING, "max_completion_tokens": LIMIT, **body}
    return usd(CHAT, base_url, **given)


def message(base_url: str = ANTHROPIC, **body: Any) -> float:
    given = {"model": "claude-opus-5-5", "messages": GREETING, "max_tokens": LIMIT, **body}
    return usd(MESSAGES, base_url, **given)


def about(amount: float) -> Any:
    return pytest.approx(amount, rel=0.01)


def test_the_output_limit_is_what_a_reply_may_cost() -> None:
    assert chat() == about(1.00)  # 100,000 x $10
    assert message() == about(2.00)  # 100,000 x $20


@pytest.mark.parametrize(("n", "times"), [(8, 8), (1, 1), ("8", 8), (0, 1), (-3, 1), (None, 1)])
def test_every_choice_is_paid(n: Any, times: int) -> None:
    assert chat(n=n) == about(1.00 * times)


def test_candidates_and_prompts_of_the_old_completions_are_paid() -> None:
    requested: dict[str, Any] = {"model": "gpt-3.5-turbo-instruct", "max_tokens": LIMIT}
    once = usd(COMPLETIONS, prompt="a", **requested)
    assert once > 0
    assert usd(COMPLETIONS, prompt="a", best_of=5, n=2, **requested) == about(once * 5)
    assert usd(COMPLETIONS, prompt=["a", "b", "c"], n=2, **requested) == about(once * 6)
    assert usd(COMPLETIONS, prompt=[1, 2, 3], **requested) == about(once)


@pytest.mark.parametrize(
    ("body", "amount"),
    [
        ({"service_tier": "priority"}, 2.00),
        ({"service_tier": "fast"}, 2.00),
        ({"service_tier": "default"}, 1.00),
        ({"service_tier": "auto"}, 1.00),
        ({"service_tier": "flex"}, 0.50),
        ({"service_tier": "one that comes tomorrow"}, 2.00),
        ({"model": "gpt-6-astra", "service_tier": "ultrafast"}, 30.00),
        ({"model": "gpt-6.2-sol", "service_tier": "flex"}, 1.00),  # not sold: the standard price
    ],
)
def test_the_service_tier_counts(body: dict[str, Any], amount: float) -> None:
    assert chat(**body) == about(amount)


@pytest.mark.parametrize("region", ["us", "eu", "au", "in", "jp", "ae"])
def test_regional_hosts_count(region: str) -> None:
    assert chat(f"https://{region}.api.openai.com/v1") == about(1.10)


def test_fast_mode_and_the_place_of_inference_count() -> None:
    assert message(speed="fast") == about(4.00)
    assert message(inference_geo="us") == about(2.20)
    assert message(inference_geo="us", speed="fast") == about(4.40)
    assert message(inference_geo="global", speed="standard") == about(2.00)


def test_the_clouds_regions_count() -> None:
    vertex = "https://europe-west1-aiplatform.googleapis.com/v1"
    assert message(vertex) == about(2.20)
    bedrock = "https://bedrock-runtime.eu-west-1.amazonaws.com"
    assert message(bedrock, model="eu.anthropic.claude-opus-5-5-v1") == about(2.20)
    assert message(bedrock, model="global.anthropic.claude-opus-5-5-v1") == about(2.00)


@pytest.mark.parametrize(
    ("marked", "factor"),
    [({}, 1), ({"type": "ephemeral"}, 1.25), ({"type": "ephemeral", "ttl": "1h"}, 2)],
)
def test_cache_writes_count_by_how_long_they_stay(marked: dict[str, Any], factor: float) -> None:
    part = {"type": "text", "text": "word " * 80_000}
    if marked:
        part["cache_control"] = marked  # type: ignore[assignment]
    requested: Any = [{"role": "user", "content": [part]}]
    assert message(messages=requested, max_tokens=1) == about(0.40 * factor)
    at_the_top = {"cache_control": marked} if marked else {}
    assert message(messages=LONG, max_tokens=1, **at_the_top) == about(0.40 * factor)


def test_openai_writes_to_its_cache_unasked() -> None:
    assert chat(messages=LONG, max_completion_tokens=1) == about(0.25)  # 1.25 x $2
    long = {"ttl": "12h"}
    assert chat(messages=LONG, max_completion_tokens=1, prompt_cache_options=long) == about(0.50)
    assert chat(model="gpt-4o", messages=LONG, max_completion_tokens=1) == about(0.25)


def test_long_context_counts_for_input_and_output() -> None:
    assert chat(messages=VERY_LONG) == about(2 * 0.75 + 1.5)


def test_fees_of_hosted_tools_count() -> None:
    search = {"type": "web_search_20250305", "name": "web_search", "max_uses": 50}
    assert message(tools=[search]) == about(2.50)
    requested: dict[str, Any] = {"model": "gpt-6-sol", "input": "hi", "max_output_tokens": LIMIT}
    tools = [{"type": "web_search"}, {"type": "file_search", "vector_store_ids": []}]
    assert usd(RESPONSES, tools=tools, max_tool_calls=20, **requested) == about(1 + 0.2 + 0.05)


def test_every_fallback_and_the_advisor_may_be_paid_too() -> None:
    fallbacks = [{"model": "claude-opus-5"}, {"model": "claude-haiku-4-5", "max_tokens": 10_000}]
    assert message(fallbacks=fallbacks) == about(2.00 + 2.50 + 0.05)
    advisor = {"type": "advisor_20260301", "model": "claude-opus-5-5", "name": "advisor"}
    assert message(tools=[{**advisor, "max_uses": 3, "max_tokens": 50_000}]) == about(2 + 3.00)


def test_images_are_paid_by_piece_quality_and_size() -> None:
    requested: dict[str, Any] = {"model": "gpt-image-1", "prompt": "a hat", "quality": "high"}
    once = usd(IMAGES, **requested)
    assert once == about(6_240 * 40e-6)
    assert usd(IMAGES, n=4, **requested) == about(once * 4)
    assert usd(IMAGES, **{**requested, "quality": "low"}) < once / 10
    assert usd(IMAGES, size="2048x3072", **requested) == about(once * 4)


def test_an_image_in_the_prompt_is_not_counted_as_text() -> None:
    data = "iVBORw0K" * 250_000
    source = {"type": "base64", "media_type": "image/png", "data": data}
    with_image: Any = [{"role": "user", "content": [{"type": "image", "source": source}]}]
    assert message(messages=with_image, max_tokens=1) < 0.05
    url = {"url": f"data:image/png;base64,{data}"}
    with_image = [{"role": "user", "content": [{"type": "image_url", "image_url": url}]}]
    assert chat(messages=with_image, max_completion_tokens=1) < 0.05


def test_other_alphabets_need_more_tokens() -> None:
    assert chat(messages=[{"content": "\u6f22" * 400_000}], max_completion_tokens=1) == about(
        300_000 * 2.5e-6 * 2
    )


def test_a_deployment_is_priced_as_the_model_it_answered_as() -> None:
    azure = "https://x.openai.azure.com/openai"
    requested = call(
        CHAT, azure, model="my deployment", messages=GREETING, max_completion_tokens=LIMIT
    )
    assert worst_case(requested) is None
    assert worst_case(requested, "gpt-6-sol") == pytest.approx(Decimal(1), rel=Decimal("0.01"))
