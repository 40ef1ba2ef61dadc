# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Metrics never grow with the users, sessions, features or models of an application."""

from __future__ import annotations

from otel_llmcost import allocate, feature
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import Api, Server

METRICS = (
    "gen_ai.client.operation.cost",
    "gen_ai.client.operation.duration",
    "gen_ai.client.token.usage",
)
ALLOWED = {
    *("gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model"),
    *("gen_ai.response.model", "gen_ai.token.type", "error.type"),
    *("llmcost.feature", "llmcost.price.mode", "llmcost.cost.status"),
}


async def test_no_metric_names_a_user_a_session_or_a_call(
    telemetry: Telemetry, server: Server
) -> None:
    api = Api("anthropic", False, server)
    with feature("chat", team="support"), allocate(user="u-1", session="s-1", conversation="c-1"):
        await api.create()
    for name in METRICS:
        points = telemetry.metric_points(name)
        assert points
        for point in points:
            assert set(point.attributes) <= ALLOWED


async def test_features_beyond_the_limit_count_as_other(
    telemetry: Telemetry, server: Server
) -> None:
    api = Api("anthropic", False, server)
    for number in range(230):
        with feature(f"feature-{number}"):
            await api.create()
    points = telemetry.metric_points("gen_ai.client.operation.cost")
    assert len(points) == 201
    (other,) = [p for p in points if p.attributes["llmcost.feature"] == "other"]
    (first,) = [p for p in points if p.attributes["llmcost.feature"] == "feature-0"]
    assert round(other.value / first.value) == 30
