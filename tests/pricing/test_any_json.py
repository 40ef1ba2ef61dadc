# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""No JSON can make pricing raise, or come out as a wrong number."""

from __future__ import annotations

import copy
import datetime as dt
import decimal
import itertools
import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otel_llmcost import providers
from otel_llmcost.pricing import PriceBook, price_response
from otel_llmcost.usage import Cost
from tests.pricing.bill import at, message, reply, usd

BOOK = PriceBook()
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
PROVIDERS = [*BOOK.providers(), "somebody-else"]

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.text(max_size=8)
    | st.sampled_from(["claude-opus-5-5", "gpt-6-sol", "fast", "batch", "us", "web_search_call"])
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)

MESSAGES: dict[str, Any] = {
    "id": "msg_1",
    "model": "claude-opus-5-5",
    "stop_reason": "end_turn",
    "stop_details": {"category": "bio"},
    "content": [
        {"type": "server_tool_use", "name": "code_execution"},
        {"type": "fallback", "from": {"model": "claude-fable-5"}, "trigger": {"category": "bio"}},
    ],
    "usage": {
        "input_tokens": 10,
        "output_tokens": 20,
        "cache_read_input_tokens": 5,
        "cache_creation_input_tokens": 3,
        "cache_creation": {"ephemeral_5m_input_tokens": 1, "ephemeral_1h_input_tokens": 2},
        "output_tokens_details": {"thinking_tokens": 2},
        "server_tool_use": {"web_search_requests": 1},
        "service_tier": "standard",
        "inference_geo": "us",
        "speed": "standard",
        "iterations": [{"type": "message", "model": "claude-fable-5", "input_tokens": 1}],
    },
}
RESPONSES: dict[str, Any] = {
    "id": "resp_1",
    "model": "gpt-6-sol",
    "service_tier": "default",
    "output": [
        {"type": "web_search_call", "action": {"type": "search"}},
        {"type": "image_generation_call", "svg_usage": {"model": "gpt-6-sol", "input_tokens": 1}},
    ],
    "tools": [{"type": "image_generation", "model": "gpt-image-2"}],
    "tool_usage": {
        "web_search": {"num_requests": 1},
        "image_gen": {"input_tokens": 1, "input_tokens_details": {"text_tokens": 1}},
    },
    "usage": {
        "input_tokens": 10,
        "input_tokens_details": {
            "cached_tokens": 2,
            "cache_write_tokens": 3,
            "cache_write_tokens_details": {"ttl_12h_tokens": 1},
        },
        "output_tokens": 20,
        "output_tokens_details": {"reasoning_tokens": 4},
    },
}
CHAT: dict[str, Any] = {
    "model": "gpt-audio",
    "choices": [{"finish_reason": "stop"}],
    "usage": {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 1},
        "completion_tokens_details": {"audio_tokens": 1, "reasoning_tokens": 1},
    },
}
REALTIME: dict[str, Any] = {
    "model": "gpt-realtime",
    "usage": {
        "input_tokens": 10,
        "output_tokens": 5,
        "input_token_details": {
            "audio_tokens": 4,
            "cached_tokens": 3,
            "cached_tokens_details": {"audio_tokens": 2, "text_tokens": 1},
        },
        "output_token_details": {"audio_tokens": 1},
    },
}
CONVERSE: dict[str, Any] = {
    "model": "anthropic.claude-opus-5-5",
    "usage": {
        "inputTokens": 1,
        "outputTokens": 2,
        "cacheWriteInputTokens": 3,
        "cacheDetails": [{"ttl": "1h", "inputTokens": 3}],
    },
}
IMAGE: dict[str, Any] = {
    "model": "gpt-image-1.5",
    "usage": {
        "input_tokens": 10,
        "input_tokens_details": {"text_tokens": 4, "image_tokens": 6},
        "output_tokens": 9,
        "output_tokens_details": {"text_tokens": 2, "image_tokens": 7},
    },
}
TRANSCRIPT: dict[str, Any] = {
    "model": "gpt-4o-transcribe",
    "usage": {
        "type": "tokens",
        "input_tokens": 10,
        "input_token_details": {"text_tokens": 2, "audio_tokens": 8},
        "output_tokens": 4,
    },
}
DURATION: dict[str, Any] = {"model": "whisper-1", "usage": {"type": "duration", "seconds": 61}}
SHAPES = [MESSAGES, RESPONSES, CHAT, REALTIME, CONVERSE, IMAGE, TRANSCRIPT, DURATION]

