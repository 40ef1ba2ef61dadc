# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Patching leaves no trace, never raises, and keeps calls apart."""

from __future__ import annotations

import asyncio
import importlib
import logging
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anthropic
import pytest

from otel_llmcost import allocate
from otel_llmcost.instrumentation import instrument, uninstrument
from otel_llmcost.instrumentation.bodies import readers
from otel_llmcost.instrumentation.calls import costing, hosts, tracker
from otel_llmcost.instrumentation.records import emitter, record_attributes, recorder
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import MESSAGES, Api, Server
from tests.instrumentation.sdk_http import httpx


def class_dicts() -> dict[str, dict[str, Any]]:
    return {
        f"{sdk}.{name}": dict(
            getattr(importlib.import_module(f"{sdk}._base_client"), name).__dict__
        )
        for sdk in ("anthropic", "openai")
        for name in ("BaseClient", "SyncAPIClient", "AsyncAPIClient")
    }


def test_uninstrument_restores_every_class() -> None:
    before = class_dicts()
    instrument()
    assert class_dicts() != before
    uninstrument()
    assert class_dicts() == before


def test_what_was_wrapped_on_top_of_us_keeps_working_after_uninstrument() -> None:
    from anthropic._base_client import SyncAPIClient

    original = SyncAPIClient.request
    telemetry = Telemetry().on()
    ours = SyncAPIClient.request
    seen: list[str] = []

    def theirs(self: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append("theirs")
        return ours(self, *args, **kwargs)

    try:
        SyncAPIClient.request = theirs  # type: ignore[method-assign, assignment] # as others do
        uninstrument()
        server = Server()
        api = Api("anthropic", False, server)
        api.client.messages.create(**api.arguments())
        assert seen == ["theirs"]
        assert telemetry.records == []
    finally:
        SyncAPIClient.request = original  # type: ignore[method-assign]


async def test_a_stream_open_at_uninstrument_is_followed_to_its_end(
    telemetry: Telemetry, api: Api
) -> None:
    stream = await api.open_stream()
    uninstrument()
    events = await api.consume(stream)
    assert events
    assert telemetry.record["llmcost.stream.outcome"] == "complete"


async def test_a_response_carries_nothing_of_ours_when_its_body_is_read(
    telemetry: Telemetry, api: Api
) -> None:
    stream = await api.open_stream()
    await api.consume(stream)
    assert not {"iter_bytes", "aiter_bytes", "close", "aclose"} & set(stream.response.__dict__)


@pytest.mark.expects_internal_error
@pytest.mark.parametrize(
    ("module", "name"),
    [
        (tracker.CallTracker, "_open"),
        (tracker.CallTracker, "_new_reply"),
        (tracker.CallTracker, "_place"),
        (tracker.CallTracker, "_body"),
        (recorder.Recorder, "finish"),
        (tracker.CallTracker, "_leave"),
        (tracker, "call_site"),
        (hosts.Hosts, "lookup"),
        (recorder, "parse_object"),
        (costing, "cost"),
        (costing, "request"),
        (costing, "fingerprints"),
        (record_attributes, "of_reply"),
        (record_attributes, "of_request"),
        (emitter.Emitter, "start_span"),
        (emitter.Emitter, "record"),
        (readers.EventStream, "response"),
        (readers, "_event"),
    ],
)
async def test_no_failure_of_ours_reaches_the_user(
    telemetry: Telemetry,
    api: Api,
    monkeypatch: pytest.MonkeyPatch,
    internal_errors: list[tuple[str, Exception]],
    module: Any,
    name: str,
) -> None:
    def broken(*_: object, **__: object) -> Any:
        raise ZeroDivisionError(name)

    monkeypatch.setattr(module, name, broken)
    reply = await api.create()
    assert reply.id in ("msg_1", "chatcmpl-1")
    assert len(await api.consume(await api.open_stream())) >= 4
    assert {type(error) for _, error in internal_errors} == {ZeroDivisionError}


@pytest.mark.expects_internal_error
async def test_a_call_that_could_not_be_priced_keeps_its_tokens(
    telemetry: Telemetry, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    from otel_llmcost import pricing

    def broken(*_: object, **__: object) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(pricing, "price_response", broken)
    await api.create()
    assert telemetry.record["llmcost.cost.status"] == "unpriced"
    assert telemetry.record["gen_ai.usage.input_tokens"] == 80
    assert "gen_ai.usage.cost.amount" not in telemetry.record


def test_threads_do_not_mix_up_their_calls(telemetry: Telemetry, sdk: str, server: Server) -> None:
    api = Api(sdk, False, server)

    def work(number: int) -> None:
        with allocate(user=f"u{number}"):
            stream = api.resource.create(**api.arguments(stream=True, max_tokens=number))
            for _ in stream:
                pass

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(1, 60)))
    reported = {(r["user.id"], r["gen_ai.request.max_tokens"]) for r in telemetry.records}
    assert reported == {(f"u{number}", number) for number in range(1, 60)}


