# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A call that works without us works with us: servers that refuse requests for usage."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest

from otel_llmcost.instrumentation import uninstrument
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import MESSAGES, Api, Server
from tests.instrumentation.sdk_http import httpx

GATEWAY = "http://gateway:1/v1"
FOUNDRY = "https://x.services.ai.azure.com/openai/v1"
Refusal = Callable[[dict[str, Any]], httpx.Response | Exception | None]


class Fussy(Server):
    """Answers streams, but not to requests that `refusal` has an answer for."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__()
        self.refusal = refusal
        self.requested: list[bool] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        self.requested.append("stream_options" in body)
        answer = self.refusal(body)
        if isinstance(answer, Exception):
            raise answer
        return super().__call__(request) if answer is None else answer


def refusing(status: int, message: str = "no") -> Refusal:
    def refusal(body: dict[str, Any]) -> httpx.Response | None:
        if "stream_options" not in body:
            return None
        return httpx.Response(status, json={"error": {"message": message}})

    return refusal


def broken(body: dict[str, Any]) -> Exception | None:
    return httpx.RemoteProtocolError("gone") if "stream_options" in body else None


@pytest.fixture
def telemetry() -> Iterator[Telemetry]:
    hosts = {"gateway:1": "openai", "other:1": "openai"}
    yield Telemetry().on(hosts=hosts)
    uninstrument()


def api_of(server: Server, is_async: bool, url: str | None = GATEWAY, **client: Any) -> Api:
    return Api("openai", is_async, server, base_url=url, max_retries=0, **client)


async def streamed(api: Api, **more: Any) -> list[Any]:
    return await api.consume(await api.open_stream(**more))


REFUSALS: dict[str, Refusal] = {
    "422": refusing(422, "extra_forbidden: stream_options"),
    **{str(status): refusing(status) for status in (400, 403, 404, 405, 415, 500, 501, 502)},
    "429 with the reason": refusing(429, "stream_options is not supported"),
    "closed connection": broken,
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS.keys())
@pytest.mark.parametrize("url", [GATEWAY, FOUNDRY])
async def test_a_refusal_costs_one_request_and_is_remembered(
    telemetry: Telemetry, is_async: bool, refusal: Refusal, url: str
) -> None:
    server = Fussy(refusal)
    api = api_of(server, is_async, url)
    chunks = await streamed(api)
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == "hello"
    assert server.requested == [True, False]
    await streamed(api)
    assert server.requested == [True, False, False]
    assert len(telemetry.records) == 2
    for record in telemetry.records:
        assert record["llmcost.cost.reason"] == "no_usage"
        assert "llmcost.attempts_unmetered" not in record or refusal is broken
        assert "error.type" not in record


async def test_the_host_is_named_once(
    telemetry: Telemetry, is_async: bool, caplog: pytest.LogCaptureFixture
) -> None:
    api = api_of(Fussy(refusing(400)), is_async)
    for _ in range(3):
        await streamed(api)
    assert caplog.text.count("does not take stream_options.include_usage") == 1


async def test_usage_is_requested_of_other_models_and_hosts_all_the_same(
    telemetry: Telemetry, is_async: bool
) -> None:
    server = Fussy(lambda body: refusing(400)(body) if body["model"] == "gpt-4o" else None)
    api = api_of(server, is_async)
    await streamed(api)
    await streamed(api, model="gpt-4o-mini")
    assert server.requested == [True, False, True]
    elsewhere = Fussy(lambda _: None)
    await streamed(api_of(elsewhere, is_async, "http://other:1/v1"))
    assert elsewhere.requested == [True]


@pytest.mark.parametrize("status", [400, 500])
async def test_an_error_that_is_not_ours_reaches_the_application_as_its_own(
    telemetry: Telemetry, is_async: bool, status: int
) -> None:
    def refusal(body: dict[str, Any]) -> httpx.Response:
        message = "ours" if "stream_options" in body else "theirs"
        return httpx.Response(status, json={"error": {"message": message}})

    server = Fussy(refusal)
    api = api_of(server, is_async)
    with pytest.raises(openai.APIStatusError, match="theirs") as caught:
        await streamed(api)
    assert caught.value.__context__ is None or "ours" not in str(caught.value.__context__)
    assert server.requested == [True, False]
    assert telemetry.record["llmcost.cost.status"] == "not_billed"
    # Nothing was remembered.
    server.refusal = lambda _: None
    await streamed(api)
    assert server.requested[-1] is True


@pytest.mark.parametrize("status", [401, 429])
async def test_errors_that_every_request_gets_are_not_tried_twice(
    telemetry: Telemetry, is_async: bool, status: int
) -> None:
    server = Fussy(lambda _: httpx.Response(status, json={}))
    with pytest.raises(openai.APIStatusError):
        await streamed(api_of(server, is_async))
    assert server.requested == [True]


async def test_a_host_that_took_it_gets_its_errors_once(
    telemetry: Telemetry, is_async: bool
) -> None:
    server = Fussy(lambda _: None)
    api = api_of(server, is_async)
    await streamed(api)
    server.refusal = lambda _: httpx.Response(400, json={})
    with pytest.raises(openai.BadRequestError):
        await streamed(api)
    assert server.requested == [True, True]


@pytest.mark.parametrize(
    ("message", "requested"), [("too long", [True]), ("unknown: stream_options", [True, False])]
)
async def test_openai_itself_is_sent_a_request_again_only_for_that_reason(
    telemetry: Telemetry, is_async: bool, message: str, requested: list[bool]
) -> None:
    server = Fussy(refusing(400, message))
    api = api_of(server, is_async, None)
    if len(requested) == 1:
        with pytest.raises(openai.BadRequestError):
            await streamed(api)
    else:
        await streamed(api)
    assert server.requested == requested


async def test_azure_gets_no_request_for_usage_where_it_refuses(
    telemetry: Telemetry, is_async: bool
) -> None:
    server = Fussy(refusing(400))
    azure: Any = openai.AsyncAzureOpenAI if is_async else openai.AzureOpenAI
    http: Any = httpx.AsyncClient if is_async else httpx.Client

    async def stream(version: str, **more: Any) -> None:
        api = api_of(server, is_async)
        api.client = azure(
            api_key="k",
            api_version=version,
            azure_endpoint="https://x.openai.azure.com",
            http_client=http(transport=httpx.MockTransport(server)),
            max_retries=0,
        )
        await streamed(api, **more)

    await stream("2024-06-01")
    await stream("2025-01-01", extra_body={"data_sources": [{"type": "azure_search"}]})
    assert server.requested == [False, False]


async def test_a_body_that_does_not_stream_is_left_alone(
    telemetry: Telemetry, is_async: bool
) -> None:
    server = Fussy(lambda _: None)
    api = api_of(server, is_async)
    body = {"model": "gpt-4o", "messages": MESSAGES}
    cast_to: Any = openai.types.chat.ChatCompletion
    stream_cls: Any = openai.AsyncStream if is_async else openai.Stream
    made = api.client.post(
        "/chat/completions",
        cast_to=cast_to,
        body=body,
        stream=True,
        stream_cls=stream_cls[openai.types.chat.ChatCompletionChunk],
    )
    await (made if is_async else _now(made))
    assert server.requested == [False]


async def _now(value: Any) -> Any:
    return value
