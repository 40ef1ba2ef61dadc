# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""OpenAI's billing rules beyond the worked bills, on OpenAI, Azure and Bedrock."""

from __future__ import annotations

from typing import Any

import pytest

from otel_llmcost.pricing import price_response
from tests.pricing.bill import TODAY, at, message, reply, usd


def with_usage(
    model: str, usage: dict[str, Any] | None, day: str = "2026-11-20", **rest: Any
) -> Any:
    client = {"endpoint": rest.pop("endpoint", None), **rest.pop("client", {})}
    return price_response(
        rest.pop("provider", "openai"),
        request={"model": model, **rest.pop("request", {}), "client": client},
        response={"model": model, "usage": usage, **rest},
        at=at(day),
    )


def test_long_cache_writes_cost_twice_the_short_ones() -> None:
    details = {
        "cached_tokens": 0,
        "cache_write_tokens": 1000,
        "cache_write_tokens_details": {"ttl_30m_tokens": 400, "ttl_12h_tokens": 600},
    }
    cost = reply("gpt-6.2-sol", output_tokens=0, input_tokens_details=details)
    assert cost.total == usd("0.004")
    assert cost.usage is not None
    assert cost.usage.cache_write_long_tokens == 600


def test_cache_writes_before_gpt_5_6_cost_as_plain_input() -> None:
    details = {"cached_tokens": 0, "cache_write_tokens": 800}
    cost = reply("gpt-5.4", output_tokens=0, input_tokens_details=details)
    assert cost.total == usd("0.0025")


def test_a_write_duration_without_a_price_is_unpriced() -> None:
    details = {"cache_write_tokens": 10, "cache_write_tokens_details": {"ttl_12h_tokens": 10}}
    cost = reply("gpt-5.6-terra", input_tokens_details=details)
    assert (cost.total, cost.reason) == (None, "unknown_bucket")


def test_pro_models_give_no_discount_for_cached_tokens() -> None:
    cost = reply("gpt-5.5-pro", output_tokens=0, input_tokens_details={"cached_tokens": 900})
    assert cost.total == usd("0.03")


def test_flex_is_unpriced_where_it_is_not_offered() -> None:
    assert reply("gpt-6-sol", response={"service_tier": "flex"}).total == usd("0.006")
    gone = reply("gpt-6.2-sol", response={"service_tier": "flex"})
    assert (gone.total, gone.reason) == (None, "unknown_tier")


def test_a_context_and_tier_without_a_price_are_unpriced() -> None:
    cost = reply("gpt-5.5", response={"service_tier": "priority"}, input_tokens=300_000)
    assert (cost.total, cost.reason) == (None, "unknown_tier")


def test_ultrafast_after_its_announced_rise_is_an_estimate() -> None:
    tier = {"service_tier": "ultrafast"}
    assert reply("gpt-6.2-sol", response=tier, day="2027-02-28").total == usd("0.036")
    later = reply("gpt-6.2-sol", response=tier, day="2027-03-01")
    assert (later.total, later.status) == (usd("0.072"), "estimated")
    assert later.reason == "announced_price"


def test_a_window_discounts_only_background_standard_replies() -> None:
    window = {"background": True, "background_options": {"completion_window": "8h"}}
    assert reply("gpt-6.2-sol", request=window).total == usd("0.0072")
    fast = reply("gpt-6.2-sol", request=window, response={"service_tier": "priority"})
    assert fast.total == usd("0.024")
    assert reply("gpt-6-sol", request=window).reason == "unknown_tier"
    assert reply("gpt-6.2-sol", request={**window, "stream": True}).reason == "unknown_tier"


def test_prepaid_units_have_no_price_per_token() -> None:
    cost = reply(response={"service_tier": "scale"})
    assert (cost.total, cost.reason) == (None, "committed_capacity")


def test_a_missing_tier_is_standard_only_when_nothing_else_was_requested() -> None:
    assert reply(response={"service_tier": None}).total == usd("0.012")
    requested = reply(response={"service_tier": None}, request={"service_tier": "flex"})
    assert (requested.total, requested.reason) == (None, "unknown_tier")


