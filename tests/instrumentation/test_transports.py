# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The same cost whatever way the bytes take, over real HTTP; every way it breaks is reported."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import anthropic
import openai
import pytest

from otel_llmcost.instrumentation import uninstrument
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import (
    COMPLETION,
    MESSAGE,
    MESSAGES,
    assert_exact,
    chunk_frames,
    message_frames,
    resolve,
)
from tests.instrumentation.raw_server import Answer, RawServer, serving

SSE = {"content-type": "text/event-stream; charset=utf-8"}
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def running() -> Iterator[RawServer]:
    with serving() as raw:
        yield raw


@pytest.fixture
def raw(running: RawServer) -> RawServer:
    running.answers.clear()
    running.requests.clear()
    return running


@pytest.fixture
def telemetry(sdk: str, raw: RawServer) -> Iterator[Telemetry]:
    """Instrumented, with the server declared as the provider."""
    host = raw.url.removeprefix("http://")
    yield Telemetry().on(hosts={host: sdk})
    uninstrument()


class Client:
    """A client of either SDK over real connections."""

    def __init__(self, sdk: str, is_async: bool, raw: RawServer, **options: Any) -> None:
        module: Any = {"anthropic": anthropic, "openai": openai}[sdk]
        name = {"anthropic": "Anthropic", "openai": "OpenAI"}[sdk]
        url = raw.url if sdk == "anthropic" else f"{raw.url}/v1"
        kind = getattr(module, f"Async{name}" if is_async else name)
        self.sdk = sdk
        self.is_async = is_async
        self.client = kind(api_key="k", base_url=url, **{"max_retries": 2, "timeout": 5, **options})

    async def create(self, **more: Any) -> Any:
        model = "claude-sonnet-4-6" if self.sdk == "anthropic" else "gpt-4o"
        c = self.client
        resource = c.messages if self.sdk == "anthropic" else c.chat.completions
        return await resolve(resource.create(model=model, max_tokens=99, messages=MESSAGES, **more))

    async def text(self, reply: Any, *, limit: int | None = None) -> str:
        """The text of a stream, as an application would print it."""
        found: list[str] = []

        def add(event: Any) -> None:
            if self.sdk == "anthropic":
                found.append(getattr(getattr(event, "delta", None), "text", "") or "")
            else:
                found.extend(choice.delta.content or "" for choice in event.choices)

        if self.is_async:
            async for event in reply:
                add(event)
        else:
            for event in reply:
                add(event)
        return "".join(found)


@pytest.fixture
async def client(sdk: str, is_async: bool, raw: RawServer) -> AsyncIterator[Client]:
    async with opened(sdk, is_async, raw) as found:
        yield found


@asynccontextmanager
async def opened(sdk: str, is_async: bool, raw: RawServer, **options: Any) -> AsyncIterator[Client]:
    found = Client(sdk, is_async, raw, **options)
    try:
        yield found
    finally:
        await resolve(found.client.close())


def reply_of(sdk: str) -> dict[str, Any]:
    return MESSAGE if sdk == "anthropic" else COMPLETION


def stream_of(sdk: str, text: str = "lo") -> bytes:
    frames = message_frames() if sdk == "anthropic" else chunk_frames(with_usage=True)
    return b"".join(frames).replace(b'"lo"', json.dumps(text, ensure_ascii=False).encode())


def zstd(data: bytes) -> bytes:
    from backports import zstd as backport

    return backport.compress(data)


def brotli(data: bytes) -> bytes:
    module = pytest.importorskip(
        "brotli", reason="needs brotli: pip install brotli (the SDKs decode br only with it)"
    )
    return module.compress(data)


ENCODINGS = {"gzip": gzip.compress, "deflate": zlib.compress, "zstd": zstd, "br": brotli}


@pytest.mark.case(16)
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("stream", [False, True])
async def test_an_encoded_body_costs_the_same(
    telemetry: Telemetry, client: Client, raw: RawServer, sdk: str, encoding: str, stream: bool
) -> None:
    body = stream_of(sdk) if stream else json.dumps(reply_of(sdk)).encode()
    packed = ENCODINGS[encoding](body)
    headers = {**(SSE if stream else JSON), "content-encoding": encoding}
    raw.answers = [Answer([packed[i : i + 7] for i in range(0, len(packed), 7)], headers=headers)]
    reply = await client.create(stream=stream)
    if stream:
        assert await client.text(reply) == "hello"
    assert_exact(telemetry.record, sdk)


