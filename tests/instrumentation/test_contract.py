# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What holds for every SDK, sync and async: one record per billed reply, unnoticed by the user."""

from __future__ import annotations

import asyncio
import gc
import json
from typing import Any

import pytest

from otel_llmcost import allocate, feature
from otel_llmcost.instrumentation import uninstrument
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import (
    COMPLETION,
    MESSAGE,
    Api,
    Chunks,
    assert_exact,
    chunk_frames,
    message_frames,
    resolve,
)
from tests.instrumentation.sdk_http import httpx


def error_body(sdk: str) -> dict[str, Any]:
    error = {"type": "overloaded_error", "message": "busy"}
    return {"type": "error", "error": error} if sdk == "anthropic" else {"error": error}


async def test_a_call_leaves_one_record_with_its_exact_cost(
    telemetry: Telemetry, api: Api, sdk: str
) -> None:
    await api.create()
    record = telemetry.record
    assert_exact(record, sdk)
    assert record["gen_ai.operation.name"] == "chat"
    assert record["gen_ai.provider.name"] == sdk
    assert record["gen_ai.request.model"] == api.model
    assert record["gen_ai.request.max_tokens"] == 99
    assert record["gen_ai.request.stream"] is False
    assert record["gen_ai.response.finish_reasons"] in (("end_turn",), ("stop",))
    assert record["server.address"] == f"api.{sdk}.com"
    assert "server.port" not in record
    assert record["gen_ai.usage.cost.currency"] == "USD"
    groups = ("input", "cache_read", "cache_write", "output", "tools")
    parts = sum(record.get(f"llmcost.cost.{group}", 0) for group in groups)
    assert parts == pytest.approx(record["gen_ai.usage.cost.amount"], abs=1e-12)


async def test_a_sampled_and_exported_span_needs_no_event(telemetry: Telemetry, api: Api) -> None:
    await api.create()
    assert len(telemetry.own_spans) == 1
    assert telemetry.events == []


async def test_the_record_names_the_line_that_made_the_call(telemetry: Telemetry, api: Api) -> None:
    await api.create()
    # The innermost frame outside the SDKs is the one that calls them.
    assert telemetry.record["code.function.name"].startswith(
        "tests.instrumentation.providers_stub."
    )
    assert telemetry.record["code.line.number"] > 0


async def test_a_record_carries_feature_scope_and_allocation(
    telemetry: Telemetry, api: Api
) -> None:
    with feature("summarize", team="docs"), allocate(user="u1", session="s1"):
        await api.create()
        await api.consume(await api.open_stream())
    first, second = telemetry.records
    for record in (first, second):
        assert record["llmcost.feature"] == "summarize"
        assert record["llmcost.allocation.team"] == "docs"
        assert (record["user.id"], record["session.id"]) == ("u1", "s1")
    assert first["llmcost.scope.id"] == second["llmcost.scope.id"]


async def test_a_stream_costs_the_same_as_the_same_reply_unstreamed(
    telemetry: Telemetry, api: Api, sdk: str
) -> None:
    await api.consume(await api.open_stream())
    record = telemetry.record
    assert_exact(record, sdk)
    assert record["llmcost.stream.outcome"] == "complete"
    assert record["gen_ai.request.stream"] is True
    assert record["gen_ai.response.time_to_first_chunk"] >= 0


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
async def test_a_stream_may_arrive_in_any_pieces(
    telemetry: Telemetry, api: Api, sdk: str, newline: bytes
) -> None:
    def bytewise(frames: list[bytes]) -> list[bytes | Exception]:
        complete = b"".join(frames).replace(b"\n", newline)
        return [complete[i : i + 1] for i in range(len(complete))]

    api.server.pieces = bytewise
    await api.consume(await api.open_stream())
    assert_exact(telemetry.record, sdk)


async def test_a_stream_closed_early_is_a_lower_bound(
    telemetry: Telemetry, api: Api, sdk: str
) -> None:
    stream = await api.open_stream()
    async for _ in api.iterate(stream):
        break
    await api.close(stream)
    record = telemetry.record
    assert record["llmcost.cost.status"] == "partial"
    assert record["llmcost.cost.reason"] == "stream_abandoned"
    assert record["llmcost.stream.outcome"] == "abandoned"
    assert "gen_ai.usage.output_tokens" not in record
    assert record.get("gen_ai.usage.input_tokens") == (80 if sdk == "anthropic" else None)
    assert api.server.bodies[0].closed


async def test_a_stream_dropped_without_closing_is_found(telemetry: Telemetry, api: Api) -> None:
    stream = await api.open_stream()
    async for _ in api.iterate(stream):
        break
    del stream
    for _ in range(500):
        gc.collect()
        await asyncio.sleep(0.001)  # the event loop closes dropped async generators
        if telemetry.records:
            break
    assert telemetry.record["llmcost.cost.status"] == "partial"


