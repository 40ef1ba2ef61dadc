# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What holds for every SDK, sync and async: one record per billed reply, unnoticed by the user."""

from __future__ import annotations

import asyncio
import gc
import json
from typing import Any

import httpx2
import pytest
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

from otel_llmcost import allocate, feature
from otel_llmcost.instrumentation import uninstrument
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import (
    COMPLETION,
    MESSAGE,
    Api,
    Chunks,
    Server,
    chunk_frames,
    message_frames,
    resolve,
)

# (10 x 3 + 30 x 0.30 + 40 x 3.75 + 5 x 15) and (50 x 2.50 + 30 x 1.25 + 5 x 10) USD per million.
COSTS = {"anthropic": 0.000264, "openai": 0.0002125}


def error_body(sdk: str) -> dict[str, Any]:
    error = {"type": "overloaded_error", "message": "busy"}
    return {"type": "error", "error": error} if sdk == "anthropic" else {"error": error}


def assert_exact(record: Any, sdk: str) -> None:
    assert record["llmcost.cost.status"] == "priced"
    assert record["gen_ai.usage.cost.amount"] == pytest.approx(COSTS[sdk], abs=1e-12)
    assert record["gen_ai.usage.input_tokens"] == 80
    assert record["gen_ai.usage.cache_read.input_tokens"] == 30
    assert record["gen_ai.usage.output_tokens"] == 5


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
        whole = b"".join(frames).replace(b"\n", newline)
        return [whole[i : i + 1] for i in range(len(whole))]

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
    lost = httpx2.ReadError("lost")
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
    api.server.queued.append(httpx2.Response(200, headers=headers, stream=chunks))
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
    api.server.queued.append(httpx2.Response(200, json=body))
    with pytest.raises(Exception) as raised:  # noqa: PT011 - each SDK has its own
        await strict.create()
    assert type(raised.value).__name__ == "APIResponseValidationError"
    record = telemetry.record
    assert record["error.type"] == "APIResponseValidationError"
    assert_exact(record, sdk)


async def test_retries_cost_once_and_are_counted(telemetry: Telemetry, api: Api, sdk: str) -> None:
    busy = 529 if sdk == "anthropic" else 429
    api.server.queued += [httpx2.Response(busy, json=error_body(sdk)) for _ in range(2)]
    await api.create()
    assert telemetry.record["http.request.resend_count"] == 2
    assert "llmcost.attempts_unmetered" not in telemetry.record
    assert_exact(telemetry.record, sdk)


async def test_a_call_without_a_billed_reply_is_recorded_as_not_billed(
    telemetry: Telemetry, api: Api, sdk: str
) -> None:
    api.server.queued += [httpx2.Response(503, json=error_body(sdk)) for _ in range(3)]
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
    api.server.queued.append(httpx2.ReadTimeout("slow"))
    await api.create()
    assert telemetry.record["llmcost.attempts_unmetered"] == 1
    assert_exact(telemetry.record, sdk)


async def test_a_call_that_only_timed_out_claims_no_amount(telemetry: Telemetry, api: Api) -> None:
    api.server.queued += [httpx2.ReadTimeout("slow") for _ in range(3)]
    with pytest.raises(Exception, match=r"timed out|Timed out|timeout"):
        await api.create()
    assert telemetry.record["llmcost.attempts_unmetered"] == 3
    assert "gen_ai.usage.cost.amount" not in telemetry.record


