# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Replies over WebSockets, from a real server on 127.0.0.1: one record each, whoever reads them."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import openai
import pytest
from websockets.sync.server import ServerConnection, serve

from otel_llmcost import feature
from otel_llmcost.instrumentation import uninstrument
from tests.instrumentation.conftest import Telemetry

# The SDK opens its synchronous sockets in a way that `websockets` 17.1 deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:connect\\(\\) must be used:DeprecationWarning")

RESPONSE_USAGE = {
    "input_tokens": 100,
    "input_tokens_details": {"cached_tokens": 0},
    "output_tokens": 20,
    "total_tokens": 120,
}
REALTIME_USAGE = {
    "total_tokens": 300,
    "input_tokens": 200,
    "output_tokens": 100,
    "input_token_details": {
        "text_tokens": 50,
        "audio_tokens": 150,
        "cached_tokens": 0,
        "cached_tokens_details": {"text_tokens": 0, "audio_tokens": 0},
    },
    "output_token_details": {"text_tokens": 20, "audio_tokens": 80},
}


@contextmanager
def socket(events: list[dict[str, Any]]) -> Iterator[str]:
    """A server that says `events` to everyone and closes; its base URL."""

    def say(connection: ServerConnection) -> None:
        for event in events:
            connection.send(json.dumps(event))

    with serve(say, "127.0.0.1", 0) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.socket.getsockname()[1]}/v1"
        finally:
            server.shutdown()
            thread.join()


def response(kind: str, number: int, **more: Any) -> dict[str, Any]:
    body = {"id": f"resp_{number}", "object": "response", "model": "gpt-4o", "usage": None}
    return {"type": kind, "response": {**body, **more}}


def turns(count: int) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    for number in range(count):
        events.append(response("response.created", number, status="in_progress"))
        events.append({"type": "response.output_text.delta", "delta": '"usage" of a word'})
        events.append(
            response("response.completed", number, status="completed", usage=RESPONSE_USAGE)
        )
    return events


REALTIME = [
    {
        "type": "session.created",
        "session": {
            "model": "gpt-realtime-2",
            "audio": {"input": {"transcription": {"model": "gpt-4o-transcribe"}}},
        },
    },
    {
        "type": "conversation.item.input_audio_transcription.completed",
        "item_id": "item_1",
        "transcript": "hello",
        "usage": {
            "type": "tokens",
            "input_tokens": 100,
            "input_token_details": {"audio_tokens": 100, "text_tokens": 0},
            "output_tokens": 10,
            "total_tokens": 110,
        },
    },
    {"type": "response.done", "response": {"id": "resp_1", "usage": REALTIME_USAGE}},
]


def connect(telemetry: Telemetry, url: str, surface: str, *, is_async: bool) -> Any:
    telemetry.on(hosts={url.split("/")[2]: "openai"})
    client: Any = (openai.AsyncOpenAI if is_async else openai.OpenAI)(api_key="k", base_url=url)
    if surface == "realtime":
        return client.realtime.connect(model="gpt-realtime-2")
    return client.beta.responses.connect() if surface == "beta" else client.responses.connect()


async def read(connecting: Any, *, is_async: bool) -> list[Any]:
    if is_async:
        async with connecting as connection:
            return [event async for event in connection]
    with connecting as connection:
        return list(connection)


@pytest.mark.parametrize("surface", ["responses", "beta"])
async def test_every_response_of_a_connection_is_one_record(
    telemetry: Telemetry, is_async: bool, surface: str
) -> None:
    with socket(turns(3)) as url, feature("voice"):
        events = await read(connect(telemetry, url, surface, is_async=is_async), is_async=is_async)
    assert len(events) == 9
    assert [r["gen_ai.response.id"] for r in telemetry.records] == ["resp_0", "resp_1", "resp_2"]
    for record in telemetry.records:
        assert record["llmcost.cost.status"] == "priced"
        assert record["gen_ai.usage.cost.amount"] == pytest.approx(0.00045)
        assert record["llmcost.feature"] == "voice"


async def test_realtime_prices_every_modality_and_the_transcriber_by_its_own_model(
    telemetry: Telemetry, is_async: bool
) -> None:
    with socket(REALTIME) as url:
        await read(connect(telemetry, url, "realtime", is_async=is_async), is_async=is_async)
    heard, said = telemetry.records
    assert heard["gen_ai.request.model"] == "gpt-4o-transcribe"
    assert heard["gen_ai.usage.input_tokens"] == 100
    assert heard["llmcost.cost.status"] == "priced"
    assert said["gen_ai.request.model"] == "gpt-realtime-2"
    assert said["gen_ai.usage.cost.amount"] == pytest.approx(0.0106)