async def test_a_stream_entered_and_never_read_leaves_a_record(
    telemetry: Telemetry, api: Api
) -> None:
    stream = await api.open_stream()
    await api.close(stream)
    assert telemetry.record["llmcost.cost.status"] == "partial"
    assert "gen_ai.usage.cost.amount" not in telemetry.record


async def test_an_exception_in_the_loop_body_reaches_the_user_and_ends_the_record(
    telemetry: Telemetry, api: Api
) -> None:
    mine = RuntimeError("mine")
    stream = await api.open_stream()

    async def use() -> None:
        if api.is_async:
            async with stream:
                async for _ in stream:
                    raise mine
        else:
            with stream:
                for _ in stream:
                    raise mine

    with pytest.raises(RuntimeError) as raised:
        await use()
    assert raised.value is mine
    assert telemetry.record["llmcost.stream.outcome"] == "abandoned"


async def test_a_stream_that_ends_without_its_last_event_is_truncated(
    telemetry: Telemetry, api: Api
) -> None:
    api.server.pieces = lambda frames: list(frames[:3])
    await api.consume(await api.open_stream())
    assert telemetry.record["llmcost.stream.outcome"] == "truncated"
    assert telemetry.record["llmcost.cost.status"] == "partial"
    assert telemetry.record["llmcost.cost.reason"] == "stream_truncated"


async def test_a_connection_lost_in_a_stream_raises_as_ever_and_is_truncated(
    telemetry: Telemetry, api: Api, sdk: str
) -> None:
    lost = httpx.ReadError("lost")
    api.server.pieces = lambda frames: [*frames[:3], lost]
    stream = await api.open_stream()
    with pytest.raises(Exception) as raised:  # noqa: PT011 - each SDK has its own
        await api.consume(stream)
    assert lost in (raised.value, raised.value.__cause__)
    assert telemetry.record["llmcost.stream.outcome"] == "truncated"
    assert telemetry.record["error.type"] == "ReadError"


async def test_an_error_event_in_a_stream_names_its_type(
    telemetry: Telemetry, api: Api, sdk: str
) -> None:
    data = json.dumps(error_body(sdk))
    frame = f"event: error\ndata: {data}\n\n" if sdk == "anthropic" else f"data: {data}\n\n"
    api.server.pieces = lambda frames: [*frames[:3], frame.encode()]
    stream = await api.open_stream()
    with pytest.raises(Exception, match="busy"):
        await api.consume(stream)
    assert telemetry.record["error.type"] == "overloaded_error"
    assert telemetry.record["llmcost.stream.outcome"] == "error"
    assert telemetry.record["llmcost.cost.status"] == "partial"


async def test_raw_access_is_recorded_once(telemetry: Telemetry, api: Api, sdk: str) -> None:
    raw = await resolve(api.resource.with_raw_response.create(**api.arguments()))
    await resolve(raw.parse())
    await resolve(raw.parse())
    assert_exact(telemetry.record, sdk)


async def test_a_body_read_later_is_recorded_when_it_is_read(
    telemetry: Telemetry, api: Api, sdk: str
) -> None:
    body = json.dumps(MESSAGE if sdk == "anthropic" else COMPLETION).encode()
    headers = {"content-type": "application/json"}
    chunks = Chunks([body[:20], body[20:]])
    api.server.queued.append(httpx.Response(200, headers=headers, stream=chunks))
    manager = api.resource.with_streaming_response.create(**api.arguments())
    if api.is_async:
        async with manager as response:
            assert telemetry.records == []
            assert (await response.json())["usage"]
    else:
        with manager as response:
            assert telemetry.records == []
            assert json.loads(response.read())["usage"]
    assert_exact(telemetry.record, sdk)
    assert "llmcost.stream.outcome" not in telemetry.record


async def test_lines_of_a_stream_are_metered_like_events(
    telemetry: Telemetry, api: Api, sdk: str
) -> None:
    manager = api.resource.with_streaming_response.create(**api.arguments(stream=True))
    lines: list[str] = []
    if api.is_async:
        async with manager as response:
            lines.extend([line async for line in response.iter_lines()])
    else:
        with manager as response:
            lines.extend(response.iter_lines())
    assert_exact(telemetry.record, sdk)
    frames = message_frames() if sdk == "anthropic" else chunk_frames(with_usage=False)
    assert "\n".join(lines).strip() == b"".join(frames).decode().strip()


async def test_the_stream_helper_is_recorded_once(telemetry: Telemetry, api: Api, sdk: str) -> None:
    manager = api.resource.stream(**api.arguments())
    if api.is_async:
        async with manager as stream:
            async for _ in stream:
                pass
    else:
        with manager as stream:
            for _ in stream:
                pass
    assert_exact(telemetry.record, sdk)


