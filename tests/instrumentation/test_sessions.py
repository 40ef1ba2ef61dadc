# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Agent sessions are recorded by what they say they have used so far, whoever reads them."""

from __future__ import annotations

from typing import Any

from otel_llmcost import feature
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import Api, Server, resolve
from tests.instrumentation.sdk_http import httpx
from tests.pricing.sessions import USAGE, session

REST: dict[str, Any] = {"created_at": "2026-11-20T12:00:00Z", "status": "idle"}
START = 1795176000 * 10**9


def answer(server: Server, *bodies: dict[str, Any]) -> None:
    for body in bodies:
        server.queued.append(httpx.Response(200, json=body))  # pyright: ignore[reportUnknownMemberType] - of either httpx


async def test_a_session_is_one_record_that_grows(
    telemetry: Telemetry, is_async: bool, server: Server
) -> None:
    api = Api("anthropic", is_async, server)
    sessions = api.client.beta.sessions
    half = {**USAGE, "input_tokens": 5_000, "list_cost": None}
    answer(
        server,
        {**session({}, name="triage"), **REST},
        {**session(half, name="triage"), **REST},
        {**session(half, name="triage"), **REST},
        {**session(name="triage"), **REST},
    )
    with feature("tickets"):
        await resolve(sessions.create(agent="agent_1", environment_id="env_1"))
    for _ in range(3):
        await resolve(sessions.retrieve("sesn_1"))
    first, last = telemetry.events
    assert first["llmcost.record.id"] == last["llmcost.record.id"]
    assert first["llmcost.record.revision"] <= last["llmcost.record.revision"]
    assert last["gen_ai.usage.cost.amount"] == 0.148011111111
    assert last["llmcost.cost.reported"] == 0.17
    assert last["llmcost.cost.status"] == "priced"
    assert last["llmcost.usage.session_second"] == 450.5
    assert last["gen_ai.operation.name"] == "invoke_agent"
    assert last["gen_ai.conversation.id"] == "sesn_1"
    assert last["gen_ai.agent.name"] == "triage"
    assert last["llmcost.feature"] == "tickets", "it belongs to what created it"
    assert "llmcost.cost.reported" not in first
    assert telemetry.metrics_out.get_metrics_data() is None, "a counter takes nothing back"


async def test_every_session_of_a_page_is_recorded(
    telemetry: Telemetry, is_async: bool, server: Server
) -> None:
    api = Api("openai", is_async, server)
    usage = {
        "input_tokens": 10_000,
        "input_tokens_details": {"cached_tokens": 6_000},
        "output_tokens": 1_000,
        "output_tokens_details": {"reasoning_tokens": 500},
        "total_tokens": 11_000,
    }
    page = [
        {
            "id": f"asess_{number}",
            "object": "agent.session",
            "agent": {"id": "a", "model": "gpt-6-sol", "service_tier": "default"},
            "created_at": START // 10**9,
            "status": "idle",
            "usage": usage if number else None,
        }
        for number in range(3)
    ]
    answer(server, {"object": "list", "data": page, "has_more": False})
    listed = api.client.beta.agents.sessions.list()
    _ = [one async for one in listed] if is_async else list(listed)
    assert [r["gen_ai.response.id"] for r in telemetry.records] == ["asess_1", "asess_2"]
    assert {r["llmcost.cost.status"] for r in telemetry.records} == {"estimated"}
    assert {r["gen_ai.usage.cost.amount"] for r in telemetry.records} == {0.0192}


async def test_a_session_of_an_undeclared_host_has_no_price(
    telemetry: Telemetry, is_async: bool, server: Server
) -> None:
    api = Api("anthropic", is_async, server, base_url="http://gateway.local")
    answer(server, {**session(), **REST})
    await resolve(api.client.beta.sessions.retrieve("sesn_1"))
    assert telemetry.record["llmcost.cost.reason"] == "unknown_host"
    assert telemetry.record["gen_ai.usage.input_tokens"] == 65_000
