# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Nothing of ours can hurt: each of our functions fails in turn, and no application notices."""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import Awaitable, Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from otel_llmcost import allocate, feature, guard, measure, outcome
from otel_llmcost.instrumentation import uninstrument
from tests.instrumentation import faults
from tests.instrumentation.batch_results import BATCH, ENDED, response, succeeded
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.faults import REPORT
from tests.instrumentation.providers_stub import Api, Server, resolve
from tests.instrumentation.sdk_http import httpx

pytestmark = pytest.mark.slow

LOOKUP = "otel_llmcost.instrumentation.calls.hosts.Hosts.lookup"
KINDS = (ZeroDivisionError, KeyError, RecursionError, MemoryError)
# Patches that could not be put in place: logged as "cannot be instrumented", once, and not a call.
NOT_COUNTED = {
    *(
        f"otel_llmcost.instrumentation.patching.http.{name}"
        for name in ("_subclasses", "HttpPatch.install")
    ),
    *(
        f"otel_llmcost.instrumentation.patching.http.HttpPatch.{name}"
        for name in (
            *("_request", "_async_request", "_process_response", "_async_process_response"),
            *("_build_request", "_calculate_retry_timeout"),
        )
    ),
}
Step = Callable[[Api], Awaitable[Any]]


async def plain(api: Api) -> Any:
    return await api.create()


async def tagged(api: Api) -> Any:
    with feature("f", team="t"), allocate(user="u"), measure():
        reply = await api.create()
        outcome("done")
    return reply


async def streamed(api: Api) -> Any:
    return await api.consume(await api.open_stream())


async def streamed_bytes(api: Api) -> Any:
    manager = api.resource.with_streaming_response.create(**api.arguments(stream=True))
    if api.is_async:
        async with manager as reply:
            return b"".join([chunk async for chunk in reply.iter_bytes()])
    with manager as reply:
        return b"".join(reply.iter_bytes())


async def closed_early(api: Api) -> Any:
    stream = await api.open_stream()
    async for event in api.iterate(stream):
        await api.close(stream)
        return event, api.server.bodies[-1].closed


async def dropped(api: Api) -> Any:
    stream = await api.open_stream()
    del stream
    return None


async def cut_off(api: Api) -> Any:
    api.server.pieces = lambda frames: [*frames[:3], httpx.ReadError("lost")]
    try:
        return await api.consume(await api.open_stream())
    finally:
        api.server.pieces = list


async def read_later(api: Api) -> Any:
    manager = api.resource.with_streaming_response.create(**api.arguments())
    if api.is_async:
        async with manager as reply:
            return await reply.json()
    with manager as reply:
        return reply.read()


async def raw(api: Api) -> Any:
    reply = await resolve(api.resource.with_raw_response.create(**api.arguments()))
    return reply.status_code, await resolve(reply.parse())


async def refused(api: Api) -> Any:
    api.server.queued.append(httpx.Response(400, json={"error": {"message": "no"}}))
    return await api.create()


async def retried(api: Api) -> Any:
    api.server.queued += [httpx.Response(429, json={}), httpx.ReadTimeout("slow")]
    return await api.create()


async def not_json(api: Api) -> Any:
    api.server.queued.append(httpx.Response(200, html="<html>"))
    return await api.create()


async def results(api: Api) -> Any:
    if api.sdk == "anthropic":
        lines = "\n".join(json.dumps(succeeded(n)) for n in range(2)).encode()
        headers = {"content-type": "application/x-jsonl"}
        batches = api.client.messages.batches
        api.server.queued += [
            httpx.Response(200, json={**BATCH, "ended_at": None}),
            httpx.Response(200, json={**BATCH, "ended_at": ENDED}),
            httpx.Response(200, headers=headers, content=lines),
        ]
        await resolve(batches.create(requests=[]))
        return await api.consume(await resolve(batches.results("msgbatch_1")))
    usage = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}
    for body in (response("queued"), response("in_progress"), response("completed", usage=usage)):
        api.server.queued.append(httpx.Response(200, json=body))
    client = api.client
    requested = await resolve(client.responses.create(model="gpt-4o", input="hi", background=True))
    first = await resolve(client.responses.retrieve("resp_1"))
    return requested, first, await resolve(client.responses.retrieve("resp_1"))


async def through_bedrock(api: Api) -> Any:
    if api.sdk != "anthropic":
        return None
    import anthropic

    from tests.instrumentation.aws import aws_message
    from tests.instrumentation.providers_stub import Chunks, message_frames

    body = b"".join(aws_message(f.split(b"data: ")[1].strip()) for f in message_frames())
    headers = {"content-type": "application/vnd.amazon.eventstream"}
    pieces: list[Any] = [body[i : i + 300] for i in range(0, len(body), 300)]
    api.server.queued.append(httpx.Response(200, headers=headers, stream=Chunks(pieces)))
    http: Any = (httpx.AsyncClient if api.is_async else httpx.Client)(
        transport=httpx.MockTransport(api.server)
    )
    kind: Any = anthropic.AsyncAnthropicBedrock if api.is_async else anthropic.AnthropicBedrock
    client = kind(aws_region="us-east-1", api_key="k", http_client=http)
    manager = client.messages.with_streaming_response.create(**api.arguments(stream=True))
    if api.is_async:
        async with manager as reply:
            return b"".join([chunk async for chunk in reply.iter_bytes()])
    with manager as reply:
        return b"".join(reply.iter_bytes())