STREAMS: dict[str, tuple[str, list[Any]]] = {
    "messages": (
        "anthropic",
        [
            {"type": "message_start", "message": {**MESSAGES, "content": []}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text"}},
            {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "x"}},
            {
                "type": "message_delta",
                "delta": {"stop_reason": "end_turn"},
                "usage": {"input_tokens": 12, "output_tokens": 30},
            },
            {"type": "message_stop"},
        ],
    ),
    "converse": (
        "aws.bedrock",
        [
            {"messageStart": {"role": "assistant"}},
            {"messageStop": {"stopReason": "end_turn"}},
            {"metadata": {"usage": CONVERSE["usage"], "serviceTier": {"type": "default"}}},
        ],
    ),
    "responses": (
        "openai",
        [
            {"type": "response.created", "response": {"model": "gpt-6-sol"}},
            {"type": "response.completed", "response": RESPONSES},
        ],
    ),
    "chat": (
        "openai",
        [
            {"model": "gpt-5.4", "choices": [{"index": 0, "finish_reason": "stop"}]},
            {"model": "gpt-5.4", "choices": [], "usage": {"prompt_tokens": 9, "total_tokens": 9}},
        ],
    ),
    "realtime": ("openai", [{"type": "response.done", "response": REALTIME}] * 2),
}


def check(cost: Cost) -> None:
    if cost.total is None:
        assert cost.status == "unpriced"
        assert cost.reason
        return
    assert cost.total.is_finite()
    assert cost.total >= 0
    assert sum(cost.by_group().values()) == cost.total
    if cost.status != "priced":
        assert cost.reason


def priced(provider: str, request: Any, response: Any) -> Cost:
    return price_response(provider, request=request, response=response, at=NOON, book=BOOK)


@given(st.sampled_from(PROVIDERS), anything, anything)
def test_arbitrary_json_is_a_cost_or_a_reason(provider: str, request: Any, response: Any) -> None:
    check(priced(provider, request, response))


@given(st.sampled_from(PROVIDERS), anything)
def test_an_arbitrary_usage_is_a_cost_or_a_reason(provider: str, usage: Any) -> None:
    check(priced(provider, {"model": "gpt-6-sol"}, {"model": "claude-opus-5", "usage": usage}))


