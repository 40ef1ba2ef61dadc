# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Replies in OpenAI's format that other servers than OpenAI's wrote."""

from __future__ import annotations

from typing import Any

import pytest

from otel_llmcost.pricing import price_response
from otel_llmcost.usage import Cost
from tests.pricing.bill import at, message, usd


def chat(
    usage: dict[str, Any],
    *,
    model: str = "claude-opus-5-5",
    provider: str = "anthropic",
    finish: str = "stop",
    request: dict[str, Any] | None = None,
    **reply: Any,
) -> Cost:
    """Price a chat completion, as a gateway hands it out that `provider` bills for."""
    client = {"endpoint": "/v1/chat/completions", "billed_by": provider}
    return price_response(
        "openai",
        request={"model": model, **(request or {}), "client": client},
        response={
            "id": "chatcmpl-1",
            "model": model,
            "choices": [{"index": 0, "finish_reason": finish}],
            "usage": usage,
            **reply,
        },
        at=at("2026-11-20"),
    )


LITELLM: dict[str, Any] = {
    "prompt_tokens": 10032,
    "completion_tokens": 100,
    "total_tokens": 10132,
    "completion_tokens_details": {"reasoning_tokens": 0, "text_tokens": 100},
    "prompt_tokens_details": {
        "cached_tokens": 0,
        "text_tokens": 15,
        "cache_write_tokens": 10017,
        "cache_creation_tokens": 10017,
        "cache_creation_token_details": {
            "ephemeral_5m_input_tokens": 10017,
            "ephemeral_1h_input_tokens": 0,
        },
    },
    "cache_creation_input_tokens": 10017,
    "cache_read_input_tokens": 0,
    "inference_geo": "not_available",
    "service_tier": "standard",
}
WRITTEN: dict[str, dict[str, Any]] = {
    "litellm": LITELLM,
    "litellm, older": {
        "prompt_tokens": 10032,
        "completion_tokens": 100,
        "prompt_tokens_details": {"cached_tokens": 0, "cache_creation_tokens": 10017},
        "cache_creation_input_tokens": 10017,
    },
    "openrouter": {
        "prompt_tokens": 10032,
        "completion_tokens": 100,
        "total_tokens": 10132,
        "cost": 0.052145,
        "is_byok": False,
        "prompt_tokens_details": {
            "cached_tokens": 0,
            "cache_write_tokens": 10017,
            "audio_tokens": 0,
            "video_tokens": 0,
        },
        "cost_details": {"upstream_inference_cost": 0.052145},
        "completion_tokens_details": {"reasoning_tokens": 0, "image_tokens": 0, "audio_tokens": 0},
    },
    "vercel": {
        "prompt_tokens": 10032,
        "completion_tokens": 100,
        "total_tokens": 10132,
        "cost": 0.052145,
        "is_byok": False,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0, "video_tokens": 0},
        "cost_details": {"upstream_inference_cost": None},
        "completion_tokens_details": {"reasoning_tokens": 0, "image_tokens": 0},
        "cache_creation_input_tokens": 10017,
        "market_cost": 0.052145,
        "gateway_cost": 0.052145,
    },
    "bifrost": {
        "prompt_tokens": 10032,
        "completion_tokens": 100,
        "total_tokens": 10132,
        "prompt_tokens_details": {
            "text_tokens": 15,
            "cached_write_tokens": 10017,
            "cached_write_token_details": {
                "cached_write_tokens_5m": 10017,
                "cached_write_tokens_1h": 0,
            },
        },
        "cost": {"input_tokens_cost": 0.05, "total_cost": 0.052145},
    },
    "portkey leaves the cache out of the prompt": {
        "prompt_tokens": 15,
        "completion_tokens": 100,
        "total_tokens": 10132,
        "cache_read_input_tokens": 0,
        "cache_creation_input_tokens": 10017,
    },
    "without a total, a prompt smaller than its parts says so": {
        "prompt_tokens": 15,
        "completion_tokens": 100,
        "cache_creation_input_tokens": 10017,
    },
}


