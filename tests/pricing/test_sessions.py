# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Agent sessions: tokens and running time of all their requests, as one bill."""

from __future__ import annotations

from typing import Any

import pytest

from otel_llmcost.pricing import price_response
from otel_llmcost.usage import Cost
from tests.pricing.bill import TODAY, at, usd
from tests.pricing.sessions import USAGE, session

# 10000x4 + 2000x20 + 50000x0.2 + 4000x5 + 1000x8 = 118000 / 1M; 2 searches; 450.5/3600 x 0.08
EXACT = "0.118"
SEARCHES = "0.02"
TIME = "0.010011111111"


def priced(reply: dict[str, Any], provider: str = "anthropic") -> Cost:
    return price_response(provider, request={}, response=reply, at=at(TODAY))


def test_a_session_costs_its_tokens_its_searches_and_its_running_time() -> None:
    cost = priced(session())
    assert cost.total == usd(EXACT) + usd(SEARCHES) + usd(TIME)
    assert (cost.status, cost.reason) == ("priced", None)
    assert cost.by_group()["tools"] == usd(SEARCHES) + usd(TIME)


def test_what_anthropic_says_it_costs_is_kept_beside_our_own_cost() -> None:
    usage = priced(session()).usage
    assert usage is not None
    assert usage.reported_cost == usd("0.17")
    assert (usage.input_tokens, usage.response_id) == (65_000, "sesn_1")
    for cost in (None, {"amount": "17", "currency": "EUR"}, {"amount": "1.7", "currency": "USD"}):
        other = priced(session({**USAGE, "list_cost": cost})).usage
        assert other is not None
        assert other.reported_cost is None


@pytest.mark.parametrize(
    ("changed", "status", "reason"),
    [
        ({"multiagent": {"agents": ["b"]}}, "estimated", "several_models"),
        ({"model": {"speed": "fast"}}, "estimated", "unknown_tier"),
        ({"model": {"id": "claude-unheard-of"}}, "unpriced", "unknown_model"),
    ],
)
def test_a_session_whose_requests_may_differ_is_no_exact_bill(
    changed: dict[str, Any], status: str, reason: str
) -> None:
    cost = priced(session(**changed))
    assert (cost.status, cost.reason) == (status, reason)


def test_without_its_running_time_a_session_is_a_lower_bound() -> None:
    cost = priced(session({**USAGE, "active_seconds": None}))
    assert (cost.total, cost.status) == (usd("0.138"), "partial")


def test_a_session_in_the_us_costs_a_tenth_more_for_tokens_alone() -> None:
    cost = priced(session(model={"inference_geo": "us"}))
    assert cost.total == usd("0.1298") + usd(SEARCHES) + usd(TIME)


def test_the_sum_of_many_prompts_is_no_long_prompt() -> None:
    """100,001 tokens in one prompt would cost five times as much."""
    usage = {"input_tokens": 100_001, "output_tokens": 0, "active_seconds": 0}
    cost = priced(session(usage, model={"id": "claude-haiku-5-5"}))
    assert (cost.total, cost.status, cost.reason) == (
        usd("0.0100001"),
        "partial",
        "unknown_context",
    )


def test_a_session_without_usage_has_no_price() -> None:
    assert priced(session({})).reason == "no_usage"


def test_tokens_of_an_openai_session_are_an_estimate() -> None:
    usage = {
        "input_tokens": 10_000,
        "input_tokens_details": {"cached_tokens": 6_000},
        "output_tokens": 1_000,
        "output_tokens_details": {"reasoning_tokens": 500},
        "total_tokens": 11_000,
    }
    reply = {
        "id": "asess_1",
        "object": "agent.session",
        "agent": {"id": "a", "model": "gpt-6-sol", "service_tier": "auto"},
        "status": "idle",
        "error": None,
        "usage": usage,
    }
    cost = priced(reply, "openai")
    # 4000x2 + 6000x0.2 + 1000x10
    assert (cost.total, cost.status, cost.reason) == (usd("0.0192"), "estimated", "session_usage")
    assert priced({**reply, "usage": None}, "openai").reason == "no_usage"
    failed = priced({**reply, "status": "failed", "error": "it broke"}, "openai")
    assert failed.total == usd("0.0192"), "what ran before it failed is billed"