async def test_a_reply_that_cannot_be_parsed_still_costs(
    telemetry: Telemetry, api: Api, sdk: str
) -> None:
    strict = Api(sdk, api.is_async, api.server, _strict_response_validation=True)
    body = json.loads(json.dumps(MESSAGE if sdk == "anthropic" else COMPLETION))
    body["id"] = None
    api.server.queued.append(httpx.Response(200, json=body))
    with pytest.raises(Exception) as raised:  # noqa: PT011 - each SDK has its own
        await strict.create()
    assert type(raised.value).__name__ == "APIResponseValidationError"
    record = telemetry.record
    assert record["error.type"] == "APIResponseValidationError"
    assert_exact(record, sdk)


async def test_retries_cost_once_and_are_counted(telemetry: Telemetry, api: Api, sdk: str) -> None:
    busy = 529 if sdk == "anthropic" else 429
    api.server.queued += [httpx.Response(busy, json=error_body(sdk)) for _ in range(2)]
    await api.create()
    assert telemetry.record["http.request.resend_count"] == 2
    assert "llmcost.attempts_unmetered" not in telemetry.record
    assert_exact(telemetry.record, sdk)


async def test_a_call_without_a_billed_reply_is_recorded_as_not_billed(
    telemetry: Telemetry, api: Api, sdk: str
) -> None:
    api.server.queued += [httpx.Response(503, json=error_body(sdk)) for _ in range(3)]
    with pytest.raises(Exception) as raised:  # noqa: PT011 - each SDK has its own
        await api.create()
    record = telemetry.record
    assert record["llmcost.cost.status"] == "not_billed"
    assert record["gen_ai.usage.cost.amount"] == 0.0
    assert record["error.type"] == type(raised.value).__qualname__
    assert record["http.request.resend_count"] == 2


async def test_an_attempt_that_timed_out_may_have_been_billed(
    telemetry: Telemetry, api: Api, sdk: str
) -> None:
    api.server.queued.append(httpx.ReadTimeout("slow"))
    await api.create()
    assert telemetry.record["llmcost.attempts_unmetered"] == 1
    assert_exact(telemetry.record, sdk)


async def test_a_call_that_only_timed_out_claims_no_amount(telemetry: Telemetry, api: Api) -> None:
    api.server.queued += [httpx.ReadTimeout("slow") for _ in range(3)]
    with pytest.raises(Exception, match=r"timed out|Timed out|timeout"):
        await api.create()
    assert telemetry.record["llmcost.attempts_unmetered"] == 3
    assert "gen_ai.usage.cost.amount" not in telemetry.record


async def test_a_refused_connection_was_surely_not_billed(telemetry: Telemetry, api: Api) -> None:
    api.server.queued += [httpx.ConnectError("refused") for _ in range(3)]
    with pytest.raises(Exception, match="onnection"):
        await api.create()
    assert "llmcost.attempts_unmetered" not in telemetry.record
    assert telemetry.record["gen_ai.usage.cost.amount"] == 0.0


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda: httpx.Response(200, html="<html>hi</html>"), id="html"),
        pytest.param(lambda: httpx.Response(200, json=[1, 2]), id="list"),
        pytest.param(lambda: httpx.Response(200, json={}), id="empty"),
        pytest.param(lambda: httpx.Response(200, json={"usage": None}), id="null usage"),
        pytest.param(lambda: httpx.Response(200, json={"usage": "lots"}), id="text usage"),
        pytest.param(
            lambda: httpx.Response(
                200, json={"usage": {"input_tokens": "12", "prompt_tokens": "12"}}
            ),
            id="text counts",
        ),
        pytest.param(
            lambda: httpx.Response(200, json={"usage": {"input_tokens": -1, "prompt_tokens": -1}}),
            id="negative counts",
        ),
        pytest.param(
            lambda: httpx.Response(200, json={"model": 7, "id": [], "usage": []}), id="types"
        ),
    ],
)
async def test_hostile_bodies_reach_the_user_as_without_us(
    telemetry: Telemetry, api: Api, answer: Any
) -> None:
    api.server.queued += [answer(), answer()]
    with_us = await _outcome_of(api)
    uninstrument()
    without_us = await _outcome_of(api)
    assert with_us == without_us
    assert telemetry.record["llmcost.cost.status"] in ("unpriced", "not_billed")


async def _outcome_of(api: Api) -> str:
    try:
        reply = await api.create()
    except Exception as error:  # noqa: BLE001 - whatever it is, it must be the same
        return f"{type(error).__name__}: {error}"
    return reply if isinstance(reply, str) else repr(reply)