@pytest.mark.parametrize("gateway", WRITTEN)
def test_a_cache_write_costs_what_anthropic_charges_for_it(gateway: str) -> None:
    cost = chat(WRITTEN[gateway])
    assert (cost.total, cost.status, cost.reason) == (usd("0.052145"), "priced", None)
    straight = message(input_tokens=15, output_tokens=100, cache_creation_input_tokens=10017)
    assert cost.total == straight.total
    assert cost.usage is not None
    assert (cost.usage.input_tokens, cost.usage.cache_write_tokens) == (10032, 10017)


@pytest.mark.parametrize(
    "read",
    [
        {"cache_read_input_tokens": 2455},
        {"prompt_tokens_details": {"cached_tokens": 2455}},
        {"prompt_tokens_details": {"cached_read_tokens": 2455}},
        {"prompt_tokens_details": {"cached_tokens": 2455}, "cache_read_input_tokens": 2455},
        {"prompt_tokens_details": {"cached_tokens": 0}, "cache_read_input_tokens": 2455},
    ],
)
def test_a_cache_read_costs_a_tenth(read: dict[str, Any]) -> None:
    usage = {"prompt_tokens": 2459, "completion_tokens": 10, "total_tokens": 2469, **read}
    cost = chat(usage, model="claude-opus-4-5-20251101")
    straight = message(
        "claude-opus-4-5-20251101", input_tokens=4, output_tokens=10, cache_read_input_tokens=2455
    )
    assert (cost.total, cost.status) == (straight.total, "priced")


def test_an_hour_long_write_costs_twice_the_input() -> None:
    hour = {"cached_write_tokens_5m": 17, "cached_write_tokens_1h": 10000}
    details = {"cached_write_tokens": 10017, "cached_write_token_details": hour}
    cost = chat({"prompt_tokens": 10032, "completion_tokens": 0, "prompt_tokens_details": details})
    assert (cost.total, cost.status) == (usd("0.080145"), "priced")
    split = {"ephemeral_5m_input_tokens": 17, "ephemeral_1h_input_tokens": 10000}
    details = {"cache_write_tokens": 10017}
    openrouter = {"prompt_tokens_details": details, "cache_creation": split}
    assert chat({"prompt_tokens": 10032, "completion_tokens": 0, **openrouter}).total == cost.total


def test_a_write_without_split_to_a_request_for_an_hour_is_an_estimate() -> None:
    cached = {"type": "text", "text": "…", "cache_control": {"type": "ephemeral", "ttl": "1h"}}
    request = {"messages": [{"role": "system", "content": [cached]}]}
    cost = chat(WRITTEN["openrouter"], request=request)
    assert (cost.total, cost.status) == (usd("0.082196"), "estimated")
    assert cost.reason == "cache_ttl_split"


def test_what_anthropic_says_about_speed_and_place_counts_behind_a_gateway_too() -> None:
    usage = {"prompt_tokens": 1000, "completion_tokens": 1000, "inference_geo": "us"}
    assert chat(usage).total == message(inference_geo="us").total
    usage = {"prompt_tokens": 1000, "completion_tokens": 1000, "speed": "fast"}
    assert chat(usage).total == message(speed="fast").total
    tools = {"server_tool_use": {"web_search_requests": 2}}
    usage = {"prompt_tokens": 1000, "completion_tokens": 1000, **tools}
    assert chat(usage).total == message(**tools).total


def test_claude_in_the_responses_format_is_read_by_its_own_rules_too() -> None:
    usage = {
        "input_tokens": 10032,
        "output_tokens": 100,
        "total_tokens": 10132,
        "input_tokens_details": {"cached_tokens": 0, "cache_creation_tokens": 10017},
        "output_tokens_details": {"reasoning_tokens": 7},
    }
    cost = price_response(
        "openai",
        request={"client": {"endpoint": "/v1/responses", "billed_by": "anthropic"}},
        response={"model": "claude-opus-5-5", "status": "completed", "usage": usage},
        at=at("2026-11-20"),
    )
    assert (cost.total, cost.status) == (usd("0.052145"), "priced")


