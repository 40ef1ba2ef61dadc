# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Anthropic's billing rules beyond the worked bills."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pricing.bill import message, usd

BIO = {"stop_reason": "refusal", "content": [], "stop_details": {"category": "bio"}}


def hop(model: str | None, kind: str = "message", inp: int = 1000, out: int = 0) -> dict[str, Any]:
    entry = {"type": kind, "input_tokens": inp, "output_tokens": out}
    return entry if model is None else {**entry, "model": model}


def fallback(sender: str, to: str, category: str | None = "cyber") -> dict[str, Any]:
    return {
        "type": "fallback",
        "from": {"model": sender},
        "to": {"model": to},
        "trigger": {"type": "refusal", "category": category},
    }


def test_a_compaction_is_billed_on_top_of_the_reply() -> None:
    cost = message(
        "claude-opus-5",
        input_tokens=23000,
        iterations=[
            {"type": "compaction", "input_tokens": 180000, "output_tokens": 3500},
            {"type": "message", "input_tokens": 23000, "output_tokens": 1000},
        ],
    )
    assert cost.total == usd("1.1275")
    assert cost.usage is not None
    assert cost.usage.input_tokens == 203000


def test_a_reply_that_only_compacts_costs_its_iterations() -> None:
    cost = message(
        "claude-opus-5",
        input_tokens=0,
        output_tokens=0,
        iterations=[{"type": "compaction", "input_tokens": 1000, "output_tokens": 1000}],
    )
    assert cost.total == usd("0.03")


def test_a_model_that_refused_before_any_output_is_free_when_another_answers() -> None:
    cost = message(
        "claude-opus-5-5",
        response={"content": [fallback("claude-fable-5-2", "claude-opus-5-5"), {"type": "text"}]},
        iterations=[hop("claude-fable-5-2"), hop("claude-opus-5-5", "fallback_message", out=1000)],
    )
    assert cost.total == usd("0.024")


def test_a_model_that_refused_in_mid_output_is_billed_at_its_own_price() -> None:
    cost = message(
        "claude-opus-5-5",
        response={"content": [{"type": "text"}, fallback("claude-fable-5-2", "claude-opus-5-5")]},
        iterations=[
            hop("claude-fable-5-2", out=50),
            hop("claude-opus-5-5", "fallback_message", out=1000),
        ],
    )
    assert cost.total == usd("0.024") + usd("0.01")
    assert {line.model for line in cost.lines} == {"claude-opus-5-5", "claude-fable-5-2"}


def test_a_bio_refusal_on_the_way_to_a_fallback_is_billed_since_late_september() -> None:
    content = [fallback("claude-fable-5-2", "claude-opus-5-5", "bio"), {"type": "text"}]
    iterations = [hop("claude-fable-5-2"), hop("claude-opus-5-5", "fallback_message", out=1000)]
    cost = message("claude-opus-5-5", response={"content": content}, iterations=iterations)
    assert cost.total == usd("0.024") + usd("0.008")


def test_an_alias_in_the_iterations_is_not_another_model() -> None:
    cost = message(
        "claude-opus-4-5",
        response={"model": "claude-opus-4-5-20251101"},
        iterations=[hop("claude-opus-4-5", out=1000)],
    )
    assert cost.total == usd("0.03")


def test_an_earlier_attempt_of_another_model_is_billed_at_its_price_whatever_the_content() -> None:
    cost = message(
        "claude-opus-5-5",
        iterations=[hop("claude-fable-5-2", out=50), hop("claude-opus-5-5", out=1000)],
    )
    assert cost.total == usd("0.024") + usd("0.01")


def test_the_last_attempt_of_a_fallback_says_which_model_answered() -> None:
    cost = message(
        "claude-fable-5-2",
        response={"content": [fallback("claude-fable-5-2", "claude-opus-5-5"), {"type": "text"}]},
        iterations=[hop("claude-fable-5-2"), hop("claude-opus-5-5", "fallback_message", out=1000)],
    )
    assert cost.total == usd("0.024")


def test_a_refusal_is_found_when_the_request_named_the_model_by_an_alias() -> None:
    content = [
        fallback("claude-sonnet-4-5", "claude-fable-5-2", "bio"),
        fallback("claude-fable-5-2", "claude-opus-5-5", "cyber"),
        {"type": "text"},
    ]
    cost = message(
        "claude-opus-5-5",
        response={"content": content},
        iterations=[
            hop("claude-sonnet-4-5-20250929"),
            hop("claude-fable-5-2"),
            hop("claude-opus-5-5", "fallback_message", out=1000),
        ],
    )
    assert cost.total == usd("0.024") + usd("0.003")


