# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Calls that are made while the result of a tagged function is used carry its tags."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.routing import Route

from otel_llmcost import feature
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import Api, Server
from tests.instrumentation.sdk_http import httpx


def features(telemetry: Telemetry) -> list[Any]:
    return [record.get("llmcost.feature") for record in telemetry.records]


async def fetched(endpoint: Any) -> str:
    """What a Starlette application answers that has only this endpoint."""
    application: Any = Starlette(routes=[Route("/", endpoint)])
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}
    await application({**scope, "asgi": {"version": "3.0", "spec_version": "2.4"}}, receive, send)
    return b"".join(message.get("body", b"") for message in sent).decode()


async def test_a_streaming_response_with_an_async_body(
    telemetry: Telemetry, sdk: str, server: Server
) -> None:
    api = Api(sdk, True, server)

    @feature("chat")
    async def endpoint(_: Any) -> StreamingResponse:
        async def body() -> AsyncIterator[str]:
            for _ in range(2):
                events = await api.consume(await api.open_stream())
                yield f"{len(events)} "

        return StreamingResponse(body())

    assert len((await fetched(endpoint)).split()) == 2
    assert features(telemetry) == ["chat", "chat"]
    assert len({record["llmcost.scope.id"] for record in telemetry.records}) == 1


async def test_a_streaming_response_with_a_body_that_runs_in_threads(
    telemetry: Telemetry, server: Server
) -> None:
    api = Api("anthropic", False, server)

    @feature("chat")
    def endpoint(_: Any) -> StreamingResponse:
        def body() -> Iterator[str]:
            for _ in range(2):
                yield api.resource.create(**api.arguments()).content[0].text

        return StreamingResponse(body())

    assert await fetched(endpoint) == "hellohello"
    assert features(telemetry) == ["chat", "chat"]


async def test_the_sdks_stream_managers(telemetry: Telemetry, api: Api) -> None:
    @feature("chat")
    def answer() -> Any:
        return api.resource.stream(**api.arguments())

    @feature("raw")
    def send_raw() -> Any:
        return api.resource.with_streaming_response.create(**api.arguments())

    if api.is_async:
        async with answer() as stream:
            assert [event async for event in stream]
        async with send_raw() as response:
            assert await response.json()
    else:
        with answer() as stream:
            assert list(stream)
        with send_raw() as response:
            assert response.json()
    assert features(telemetry) == ["chat", "raw"]


async def test_a_call_that_is_awaited_elsewhere(telemetry: Telemetry, sdk: str) -> None:
    api = Api(sdk, True, Server())

    @feature("chat")
    def answer() -> Any:
        return api.resource.create(**api.arguments())

    await answer()
    assert features(telemetry) == ["chat"]


async def test_threads_and_executors(telemetry: Telemetry, server: Server) -> None:
    api = Api("openai", False, server)

    def call() -> Any:
        return api.resource.create(**api.arguments())

    with feature("thread"):
        thread = threading.Thread(target=call)
        thread.start()
    thread.join()
    with ThreadPoolExecutor(2) as pool:
        with feature("pool"):
            pool.submit(call).result()
        pool.submit(call).result()
    with feature("executor"):
        await asyncio.get_running_loop().run_in_executor(None, call)
    assert features(telemetry) == ["thread", "pool", None, "executor"]


@pytest.mark.parametrize("field", ["model", "id"])
async def test_text_of_a_reply_that_no_exporter_can_encode(
    telemetry: Telemetry, api: Api, field: str
) -> None:
    reply = await api.create()
    body = {**reply.to_dict(), field: "m\udc00"}
    content = json.dumps(body).encode()
    api.server.queued.append(
        httpx.Response(200, content=content, headers={"content-type": "application/json"})
    )
    await api.create()
    for record in telemetry.records:
        for value in record.values():
            str(value).encode()
