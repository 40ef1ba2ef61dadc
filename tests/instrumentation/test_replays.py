# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A reply that an HTTP cache or a cassette below the SDK hands out again is counted once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import (
    COMPLETION,
    MESSAGE,
    Api,
    Server,
    assert_exact,
    chunk_frames,
    message_frames,
)
from tests.instrumentation.sdk_http import httpx

BODIES: dict[str, dict[str, Any]] = {"anthropic": MESSAGE, "openai": COMPLETION}
UNIQUE = {
    "anthropic": "msg_01XFDUDYJgAACzvnptvVoYEL",
    "openai": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5q",
}


def queue(server: Server, sdk: str, reply_id: str, **headers: str) -> None:
    server.queued.append(httpx.Response(200, json={**BODIES[sdk], "id": reply_id}, headers=headers))


@pytest.mark.parametrize("sdk", BODIES)
async def test_the_same_reply_again_is_no_second_record(
    telemetry: Telemetry, is_async: bool, server: Server, sdk: str
) -> None:
    api = Api(sdk, is_async, server)
    for _ in range(3):
        queue(server, sdk, UNIQUE[sdk], **{"x-request-id": "req_1"})
        await api.create()
    assert_exact(telemetry.record, sdk)


@pytest.mark.parametrize("sdk", BODIES)
async def test_the_same_stream_again_is_no_second_record(
    telemetry: Telemetry, is_async: bool, server: Server, sdk: str
) -> None:
    api = Api(sdk, is_async, server)
    frames = message_frames() if sdk == "anthropic" else chunk_frames(with_usage=True)
    old, new = BODIES[sdk]["id"].encode(), UNIQUE[sdk].encode()
    for _ in range(3):
        server.queued.append(server.stream([frame.replace(old, new) for frame in frames]))
        await api.consume(await api.open_stream())
    assert len(telemetry.records) == 1


@pytest.mark.parametrize(
    "second",
    [
        {"reply_id": "msg_01AnotherReplyOfTheModel"},
        {"reply_id": UNIQUE["anthropic"], "request-id": "req_2"},
    ],
    ids=["another id", "another request"],
)
async def test_replies_that_only_look_alike_are_all_recorded(
    telemetry: Telemetry, is_async: bool, server: Server, second: Mapping[str, str]
) -> None:
    api = Api("anthropic", is_async, server)
    queue(server, "anthropic", UNIQUE["anthropic"], **{"request-id": "req_1"})
    queue(server, "anthropic", **second)
    await api.create()
    await api.create()
    assert len(telemetry.records) == 2


async def test_a_relays_constant_id_is_not_taken_for_a_cache(
    telemetry: Telemetry, is_async: bool, server: Server
) -> None:
    api = Api("openai", is_async, server)
    for _ in range(5):
        queue(server, "openai", "chatcmpl-1")
        await api.create()
    assert len(telemetry.records) == 5


EARLIER = "Tue, 03 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize("sdk", BODIES)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_reply_made_long_before_its_request_is_the_same_record_in_every_process(
    telemetry: Telemetry, is_async: bool, server: Server, sdk: str, stream: bool
) -> None:
    """A cassette or a shared HTTP cache: it was billed when it was made, and once."""
    frames = message_frames() if sdk == "anthropic" else chunk_frames(with_usage=True)
    old, new = BODIES[sdk]["id"].encode(), UNIQUE[sdk].encode()
    for _ in range(2):
        api = Api(sdk, is_async, server)
        if stream:
            reply = server.stream([frame.replace(old, new) for frame in frames])
            reply.headers["date"] = EARLIER
            server.queued.append(reply)
            await api.consume(await api.open_stream())
        else:
            queue(server, sdk, UNIQUE[sdk], date=EARLIER)
            await api.create()
        telemetry.on()  # as a process that has seen nothing yet
    first, second = telemetry.events
    assert first["llmcost.record.id"] == second["llmcost.record.id"]
    assert first["llmcost.record.id"].startswith("replay-")
    assert first["llmcost.start_time_unix_nano"] == second["llmcost.start_time_unix_nano"]
    assert first["llmcost.start_time_unix_nano"] == 1793700000 * 10**9
    assert first["llmcost.cost.status"] == "priced"


@pytest.mark.parametrize("date", ["", "yesterday", "Fri, 01 Jan 2100 00:00:00 GMT"])
async def test_other_dates_change_nothing(
    telemetry: Telemetry, is_async: bool, server: Server, date: str
) -> None:
    api = Api("anthropic", is_async, server)
    queue(server, "anthropic", UNIQUE["anthropic"], date=date)
    await api.create()
    assert not telemetry.record["llmcost.record.id"].startswith("replay-")


async def test_an_old_reply_with_an_id_that_others_may_have_is_recorded_as_new(
    telemetry: Telemetry, is_async: bool, server: Server
) -> None:
    api = Api("openai", is_async, server)
    queue(server, "openai", "chatcmpl-1", date=EARLIER)
    await api.create()
    assert not telemetry.record["llmcost.record.id"].startswith("replay-")
