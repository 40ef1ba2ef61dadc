# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A stream costs what the same reply would have cost in one piece."""

from __future__ import annotations

from typing import Any

import pytest

from otel_llmcost import providers
from otel_llmcost.pricing import price_response
from tests.pricing.bill import at, usd

START = {
    "type": "message_start",
    "message": {
        "id": "msg_1",
        "model": "claude-opus-5-5",
        "content": [],
        "usage": {
            "input_tokens": 1000,
            "output_tokens": 1,
            "cache_creation_input_tokens": 100,
            "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 100},
            "inference_geo": "us",
            "service_tier": "standard",
        },
    },
}
BLOCK = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
DELTA = {
    "type": "message_delta",
    "delta": {"stop_reason": "end_turn"},
    "usage": {"output_tokens": 500, "cache_creation_input_tokens": 100, "inference_geo": None},
}
STOP = {"type": "message_stop"}


def fold(endpoint: str, *events: Any, provider: str = "openai") -> Any:
    reader = providers.stream_reader(provider, endpoint)
    for event in events:
        reader.feed(event)
    return reader


def cost_of(reader: Any, provider: str = "openai", endpoint: str | None = None) -> Any:
    return price_response(
        provider,
        request={"client": {"endpoint": endpoint}},
        response=reader.response(),
        at=at("2026-11-20"),
    )


def messages(*events: Any) -> Any:
    return fold("/v1/messages", *events, provider="anthropic")


def test_later_counts_replace_earlier_ones_and_dimensions_stay() -> None:
    reader = messages(START, BLOCK, {"type": "ping"}, DELTA, STOP)
    cost = cost_of(reader, "anthropic")
    assert reader.complete
    assert reader.response()["stop_reason"] == "end_turn"
    assert cost.total == usd("0.0044") + usd("0.00088") + usd("0.011")


def test_a_dropped_stream_is_a_lower_bound_without_the_placeholder_output() -> None:
    reader = messages(START, BLOCK)
    cost = cost_of(reader, "anthropic")
    assert not reader.complete
    assert (cost.status, cost.reason) == ("partial", "no_output_usage")
    assert cost.total == usd("0.0044") + usd("0.00088")
    assert cost.usage.output_tokens is None


def test_a_stream_that_never_began_is_unpriced() -> None:
    cost = cost_of(messages(), "anthropic")
    assert (cost.total, cost.reason) == (None, "no_usage")


def test_a_refused_stream_has_no_content_and_is_free() -> None:
    delta = {
        "type": "message_delta",
        "delta": {"stop_reason": "refusal", "stop_details": {"category": "cyber"}},
        "usage": {"output_tokens": 1},
    }
    assert cost_of(messages(START, delta, STOP), "anthropic").status == "not_billed"
    assert cost_of(messages(START, BLOCK, delta, STOP), "anthropic").status == "priced"


def test_a_fallback_in_mid_stream_changes_the_model_that_bills() -> None:
    handover = {
        "type": "content_block_start",
        "content_block": {
            "type": "fallback",
            "from": {"model": "claude-opus-5-5"},
            "to": {"model": "claude-haiku-5-5"},
            "trigger": {"category": "cyber"},
        },
    }
    reader = messages(START, handover, BLOCK, DELTA, STOP)
    assert reader.response()["model"] == "claude-haiku-5-5"


def test_no_text_is_kept() -> None:
    block = {"type": "content_block_start", "content_block": {"type": "text", "text": "secret"}}
    delta = {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "secret"}}
    assert "secret" not in str(messages(START, block, delta, DELTA).response())


def test_an_error_event_is_named() -> None:
    reader = messages(START, {"type": "error", "error": {"type": "overloaded_error"}})
    assert reader.error == "overloaded_error"
    assert not reader.complete