async def test_a_refused_connection_was_surely_not_billed(telemetry: Telemetry, api: Api) -> None:
    api.server.queued += [httpx2.ConnectError("refused") for _ in range(3)]
    with pytest.raises(Exception, match="onnection"):
        await api.create()
    assert "llmcost.attempts_unmetered" not in telemetry.record
    assert telemetry.record["gen_ai.usage.cost.amount"] == 0.0


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda: httpx2.Response(200, html="<html>hi</html>"), id="html"),
        pytest.param(lambda: httpx2.Response(200, json=[1, 2]), id="list"),
        pytest.param(lambda: httpx2.Response(200, json={}), id="empty"),
        pytest.param(lambda: httpx2.Response(200, json={"usage": None}), id="null usage"),
        pytest.param(lambda: httpx2.Response(200, json={"usage": "lots"}), id="text usage"),
        pytest.param(
            lambda: httpx2.Response(
                200, json={"usage": {"input_tokens": "12", "prompt_tokens": "12"}}
            ),
            id="text counts",
        ),
        pytest.param(
            lambda: httpx2.Response(200, json={"usage": {"input_tokens": -1, "prompt_tokens": -1}}),
            id="negative counts",
        ),
        pytest.param(
            lambda: httpx2.Response(200, json={"model": 7, "id": [], "usage": []}), id="types"
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


async def test_a_client_made_before_instrumenting_is_followed(
    sdk: str, is_async: bool, server: Server
) -> None:
    api = Api(sdk, is_async, server)
    create = api.resource.create
    telemetry = Telemetry().on()
    try:
        await resolve(create(**api.arguments()))
        assert_exact(telemetry.record, sdk)
    finally:
        uninstrument()


async def test_instrumenting_twice_records_once(telemetry: Telemetry, api: Api) -> None:
    from otel_llmcost.instrumentation import instrument

    instrument()
    await api.create()
    assert len(telemetry.records) == 1


async def test_an_unsampled_span_leaves_an_event(api: Api, sdk: str) -> None:
    telemetry = Telemetry(ALWAYS_OFF).on()
    try:
        await api.create()
        assert telemetry.spans == []
        (event,) = telemetry.events
        assert_exact(event, sdk)
        assert event["llmcost.start_time_unix_nano"] > 0
    finally:
        uninstrument()


async def test_span_and_event_of_one_record_agree(api: Api) -> None:
    telemetry = Telemetry().on(events="always")
    try:
        await api.create()
        (event,) = telemetry.events
        (span,) = telemetry.spans
        (log,) = telemetry.logs_out.get_finished_logs()
        assert dict(span.attributes or {}).items() <= event.items()
        assert log.log_record.timestamp == span.end_time
        assert event["llmcost.start_time_unix_nano"] == span.start_time
        assert log.log_record.span_id == span.context.span_id
    finally:
        uninstrument()


async def test_a_foreign_genai_span_gets_no_rival(telemetry: Telemetry, api: Api, sdk: str) -> None:
    tracer = telemetry.tracer_provider.get_tracer("somebody.else")
    with tracer.start_as_current_span("chat", attributes={"gen_ai.operation.name": "chat"}) as span:
        await api.create()
    assert telemetry.own_spans == []
    (event,) = telemetry.events
    assert_exact(event, sdk)
    (foreign,) = telemetry.spans
    seen = dict(foreign.attributes or {})
    assert seen["llmcost.record.id"] == event["llmcost.record.id"]
    assert seen["gen_ai.usage.cost.amount"] == event["gen_ai.usage.cost.amount"]
    assert "gen_ai.usage.input_tokens" not in seen
    log = telemetry.logs_out.get_finished_logs()[0].log_record
    assert log.span_id == span.get_span_context().span_id
    assert telemetry.metric_points("gen_ai.client.token.usage") == []
    assert telemetry.metric_points("gen_ai.client.operation.cost")


async def test_two_replies_are_never_pictured_on_one_foreign_span(
    telemetry: Telemetry, api: Api
) -> None:
    tracer = telemetry.tracer_provider.get_tracer("somebody.else")
    with tracer.start_as_current_span("chat", attributes={"gen_ai.system": "x"}):
        await api.create()
        await api.create()
    first, second = telemetry.events
    (foreign,) = telemetry.spans
    assert (foreign.attributes or {})["llmcost.record.id"] == first["llmcost.record.id"]
    assert second["llmcost.record.id"] != first["llmcost.record.id"]


async def test_an_agents_span_encloses_calls_and_is_not_one(telemetry: Telemetry, api: Api) -> None:
    tracer = telemetry.tracer_provider.get_tracer("agents")
    attributes = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "helper"}
    with tracer.start_as_current_span("agent", attributes=attributes) as agent:
        await api.create()
    (own,) = telemetry.own_spans
    assert own["gen_ai.agent.name"] == "helper"
    span = next(span for span in telemetry.spans if span.parent is not None)
    assert span.parent.span_id == agent.get_span_context().span_id