@pytest.mark.parametrize(
    "unknown",
    [
        {"cache_storage_tokens": 3},
        {"prompt_tokens_details": {"video_tokens": 3}},
        {"completion_tokens_details": {"image_tokens": 3}},
        {"num_sources_used": 3},
        {"server_tool_use": {"x_search_requests": 1}},
        {"surcharges": [{"kind": "peak", "usd": 0.1}]},
    ],
)
@pytest.mark.parametrize("model", ["claude-opus-5-5", "gpt-6-sol"])
def test_a_usage_field_that_may_carry_money_makes_the_cost_an_estimate(
    model: str, unknown: dict[str, Any]
) -> None:
    provider = "anthropic" if model.startswith("claude") else "openai"
    plain: dict[str, Any] = {"prompt_tokens": 1000, "completion_tokens": 10}
    exact = chat(plain, model=model, provider=provider)
    assert exact.status == "priced"
    cost = chat({**plain, **unknown}, model=model, provider=provider)
    assert (cost.status, cost.reason) == ("estimated", "unknown_usage_field")
    assert cost.total == exact.total
    silent = {"new_word": "x", "new_flag": True, "new_count": 0, "new_part": {"tokens": 0}}
    assert chat({**plain, **silent}, model=model, provider=provider).status == "priced"


def test_an_unknown_field_of_a_messages_usage_makes_it_an_estimate_too() -> None:
    cost = message(thought_storage_tokens=12)
    assert (cost.status, cost.reason) == ("estimated", "unknown_usage_field")
    assert message(thought_storage_tokens=0, note="x").status == "priced"


def test_two_names_that_disagree_contradict_each_other() -> None:
    details = {"cached_tokens": 5}
    usage = {"prompt_tokens": 1000, "completion_tokens": 1, "prompt_tokens_details": details}
    cost = chat({**usage, "cache_read_input_tokens": 7})
    assert (cost.total, cost.reason) == (None, "contradictory_usage")


def test_a_filtered_reply_without_output_may_be_a_free_refusal() -> None:
    usage = {"prompt_tokens": 1000, "completion_tokens": 0}
    cost = chat(usage, finish="content_filter")
    assert (cost.status, cost.reason) == ("estimated", "unknown_refusal")


def test_a_search_that_the_gateway_does_not_count_leaves_a_lower_bound() -> None:
    usage = {"prompt_tokens": 1000, "completion_tokens": 10}
    cost = chat(usage, request={"web_search_options": {}})
    assert (cost.status, cost.reason) == ("partial", "unmetered_tool")


REASONED = {"completion_tokens_details": {"reasoning_tokens": 1499}}


def test_reasoning_outside_of_the_completion_is_billed_as_output() -> None:
    usage = {"prompt_tokens": 10120, "completion_tokens": 2809, "total_tokens": 14428, **REASONED}
    cost = chat(usage, model="gpt-6-sol", provider="openai")
    assert cost.status == "priced"
    assert [(line.bucket, line.quantity) for line in cost.lines] == [
        ("input", 10120),
        ("output", 4308),
    ]
    assert cost.usage is not None
    assert (cost.usage.output_tokens, cost.usage.reasoning_tokens) == (4308, 1499)


def test_reasoning_larger_than_the_completion_lies_outside_of_it() -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 1514, **REASONED}
    cost = chat(usage, model="gpt-6-sol", provider="openai")
    assert (cost.status, cost.lines[1].quantity) == ("priced", 1504)