@pytest.mark.case(17)
@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
async def test_a_stream_may_be_cut_after_every_byte(
    telemetry: Telemetry, client: Client, raw: RawServer, sdk: str, newline: bytes
) -> None:
    body = b": keep-alive\n\n" + stream_of(sdk, "lö 🙂 …")
    body = body.replace(b"\n\n", b"\n\n: ping\n\n").replace(b"\n", newline)
    raw.answers = [Answer([body[i : i + 1] for i in range(len(body))], headers=SSE)]
    assert await client.text(await client.create(stream=True)) == "hellö 🙂 …"
    assert_exact(telemetry.record, sdk)
    assert telemetry.record["llmcost.stream.outcome"] == "complete"


@pytest.mark.case(17)
async def test_a_stream_cut_in_two_anywhere_costs_the_same(
    telemetry: Telemetry, client: Client, raw: RawServer, sdk: str
) -> None:
    body = stream_of(sdk, "ö🙂")
    cuts = range(1, len(body), 29)
    raw.answers = [Answer([body[:cut], body[cut:]], headers=SSE) for cut in cuts]
    for _ in cuts:
        assert await client.text(await client.create(stream=True)) == "helö🙂"
    assert len(telemetry.records) == len(cuts)
    for record in telemetry.records:
        assert_exact(record, sdk)


@pytest.mark.case(17)
async def test_data_of_several_lines_is_one_event(
    telemetry: Telemetry, client: Client, raw: RawServer, sdk: str
) -> None:
    body = stream_of(sdk).replace(b',"usage":{', b',\ndata: "usage":{')
    raw.answers = [Answer(body, headers=SSE)]
    assert await client.text(await client.create(stream=True)) == "hello"
    assert_exact(telemetry.record, sdk)


@pytest.mark.case(10)
@pytest.mark.trap("T4")
async def test_closing_a_stream_early_is_a_lower_bound(
    telemetry: Telemetry, client: Client, raw: RawServer, sdk: str
) -> None:
    frames = stream_of(sdk).split(b"\n\n")
    raw.answers = [Answer([frame + b"\n\n" for frame in frames if frame], headers=SSE)]
    stream = await client.create(stream=True)
    if client.is_async:
        async for _ in stream:
            break
    else:
        for _ in stream:
            break
    await resolve(stream.close())
    assert telemetry.record["llmcost.stream.outcome"] == "abandoned"
    assert telemetry.record["llmcost.cost.status"] == "partial"


@pytest.mark.case(13)
@pytest.mark.trap("T23")
@pytest.mark.parametrize("cut", [False, True])
async def test_a_stream_without_its_end_is_truncated(
    telemetry: Telemetry, client: Client, raw: RawServer, sdk: str, cut: bool
) -> None:
    body = b"\n\n".join(stream_of(sdk).split(b"\n\n")[:3]) + b"\n\n"
    raw.answers = [Answer(body, headers=SSE, cut=cut)]
    try:
        await client.text(await client.create(stream=True))
        raised = False
    except Exception:  # noqa: BLE001 - each SDK has its own
        raised = True
    assert raised is cut
    record = telemetry.record
    assert record["llmcost.stream.outcome"] == "truncated"
    assert record["llmcost.cost.status"] == "partial"
    assert ("error.type" in record) is cut


@pytest.mark.case(47)
async def test_a_read_timeout_may_have_been_billed(
    telemetry: Telemetry, raw: RawServer, sdk: str, is_async: bool
) -> None:
    raw.answers = [Answer(silent=True), Answer(json.dumps(reply_of(sdk)).encode())]
    async with opened(sdk, is_async, raw, timeout=0.3) as client:
        await client.create()
    assert len(raw.requests) == 2
    record = telemetry.record
    assert record["http.request.resend_count"] == 1
    assert record["llmcost.attempts_unmetered"] == 1
    assert_exact(record, sdk)


