# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Usage is requested on the application's behalf, and the application never sees it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from otel_llmcost.instrumentation import uninstrument
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import Api, Chunks, Server, sse


@pytest.fixture
def api(is_async: bool, server: Server) -> Api:
    return Api("openai", is_async, server)


def sent(server: Server) -> dict[str, Any]:
    return json.loads(server.requests[-1].content)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"stream_options": {"include_usage": False}},
        {"stream_options": {"include_obfuscation": False}},
        {"extra_body": {"stream_options": {"include_obfuscation": False}}},
    ],
)
async def test_chunks_are_those_of_a_stream_without_usage(
    telemetry: Telemetry, api: Api, options: dict[str, Any]
) -> None:
    with_us = await api.consume(await api.open_stream(**options))
    assert sent(api.server)["stream_options"]["include_usage"] is True
    uninstrument()
    without_us = await api.consume(await api.open_stream(**options))
    assert [c.to_dict() for c in with_us] == [c.to_dict() for c in without_us]
    assert [c.model_fields_set for c in with_us] == [c.model_fields_set for c in without_us]
    assert telemetry.record["llmcost.cost.status"] == "priced"


async def test_the_applications_own_arguments_stay_as_they_are(
    telemetry: Telemetry, api: Api
) -> None:
    mine = {"include_obfuscation": False}
    await api.consume(await api.open_stream(stream_options=mine))
    assert mine == {"include_obfuscation": False}


async def test_usage_the_application_requested_is_left_alone(
    telemetry: Telemetry, api: Api
) -> None:
    chunks = await api.consume(await api.open_stream(stream_options={"include_usage": True}))
    assert chunks[-1].usage.prompt_tokens == 80
    assert telemetry.record["llmcost.cost.status"] == "priced"


@pytest.mark.parametrize(
    ("settings", "url"),
    [({"openai_inject_usage": False}, None), ({}, "http://unknown:1/v1")],
)
async def test_nothing_is_requested_when_switched_off_or_at_unknown_hosts(
    settings: dict[str, Any], url: str | None, is_async: bool, server: Server
) -> None:
    telemetry = Telemetry().on(**settings)
    try:
        api = Api("openai", is_async, server, base_url=url)
        await api.consume(await api.open_stream())
        assert "stream_options" not in sent(server)
        assert telemetry.record["llmcost.cost.status"] == "unpriced"
    finally:
        uninstrument()


async def test_other_chunks_without_choices_reach_the_application(
    telemetry: Telemetry, api: Api
) -> None:
    base = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o"}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    frames = [
        sse({**base, "choices": [], "prompt_filter_results": [{"prompt_index": 0}]}),
        sse(
            {**base, "choices": [{"index": 0, "delta": {"content": '"usage":null'}}], "usage": None}
        ),
        sse({**base, "choices": [], "usage": usage, "moderation": {"flagged": False}}),
        b"data: [DONE]\n\n",
    ]
    api.server.queued.append(api.server.stream(frames))
    first, second, third = await api.consume(await api.open_stream())
    assert "prompt_filter_results" in first.to_dict()
    assert second.choices[0].delta.content == '"usage":null'
    assert "usage" not in second.model_fields_set
    assert third.to_dict()["moderation"] == {"flagged": False}
    assert "usage" not in third.to_dict()
    assert telemetry.record["gen_ai.usage.input_tokens"] == 1


async def test_the_responses_api_is_metered_in_streams(telemetry: Telemetry, api: Api) -> None:
    response = {"id": "resp_1", "object": "response", "model": "gpt-4o", "output": []}
    usage = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}
    done = {**response, "status": "completed", "usage": usage}
    frames = [
        sse(
            {"type": "response.created", "response": {**response, "usage": None}},
            "response.created",
        ),
        sse({"type": "response.output_text.delta", "delta": "x"}, "response.output_text.delta"),
        sse({"type": "response.completed", "response": done}, "response.completed"),
    ]
    api.server.queued.append(api.server.stream(frames))
    stream = api.client.responses.create(model="gpt-4o", input="hi", stream=True)
    await api.consume(await stream if api.is_async else stream)
    assert telemetry.record["gen_ai.response.id"] == "resp_1"
    assert telemetry.record["gen_ai.usage.cost.amount"] == pytest.approx(7.5e-5)


def test_the_raw_bytes_show_the_usage_and_leave_a_partial_record(
    telemetry: Telemetry, server: Server
) -> None:
    api = Api("openai", False, server)
    stream = api.client.chat.completions.create(**api.arguments(stream=True))
    assert b'"usage":{' in b"".join(stream.response.iter_raw()).replace(b" ", b"")
    stream.close()
    assert telemetry.record["llmcost.cost.status"] == "partial"


def test_bodies_pass_through_unchanged_when_nothing_was_requested(
    telemetry: Telemetry, server: Server
) -> None:
    api = Api("openai", False, server)
    frames = [b": comment\n\n", b"data: not json\n\n", b"data: [DONE]\n\nrest without end"]
    server.queued.append(server.stream(frames))
    arguments = api.arguments(stream=True)
    with api.resource.with_streaming_response.create(**arguments) as response:
        assert b"".join(response.iter_bytes()) == b"".join(frames)
    assert isinstance(server.bodies[0], Chunks)
