# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Corners of the SDKs where a record is easily lost, doubled, or noticed by the application."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import pickle
from typing import Any

import anthropic
import openai
import pydantic
import pytest

from otel_llmcost import allocate
from otel_llmcost.instrumentation import uninstrument
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import (
    COMPLETION,
    MESSAGE,
    MESSAGES,
    Api,
    Chunks,
    Server,
    assert_exact,
    chunk_frames,
    resolve,
    sse,
)
from tests.instrumentation.sdk_http import httpx


class Answer(pydantic.BaseModel):
    number: int


def reply_of(sdk: str, **more: Any) -> Any:
    return httpx.Response(200, json={**(MESSAGE if sdk == "anthropic" else COMPLETION), **more})


@pytest.mark.case(9)
@pytest.mark.trap("T26")
async def test_a_stream_that_is_never_entered_sends_and_records_nothing(
    telemetry: Telemetry, api: Api, server: Server
) -> None:
    manager = api.resource.stream(**api.arguments())
    if api.is_async:
        # The SDKs make the coroutine at once, and Python would warn that it was not awaited.
        next(v for v in vars(manager).values() if inspect.iscoroutine(v)).close()
    del manager
    assert server.requests == []
    assert telemetry.records == []
    assert telemetry.spans == []


@pytest.mark.case(8)
async def test_the_final_message_of_a_helper_is_one_record(
    telemetry: Telemetry, is_async: bool, server: Server
) -> None:
    api = Api("anthropic", is_async, server)
    for way in ("get_final_message", "get_final_text", "until_done"):
        manager = api.resource.stream(**api.arguments())
        if is_async:
            async with manager as stream:
                await getattr(stream, way)()
        else:
            with manager as stream:
                getattr(stream, way)()
    assert len(telemetry.records) == 3
    for record in telemetry.records:
        assert_exact(record, "anthropic")


@pytest.mark.case(18)
@pytest.mark.trap("T7")
async def test_a_reply_that_does_not_fit_the_wanted_type_still_costs(
    telemetry: Telemetry, api: Api, sdk: str
) -> None:
    name = "output_format" if sdk == "anthropic" else "response_format"
    if not hasattr(api.resource, "parse"):
        pytest.skip(f"this version of {sdk} has no parse(): install a newer one")
    with pytest.raises(pydantic.ValidationError):
        await resolve(api.resource.parse(**api.arguments(**{name: Answer})))
    assert_exact(telemetry.record, sdk)
    assert telemetry.record["error.type"] == "ValidationError"


@pytest.mark.case(64)
@pytest.mark.trap("T7")
@pytest.mark.parametrize("reason", ["length", "content_filter"])
async def test_a_completion_that_ended_too_early_to_parse_still_costs(
    telemetry: Telemetry, is_async: bool, server: Server, reason: str
) -> None:
    api = Api("openai", is_async, server)
    if not hasattr(api.resource, "parse"):
        pytest.skip("this version of openai has no parse(): install a newer one")
    choice = {**COMPLETION["choices"][0], "finish_reason": reason}
    server.queued.append(reply_of("openai", choices=[choice]))
    with pytest.raises(openai.OpenAIError):
        await resolve(api.resource.parse(**api.arguments(response_format=Answer)))
    record = telemetry.record
    assert_exact(record, "openai")
    assert record["error.type"].endswith("FinishReasonError")
    assert record["gen_ai.response.finish_reasons"] == (reason,)


@pytest.mark.case(51)
@pytest.mark.trap("T18")
async def test_what_the_application_kept_from_before_is_followed(
    sdk: str, is_async: bool, server: Server
) -> None:
    api = Api(sdk, is_async, server)
    kept, raw = api.resource.create, api.resource.with_raw_response
    telemetry = Telemetry().on()
    await resolve(kept(**api.arguments()))
    await resolve(raw.create(**api.arguments()))
    assert len(telemetry.records) == 2
    uninstrument()
    await resolve(kept(**api.arguments()))
    assert len(telemetry.records) == 2


