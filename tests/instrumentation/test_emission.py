# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Where a record goes, whoever else is emitting, and what is never in it; for every SDK."""

from __future__ import annotations

import json
import threading

import pytest
from opentelemetry.sdk._logs.export import (
    BatchLogRecordProcessor,
    LogRecordExporter,
    LogRecordExportResult,
)
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

from otel_llmcost import allocate, feature
from otel_llmcost.instrumentation import uninstrument
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import (
    COMPLETION,
    COSTS,
    MESSAGE,
    Api,
    Server,
    assert_exact,
    resolve,
)
from tests.instrumentation.sdk_http import httpx


async def test_a_client_made_before_instrumenting_is_followed(
    sdk: str, is_async: bool, server: Server
) -> None:
    api = Api(sdk, is_async, server)
    create = api.resource.create
    telemetry = Telemetry().on()
    try:
        await resolve(create(**api.arguments()))
        assert_exact(telemetry.record, sdk)
    finally:
        uninstrument()


async def test_instrumenting_twice_records_once(telemetry: Telemetry, api: Api) -> None:
    from otel_llmcost.instrumentation import instrument

    instrument()
    await api.create()
    assert len(telemetry.records) == 1


async def test_an_unsampled_span_leaves_an_event(api: Api, sdk: str) -> None:
    telemetry = Telemetry(ALWAYS_OFF).on()
    try:
        await api.create()
        assert telemetry.spans == []
        (event,) = telemetry.events
        assert_exact(event, sdk)
        assert event["llmcost.start_time_unix_nano"] > 0
    finally:
        uninstrument()


async def test_span_and_event_of_one_record_agree(api: Api) -> None:
    telemetry = Telemetry().on(events="always")
    try:
        await api.create()
        (span,) = telemetry.spans
        (log,) = telemetry.logs_out.get_finished_logs()
        event = dict(log.log_record.attributes or {})
        assert dict(span.attributes or {}).items() <= event.items()
        assert log.log_record.timestamp == span.end_time
        assert event["llmcost.start_time_unix_nano"] == span.start_time
        assert log.log_record.span_id == span.context.span_id
    finally:
        uninstrument()


async def test_a_foreign_genai_span_gets_no_rival(telemetry: Telemetry, api: Api, sdk: str) -> None:
    tracer = telemetry.tracer_provider.get_tracer("somebody.else")
    with tracer.start_as_current_span("chat", attributes={"gen_ai.operation.name": "chat"}) as span:
        await api.create()
    assert telemetry.own_spans == []
    (event,) = telemetry.events
    assert_exact(event, sdk)
    (foreign,) = telemetry.spans
    seen = dict(foreign.attributes or {})
    assert seen["llmcost.record.id"] == event["llmcost.record.id"]
    assert seen["gen_ai.usage.cost.amount"] == event["gen_ai.usage.cost.amount"]
    assert "gen_ai.usage.input_tokens" not in seen
    log = telemetry.logs_out.get_finished_logs()[0].log_record
    assert log.span_id == span.get_span_context().span_id
    assert telemetry.metric_points("gen_ai.client.token.usage") == []
    assert telemetry.metric_points("gen_ai.client.operation.cost")


async def test_two_replies_are_never_annotated_on_one_foreign_span(
    telemetry: Telemetry, api: Api
) -> None:
    tracer = telemetry.tracer_provider.get_tracer("somebody.else")
    with tracer.start_as_current_span("chat", attributes={"gen_ai.system": "x"}):
        await api.create()
        await api.create()
    first, second = telemetry.events
    (foreign,) = telemetry.spans
    assert (foreign.attributes or {})["llmcost.record.id"] == first["llmcost.record.id"]
    assert second["llmcost.record.id"] != first["llmcost.record.id"]


async def test_an_agents_span_encloses_calls_and_is_not_one(telemetry: Telemetry, api: Api) -> None:
    tracer = telemetry.tracer_provider.get_tracer("agents")
    attributes = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "helper"}
    with tracer.start_as_current_span("agent", attributes=attributes) as agent:
        await api.create()
    (own,) = telemetry.own_spans
    assert own["gen_ai.agent.name"] == "helper"
    span = next(span for span in telemetry.spans if span.parent is not None)
    assert span.parent.span_id == agent.get_span_context().span_id


async def test_http_spans_nest_under_ours(telemetry: Telemetry, sdk: str, is_async: bool) -> None:
    tracer = telemetry.tracer_provider.get_tracer("http")
    server = Server()

    def traced(request: httpx.Request) -> httpx.Response:
        with tracer.start_as_current_span("POST"):
            return server(request)

    api = Api(sdk, is_async, traced)  # pyright: ignore[reportArgumentType] - a handler like any other
    await api.create()
    http, own = telemetry.spans
    assert http.parent is not None
    assert http.parent.span_id == own.context.span_id