async def test_tasks_do_not_mix_up_their_calls(
    telemetry: Telemetry, sdk: str, server: Server
) -> None:
    api = Api(sdk, True, server)

    async def work(number: int) -> None:
        with allocate(user=f"u{number}"):
            stream = await api.open_stream(max_tokens=number)
            async for _ in stream:
                await asyncio.sleep(0)

    await asyncio.gather(*(work(number) for number in range(1, 100)))
    reported = {(r["user.id"], r["gen_ai.request.max_tokens"]) for r in telemetry.records}
    assert reported == {(f"u{number}", number) for number in range(1, 100)}


async def test_a_cancelled_stream_is_abandoned(
    telemetry: Telemetry, sdk: str, server: Server
) -> None:
    class Slow(httpx.AsyncByteStream):
        async def __aiter__(self) -> Any:
            yield b": hello\n\n"
            await asyncio.sleep(60)

        async def aclose(self) -> None:
            pass

    headers = {"content-type": "text/event-stream"}
    server.queued.append(httpx.Response(200, headers=headers, stream=Slow()))
    api = Api(sdk, True, server)

    async def work() -> None:
        await api.consume(await api.open_stream())

    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(work(), 0.05)
    assert telemetry.record["llmcost.stream.outcome"] == "abandoned"
    assert telemetry.record["llmcost.cost.status"] == "partial"


async def test_a_deprecation_warning_still_points_at_the_user(
    telemetry: Telemetry, server: Server
) -> None:
    deprecated = pytest.importorskip("anthropic.resources.messages.messages").DEPRECATED_MODELS
    if "claude-sonnet-4-5" not in deprecated:
        pytest.skip(f"anthropic {anthropic.__version__} warns of another model")
    api = Api("anthropic", False, server)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        api.client.messages.create(**{**api.arguments(), "model": "claude-sonnet-4-5"})
    (warning,) = [w for w in caught if issubclass(w.category, DeprecationWarning)]
    assert warning.filename == __file__


def test_ten_thousand_abandoned_streams_leave_no_open_span(telemetry: Telemetry) -> None:
    import gc

    server = Server()
    api = Api("openai", False, server)
    count = 300  # the same path each time; the benchmark makes ten thousand
    for _ in range(count):
        for _ in api.client.chat.completions.create(**api.arguments(stream=True)):
            break
    gc.collect()
    assert telemetry.eventually(lambda: len(telemetry.records) == count)


def test_instrumenting_without_a_provider_says_what_to_do(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from otel_llmcost.instrumentation.patching import instrumentor

    monkeypatch.setattr(instrumentor, "_warned", False)
    with caplog.at_level(logging.WARNING):
        instrument()
        uninstrument()
    assert caplog.text.count("opentelemetry-instrument") == 1
    assert caplog.text.count("LLMCOST_OTLP_ENDPOINT") == 1


def test_the_sdk_is_patched_when_the_application_imports_it_later() -> None:
    code = (
        "import sys, otel_llmcost as l; l.instrument()\n"
        "assert 'openai' not in sys.modules and 'anthropic' not in sys.modules\n"
        "import openai._base_client as b\n"
        "print(b.SyncAPIClient.request.__wrapped__.__qualname__)\n"
        "l.uninstrument()\n"
        "print(hasattr(b.SyncAPIClient.request, '__wrapped__'))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["SyncAPIClient.request", "False"]


def test_opentelemetry_instrument_records_calls_of_an_unchanged_program() -> None:
    program = (
        f"import openai, {httpx.__name__} as httpx\n"
        f"body = {{'id': 'c', 'object': 'chat.completion', 'created': 1, 'model': 'gpt-4o',\n"
        "  'choices': [], 'usage': {'prompt_tokens': 1, 'completion_tokens': 1}}\n"
        "transport = httpx.MockTransport(lambda request: httpx.Response(200, json=body))\n"
        "client = openai.OpenAI(api_key='k', http_client=httpx.Client(transport=transport))\n"
        f"client.chat.completions.create(model='gpt-4o', messages={MESSAGES!r})\n"
    )
    import os

    run = subprocess.run(
        ["opentelemetry-instrument", sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={
            **os.environ,
            "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}",
            "OTEL_TRACES_EXPORTER": "console",
            "OTEL_METRICS_EXPORTER": "none",
            "OTEL_LOGS_EXPORTER": "none",
        },
    )
    assert '"gen_ai.usage.cost.amount": 1.25e-05' in run.stdout, run.stderr


def test_a_client_class_that_was_patched_before_us_is_followed_too(server: Server) -> None:
    import anthropic
    from anthropic._base_client import SyncAPIClient

    original = SyncAPIClient.request
    seen: list[str] = []

    def theirs(self: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append("theirs")
        return original(self, *args, **kwargs)

    anthropic.Anthropic.request = theirs  # type: ignore[method-assign, assignment] # as others do
    telemetry = Telemetry().on()
    try:
        server.queued += [httpx.Response(400, json={"error": {"message": "no"}})]
        api = Api("anthropic", False, server, open_telemetry=False)
        with pytest.raises(anthropic.BadRequestError):
            api.client.messages.create(**api.arguments())
        # Only who sees the request itself can report a call that got no reply.
        assert telemetry.record["llmcost.cost.status"] == "not_billed"
        assert seen == ["theirs"]
    finally:
        uninstrument()
        assert anthropic.Anthropic.__dict__["request"] is theirs
        del anthropic.Anthropic.request