@pytest.mark.case(87)
async def test_copies_and_subclasses_of_clients_are_followed(
    telemetry: Telemetry, api: Api, sdk: str
) -> None:
    client = api.client
    own = type("Own", (type(client),), {})
    http: Any = httpx.AsyncClient if api.is_async else httpx.Client
    mine = own(api_key="k", http_client=http(transport=httpx.MockTransport(api.server)))
    for copy in (client.with_options(max_retries=0), client.copy(), mine):
        resource = copy.messages if sdk == "anthropic" else copy.chat.completions
        await resolve(resource.create(**api.arguments()))
    assert len(telemetry.records) == 3


@pytest.mark.case(87)
def test_the_client_of_the_openai_module_is_followed(
    telemetry: Telemetry, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openai, "api_key", "k")
    monkeypatch.setattr(openai, "http_client", httpx.Client(transport=httpx.MockTransport(server)))
    monkeypatch.setattr(openai, "_client", None)
    openai.chat.completions.create(model="gpt-4o", messages=MESSAGES)  # type: ignore[arg-type]
    assert_exact(telemetry.record, "openai")


@pytest.mark.case(54)
@pytest.mark.trap("T9", "T24", "T29")
async def test_types_signatures_and_pickles_are_those_of_the_sdk(
    telemetry: Telemetry, api: Api, sdk: str
) -> None:
    module: Any = {"anthropic": anthropic, "openai": openai}[sdk]
    base = module._base_client
    for owner in (base.SyncAPIClient, base.AsyncAPIClient):
        for name in ("request", "_process_response"):
            ours = vars(owner)[name]
            assert inspect.signature(ours) == inspect.signature(ours.__wrapped__)
            assert inspect.iscoroutinefunction(ours) == inspect.iscoroutinefunction(
                ours.__wrapped__
            )
    stream = await api.open_stream()
    assert type(stream) is (module.AsyncStream if api.is_async else module.Stream)
    await api.consume(stream)
    assert type(stream.response) is httpx.Response
    reply = await api.create()
    assert pickle.loads(pickle.dumps(reply)) == reply


@pytest.mark.case(60)
@pytest.mark.trap("T5", "T6")
async def test_a_chat_stream_left_at_its_finish_reason_has_no_known_cost(
    telemetry: Telemetry, is_async: bool, server: Server
) -> None:
    api = Api("openai", is_async, server)
    stream = await api.open_stream()
    async for chunk in api.iterate(stream):
        if chunk.choices and chunk.choices[0].finish_reason:
            break
    await api.close(stream)
    record = telemetry.record
    assert record["llmcost.cost.status"] == "partial"
    assert "gen_ai.usage.cost.amount" not in record
    assert "gen_ai.usage.output_tokens" not in record


@pytest.mark.case(62)
@pytest.mark.trap("T14", "T20")
async def test_the_stream_helper_returns_the_same_with_and_without_us(
    telemetry: Telemetry, is_async: bool, server: Server
) -> None:
    api = Api("openai", is_async, server)

    async def events() -> list[str]:
        manager = api.resource.stream(**api.arguments())
        if is_async:
            async with manager as stream:
                return [repr(event) async for event in stream] + [
                    repr(await stream.get_final_completion())
                ]
        with manager as stream:
            return [repr(event) for event in stream] + [repr(stream.get_final_completion())]

    with_us = await events()
    assert_exact(telemetry.record, "openai")
    uninstrument()
    assert await events() == with_us


