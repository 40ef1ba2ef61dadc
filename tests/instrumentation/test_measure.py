# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What the calls of a block cost, without any store."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import anthropic
import pytest

from otel_llmcost import allocate, feature, measure
from otel_llmcost.instrumentation import instrument, uninstrument
from otel_llmcost.measuring import Measure
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import COSTS, MESSAGE, Api, Server
from tests.instrumentation.sdk_http import httpx


def cost(sdk: str, calls: int = 1) -> Decimal:
    return Decimal(str(COSTS[sdk])) * calls


@pytest.fixture(autouse=True)
def switched_off() -> Iterator[None]:
    yield
    uninstrument()


async def test_a_block_costs_what_its_calls_cost(api: Api, sdk: str) -> None:
    await api.create()
    with measure() as m:
        assert (m.cost_usd, m.calls, m.input_tokens) == (0, 0, 0)
        await api.create()
        await api.create()
    await api.create()
    assert (m.cost_usd, m.calls, m.errors, m.unpriced_calls) == (cost(sdk, 2), 2, 0, 0)
    assert (m.input_tokens, m.output_tokens, m.cache_read_tokens) == (160, 10, 60)


async def test_it_needs_no_provider_of_telemetry(server: Server) -> None:
    api = Api("anthropic", True, server)
    async with measure() as m:
        await api.create()
    assert m.cost_usd == cost("anthropic")


async def test_a_stream_counts_when_it_has_been_read(telemetry: Telemetry, api: Api) -> None:
    with measure() as m:
        stream = await api.open_stream()
        assert m.calls == 0
    await api.consume(stream)
    assert m.calls == 1
    assert m.cost_usd


async def test_blocks_may_be_nested(telemetry: Telemetry, api: Api, sdk: str) -> None:
    with measure() as outer:
        await api.create()
        with measure() as inner:
            await api.create()
    assert (outer.calls, inner.calls) == (2, 1)
    assert inner.cost_usd == cost(sdk)


async def test_records_are_tagged_as_without_it(telemetry: Telemetry, api: Api) -> None:
    with measure():
        await api.create()
    with allocate(user="u"), measure(), feature("chat"):
        await api.create()
    plain, tagged = telemetry.records
    assert not [name for name in plain if name.startswith(("llmcost.scope", "llmcost.feature"))]
    assert (tagged["llmcost.feature"], tagged["user.id"]) == ("chat", "u")


def test_calls_of_threads_started_inside_belong_to_it(server: Server, telemetry: Telemetry) -> None:
    api = Api("openai", False, server)
    with measure() as m, ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: api.resource.create(**api.arguments()), range(3)))
        thread = threading.Thread(target=lambda: api.resource.create(**api.arguments()))
        thread.start()
        thread.join()
    assert (m.calls, m.cost_usd) == (4, cost("openai", 4))


def test_calls_of_other_threads_do_not(server: Server, telemetry: Telemetry) -> None:
    api = Api("openai", False, server)
    begin, done = threading.Event(), threading.Event()

    def elsewhere() -> None:
        begin.wait(10)
        api.resource.create(**api.arguments())
        done.set()

    threading.Thread(target=elsewhere).start()
    with measure() as m:
        begin.set()
        assert done.wait(10)
    assert m.calls == 0


async def test_as_a_decorator_it_adds_up_all_calls(telemetry: Telemetry, api: Api) -> None:
    m = measure()

    @m
    async def summarize() -> None:
        await api.create()

    await summarize()
    await summarize()
    assert m.calls == 2


def answering(status: int, body: dict[str, Any], host: str = "api.anthropic.com") -> Any:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, json=body))
    return anthropic.Anthropic(
        api_key="k",
        base_url=f"https://{host}",
        max_retries=0,
        http_client=httpx.Client(transport=transport),
    )


def created(client: Any) -> Any:
    messages = [{"role": "user", "content": "hi"}]
    return client.messages.create(model="claude-sonnet-4-6", max_tokens=9, messages=messages)


def test_a_refused_call_costs_nothing_and_is_counted(telemetry: Telemetry) -> None:
    refused = answering(404, {"type": "error", "error": {"type": "not_found_error"}})
    with measure() as m, pytest.raises(anthropic.NotFoundError):
        created(refused)
    assert (m.cost_usd, m.calls, m.errors, m.unpriced_calls) == (0, 1, 1, 0)
    assert m.input_tokens is None


def test_an_unknown_cost_is_none_and_never_nothing(telemetry: Telemetry) -> None:
    with measure() as m:
        created(answering(200, MESSAGE, host="gateway.example"))
    assert (m.cost_usd, m.calls, m.unpriced_calls, m.input_tokens) == (None, 1, 1, 80)
    assert str(m) == (
        "unknown cost for 1 call, 80 input tokens, 5 output tokens, the cost of 1 is unknown"
    )


def test_it_is_printed_to_the_last_digit(telemetry: Telemetry) -> None:
    with measure() as m:
        created(answering(200, MESSAGE))
    assert repr(m) == "<Measure $0.000264 for 1 call, 80 input tokens, 5 output tokens>"


def test_it_leaves_an_instrumentation_that_is_on_as_it_is(telemetry: Telemetry) -> None:
    assert isinstance(measure(), Measure)
    created(answering(200, MESSAGE))
    assert len(telemetry.records) == 1
    instrument()