def test_when_every_model_refuses_each_attempt_is_judged_once() -> None:
    def refused(last: str) -> Any:
        return message(
            "claude-opus-5-5",
            output_tokens=0,
            response={
                "model": "claude-haiku-5-5",
                "stop_reason": "refusal",
                "stop_details": {"category": last},
                "content": [fallback("claude-opus-5-5", "claude-haiku-5-5")],
            },
            iterations=[hop("claude-opus-5-5"), hop("claude-haiku-5-5", "fallback_message")],
        )

    assert refused("cyber").status == "not_billed"
    assert refused("bio").total == usd("0.0001")


def test_a_failed_line_of_a_batch_is_free() -> None:
    for kind in ("errored", "canceled", "expired"):
        line = {"custom_id": "a", "result": {"type": kind}, "usage": None, "model": None}
        assert message(response=line).status == "not_billed"


@pytest.mark.parametrize(
    ("day", "total"),
    [("2026-06-01", "0.001"), ("2026-06-02", "0"), ("2026-09-23", "0"), ("2026-09-24", "0.001")],
)
def test_what_a_refusal_costs_depends_on_the_day(day: str, total: str) -> None:
    cost = message("claude-haiku-4-5", day=day, response=BIO, output_tokens=0)
    assert cost.total == usd(total)
    assert cost.status == ("not_billed" if total == "0" else "priced")


def test_a_refusal_after_output_is_billed() -> None:
    cost = message(response={"stop_reason": "refusal", "content": [{"type": "text"}]})
    assert cost.total == usd("0.024")


def test_the_complete_cached_prompt_decides_the_context_tier() -> None:
    def priced(cached: int) -> Any:
        return message(
            "claude-haiku-5-5", input_tokens=1, cache_read_input_tokens=cached, output_tokens=0
        )

    assert priced(99_999).context == "short"
    above = priced(100_000)
    assert above.context == "long"
    assert above.total == usd("0.0050005")


def test_fast_mode_that_a_model_does_not_have_is_unpriced() -> None:
    assert message("claude-opus-5-5", speed="fast").total == usd("0.048")
    late = message("claude-opus-4-6", day="2026-07-10", speed="fast")
    assert (late.total, late.reason) == (None, "unknown_tier")


def test_a_request_for_fast_mode_without_an_answer_is_not_guessed() -> None:
    assert message(request={"speed": "fast"}).reason == "unknown_tier"
    assert message(request={"speed": "fast"}, speed="standard").total == usd("0.024")


def test_an_undocumented_tier_is_unpriced_not_standard() -> None:
    cost = message(service_tier="priority_on_demand")
    assert (cost.total, cost.status, cost.reason) == (None, "unpriced", "unknown_tier")


def test_committed_capacity_is_an_estimate_at_list_price() -> None:
    cost = message(service_tier="priority")
    assert (cost.total, cost.status) == (usd("0.024"), "estimated")
    assert cost.reason == "committed_capacity"


def test_older_models_have_no_geography_surcharge() -> None:
    assert message("claude-opus-4-5", inference_geo="us").total == usd("0.03")
    assert message("claude-opus-4-6", inference_geo="us").total == usd("0.033")
    assert message(inference_geo="eu").reason == "unknown_region"


def test_geography_and_batch_leave_search_fees_alone() -> None:
    cost = message(
        inference_geo="us", service_tier="batch", server_tool_use={"web_search_requests": 2}
    )
    assert cost.total == usd("0.0132") + usd("0.02")
    assert cost.by_group()["tools"] == usd("0.02")


def test_code_execution_makes_the_cost_a_lower_bound() -> None:
    ran = {"content": [{"type": "server_tool_use", "name": "bash_code_execution"}]}
    cost = message(response=ran)
    assert (cost.total, cost.status, cost.reason) == (usd("0.024"), "partial", "container_time")
    free = message(response=ran, request={"tools": [{"type": "web_fetch_20260209"}]})
    assert free.status == "priced"
    old = message(response=ran, request={"tools": [{"type": "web_search_20250305"}]})
    assert old.status == "partial"


def test_cache_writes_without_a_split_are_five_minute_writes() -> None:
    cost = message(input_tokens=0, output_tokens=0, cache_creation_input_tokens=1000)
    assert cost.total == usd("0.005")
    assert [line.bucket for line in cost.lines] == ["cache_write_5m"]