@pytest.mark.case(63)
async def test_usage_is_requested_of_a_legacy_completion_stream_and_not_shown(
    telemetry: Telemetry, is_async: bool, server: Server
) -> None:
    api = Api("openai", is_async, server)

    def answer(request: Any) -> Any:
        requested = json.loads(request.content).get("stream_options")
        assert requested == {"include_usage": True}
        frames = chunk_frames(with_usage=True)
        return httpx.Response(
            200, headers={"content-type": "text/event-stream"}, stream=Chunks(list(frames))
        )

    http: Any = (httpx.AsyncClient if is_async else httpx.Client)(
        transport=httpx.MockTransport(answer)
    )
    client = api.client.with_options(http_client=http)
    stream = await resolve(
        client.completions.create(model="gpt-3.5-turbo-instruct", prompt="hi", stream=True)
    )
    chunks = await api.consume(stream)
    assert all(chunk.choices for chunk in chunks)
    assert all("usage" not in chunk.model_fields_set for chunk in chunks)
    assert telemetry.record["gen_ai.usage.input_tokens"] == 80


@pytest.mark.case(65)
@pytest.mark.trap("T16")
@pytest.mark.parametrize("ending", ["completed", "incomplete", "failed"])
@pytest.mark.parametrize("with_usage", [True, False])
async def test_every_ending_of_a_response_stream_has_its_usage(
    telemetry: Telemetry, is_async: bool, server: Server, ending: str, with_usage: bool
) -> None:
    api = Api("openai", is_async, server)
    usage = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15} if with_usage else None
    body = {"id": "r", "object": "response", "model": "gpt-4o", "output": [], "usage": usage}
    event = {"type": f"response.{ending}", "response": {**body, "status": ending}}
    server.queued.append(server.stream([sse({**event, "sequence_number": 0}, event["type"])]))
    stream = await resolve(api.client.responses.create(model="gpt-4o", input="hi", stream=True))
    assert len(await api.consume(stream)) == 1
    record = telemetry.record
    assert record["llmcost.stream.outcome"] == "complete"
    assert ("gen_ai.usage.cost.amount" in record) is with_usage
    if with_usage:
        assert record["gen_ai.usage.cost.amount"] == pytest.approx(7.5e-5)


@pytest.mark.case(66)
async def test_an_error_event_of_a_response_stream_is_recorded(
    telemetry: Telemetry, is_async: bool, server: Server
) -> None:
    api = Api("openai", is_async, server)
    error = {"type": "error", "code": "server_error", "message": "busy", "sequence_number": 0}
    server.queued.append(server.stream([sse(error, "error")]))
    stream = await resolve(api.client.responses.create(model="gpt-4o", input="hi", stream=True))
    with contextlib.suppress(openai.APIError):  # raised or yielded, by version
        await api.consume(stream)
    assert telemetry.record["llmcost.stream.outcome"] == "error"
    assert telemetry.record["error.type"] == "server_error"


@pytest.mark.case(7)
async def test_a_zero_in_the_last_event_counts_and_a_null_does_not(
    telemetry: Telemetry, is_async: bool, server: Server
) -> None:
    api = Api("anthropic", is_async, server)
    last = b'"usage":{"output_tokens":0,"cache_read_input_tokens":0,"input_tokens":null}'
    server.pieces = lambda frames: [
        frame.replace(b'"usage":{"output_tokens":5}', last) for frame in frames
    ]
    await api.consume(await api.open_stream())
    record = telemetry.record
    assert record["gen_ai.usage.output_tokens"] == 0
    assert "gen_ai.usage.cache_read.input_tokens" not in record
    assert record["gen_ai.usage.input_tokens"] == 50


@pytest.mark.case(20)
async def test_a_thread_that_sends_again_after_a_refusal_is_billed_once(
    telemetry: Telemetry, is_async: bool, server: Server
) -> None:
    messages = Api("anthropic", is_async, server).client.beta.messages
    if not hasattr(messages, "thread"):
        pytest.skip("needs anthropic>=2.2: pip install -U anthropic")
    thread = messages.thread(model="claude-sonnet-4-6", max_tokens=9)
    error = {"type": "invalid_request_error", "message": "no"}
    server.queued.append(httpx.Response(400, json={"type": "error", "error": error}))
    with pytest.raises(anthropic.BadRequestError):
        await resolve(thread.send({"role": "user", "content": "hi"}))
    await resolve(thread.send({"role": "user", "content": "hi"}))
    refused, billed = telemetry.records
    assert refused["llmcost.cost.status"] == "not_billed"
    assert_exact(billed, "anthropic")


