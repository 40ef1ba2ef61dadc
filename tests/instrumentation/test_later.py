# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What a reply costs is read when its span is, and nothing that looks at the span can notice."""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2 as httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from otel_llmcost import config
from otel_llmcost.instrumentation import instrument, uninstrument
from otel_llmcost.instrumentation.calls import costing
from otel_llmcost.instrumentation.records import recorder
from otel_llmcost.instrumentation.records.details import expanded
from otel_llmcost.measuring import Measure
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import COMPLETION, MESSAGE, Api


class Traces:
    """An application that has spans and neither metrics nor logs."""

    def __init__(self, **limits: Any) -> None:
        self.out = InMemorySpanExporter()
        self.provider = TracerProvider(span_limits=SpanLimits(**limits), shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self.out))

    def on(self, **settings: Any) -> Traces:
        uninstrument()
        config.use(config.Config(**settings))
        instrument(tracer_provider=self.provider)
        return self

    @property
    def span(self) -> ReadableSpan:
        (span,) = self.out.get_finished_spans()
        return span


@pytest.fixture
def traces() -> Iterator[Traces]:
    yield Traces().on()
    uninstrument()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The name of the thread that read what a reply costs, for each time."""
    threads: list[str] = []
    cost = costing.cost

    def noted(*given: Any) -> Any:
        threads.append(threading.current_thread().name)
        return cost(*given)

    monkeypatch.setattr(costing, "cost", noted)
    return threads


def without_ids(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """What two records of the same call have in common."""
    changing = ("llmcost.record.id", "llmcost.record.seq", "code.line.number")
    return {k: v for k, v in expanded(attributes).items() if k not in changing}


async def test_a_span_read_later_says_what_one_read_at_once_says(api: Api, read: list[str]) -> None:
    async def attributes(providers: Telemetry | Traces) -> dict[str, Any]:
        providers.on(fingerprint_key="k")
        await api.create()
        span = providers.spans[0] if isinstance(providers, Telemetry) else providers.span
        return dict(span.attributes or {})

    at_once = await attributes(Telemetry())
    assert len(read) == 1
    traces = Traces()
    later = await attributes(traces)
    assert without_ids(later) == without_ids(at_once)
    assert list(later) == list(traces.span.attributes or {})
    uninstrument()


async def test_the_price_is_read_once_and_when_somebody_looks(
    api: Api, traces: Traces, read: list[str]
) -> None:
    await api.create()
    span = traces.span
    assert span.end_time
    assert span.status.is_unset
    assert read == []
    assert (span.attributes or {})["gen_ai.usage.cost.amount"]
    assert copy.deepcopy(span._attributes)["llmcost.details"]  # pyright: ignore[reportPrivateUsage, reportOptionalSubscript]
    assert json.loads(span.to_json())["attributes"]["gen_ai.usage.output_tokens"]
    assert read == ["MainThread"]


async def test_the_thread_that_exports_reads_the_price(api: Api, read: list[str]) -> None:
    class Exporter(InMemorySpanExporter):
        def export(self, spans: Any) -> Any:
            amounts.extend(span.attributes["gen_ai.usage.cost.amount"] for span in spans)
            return super().export(spans)

    amounts: list[float] = []
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(Exporter(), schedule_delay_millis=3_600_000))
    uninstrument()
    instrument(tracer_provider=provider)
    await api.create()
    assert read == []
    with ThreadPoolExecutor(1, "exporting") as pool:
        pool.submit(provider.force_flush).result()
    assert read == ["exporting_0"]
    assert len(amounts) == 1
    provider.shutdown()
    uninstrument()


async def test_a_processor_that_looks_at_the_end_of_a_span_sees_its_cost(api: Api) -> None:
    class Looks(SpanProcessor):
        def on_end(self, span: ReadableSpan) -> None:
            seen.append((span.attributes or {})["gen_ai.usage.cost.amount"])

    seen: list[Any] = []
    traces = Traces()
    traces.provider.add_span_processor(Looks())
    traces.on()
    await api.create()
    assert seen == [(traces.span.attributes or {})["gen_ai.usage.cost.amount"]]
    uninstrument()


async def test_what_the_application_does_to_its_request_afterwards_changes_nothing(
    api: Api, traces: Traces
) -> None:
    tools: list[Any] = []
    if api.sdk == "anthropic":
        tools.append({"type": "code_execution_20250825", "name": "code_execution"})
    given = {"tools": tools} if tools else {}
    await api.create(**given)
    tools.append({"type": "web_search_20260209", "name": "web_search"})
    later = dict(traces.span.attributes or {})
    traces.out.clear()
    await api.create(**given)
    again = dict(traces.span.attributes or {})
    for name in ("gen_ai.usage.cost.amount", "llmcost.cost.status"):
        assert later.get(name) == again.get(name)


async def test_many_threads_that_look_at_once_see_the_same(api: Api, traces: Traces) -> None:
    await api.create()
    span = traces.span
    barrier = threading.Barrier(8)

    def look() -> dict[str, Any]:
        barrier.wait()
        return dict(span.attributes or {})

    with ThreadPoolExecutor(8) as pool:
        seen = [future.result() for future in [pool.submit(look) for _ in range(8)]]
    assert all(one == seen[0] for one in seen)
    assert "gen_ai.usage.cost.amount" in seen[0]


@pytest.mark.parametrize(
    "limits", [{"max_span_attributes": 9}, {"max_span_attribute_length": 12}], ids=str
)
@pytest.mark.filterwarnings("ignore")
async def test_the_limits_of_the_sdk_hold(
    api: Api, read: list[str], limits: dict[str, int]
) -> None:
    traces = Traces(**limits).on()
    await api.create()
    assert len(read) == 1, "with a limit the SDK decides what stays"
    assert len(traces.span.attributes or {}) <= limits.get("max_span_attributes", 99)
    uninstrument()


async def test_what_needs_a_cost_at_once_gets_it(api: Api, traces: Traces, read: list[str]) -> None:
    with Measure() as measure:
        await api.create()
    assert len(read) == 1
    assert measure.cost_usd
    traces.on(events="always")
    await api.create()
    assert len(read) == 2


async def test_a_long_reply_does_not_wait(api: Api, traces: Traces, read: list[str]) -> None:
    body = {**(MESSAGE if api.sdk == "anthropic" else COMPLETION), "metadata": "x" * 20_000}
    api.server.queued.append(httpx.Response(200, json=body))
    await api.create()
    assert len(read) == 1


@pytest.mark.expects_internal_error
async def test_a_reply_that_cannot_be_read_is_a_record_without_a_cost(
    api: Api, traces: Traces, monkeypatch: pytest.MonkeyPatch, internal_errors: list[Any]
) -> None:
    await api.create()

    def broken(*_: object) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(recorder, "parse_object", broken)
    attributes = dict(traces.span.attributes or {})
    assert attributes["llmcost.cost.status"] == "unpriced"
    assert attributes["llmcost.record.id"]
    assert len(internal_errors) == 1


async def test_nothing_of_a_prompt_is_kept_until_the_span_is_read(api: Api, traces: Traces) -> None:
    await api.create(messages=[{"role": "user", "content": "a-secret-of-the-user"}])
    waiting = vars(traces.span._attributes)["_read"]  # pyright: ignore[reportPrivateUsage]
    reply = waiting.args[0].args[0]
    assert "a-secret-of-the-user" not in repr((reply.request, reply.call.body, reply.call.options))