def test_reasoning_within_the_completion_is_billed_once() -> None:
    usage = {"prompt_tokens": 10120, "completion_tokens": 2809, "total_tokens": 12929, **REASONED}
    cost = chat(usage, model="gpt-6-sol", provider="openai")
    assert (cost.status, cost.lines[1].quantity) == ("priced", 2809)


def test_cache_and_reasoning_may_both_lie_outside() -> None:
    usage = {
        "prompt_tokens": 15,
        "completion_tokens": 100,
        "cache_read_input_tokens": 2000,
        "completion_tokens_details": {"reasoning_tokens": 30},
        "total_tokens": 2145,
    }
    cost = chat(usage)
    straight = message(input_tokens=15, output_tokens=130, cache_read_input_tokens=2000)
    assert (cost.total, cost.status) == (straight.total, "priced")


def test_a_total_that_nothing_explains_makes_the_cost_an_estimate() -> None:
    """Gemini leaves its thinking out of the completion and of every detail."""
    usage = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 400}
    cost = chat(usage, model="gpt-6-sol", provider="openai")
    assert (cost.status, cost.reason) == ("estimated", "unexplained_tokens")
    assert cost.lines[1].quantity == 300
    less = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 140}
    cost = chat(less, model="gpt-6-sol", provider="openai")
    assert (cost.status, cost.reason) == ("estimated", "unexplained_tokens")
    assert cost.lines[1].quantity == 50


@pytest.mark.parametrize("total", [2999, 3001])
@pytest.mark.parametrize(
    ("model", "extra"),
    [
        ("gpt-6-sol", {"input_tokens_details": {"cached_tokens": 0}}),
        (
            "gpt-realtime",
            {
                "input_token_details": {"text_tokens": 1000},
                "output_token_details": {"text_tokens": 2000},
            },
        ),
    ],
)
def test_totals_are_compared_in_every_format(model: str, extra: Any, total: int) -> None:
    def cost(total: int) -> Cost:
        usage = {"input_tokens": 1000, "output_tokens": 2000, "total_tokens": total, **extra}
        return price_response(
            "openai", request={}, response={"model": model, "usage": usage}, at=at("2026-11-20")
        )

    assert cost(3000).status == "priced"
    assert (cost(total).status, cost(total).reason) == ("estimated", "unexplained_tokens")


def test_parts_of_equal_size_leave_open_which_of_them_lies_outside() -> None:
    usage = {
        "prompt_tokens": 500,
        "completion_tokens": 300,
        "total_tokens": 900,
        "prompt_tokens_details": {"cached_tokens": 100},
        "completion_tokens_details": {"reasoning_tokens": 100},
    }
    cost = chat(usage, model="gpt-6-sol", provider="openai")
    assert (cost.status, cost.reason) == ("estimated", "unexplained_tokens")