async def test_a_failed_call_and_its_repetition_are_two_records(
    telemetry: Telemetry, api: Api, sdk: str
) -> None:
    api.server.queued.append(httpx.Response(400, json={"error": {"message": "too long"}}))
    with pytest.raises(Exception, match="too long"):
        await api.create()
    await api.create()
    failed, good = telemetry.records
    assert failed["llmcost.cost.status"] == "not_billed"
    assert_exact(good, sdk)


@pytest.mark.case(89)
async def test_a_large_body_is_kept_no_longer_than_it_is_read(
    telemetry: Telemetry, api: Api, sdk: str
) -> None:
    big = "x" * 5_000_000
    content: Any = [{"role": "user", "content": big}]
    answer = {"content": [{"type": "text", "text": big}]} if sdk == "anthropic" else {}
    api.server.queued.append(reply_of(sdk, **answer))
    reply = await api.create(messages=content)
    assert reply.id
    assert_exact(telemetry.record, sdk)
    assert max(len(str(value)) for value in telemetry.record.values()) < 1000


@pytest.mark.case(89)
async def test_thousands_of_chunks_are_one_record(telemetry: Telemetry, api: Api, sdk: str) -> None:
    api.server.pieces = lambda frames: [*frames[:2], *([frames[2]] * 3_000), *frames[3:]]
    assert len(await api.consume(await api.open_stream())) > 3_000
    assert_exact(telemetry.record, sdk)


# Middleware of the anthropic SDK


def with_middleware(is_async: bool, server: Server, middleware: Any) -> Any:
    pytest.importorskip(
        "anthropic._middleware", reason="needs anthropic>=0.108: pip install -U anthropic"
    )
    http: Any = (httpx.AsyncClient if is_async else httpx.Client)(
        transport=httpx.MockTransport(server)
    )
    kind: Any = anthropic.AsyncAnthropic if is_async else anthropic.Anthropic
    return kind(api_key="k", http_client=http, middleware=[middleware])


@pytest.mark.case(21)
@pytest.mark.trap("T11")
async def test_an_answer_from_a_cache_of_the_application_is_no_reply(
    telemetry: Telemetry, is_async: bool, server: Server
) -> None:
    kept: list[Any] = []

    def cached(request: Any, call_next: Any) -> Any:
        if not kept:
            kept.append(call_next(request))
        return kept[0]

    async def acached(request: Any, call_next: Any) -> Any:
        if not kept:
            kept.append(await call_next(request))
        return kept[0]

    client = with_middleware(is_async, server, acached if is_async else cached)
    body: dict[str, Any] = {"model": "claude-sonnet-4-6", "max_tokens": 9, "messages": MESSAGES}
    for _ in range(3):
        await resolve(client.messages.create(**body))
    assert len(server.requests) == 1
    assert_exact(telemetry.record, "anthropic")


@pytest.mark.case(22)
@pytest.mark.trap("T12", "T25")
@pytest.mark.parametrize("both_refuse", [False, True])
async def test_every_hop_of_a_refusal_fallback_is_a_record(
    telemetry: Telemetry, is_async: bool, server: Server, both_refuse: bool
) -> None:
    kind: Any = getattr(anthropic, "BetaRefusalFallbackMiddleware", None)
    if kind is None:
        pytest.skip("needs anthropic>=1: pip install -U anthropic")
    refused = {"stop_reason": "refusal", "content": [{"type": "text", "text": "no"}]}
    server.queued += [
        reply_of("anthropic", id="m1", **refused),
        reply_of("anthropic", id="m2", **(refused if both_refuse else {})),
    ]
    client = with_middleware(is_async, server, kind([{"model": "claude-haiku-4-5"}]))
    body: dict[str, Any] = {"model": "claude-sonnet-4-6", "max_tokens": 9, "messages": MESSAGES}
    await resolve(client.beta.messages.create(**body))
    assert len(server.requests) == 2
    assert [r["gen_ai.response.id"] for r in telemetry.records] == ["m1", "m2"]
    assert all(r["gen_ai.usage.input_tokens"] == 80 for r in telemetry.records)