def test_raw_messages_and_handlers_are_read_once(telemetry: Telemetry) -> None:
    seen: list[Any] = []
    with socket(turns(2)) as url:
        with connect(telemetry, url, "responses", is_async=False) as connection:
            for _ in range(3):
                connection.parse_event(connection.recv_bytes())
            connection.on("response.completed", seen.append)
            connection.dispatch_events()
    assert len(seen) == 1
    assert len(telemetry.records) == 2


def test_a_failed_response_is_recorded_with_its_error(telemetry: Telemetry) -> None:
    error = {"code": "server_error", "message": "secret"}
    failed = response("response.failed", 1, status="failed", error=error, output=[])
    with socket([failed]) as url:
        with connect(telemetry, url, "responses", is_async=False) as connection:
            list(connection)
    assert telemetry.record["error.type"] == "server_error"
    assert "gen_ai.usage.cost.amount" not in telemetry.record
    assert "secret" not in str(telemetry.record)


CLOSED = {"seconds": 120, "active_seconds": 90, "paused_seconds": 30}


def live(kind: str, model: str = "gpt-live-1.1", **more: Any) -> dict[str, Any]:
    return {"type": kind, "session": {"id": "live_1", "model": model}, **more}


def follow(telemetry: Telemetry, events: list[dict[str, Any]], *classes: str) -> None:
    """Read `events` to their end on a connection of each class, one after the other."""
    from openai.resources.live import live as live_module
    from openai.resources.live import sideband
    from websockets.sync.client import connect as open_socket

    kinds = {"LiveConnection": live_module.LiveConnection, "Sideband": sideband.SidebandConnection}
    with socket(events) as url:
        telemetry.on(hosts={url.split("/")[2]: "openai"})
        for name in classes:
            with open_socket(url.replace("http", "ws")) as raw:
                connection = kinds[name](raw)  # type: ignore[arg-type]
                for _ in events:
                    connection.recv_bytes()
                del connection
            gc.collect()


@pytest.mark.parametrize(
    ("usage", "expected"),
    [(CLOSED, 0.085), ({"seconds": 12.5}, 0.010416666667), ({"seconds": 90}, 0.075)],
)
def test_a_live_session_costs_its_running_and_its_paused_time(
    telemetry: Telemetry, usage: dict[str, Any], expected: float
) -> None:
    updates = [{"type": "session.usage.updated", "usage": {"seconds": n}} for n in (5, 9)]
    events = [live("session.started"), *updates, live("session.closed", usage=usage)]
    follow(telemetry, events, "LiveConnection")
    assert telemetry.record["llmcost.cost.status"] == "priced"
    assert telemetry.record["gen_ai.usage.cost.amount"] == expected
    assert telemetry.record["gen_ai.request.model"] == "gpt-live-1.1"
    assert telemetry.record["gen_ai.response.id"] == "live_1"


def test_a_live_session_that_two_connections_follow_is_one_record(telemetry: Telemetry) -> None:
    events = [live("session.started"), live("session.closed", usage=CLOSED)]
    follow(telemetry, events, "Sideband", "LiveConnection")
    assert telemetry.record["gen_ai.usage.cost.amount"] == 0.085


def test_a_live_connection_that_breaks_is_a_lower_bound(telemetry: Telemetry) -> None:
    usage = {"type": "session.usage.updated", "usage": {"seconds": 60}}
    follow(telemetry, [live("session.started"), usage], "LiveConnection")
    assert telemetry.record["llmcost.cost.status"] == "partial"
    assert telemetry.record["llmcost.cost.reason"] == "stream_truncated"
    assert telemetry.record["gen_ai.usage.cost.amount"] == 0.05


def test_a_live_session_of_an_unknown_model_has_no_price(telemetry: Telemetry) -> None:
    follow(telemetry, [live("session.closed", "gpt-live-9", usage=CLOSED)], "LiveConnection")
    assert telemetry.record["llmcost.cost.reason"] == "unknown_model"


def test_uninstrument_restores_the_connection_classes(telemetry: Telemetry) -> None:
    from openai.resources.responses.responses import AsyncResponsesConnection, ResponsesConnection

    uninstrument()
    before = [dict(vars(c)) for c in (ResponsesConnection, AsyncResponsesConnection)]
    telemetry.on()
    assert vars(ResponsesConnection)["recv_bytes"] is not before[0]["recv_bytes"]
    uninstrument()
    assert [dict(vars(c)) for c in (ResponsesConnection, AsyncResponsesConnection)] == before


def test_an_undeclared_gateway_is_unpriced(telemetry: Telemetry) -> None:
    with socket(turns(1)) as url:
        client = openai.OpenAI(api_key="k", base_url=url)
        with client.responses.connect() as connection:
            list(connection)
    assert telemetry.record["llmcost.cost.reason"] == "unknown_host"
    assert telemetry.record["gen_ai.usage.input_tokens"] == 100