@pytest.mark.parametrize(
    ("said", "reported"),
    [
        ({"cost": 0.95, "is_byok": False, "cost_details": {"upstream_inference_cost": 19}}, "0.95"),
        ({"cost": 0.05, "is_byok": True, "cost_details": {"upstream_inference_cost": 1}}, "1.05"),
        ({"cost": 0, "is_byok": True, "cost_details": {"upstream_inference_cost": None}}, None),
        ({"cost": 0.0000189, "market_cost": 0.0000189, "gateway_cost": 0.0000189}, "0.0000189"),
        ({"cost": {"input_tokens_cost": 0.25, "total_cost": 0.5}}, "0.5"),
        ({"cost": 0}, "0"),
        ({"cost_in_usd_ticks": 648_004_500}, "0.06480045"),
        ({"cost": "abc"}, None),
        ({"cost": float("nan")}, None),
        ({"cost": -1}, None),
        ({"cost": True}, None),
        ({"cost": {}}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("model", ["claude-opus-5-5", "gpt-6-sol", "grok-5"])
def test_what_a_gateway_says_a_reply_costs_is_kept_beside_our_own_cost(
    model: str, said: dict[str, Any], reported: str | None
) -> None:
    provider = "anthropic" if model.startswith("claude") else "openai"
    usage = {"prompt_tokens": 1000, "completion_tokens": 10, **said}
    cost = chat(usage, model=model, provider=provider)
    assert cost.usage is not None
    assert cost.usage.reported_cost == (None if reported is None else usd(reported))
    assert cost.total == chat({**usage, "cost": None}, model=model, provider=provider).total
    assert (cost.status == "unpriced") == (model == "grok-5")


def test_a_header_may_say_it_too() -> None:
    def reported(header: str, **usage: Any) -> Any:
        cost = price_response(
            "anthropic",
            request={"client": {"reported_cost": header}},
            response={"model": "claude-opus-5-5", "usage": {"input_tokens": 1, **usage}},
            at=at("2026-11-20"),
        )
        assert cost.usage is not None
        return cost.usage.reported_cost

    assert reported("0.00039") == usd("0.00039")
    assert reported("0.00039", cost=0.5) == usd("0.5")
    assert reported("n/a") is None


@pytest.mark.parametrize(
    ("provider", "routed", "listed"),
    [
        ("anthropic", "anthropic/claude-opus-5-5", "claude-opus-5-5"),
        ("anthropic", "anthropic/claude-opus-5.5", "claude-opus-5-5"),
        ("anthropic", "openrouter/anthropic/claude-opus-5.5", "claude-opus-5-5"),
        ("openai", "openai/gpt-6-sol", "gpt-6-sol"),
        ("aws.bedrock", "bedrock/us.anthropic.claude-opus-5-v1", "us.anthropic.claude-opus-5-v1"),
        (
            "aws.bedrock",
            "bedrock/converse/global.anthropic.claude-opus-5-v1",
            "global.anthropic.claude-opus-5-v1",
        ),
    ],
)
def test_a_name_with_a_route_before_it_costs_what_the_model_costs(
    provider: str, routed: str, listed: str
) -> None:
    usage = {"prompt_tokens": 1000, "completion_tokens": 10}
    cost = chat(usage, model=routed, provider=provider)
    assert cost.total is not None
    assert cost.total == chat(usage, model=listed, provider=provider).total


def test_a_route_to_somebody_else_is_not_taken_for_ours() -> None:
    usage = {"prompt_tokens": 1000, "completion_tokens": 10}
    cost = chat(usage, model="azure/gpt-6-sol", provider="openai")
    assert (cost.total, cost.reason) == (None, "unknown_model")


ARN = "arn:aws:bedrock:us-east-1:1:application-inference-profile/a1b2"


def through_a_profile(stands_for: str | None, named: str | None = None) -> Cost:
    return price_response(
        "aws.bedrock",
        request={"model": ARN, "client": {"inference_profile": stands_for}},
        response={"model": named, "usage": {"input_tokens": 1000, "output_tokens": 100}},
        at=at("2026-11-20"),
    )


@pytest.mark.parametrize("scope", ["", "us.", "global."])
def test_an_application_inference_profile_costs_what_it_stands_for(scope: str) -> None:
    model = f"{scope}anthropic.claude-sonnet-4-5-20250929-v1:0"
    cost = through_a_profile(model)
    straight = message(model, provider="aws.bedrock", output_tokens=100, response={"model": None})
    assert (cost.total, cost.status) == (straight.total, "priced")
    named = through_a_profile(model, "claude-sonnet-4-5-20250929")
    assert (named.total, named.status) == (cost.total, "priced")


def test_a_profile_that_is_not_declared_is_an_estimate_where_the_reply_names_the_model() -> None:
    cost = through_a_profile(None, "claude-sonnet-4-5-20250929")
    assert (cost.total, cost.status) == (usd("0.00495"), "estimated")
    assert cost.reason == "inference_profile"
    hidden = through_a_profile(None)
    assert (hidden.total, hidden.reason) == (None, "unknown_model")
