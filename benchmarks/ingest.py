# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Spans per second from OTLP bodies to durable rows, embedded: raw tables only, and the full chain.

CPU seconds of this process are counted, so the figure is per core whatever else the machine does.
"""

from __future__ import annotations

import os
import tempfile
import time
from concurrent.futures import Future
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from rich.console import Group
from rich.table import Table

import otel_llmcost as llmcost
from otel_llmcost.ingest import Body, Ingestor

SPANS_PER_BODY = 512
BODIES = 128
PACE = 1000
START = 1_795_000_000_000_000_000
CHAIN = ("llm_records_from_traces",)


def attribute(key: str, value: str | int | float) -> KeyValue:
    match value:
        case str():
            return KeyValue(key=key, value=AnyValue(string_value=value))
        case int():
            return KeyValue(key=key, value=AnyValue(int_value=value))
        case float():
            return KeyValue(key=key, value=AnyValue(double_value=value))


def body(number: int, spans: int = SPANS_PER_BODY) -> bytes:
    """One export request as the SDK sends it; its spans carry what real records carry."""
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    resource.resource.attributes.append(attribute("service.name", "bench"))
    scope = resource.scope_spans.add()
    scope.scope.name = "otel_llmcost"
    for index in range(spans):
        serial = number * SPANS_PER_BODY + index
        span = scope.spans.add(name="chat claude-opus-5-5", kind=3)
        span.trace_id, span.span_id = os.urandom(16), os.urandom(8)
        span.start_time_unix_nano = START + serial * 1_000_000
        span.end_time_unix_nano = span.start_time_unix_nano + 900_000_000
        values: dict[str, str | int | float] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "anthropic",
            "gen_ai.request.model": "claude-opus-5-5",
            "gen_ai.response.model": "claude-opus-5-5",
            "gen_ai.response.id": f"msg_{serial:024x}",
            "gen_ai.usage.input_tokens": 1200 + index,
            "gen_ai.usage.output_tokens": 300,
            "gen_ai.usage.cache_read.input_tokens": 800,
            "gen_ai.usage.cost.amount": 0.0123456 + index / 1e6,
            "gen_ai.usage.cost.currency": "USD",
            "user.id": f"user-{serial % 997}",
            "session.id": f"session-{serial % 4999}",
            "llmcost.record.id": f"{7:016x}{serial:016x}",
            "llmcost.record.seq": serial,
            "llmcost.feature": f"feature-{serial % 20}",
            "llmcost.cost.status": "priced",
            "llmcost.cost.input": 0.01,
            "llmcost.cost.output": 0.0023456,
            "llmcost.price.version": "2026.11.22",
            "llmcost.price.mode": "standard",
            "llmcost.usage.input": 400 + index,
            "llmcost.usage.output": 300,
            "code.function.name": "answer",
        }
        span.attributes.extend(attribute(key, value) for key, value in values.items())
    return request.SerializeToString()


def rate(ingestor: Ingestor, bodies: list[bytes]) -> tuple[float, float]:
    """Spans per CPU second and per wall second for these bodies, all in flight at once."""
    wall, cpu = time.perf_counter(), time.process_time()
    for done in [ingestor.submit("traces", data) for data in bodies]:
        done.result()
    spans = len(bodies) * SPANS_PER_BODY
    return spans / (time.process_time() - cpu), spans / (time.perf_counter() - wall)


def latencies(ingestor: Ingestor, seconds: int = 10) -> list[float]:
    """Milliseconds to each acknowledgement at PACE spans a second, in bodies of 50; sorted."""
    bodies = [body(2 * BODIES + 1 + n, 50) for n in range(seconds * PACE // 50)]
    reported: list[float] = []
    began = time.perf_counter()
    waiting: list[Future[Body]] = []
    for number, data in enumerate(bodies):
        time.sleep(max(began + number * 50 / PACE - time.perf_counter(), 0))
        sent = time.perf_counter()
        done = ingestor.submit("traces", data)
        done.add_done_callback(lambda _, at=sent: reported.append(time.perf_counter() - at))
        waiting.append(done)
    for done in waiting:
        done.result()
    return sorted(1000 * one for one in reported)


def acknowledgements(ingestor: Ingestor) -> Table:
    """How long a sender waits for the promise that its spans are on disk."""
    found = latencies(ingestor)
    result = Table(title=f"acknowledgement at {PACE:,} spans a second, full chain, ms")
    for column in ("p50", "p95", "p99", "worst"):
        result.add_column(column, justify="right")
    shares = (0.5, 0.95, 0.99)
    result.add_row(
        *(f"{found[int(len(found) * share)]:.0f}" for share in shares), f"{found[-1]:.0f}"
    )
    return result


def table() -> Group:
    """Coalesced bodies of 512 spans into an empty store, then a steady trickle."""
    bodies = [body(number) for number in range(BODIES)]
    result = Table(title=f"embedded ingest, {BODIES * SPANS_PER_BODY:,} spans")
    for column in ("chain", "spans per CPU second", "spans per second"):
        result.add_column(column, justify="left" if column == "chain" else "right")
    with tempfile.TemporaryDirectory() as folder:
        store = llmcost.open_store(f"chdb://{folder}")
        store.apply_schema()
        ingestor = Ingestor(Path(folder))
        ingestor.ingest("traces", body(BODIES))
        for view in CHAIN:
            store.command(f"DETACH TABLE llmcost.{view}")
        raw = rate(ingestor, bodies)
        for view in CHAIN:
            store.command(f"ATTACH TABLE llmcost.{view}")
        store.command("TRUNCATE TABLE llmcost.otel_traces")
        full = rate(ingestor, [body(number) for number in range(BODIES, 2 * BODIES)])
        waits = acknowledgements(ingestor)
        ingestor.close()
        store.close()
    for name, (per_cpu, per_second) in (("raw table", raw), ("raw + typed records", full)):
        result.add_row(name, f"{per_cpu:,.0f}", f"{per_second:,.0f}")
    return Group(result, waits)