@pytest.mark.case(48)
async def test_a_body_that_breaks_off_is_requested_again_and_may_be_billed_each_time(
    telemetry: Telemetry, client: Client, raw: RawServer, sdk: str
) -> None:
    body = json.dumps(reply_of(sdk)).encode()
    raw.answers = [Answer(body[:40], length=len(body), cut=True)]
    with pytest.raises(Exception, match=r"onnection|peer|incomplete"):
        await client.create()
    assert len(raw.requests) == 3
    record = telemetry.record
    assert record["llmcost.attempts_unmetered"] == 3
    assert "gen_ai.usage.cost.amount" not in record


@pytest.mark.case(48)
async def test_a_body_that_breaks_off_once_is_counted_beside_the_one_that_came(
    telemetry: Telemetry, client: Client, raw: RawServer, sdk: str
) -> None:
    body = json.dumps(reply_of(sdk)).encode()
    raw.answers = [Answer(body[:40], length=len(body), cut=True), Answer(body)]
    await client.create()
    assert telemetry.record["llmcost.attempts_unmetered"] == 1
    assert telemetry.record["http.request.resend_count"] == 1
    assert_exact(telemetry.record, sdk)


@pytest.mark.case(45)
@pytest.mark.parametrize("status", [429, 500, 503, 529])
async def test_refused_attempts_are_counted_and_cost_nothing(
    telemetry: Telemetry, client: Client, raw: RawServer, sdk: str, status: int
) -> None:
    headers = {**JSON, "retry-after-ms": "1", "retry-after": "0.001"}
    refused = Answer(b'{"error": {"message": "busy"}}', status=status, headers=headers)
    raw.answers = [refused, refused, Answer(json.dumps(reply_of(sdk)).encode())]
    await client.create()
    record = telemetry.record
    assert record["http.request.resend_count"] == 2
    assert "llmcost.attempts_unmetered" not in record
    assert_exact(record, sdk)


@pytest.mark.case(45, 47)
async def test_every_kind_of_lost_attempt_in_one_call(
    telemetry: Telemetry, raw: RawServer, sdk: str, is_async: bool
) -> None:
    body = json.dumps(reply_of(sdk)).encode()
    busy = Answer(b"{}", status=429, headers={**JSON, "retry-after-ms": "1"})
    broken = Answer(body[:9], length=len(body), cut=True)
    raw.answers = [busy, Answer(silent=True), broken, Answer(body)]
    async with opened(sdk, is_async, raw, timeout=0.3, max_retries=3) as client:
        await client.create()
    assert telemetry.record["http.request.resend_count"] == 3
    assert telemetry.record["llmcost.attempts_unmetered"] == 2  # not the refused one
    assert_exact(telemetry.record, sdk)


@pytest.mark.case(46)
async def test_without_retries_one_refusal_is_one_unbilled_record(
    telemetry: Telemetry, raw: RawServer, sdk: str, is_async: bool
) -> None:
    raw.answers = [Answer(b"{}", status=503)]
    async with opened(sdk, is_async, raw, max_retries=0) as client:
        with pytest.raises(Exception, match="503"):
            await client.create()
    assert telemetry.record["llmcost.cost.status"] == "not_billed"
    assert telemetry.record["gen_ai.usage.cost.amount"] == 0.0
    assert "http.request.resend_count" not in telemetry.record or (
        telemetry.record["http.request.resend_count"] == 0
    )


@pytest.mark.case(49)
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html>gateway</html>", "text/html"),
        (b"not json", "application/json"),
        (b"", "application/json"),
        (b'{"usage":', "application/json"),
        (b"\xff\xfe\x00", "application/octet-stream"),
    ],
)
async def test_a_reply_that_is_no_json_is_unpriced_and_reaches_the_user_as_ever(
    telemetry: Telemetry, client: Client, raw: RawServer, body: bytes, kind: str
) -> None:
    raw.answers = [Answer(body, headers={"content-type": kind})]

    async def seen() -> str:
        try:
            return repr(await client.create())
        except Exception as error:  # noqa: BLE001 - whatever it is, it must be the same
            return repr(error)

    with_us = await seen()
    uninstrument()
    assert await seen() == with_us
    assert telemetry.record["llmcost.cost.status"] == "unpriced"
    assert "gen_ai.usage.cost.amount" not in telemetry.record