STEPS: tuple[Step, ...] = (
    *(plain, tagged, streamed, streamed_bytes, closed_early, dropped, cut_off, read_later),
    *(raw, refused, retried, not_json, results, through_bedrock),
)


async def seen_by(api: Api, step: Step) -> str:
    """What an application sees of one step: values, stream contents and exceptions."""
    api.server.queued.clear()
    try:
        return repr(await step(api))
    except Exception as error:  # noqa: BLE001 - whatever it is, it must be the same
        return f"{type(error).__name__}: {error}"


class Application:
    """One program over one SDK, with what it sees without us and which steps reach what of ours."""

    def __init__(self, sdk: str, is_async: bool) -> None:
        self.api = Api(sdk, is_async, Server(), max_retries=2)
        self.runner = asyncio.Runner()
        self.without_us = {step: self.run(step) for step in STEPS}
        self.reaching: dict[CodeType, list[Step]] = {}

    def run(self, step: Step) -> str:
        return self.runner.run(seen_by(self.api, step))

    def learn(self) -> None:
        """Run undisturbed once and note who is called where."""
        around: set[CodeType] = set()
        with faults.reached(around):
            Telemetry().on()
        for step in STEPS:
            called: set[CodeType] = set()
            with faults.reached(called):
                seen = self.run(step)
            assert seen == self.without_us[step]
            for code in called:
                self.reaching.setdefault(code, []).append(step)
        with faults.reached(around):
            uninstrument()
        for code in around:
            self.reaching.setdefault(code, [plain])

    def harmed_by(self, function: FunctionType, kind: type[Exception]) -> str | None:
        """How the application notices that `function` fails; None if it does not."""
        steps = self.reaching[function.__code__]
        with faults.failing(function, kind):
            Telemetry().on()
            for step in steps:
                seen = self.run(step)
                if seen != self.without_us[step]:
                    return f"{step.__name__} saw {seen[:200]}"
            uninstrument()
        uninstrument()
        return None


@pytest.fixture
def untouched() -> Iterator[Callable[[], None]]:
    """Puts the SDKs and the instrumentors back as they were, also when we could not."""
    owners = [
        getattr(importlib.import_module(f"{sdk}._base_client"), name)
        for sdk in ("anthropic", "openai")
        for name in ("BaseClient", "SyncAPIClient", "AsyncAPIClient")
    ]
    before = {owner: dict(vars(owner)) for owner in owners}

    def restore() -> None:
        uninstrument()
        for owner, attributes in before.items():
            for name, value in attributes.items():
                if vars(owner).get(name) is not value:
                    setattr(owner, name, value)

    yield restore
    restore()


def counting(kind: type[Exception]) -> tuple[type[Exception], list[Exception]]:
    """An exception of this kind, and where those that were raised are noted."""
    raised: list[Exception] = []

    def note(self: Exception) -> None:
        raised.append(self)

    return type(kind.__name__, (kind,), {"__init__": note}), raised


@pytest.mark.expects_internal_error
def test_no_function_of_ours_can_change_what_the_application_sees(
    sdk: str,
    is_async: bool,
    internal_errors: list[tuple[str, Exception]],
    untouched: Callable[[], None],
) -> None:
    application = Application(sdk, is_async)
    application.learn()
    assert internal_errors == []
    ours = faults.every_function()
    on_the_path = {n: f for n, f in ours.items() if f.__code__ in application.reaching}
    assert len(on_the_path) > 150, "the workload no longer reaches our code"

    wrong: list[str] = []
    for number, (name, function) in enumerate(sorted(on_the_path.items())):
        if name in faults.CARRY_THE_CALL | faults.ENTRY_POINTS:
            continue
        if sdk == "openai" and name in faults.USAGE_STAYS_VISIBLE:
            continue
        kind, raised = counting(KINDS[number % len(KINDS)])
        internal_errors.clear()
        try:
            harm = application.harmed_by(function, kind)
        except Exception as error:  # noqa: BLE001 - from switching on and off
            harm = f"switching on or off raised {error!r}"
        finally:
            untouched()
        if harm:
            wrong.append(f"{name}: {harm}")
        elif name in NOT_COUNTED:
            continue
        elif raised and not any(isinstance(error, kind) for _, error in internal_errors):
            wrong.append(f"{name}: {kind.__name__} not counted")
    application.runner.close()
    assert wrong == []


@pytest.mark.expects_internal_error
async def test_what_was_swallowed_is_counted_and_logged_once(
    telemetry: Telemetry,
    api: Api,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    reader = InMemoryMetricReader()
    meter = MeterProvider([reader], shutdown_on_exit=False).get_meter("test")
    monkeypatch.setattr(guard, "report", REPORT)
    monkeypatch.setattr(guard, "_counter", meter.create_counter("llmcost.instrumentation.errors"))
    monkeypatch.setattr(guard, "_seen", set())
    with faults.failing(faults.every_function()[LOOKUP], KeyError):
        for _ in range(3):
            await api.create()
    data = reader.get_metrics_data()
    assert data is not None
    points: list[Any] = [*data.resource_metrics[0].scope_metrics[0].metrics[0].data.data_points]
    assert {(p.attributes["site"], p.attributes["error.type"], p.value) for p in points} == {
        ("patch.on_request", "KeyError", 3),
        ("tracker.on_response", "KeyError", 3),  # it tries to open the call that was missed
    }
    warnings = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
    assert [w for w in warnings if "your call is unaffected" in w] == warnings
    assert len(warnings) == 2