@pytest.mark.case(23)
async def test_attempts_that_middleware_makes_are_counted(
    telemetry: Telemetry, is_async: bool, server: Server
) -> None:
    error: Any = getattr(anthropic, "RetryableError", None)
    if error is None:
        pytest.skip("needs anthropic>=0.108: pip install -U anthropic")
    calls: list[int] = []

    def judge(reply: Any) -> Any:
        calls.append(1)
        if len(calls) < 3:
            raise error("once more")
        return reply

    def again(request: Any, call_next: Any) -> Any:
        return judge(call_next(request))

    async def aagain(request: Any, call_next: Any) -> Any:
        return judge(await call_next(request))

    client = with_middleware(is_async, server, aagain if is_async else again)
    body: dict[str, Any] = {"model": "claude-sonnet-4-6", "max_tokens": 9, "messages": MESSAGES}
    await resolve(client.messages.create(**body))
    assert len(server.requests) == 3
    assert len(telemetry.records) == 3  # each attempt brought a reply that is billed
    for record in telemetry.records:
        assert_exact(record, "anthropic")


async def test_a_task_cancelled_while_it_waits_may_have_been_billed(
    telemetry: Telemetry, sdk: str
) -> None:
    requested = asyncio.Event()

    async def never(_: Any) -> Any:
        requested.set()
        await asyncio.sleep(60)

    server = Server()
    api = Api(sdk, True, server)
    http = httpx.AsyncClient(transport=httpx.MockTransport(never))
    client = api.client.with_options(http_client=http)
    resource = client.messages if sdk == "anthropic" else client.chat.completions
    call = asyncio.create_task(resource.create(**api.arguments()))
    await requested.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    record = telemetry.record
    assert record["error.type"] == "CancelledError"
    assert record["llmcost.attempts_unmetered"] == 1
    assert "gen_ai.usage.cost.amount" not in record


@pytest.mark.case(43)
@pytest.mark.parametrize("way", ["plain", "stream", "abandoned"])
async def test_a_call_that_a_customer_pays_for_costs_nothing_and_names_the_customer(
    telemetry: Telemetry, is_async: bool, server: Server, way: str
) -> None:
    api = Api("anthropic", is_async, server)
    body = {"billing_policy": {"type": "billing_policy", "bill_to": "user_profile"}}
    headers = {"Anthropic-User-Profile-Id": "uprof_1"}
    reply = await resolve(
        api.resource.create(
            **api.arguments(), stream=way != "plain", extra_body=body, extra_headers=headers
        )
    )
    if way == "stream":
        _ = [event async for event in reply] if is_async else list(reply)
    if way == "abandoned":
        await resolve(reply.close())
    record = telemetry.record
    assert record["gen_ai.usage.cost.amount"] == 0
    assert record["llmcost.cost.status"] == "not_billed"
    assert record["llmcost.cost.reason"] == "paid_by_customer"
    assert record["llmcost.allocation.customer"] == "uprof_1"
    if way != "abandoned":
        assert record["llmcost.usage.output"] > 0


async def test_a_user_profile_is_a_customer_unless_the_application_names_one(
    telemetry: Telemetry, is_async: bool, server: Server
) -> None:
    headers = {"anthropic-user-profile-id": "uprof_1"}
    api = Api("anthropic", is_async, server, default_headers=headers)
    await api.create()
    with allocate(customer="acme"):
        await api.create()
    first, second = telemetry.records
    assert first["llmcost.allocation.customer"] == "uprof_1"
    assert first["llmcost.cost.status"] == "priced"
    assert second["llmcost.allocation.customer"] == "acme"