def test_regional_hosts_cost_more_for_newer_models_only() -> None:
    host = {"base_url": "https://eu.api.openai.com/v1"}
    assert reply("gpt-5.5", client=host).total == usd("0.0385")
    assert reply("gpt-5.2", client=host).total == usd("0.01575")


def test_an_image_whose_usage_was_skipped_leaves_a_lower_bound() -> None:
    metered = {"image_gen": {"input_tokens": 0, "output_tokens": 0, "input_tokens_details": {}}}
    made = {"output": [{"type": "image_generation_call"}], "tool_usage": metered}
    cost = reply(response=made)
    assert (cost.total, cost.status, cost.reason) == (usd("0.012"), "partial", "unmetered_tool")
    assert reply(response={**made, "output": []}).status == "priced"


@pytest.mark.parametrize("wrong", [5, "2", [{"num_requests": 2}]])
@pytest.mark.parametrize("tool", ["web_search", "image_gen"])
def test_a_counter_that_cannot_be_read_is_unpriced(tool: str, wrong: object) -> None:
    for usage in ({tool: wrong}, wrong):
        assert reply(response={"tool_usage": usage}).reason == "invalid_usage"


def test_a_reply_that_leaves_its_tier_to_the_project_is_an_estimate() -> None:
    cost = reply(response={"service_tier": "auto"})
    assert (cost.total, cost.status, cost.reason) == (usd("0.012"), "estimated", "unknown_tier")
    requested = reply(request={"service_tier": "auto"})
    assert (requested.total, requested.status) == (usd("0.012"), "priced")


def test_a_window_is_discounted_when_only_the_reply_says_that_it_ran_in_background() -> None:
    window = {"background_options": {"completion_window": "2h"}}
    assert reply("gpt-6.2-sol", request=window).total == usd("0.012")
    reported = reply("gpt-6.2-sol", request=window, response={"background": True})
    assert reported.total == usd("0.0084")


def test_a_line_of_a_batch_costs_half_without_anybody_saying_so() -> None:
    body = {"model": "gpt-6-sol", "usage": {"input_tokens": 1000, "output_tokens": 1000}}
    line = {"custom_id": "a", "response": {"status_code": 200, "body": body}, "error": None}
    cost = price_response("openai", request={}, response=line, at=at(TODAY))
    assert cost.total == usd("0.006")


def test_batch_with_cached_tokens_is_unpriced_where_no_such_price_is_listed() -> None:
    details = {"cached_tokens": 500}
    client = {"batch": True}
    assert reply("gpt-6-sol", client=client, input_tokens_details=details).total is not None
    cost = reply("gpt-4.1", client=client, input_tokens_details=details)
    assert (cost.total, cost.reason) == (None, "unknown_bucket")


def test_metered_searches_win_over_counted_items() -> None:
    search = {"type": "web_search_call", "action": {"type": "search"}}
    response = {"output": [search] * 4, "tool_usage": {"web_search": {"num_requests": 3}}}
    assert reply(response=response).by_group()["tools"] == usd("0.03")


def test_preview_search_has_its_own_fee() -> None:
    search = {"type": "web_search_call", "action": {"type": "search"}}
    tools = {"tools": [{"type": "web_search_preview"}]}
    assert reply("gpt-4.1", response={"output": [search]}, request=tools).by_group()[
        "tools"
    ] == usd("0.025")
    assert reply("gpt-5", response={"output": [search]}, request=tools).by_group()["tools"] == usd(
        "0.01"
    )


def test_search_content_of_the_mini_models_is_a_fixed_block() -> None:
    search = {"type": "web_search_call", "action": {"type": "search"}}
    cost = reply("gpt-4.1-mini", response={"output": [search]}, output_tokens=0)
    assert cost.by_group()["tools"] == usd("0.0132")


def test_file_searches_and_containers() -> None:
    items = [{"type": "file_search_call"}, {"type": "file_search_call"}]
    assert reply(response={"output": items}).by_group()["tools"] == usd("0.005")
    ran = reply(response={"output": [{"type": "code_interpreter_call"}]})
    assert (ran.total, ran.status, ran.reason) == (usd("0.012"), "partial", "container_time")


