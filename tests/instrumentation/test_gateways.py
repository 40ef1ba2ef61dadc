# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Calls through a gateway that several providers bill for, and what it says they cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import anthropic
import openai
import pytest

from otel_llmcost.instrumentation import uninstrument
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import COMPLETION, MESSAGE, MESSAGES
from tests.instrumentation.sdk_http import httpx

HOSTS = {"gw:4000/anthropic/": "anthropic", "gw:4000/openai/": "openai"}
CLAUDE_USAGE = {
    "prompt_tokens": 10032,
    "completion_tokens": 100,
    "total_tokens": 10132,
    "prompt_tokens_details": {"cached_tokens": 0, "cache_creation_tokens": 10017},
    "cache_creation_input_tokens": 10017,
}


def through(reply: Mapping[str, Any], model: str, **headers: str) -> Mapping[str, Any]:
    """The record of one chat completion that a gateway answers with `reply`."""
    telemetry = Telemetry().on(hosts=HOSTS)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=dict(reply), headers=headers)

    http = httpx.Client(transport=httpx.MockTransport(answer))
    try:
        client = openai.OpenAI(base_url="http://gw:4000/v1", api_key="k", http_client=http)
        client.chat.completions.create(model=model, messages=MESSAGES)  # type: ignore[arg-type]
        return telemetry.record
    finally:
        uninstrument()


@pytest.mark.parametrize("named", ["claude-opus-5-5", "anthropic/claude-opus-5.5"])
def test_claude_behind_a_gateway_is_billed_by_anthropic(named: str) -> None:
    reply = {**COMPLETION, "model": named, "usage": {**CLAUDE_USAGE, "cost": 0.0521}}
    record = through(reply, "anthropic/claude-opus-5.5", **{"x-litellm-response-cost": "1"})
    assert record["gen_ai.provider.name"] == "anthropic"
    assert record["gen_ai.usage.cost.amount"] == 0.052145
    assert record["llmcost.cost.status"] == "priced"
    assert record["llmcost.usage.cache_write_5m"] == 10017
    assert record["llmcost.cost.reported"] == 0.0521
    assert record["gen_ai.response.finish_reasons"] == ("stop",)


def test_another_model_at_the_same_host_is_billed_by_somebody_else() -> None:
    record = through(COMPLETION, "openai/gpt-4o", **{"x-litellm-response-cost": "0.0004"})
    assert record["gen_ai.provider.name"] == "openai"
    assert (record["server.address"], record["server.port"]) == ("gw", 4000)
    assert record["llmcost.cost.status"] == "priced"
    assert record["llmcost.cost.reported"] == 0.0004


def test_a_model_that_no_declaration_covers_is_recorded_without_cost() -> None:
    record = through({**COMPLETION, "usage": {**CLAUDE_USAGE, "cost": 0.5}}, "mistral/large")
    assert (record["llmcost.cost.status"], record["llmcost.cost.reason"]) == (
        "unpriced",
        "unknown_host",
    )
    assert record["llmcost.cost.reported"] == 0.5
    assert "gen_ai.usage.cost.amount" not in record


def test_without_a_report_there_is_none() -> None:
    assert "llmcost.cost.reported" not in through(COMPLETION, "openai/gpt-4o")


def test_a_declared_inference_profile_is_priced_as_what_it_stands_for() -> None:
    model = "us.anthropic.claude-sonnet-4-6"
    telemetry = Telemetry().on(bedrock_profiles={"a1b2": model})

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=MESSAGE)

    http = httpx.Client(transport=httpx.MockTransport(answer))
    client = anthropic.AnthropicBedrock(aws_region="us-east-1", api_key="k", http_client=http)

    def cost(name: str) -> float:
        client.messages.create(model=name, max_tokens=9, messages=MESSAGES)  # type: ignore[arg-type]
        record = telemetry.own_spans[-1]
        assert record["llmcost.cost.status"] == "priced"
        return record["gen_ai.usage.cost.amount"]

    try:
        arn = "arn:aws:bedrock:us-east-1:1:application-inference-profile/a1b2"
        assert cost(arn) == cost(model)
    finally:
        uninstrument()