CHUNK = {"id": "c1", "model": "gpt-6-sol", "choices": [{"index": 0, "delta": {"content": "hi"}}]}
LAST = {**CHUNK, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
USAGE = {
    "id": "c1",
    "model": "gpt-6-sol",
    "service_tier": "priority",
    "choices": [],
    "usage": {"prompt_tokens": 1000, "completion_tokens": 1000},
}


def test_chat_usage_comes_in_the_last_chunk() -> None:
    path = "/v1/chat/completions"
    reader = fold(path, {**CHUNK, "usage": None}, LAST, USAGE)
    assert reader.complete
    cost = cost_of(reader, endpoint=path)
    assert cost.total == usd("0.024")  # the tier that served is on the chunks
    assert cost.usage.finish_reasons == ("stop",)


def test_a_chat_stream_without_usage_is_unpriced_even_when_it_ended() -> None:
    reader = fold("/v1/chat/completions", CHUNK, LAST, {"type": "[DONE]"})
    assert reader.complete
    assert cost_of(reader).reason == "no_usage"
    assert not fold("/v1/chat/completions", CHUNK, LAST).complete


@pytest.mark.parametrize("end", ["completed", "incomplete", "failed"])
def test_every_way_a_response_ends_carries_its_usage(end: str) -> None:
    response = {
        "id": "r1",
        "model": "gpt-6-sol",
        "service_tier": "default",
        "usage": {"input_tokens": 1000, "output_tokens": 1000},
    }
    reader = fold(
        "/v1/responses",
        {"type": "response.created", "response": {**response, "usage": None}},
        {"type": "response.output_text.delta", "delta": "hi"},
        {"type": f"response.{end}", "response": response},
    )
    assert reader.complete
    assert cost_of(reader).total == usd("0.012")


def test_every_finished_image_of_a_stream_is_counted() -> None:
    path = "/v1/images/generations"
    usage = {
        "input_tokens": 10,
        "input_tokens_details": {"text_tokens": 10, "image_tokens": 0},
        "output_tokens": 100,
    }
    image = {"type": "image_generation.completed", "usage": usage}
    reader = fold(path, {"type": "image_generation.partial_image"}, image, image)
    response = {**reader.response(), "model": "gpt-image-2"}
    cost = price_response(
        "openai",
        request={"client": {"endpoint": path}},
        response=response,
        at=at("2026-11-20"),
    )
    assert cost.total == usd("0.0061")  # 20 x 5 + 200 x 30, per million


def test_a_transcription_stream_ends_with_its_usage() -> None:
    usage = {
        "input_tokens": 100,
        "output_tokens": 10,
        "input_token_details": {"audio_tokens": 100, "text_tokens": 0},
    }
    reader = fold("/v1/audio/transcriptions", {"type": "transcript.text.done", "usage": usage})
    assert reader.complete
    assert reader.response()["usage"] == usage


AZURE_FILTER: dict[str, Any] = {"id": "", "model": "", "object": "", "created": 0, "choices": []}


def azure_chunk(finish: str | None = None, **more: Any) -> dict[str, Any]:
    choices = [{"index": 0, "delta": {}, "finish_reason": finish}]
    return {"id": "chatcmpl-1", "model": "gpt-6-sol", "choices": choices, **more}


def test_azures_chunks_without_model_and_id_erase_nothing() -> None:
    usage = {"prompt_tokens": 1000, "completion_tokens": 1000, "total_tokens": 2000}
    events = [
        {**AZURE_FILTER, "prompt_filter_results": [{"prompt_index": 0}]},
        azure_chunk(),
        azure_chunk("stop"),
        {**AZURE_FILTER, "usage": usage},
    ]
    for last in ([], [{**AZURE_FILTER, "choices": [{"content_filter_offsets": {}}]}]):
        cost = price_response(
            "azure.ai.openai",
            request={"model": "my-deployment", "client": {"deployment_sku": "GlobalStandard"}},
            response={"stream_events": [*events, *last]},
            at=at("2026-11-20"),
        )
        assert (cost.total, cost.status) == (usd("0.012"), "priced")
        assert cost.usage is not None
        assert (cost.usage.model, cost.usage.response_id) == ("gpt-6-sol", "chatcmpl-1")


def test_a_stream_that_azures_filter_cut_keeps_model_and_id() -> None:
    cut = {**AZURE_FILTER, "choices": [{"index": 0, "finish_reason": "content_filter"}]}
    reply = fold("/v1/chat/completions", azure_chunk(), cut).response()
    assert (reply["id"], reply["model"]) == ("chatcmpl-1", "gpt-6-sol")
    assert reply["choices"] == [{"index": 0, "finish_reason": "content_filter"}]


def test_a_typed_event_without_model_and_id_erases_nothing() -> None:
    usage = {"input_tokens": 1000, "output_tokens": 1000}
    started = {"id": "resp_1", "model": "gpt-6-sol"}
    reader = fold(
        "/v1/responses",
        {"type": "response.created", "response": started},
        {"type": "response.completed", "response": {"id": "", "model": None, "usage": usage}},
    )
    assert (reader.response()["id"], reader.response()["model"]) == ("resp_1", "gpt-6-sol")
    assert cost_of(reader).total == usd("0.012")