def test_an_image_without_usage_makes_the_cost_a_lower_bound() -> None:
    cost = reply(response={"output": [{"type": "image_generation_call"}]})
    assert (cost.status, cost.reason) == ("partial", "unmetered_tool")


def test_an_image_tool_of_an_unknown_model_is_unpriced() -> None:
    metered = {"input_tokens": 5, "input_tokens_details": {"text_tokens": 5, "image_tokens": 0}}
    cost = reply(response={"tool_usage": {"image_gen": metered}})
    assert (cost.total, cost.reason) == (None, "unknown_model")


def test_realtime_prices_cached_tokens_by_modality() -> None:
    cost = with_usage(
        "gpt-realtime",
        {
            "input_tokens": 1000,
            "output_tokens": 100,
            "input_token_details": {
                "text_tokens": 400,
                "audio_tokens": 600,
                "cached_tokens": 500,
                "cached_tokens_details": {"text_tokens": 200, "audio_tokens": 300},
            },
            "output_token_details": {"text_tokens": 0, "audio_tokens": 100},
        },
        endpoint="/v1/realtime",
    )
    # 200x4 + 200x0.4 + 300x32 + 300x0.4 + 100x64, per million
    assert cost.total == usd("0.017")


def test_cached_audio_without_a_split_is_not_guessed() -> None:
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 1,
        "prompt_tokens_details": {"cached_tokens": 10, "audio_tokens": 50},
    }
    cost = with_usage("gpt-audio", usage)
    assert (cost.total, cost.reason) == (None, "ambiguous_usage")


def test_whisper_is_billed_by_the_second() -> None:
    audio = {"endpoint": "/v1/audio/transcriptions"}
    cost = with_usage("whisper-1", {"type": "duration", "seconds": 61}, **audio)
    assert cost.total == usd("0.0061")
    assert with_usage("whisper-1", {"type": "duration", "seconds": 60.6}, **audio).total == usd(
        "0.0061"
    )
    exact = with_usage("gpt-live-transcribe", {"type": "duration", "seconds": 1}, **audio)
    assert exact.total == usd("0.000283333333")  # 0.017 / 60, half-even at 12 decimals


def test_moderation_is_free() -> None:
    cost = with_usage("omni-moderation-latest", None, endpoint="/v1/moderations")
    assert cost.total == 0


def test_an_embedding_has_no_output() -> None:
    cost = with_usage("text-embedding-3-large", {"prompt_tokens": 1000, "total_tokens": 1000})
    assert cost.total == usd("0.00013")


def test_a_foreign_host_is_unpriced_until_somebody_says_who_bills() -> None:
    host = {"base_url": "http://localhost:8000/v1"}
    unknown = reply(client=host)
    assert (unknown.total, unknown.reason) == (None, "unknown_host")
    assert unknown.usage is not None
    assert unknown.usage.input_tokens == 1000
    assert reply(client={**host, "billed_by": "openai"}).total == usd("0.012")


def test_the_host_says_who_bills_not_the_sdk() -> None:
    host = {"base_url": "https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1"}
    cost = reply("global.openai.gpt-6.1-terra", client=host)
    assert cost.total == usd("0.006")
    assert cost.usage is not None
    assert cost.usage.provider == "aws.bedrock"


@pytest.mark.parametrize(
    ("sku", "total"),
    [("GlobalStandard", "0.01"), ("DataZoneStandard", "0.011"), ("DataZoneBatch", "0.0055")],
)
def test_azure_prices_follow_the_sku_of_the_deployment(sku: str, total: str) -> None:
    client = {"deployment_sku": sku}
    cost = reply("gpt-4.1", provider="azure.ai.openai", client=client)
    assert cost.total == usd(total)