def paths(value: Any, prefix: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [prefix] if prefix else []
    keys = (
        value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    )
    for key in keys:
        found += paths(value[key], (*prefix, key))
    return found


def changed(shape: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    result = copy.deepcopy(shape)
    holder: Any = result
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return result


PLACES = [(shape, path) for shape in SHAPES for path in paths(shape)]


@settings(max_examples=400)
@given(st.sampled_from(PLACES), anything, st.sampled_from(PROVIDERS))
def test_one_strange_value_anywhere_is_a_cost_or_a_reason(
    place: tuple[dict[str, Any], tuple[Any, ...]], value: Any, provider: str
) -> None:
    shape, path = place
    check(priced(provider, {"model": shape["model"]}, changed(shape, path, value)))


@given(anything, st.lists(anything, max_size=4))
def test_any_stream_folds_into_something_that_can_be_read(endpoint: Any, events: list[Any]) -> None:
    name = endpoint if isinstance(endpoint, str) else None
    for provider, path in itertools.product(("anthropic", "openai"), (name, "/v1/messages")):
        reader = providers.stream_reader(provider, path)
        for event in events:
            reader.feed(event)
        check(priced(provider, {"model": "gpt-6-sol"}, reader.response()))


@settings(max_examples=200)
@given(st.data())
def test_a_damaged_stream_is_a_cost_or_a_reason(data: st.DataObject) -> None:
    provider, events = data.draw(st.sampled_from(list(STREAMS.values())))
    damaged = data.draw(st.lists(st.sampled_from(events), max_size=6))  # lost, repeated, reordered
    if damaged:
        number = data.draw(st.integers(0, len(damaged) - 1))
        path = data.draw(st.sampled_from(paths(damaged[number])))
        damaged[number] = changed(damaged[number], path, data.draw(anything))
    response = {"model": "claude-opus-5-5", "stream_events": damaged}
    check(priced(provider, {"model": "gpt-6-sol"}, response))


@pytest.mark.parametrize(("provider", "events"), STREAMS.values(), ids=STREAMS)
def test_a_stream_that_broke_off_never_costs_more_than_the_complete_one(
    provider: str, events: list[Any]
) -> None:
    def streamed(some: list[Any]) -> Cost:
        return priced(
            provider, {"model": "global.anthropic.claude-opus-5-5"}, {"stream_events": some}
        )

    complete = streamed(events).total
    assert complete is not None
    for end in range(len(events)):
        part = streamed(events[:end])
        assert part.total is None or part.total <= complete


NO_COUNTS = [-1, "12", 1.5, math.nan, math.inf, True, [], {"n": 1}, 10**12 + 1, 10**400]
COUNTS = [
    (shape, path)
    for shape, path in PLACES
    if isinstance(path[-1], str) and path[-1].lower().endswith(("tokens", "requests"))
]


@pytest.mark.parametrize("value", NO_COUNTS, ids=str)
def test_a_count_that_is_none_is_unpriced_wherever_it_stands(value: Any) -> None:
    assert len(COUNTS) > 45
    for shape, path in COUNTS:
        provider = "anthropic" if shape is MESSAGES else "openai"
        cost = priced(provider, {"model": shape["model"]}, changed(shape, path, value))
        assert (path, cost.total, cost.reason) == (path, None, "invalid_usage")


@pytest.mark.parametrize("value", [-1, "12", math.nan, math.inf, True, [], 1e300])
def test_seconds_that_are_none_are_unpriced(value: Any) -> None:
    cost = priced("openai", {}, changed(DURATION, ("usage", "seconds"), value))
    assert (cost.total, cost.reason) == (None, "invalid_usage")


@given(st.lists(st.integers(0, 4), min_size=6, max_size=6), st.sampled_from([0, 0, 0, 1]))
def test_a_prompt_is_priced_only_when_its_parts_fit(counts: list[int], more: int) -> None:
    text, audio, image, cached, cached_audio, cached_image = counts
    total = text + audio + image + more
    details = {
        "text_tokens": text,
        "audio_tokens": audio,
        "image_tokens": image,
        "cached_tokens": cached,
        "cached_tokens_details": {"audio_tokens": cached_audio, "image_tokens": cached_image},
    }
    usage = {"input_tokens": total, "output_tokens": 0, "input_token_details": details}
    cost = priced("openai", {}, {"model": "gpt-realtime", "usage": usage})
    cached_text = cached - cached_audio - cached_image
    fits = not more and 0 <= cached_text <= text
    if not fits or cached_audio > audio or cached_image > image:
        assert (cost.total, cost.reason) == (None, "contradictory_usage")
        return
    full = (text - cached_text) * 4 + (audio - cached_audio) * 32 + (image - cached_image) * 5
    read = (cached_text + cached_audio) * usd("0.4") + cached_image * usd("0.5")
    assert cost.total == (full + read) / 1_000_000


def test_more_cached_tokens_than_tokens_is_contradictory() -> None:
    cost = reply(input_tokens_details={"cached_tokens": 1001})
    assert (cost.total, cost.reason) == (None, "contradictory_usage")


def test_no_usage_is_unpriced_and_zero_usage_is_free() -> None:
    assert reply(response={"usage": None}).reason == "no_usage"
    assert reply(response={"usage": None}).total is None
    zero = reply(input_tokens=0, output_tokens=0)
    assert (zero.total, zero.status) == (0, "priced")


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_cost_is_linear_in_tokens(inp: int, out: int) -> None:
    cost = message("claude-opus-5", book=BOOK, input_tokens=inp, output_tokens=out)
    assert cost.total == (Decimal(5) * inp + Decimal(25) * out) / 1_000_000


def test_huge_counts_stay_exact() -> None:
    most = 10**12 - 1  # what SQL can multiply; more than that no reply has
    cost = message("claude-opus-5", book=BOOK, input_tokens=most, output_tokens=0)
    assert str(cost.total) == "4999999.999995000000"


def test_the_applications_decimal_context_changes_nothing() -> None:
    with decimal.localcontext() as context:
        context.prec = 3
        context.traps[decimal.Inexact] = True
        context.rounding = decimal.ROUND_UP
        cost = message(
            "claude-fable-5-2", book=PriceBook(), input_tokens=123457, inference_geo="us"
        )
        groups = cost.by_group()
    assert cost.total == usd("1.1304216")
    assert groups["input"] == usd("1.0864216")


def test_half_a_unit_of_the_last_digit_rounds_to_even() -> None:
    # 0.017 / 60 per second: 3 s are 0.00085 exactly, 1 s has no end
    usage = {"type": "duration", "seconds": 3}
    cost = priced("openai", {}, {"model": "gpt-live-transcribe", "usage": usage})
    assert cost.total == usd("0.00085")


def test_a_time_without_a_zone_is_utc_and_others_are_converted() -> None:
    east = dt.timezone(dt.timedelta(hours=9))
    usage = {"input_tokens": 0, "output_tokens": 0, "cache_read_input_tokens": 1_000_000}
    response = {"model": "claude-sonnet-5-5", "usage": usage}
    for when, total in (
        (dt.datetime(2026, 10, 7, 8, 59, tzinfo=east), "0.2"),  # still the 6th in UTC
        (dt.datetime(2026, 10, 7, 9, tzinfo=east), "0.1"),
        (dt.datetime(2026, 10, 7), "0.1"),  # noqa: DTZ001 - naive on purpose
    ):
        cost = price_response("anthropic", request={}, response=response, at=when, book=BOOK)
        assert cost.total == usd(total)


def test_the_version_of_the_book_is_on_every_cost() -> None:
    assert message(book=BOOK).version == BOOK.version
    assert message("unknown", book=BOOK).version == BOOK.version
    assert at("2026-11-20").tzinfo is dt.UTC
