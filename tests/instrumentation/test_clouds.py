# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Clients of the clouds go the same way as the SDKs' own."""

from __future__ import annotations

import json

import anthropic
import openai
import pytest

from tests.instrumentation.aws import aws_message
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import (
    COMPLETION,
    MESSAGE,
    MESSAGES,
    Chunks,
    message_frames,
)
from tests.instrumentation.sdk_http import httpx


def test_a_bedrock_stream_is_metered_through_its_binary_framing(telemetry: Telemetry) -> None:
    events = [frame.split(b"data: ")[1].strip() for frame in message_frames()]
    body = b"".join(aws_message(event) for event in events)
    headers = {"content-type": "application/vnd.amazon.eventstream"}

    def answer(request: httpx.Request) -> httpx.Response:
        pieces = [body[i : i + 50] for i in range(0, len(body), 50)]
        return httpx.Response(200, headers=headers, stream=Chunks(list(pieces)))

    http = httpx.Client(transport=httpx.MockTransport(answer))
    client = anthropic.AnthropicBedrock(aws_region="us-east-1", api_key="k", http_client=http)
    with client.messages.with_streaming_response.create(
        model="anthropic.claude-sonnet-4-6", max_tokens=9, messages=MESSAGES, stream=True
    ) as response:
        assert b"".join(response.iter_bytes()) == body
    record = telemetry.record
    assert record["gen_ai.provider.name"] == "aws.bedrock"
    assert record["gen_ai.request.model"] == "anthropic.claude-sonnet-4-6"
    assert record["gen_ai.usage.input_tokens"] == 80
    assert record["gen_ai.usage.output_tokens"] == 5
    assert record["llmcost.stream.outcome"] == "complete"


def test_vertex_keeps_the_model_that_it_moves_into_the_path(telemetry: Telemetry) -> None:
    http = httpx.Client(
        transport=httpx.MockTransport(lambda request: httpx.Response(200, json=MESSAGE))
    )
    client = anthropic.AnthropicVertex(
        region="us-east5", project_id="p", access_token="t", http_client=http
    )
    client.beta.messages.create(model="claude-sonnet-4-6", max_tokens=9, messages=MESSAGES)
    assert telemetry.record["gen_ai.provider.name"] == "gcp.vertex_ai"
    assert telemetry.record["gen_ai.request.model"] == "claude-sonnet-4-6"
    assert telemetry.record["gen_ai.usage.input_tokens"] == 80


@pytest.mark.parametrize("version", ["2024-02-01", "2025-01-01"])
def test_usage_is_requested_of_azure_streams_where_azure_has_the_option(
    telemetry: Telemetry, version: str
) -> None:
    bodies: list[dict[str, object]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.content))
        headers = {"content-type": "text/event-stream"}
        return httpx.Response(200, headers=headers, stream=Chunks([b"data: [DONE]\n\n"]))

    client = openai.AzureOpenAI(
        azure_endpoint="https://shop.openai.azure.com",
        api_key="k",
        api_version=version,
        http_client=httpx.Client(transport=httpx.MockTransport(answer)),
    )
    list(client.chat.completions.create(model="deployment", messages=[], stream=True))
    assert ("stream_options" in bodies[0]) is (version > "2024-09")
    assert telemetry.record["gen_ai.provider.name"] == "azure.ai.openai"


def test_an_azure_call_is_metered_by_the_model_of_the_reply(telemetry: Telemetry) -> None:
    client = openai.AzureOpenAI(
        azure_endpoint="https://shop.openai.azure.com",
        api_key="k",
        api_version="2025-01-01",
        http_client=httpx.Client(
            transport=httpx.MockTransport(lambda request: httpx.Response(200, json=COMPLETION))
        ),
    )
    client.chat.completions.create(model="deployment", messages=[])
    assert telemetry.record["gen_ai.request.model"] == "deployment"
    assert telemetry.record["gen_ai.response.model"] == "gpt-4o-2024-08-06"
    assert telemetry.record["gen_ai.usage.input_tokens"] == 80