def test_azure_without_a_sku_is_an_estimate_and_provisioned_is_unpriced() -> None:
    cost = reply("gpt-4.1", provider="azure.ai.openai")
    assert (cost.total, cost.status, cost.reason) == (usd("0.01"), "estimated", "unknown_sku")
    bought = reply(
        "gpt-4.1", provider="azure.ai.openai", client={"deployment_sku": "ProvisionedManaged"}
    )
    assert (bought.total, bought.reason) == (None, "committed_capacity")


def test_azure_kept_launch_prices_until_october() -> None:
    client = {"deployment_sku": "GlobalStandard"}
    lag = reply("gpt-5.6-terra", provider="azure.ai.openai", client=client, day="2026-09-01")
    assert lag.total == usd("0.0175")
    long = reply(
        "gpt-5.6-terra",
        provider="azure.ai.openai",
        client=client,
        day="2026-09-01",
        input_tokens=300_000,
    )
    assert long.total is None


def test_a_bedrock_tier_without_a_list_price_is_unpriced() -> None:
    cost = reply("us.openai.gpt-6-sol", provider="aws.bedrock", response={"service_tier": "flex"})
    assert (cost.total, cost.reason) == (None, "unknown_tier")


def test_near_misses_and_retired_models_are_unpriced_not_zero() -> None:
    assert reply("gpt-6-sol-2026-09-22").reason == "unknown_model"
    assert reply("gpt-6").reason == "unknown_model"
    assert message("claude-opus-5-6").reason == "unknown_model"
    assert message("claude-opus-4-1").reason == "no_price_on_date"


def test_a_search_model_in_chat_is_a_lower_bound() -> None:
    usage = {"prompt_tokens": 1000, "completion_tokens": 0}
    cost = with_usage("gpt-5-search-api", usage)
    assert (cost.total, cost.status) == (usd("0.00125"), "partial")


@pytest.mark.parametrize(
    ("usage", "total"),
    [
        ({"seconds": 90}, "0.075"),
        ({"seconds": 90, "active_seconds": 60, "paused_seconds": 30}, "0.06"),
        # The 15 seconds of its creation are a part of what a session reports.
        ({"seconds": 15, "active_seconds": 15, "paused_seconds": 0}, "0.0125"),
        ({"seconds": 3600, "active_seconds": 0, "paused_seconds": 3600}, "1.2"),
        ({"seconds": 1, "active_seconds": 1}, "0.000833333333"),
    ],
)
def test_a_live_session_is_billed_by_its_running_and_its_paused_seconds(
    usage: dict[str, Any], total: str
) -> None:
    cost = with_usage("gpt-live-1.1", usage, endpoint="/v1/live")
    assert (cost.total, cost.status) == (usd(total), "priced")


def test_a_live_session_whose_parts_exceed_it_is_not_understood() -> None:
    usage = {"seconds": 10, "active_seconds": 10, "paused_seconds": 5}
    assert with_usage("gpt-live-1.1", usage, endpoint="/v1/live").reason == "contradictory_usage"


def test_paused_time_of_the_first_live_model_is_an_estimate() -> None:
    usage = {"seconds": 90, "active_seconds": 60, "paused_seconds": 30}
    cost = with_usage("gpt-live-1", usage, endpoint="/v1/live")
    assert (cost.total, cost.status) == (usd("0.06"), "estimated")
    running = with_usage("gpt-live-1", {"seconds": 90}, endpoint="/v1/live")
    assert (running.total, running.status) == (usd("0.075"), "priced")


@pytest.mark.parametrize(
    "details",
    [
        {},
        {"cached_tokens": 600_000, "cache_write_tokens": 0},
        {"cached_tokens": 0, "cache_write_tokens": 900_000},
    ],
)
def test_decisions_bill_all_input_alike_and_no_output_as_an_estimate(
    details: dict[str, int],
) -> None:
    usage = {
        "input_tokens": 200_000,
        "input_tokens_details": {name: count // 10 for name, count in details.items()},
        "output_tokens": 5000,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 205_000,
    }
    cost = with_usage("gpt-6-luna", usage, endpoint="/v1/decisions")
    assert (cost.total, cost.status, cost.reason) == (usd("0.02"), "estimated", "secondary_source")
    assert cost.usage is not None
    assert cost.usage.output_tokens == 5000