async def test_an_undeclared_host_is_recorded_without_cost(
    telemetry: Telemetry, sdk: str, is_async: bool, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    api = Api(sdk, is_async, server, base_url="http://gateway:8080")
    await api.create()
    await api.create()
    for record in telemetry.records:
        assert record["llmcost.cost.status"] == "unpriced"
        assert record["llmcost.cost.reason"] == "unknown_host"
        assert "gen_ai.usage.cost.amount" not in record
        assert record["gen_ai.usage.input_tokens"] == 80
    assert caplog.text.count(f"LLMCOST_HOSTS=gateway:8080={sdk}") == 1


async def test_a_declared_host_is_priced(sdk: str, is_async: bool, server: Server) -> None:
    telemetry = Telemetry().on(hosts={"gateway:8080": sdk})
    try:
        await Api(sdk, is_async, server, base_url="http://gateway:8080").create()
        assert_exact(telemetry.record, sdk)
    finally:
        uninstrument()


async def test_suppression_is_honoured(telemetry: Telemetry, api: Api) -> None:
    from opentelemetry.instrumentation.utils import suppress_instrumentation

    with suppress_instrumentation():
        await api.create()
        await api.consume(await api.open_stream())
    assert telemetry.records == []


async def test_metrics_are_recorded_without_high_cardinality(
    telemetry: Telemetry, api: Api, sdk: str
) -> None:
    with feature("summarize"), allocate(user="u1"):
        await api.create()
    (cost,) = telemetry.metric_points("gen_ai.client.operation.cost")
    assert cost.value == pytest.approx(COSTS[sdk])
    assert cost.attributes["llmcost.feature"] == "summarize"
    assert cost.attributes["llmcost.cost.status"] == "priced"
    assert "user.id" not in cost.attributes
    tokens = telemetry.metric_points("gen_ai.client.token.usage")
    assert {p.attributes["gen_ai.token.type"]: p.sum for p in tokens} == {"input": 80, "output": 5}
    (duration,) = telemetry.metric_points("gen_ai.client.operation.duration")
    assert duration.count == 1


async def test_no_content_is_ever_recorded(telemetry: Telemetry, api: Api, sdk: str) -> None:
    canary = "canary-7f3a"
    body = json.loads(
        json.dumps(MESSAGE if sdk == "anthropic" else COMPLETION).replace("hello", canary)
    )
    api.server.queued.append(httpx.Response(200, json=body))
    content = [{"role": "user", "content": canary}]
    await api.create(messages=content)
    api.server.pieces = lambda frames: [frame.replace(b"hel", canary.encode()) for frame in frames]
    await api.consume(await api.open_stream(messages=content))
    error = {"error": {"type": "invalid_request_error", "message": canary}}
    api.server.queued.append(httpx.Response(400, json=error))
    with pytest.raises(Exception, match=canary):
        await api.create(messages=content)
    assert len(telemetry.records) == 3
    reported = [span.to_json() for span in telemetry.spans] + [repr(telemetry.events)]
    assert canary not in "".join(reported)


async def test_equal_requests_have_equal_fingerprints(telemetry: Telemetry, api: Api) -> None:
    await api.create()
    await api.create()
    await api.create(messages=[{"role": "user", "content": "other"}])
    first, second, third = telemetry.records
    key = "llmcost.fingerprint.request"
    assert first[key] == second[key] != third[key]
    assert first["llmcost.fingerprint.prefix"] == third["llmcost.fingerprint.prefix"]


class _Stuck(LogRecordExporter):
    """Takes nothing until it is let go."""

    def __init__(self) -> None:
        self.free = threading.Event()

    def export(self, batch: object) -> LogRecordExportResult:
        self.free.wait(30)
        return LogRecordExportResult.SUCCESS

    def shutdown(self) -> None:
        self.free.set()

    def force_flush(self, timeout_millis: int = 0) -> bool:
        return True


async def test_what_a_full_queue_of_the_sdk_drops_is_counted(api: Api) -> None:
    telemetry, exporter = Telemetry(ALWAYS_OFF), _Stuck()
    telemetry.logger_provider.add_log_record_processor(
        BatchLogRecordProcessor(exporter, max_queue_size=2, max_export_batch_size=2)
    )
    telemetry.on()
    try:
        for _ in range(8):
            await api.create()
        reported = telemetry.metric_points("llmcost.records.dropped")
        # One batch may be with the exporter, another in the queue.
        assert 4 <= sum(point.value for point in reported) <= 6
    finally:
        exporter.free.set()
        uninstrument()
        telemetry.logger_provider.shutdown()
