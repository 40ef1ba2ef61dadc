# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""anthropic makes spans by itself; ours must not stand beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import Api, Server
from tests.instrumentation.sdk_http import httpx


@pytest.fixture
def api(telemetry: Telemetry, is_async: bool, server: Server) -> Api:
    option = {"tracer_provider": telemetry.tracer_provider}
    return Api("anthropic", is_async, server, open_telemetry=option)


def usage_bearing(telemetry: Telemetry) -> list[Mapping[str, Any]]:
    reported = [dict(span.attributes or {}) for span in telemetry.spans]
    return [seen for seen in reported if any(key.startswith("gen_ai.usage.o") for key in seen)]


@pytest.mark.parametrize("stream", [False, True])
async def test_one_usage_bearing_span_and_one_event(
    telemetry: Telemetry, api: Api, stream: bool
) -> None:
    reply = await api.create(stream=stream)
    if stream:
        await api.consume(reply)
    (event,) = telemetry.events
    (native,) = usage_bearing(telemetry)
    assert native["llmcost.record.id"] == event["llmcost.record.id"]
    assert native["gen_ai.usage.cost.amount"] == event["gen_ai.usage.cost.amount"] == 0.000264
    assert telemetry.own_spans == []


async def test_native_tracing_has_no_metrics_so_ours_are_kept(
    telemetry: Telemetry, api: Api
) -> None:
    await api.create()
    assert len(telemetry.metric_points("gen_ai.client.token.usage")) == 2


async def test_requests_without_an_sdk_method_get_a_span_of_ours(
    telemetry: Telemetry, server: Server
) -> None:
    option = {"tracer_provider": telemetry.tracer_provider}
    api = Api("anthropic", False, server, open_telemetry=option)
    api.client.post("/v1/messages", body=api.arguments(), cast_to=object)
    assert len(telemetry.own_spans) == 1
    assert telemetry.record["gen_ai.usage.cost.amount"] == 0.000264


async def test_switched_off_native_tracing_leaves_the_span_to_us(
    telemetry: Telemetry, is_async: bool, server: Server
) -> None:
    await Api("anthropic", is_async, server, open_telemetry=False).create()
    assert len(telemetry.own_spans) == 1
    assert len(usage_bearing(telemetry)) == 1


async def test_an_error_leaves_one_unbilled_event(telemetry: Telemetry, api: Api) -> None:
    api.server.queued += [httpx.Response(400, json={"error": {"message": "no"}})]
    with pytest.raises(Exception, match="no"):
        await api.create()
    (event,) = telemetry.events
    assert event["llmcost.cost.status"] == "not_billed"
    assert telemetry.own_spans == []
    # The event has the ids of the SDK's span, by which the store takes the two for one.
    (log,) = telemetry.logs_out.get_finished_logs()
    (native,) = (span for span in telemetry.spans if span.context.span_id == log.log_record.span_id)
    assert native.context.trace_id == log.log_record.trace_id