async def test_http_spans_nest_under_ours(telemetry: Telemetry, sdk: str, is_async: bool) -> None:
    tracer = telemetry.tracer_provider.get_tracer("http")
    server = Server()

    def traced(request: httpx2.Request) -> httpx2.Response:
        with tracer.start_as_current_span("POST"):
            return server(request)

    api = Api(sdk, is_async, traced)  # pyright: ignore[reportArgumentType] - a handler like any other
    await api.create()
    http, own = telemetry.spans
    assert http.parent is not None
    assert http.parent.span_id == own.context.span_id


async def test_an_undeclared_host_is_recorded_without_cost(
    telemetry: Telemetry, sdk: str, is_async: bool, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    api = Api(sdk, is_async, server, base_url="http://gateway:8080")
    await api.create()
    await api.create()
    for record in telemetry.records:
        assert record["llmcost.cost.status"] == "unpriced"
        assert record["llmcost.cost.reason"] == "unknown_host"
        assert "gen_ai.usage.cost.amount" not in record
        assert record["gen_ai.usage.input_tokens"] == 80
    assert caplog.text.count(f"LLMCOST_HOSTS=gateway:8080={sdk}") == 1


async def test_a_declared_host_is_priced(sdk: str, is_async: bool, server: Server) -> None:
    telemetry = Telemetry().on(hosts={"gateway:8080": sdk})
    try:
        await Api(sdk, is_async, server, base_url="http://gateway:8080").create()
        assert_exact(telemetry.record, sdk)
    finally:
        uninstrument()


async def test_suppression_is_honoured(telemetry: Telemetry, api: Api) -> None:
    from opentelemetry.instrumentation.utils import suppress_instrumentation

    with suppress_instrumentation():
        await api.create()
        await api.consume(await api.open_stream())
    assert telemetry.records == []


async def test_metrics_are_recorded_without_high_cardinality(
    telemetry: Telemetry, api: Api, sdk: str
) -> None:
    with feature("summarize"), allocate(user="u1"):
        await api.create()
    (cost,) = telemetry.metric_points("gen_ai.client.operation.cost")
    assert cost.value == pytest.approx(COSTS[sdk])
    assert cost.attributes["llmcost.feature"] == "summarize"
    assert cost.attributes["llmcost.cost.status"] == "priced"
    assert "user.id" not in cost.attributes
    tokens = telemetry.metric_points("gen_ai.client.token.usage")
    assert {p.attributes["gen_ai.token.type"]: p.sum for p in tokens} == {"input": 80, "output": 5}
    (duration,) = telemetry.metric_points("gen_ai.client.operation.duration")
    assert duration.count == 1


async def test_no_content_is_ever_recorded(telemetry: Telemetry, api: Api, sdk: str) -> None:
    canary = "canary-7f3a"
    body = json.loads(
        json.dumps(MESSAGE if sdk == "anthropic" else COMPLETION).replace("hello", canary)
    )
    api.server.queued.append(httpx2.Response(200, json=body))
    content = [{"role": "user", "content": canary}]
    await api.create(messages=content)
    api.server.pieces = lambda frames: [frame.replace(b"hel", canary.encode()) for frame in frames]
    await api.consume(await api.open_stream(messages=content))
    error = {"error": {"type": "invalid_request_error", "message": canary}}
    api.server.queued.append(httpx2.Response(400, json=error))
    with pytest.raises(Exception, match=canary):
        await api.create(messages=content)
    assert len(telemetry.records) == 3
    told = [span.to_json() for span in telemetry.spans] + [repr(telemetry.events)]
    assert canary not in "".join(told)


async def test_equal_requests_have_equal_fingerprints(telemetry: Telemetry, api: Api) -> None:
    await api.create()
    await api.create()
    await api.create(messages=[{"role": "user", "content": "other"}])
    first, second, third = telemetry.records
    key = "llmcost.fingerprint.request"
    assert first[key] == second[key] != third[key]
    assert first["llmcost.fingerprint.prefix"] == third["llmcost.fingerprint.prefix"]
