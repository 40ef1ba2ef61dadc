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