def test_a_split_larger_than_its_total_is_contradictory() -> None:
    split = {"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 6}
    cost = message(cache_creation_input_tokens=10, cache_creation=split)
    assert (cost.total, cost.reason) == (None, "contradictory_usage")


def test_converse_reports_the_same_bill_in_its_own_words() -> None:
    cost = message(
        provider="aws.bedrock",
        request={"modelId": "us.anthropic.claude-opus-4-5-20251101-v1:0"},
        response={
            "model": None,
            "stopReason": "end_turn",
            "usage": {
                "inputTokens": 1000,
                "outputTokens": 1000,
                "cacheReadInputTokens": 1000,
                "cacheWriteInputTokens": 2000,
                "cacheDetails": [
                    {"ttl": "5m", "inputTokens": 500},
                    {"ttl": "1h", "inputTokens": 1500},
                ],
            },
        },
        model=None,
    )
    # (5 + 25 + 0.5 + 3.125 + 15) / 1000 x 1.1
    assert cost.total == usd("0.0534875")


@pytest.mark.parametrize(
    ("total", "status", "reason"),
    [(5000, "priced", None), (2000, "priced", None), (5001, "estimated", "unexplained_tokens")],
)
def test_the_total_of_converse_is_that_of_its_parts(
    total: int, status: str, reason: str | None
) -> None:
    cost = message(
        provider="aws.bedrock",
        request={"modelId": "global.anthropic.claude-opus-4-5-20251101-v1:0"},
        response={
            "model": None,
            "usage": {
                "inputTokens": 1000,
                "outputTokens": 1000,
                "totalTokens": total,
                "cacheReadInputTokens": 1000,
                "cacheWriteInputTokens": 2000,
                "cacheDetails": [{"ttl": "5m", "inputTokens": 2000}],
            },
        },
        model=None,
    )
    assert (cost.status, cost.reason) == (status, reason)


def test_an_application_inference_profile_hides_the_model() -> None:
    arn = "arn:aws:bedrock:us-east-1:1:application-inference-profile/a1b2"
    cost = message(arn, provider="aws.bedrock", response={"model": None})
    assert (cost.total, cost.reason) == (None, "unknown_model")


def test_vertex_without_a_region_is_unpriced_where_regions_cost_more() -> None:
    new = message("claude-sonnet-4-5@20250929", provider="gcp.vertex_ai", response={"model": None})
    assert (new.total, new.reason) == (None, "unknown_region")
    host = {"base_url": "https://aiplatform.eu.rep.googleapis.com/v1"}
    eu = message("claude-sonnet-4-5@20250929", provider="gcp.vertex_ai", client=host)
    assert eu.total == usd("0.0198")


def test_foundry_names_deployments_freely_so_only_the_reply_counts() -> None:
    cost = message("claude-opus-5", provider="azure.ai.foundry", response={"model": None})
    assert (cost.total, cost.reason) == (None, "unknown_model")
    zone = {"deployment_sku": "DataZoneStandard"}
    cost = message("claude-opus-5", provider="azure.ai.foundry", client=zone)
    assert cost.total == usd("0.033")


def test_a_line_names_every_rule_that_made_its_price() -> None:
    cost = message(
        "claude-haiku-5-5",
        input_tokens=100_001,
        service_tier="batch",
        inference_geo="us",
        server_tool_use={"web_search_requests": 1},
    )
    assert [line.rule for line in cost.lines] == [
        "anthropic 1, 10, 6, 11",
        "anthropic 13, 10, 6, 11",
        "anthropic 12",
    ]


CUSTOMER_PAYS = {"billing_policy": {"type": "billing_policy", "bill_to": "user_profile"}}


def test_what_a_customer_pays_for_costs_its_caller_nothing() -> None:
    cost = message(request=CUSTOMER_PAYS)
    assert (cost.total, cost.status, cost.reason) == (usd("0"), "not_billed", "paid_by_customer")
    assert cost.usage is not None
    assert (cost.usage.input_tokens, cost.usage.output_tokens) == (1000, 1000)
    assert message("claude-unheard-of", request=CUSTOMER_PAYS).total == usd("0")


@pytest.mark.parametrize("policy", [None, {"type": "billing_policy", "bill_to": "self"}, {}, "x"])
def test_any_other_billing_policy_bills_the_caller(policy: object) -> None:
    cost = message(request={"billing_policy": policy})
    assert (cost.total, cost.status) == (usd("0.024"), "priced")
