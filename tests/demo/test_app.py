# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The sample app, instrumented: every billed reply leaves as one exact record."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from otel_llmcost.emulator import Emulator

AMOUNT = "gen_ai.usage.cost.amount"


@contextmanager
def collector() -> Iterator[tuple[str, dict[str, dict[str, Any]], list[str]]]:
    """Endpoint, records by id (spans and events alike), and the names of outcomes."""
    records: dict[str, dict[str, Any]] = {}
    outcomes: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            for attributes in _ours(self.path, body):
                if "llmcost.record.id" in attributes:
                    records[attributes["llmcost.record.id"]] = attributes
                elif "llmcost.outcome.name" in attributes:
                    outcomes.append(attributes["llmcost.outcome.name"])
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", records, outcomes
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _ours(path: str, body: bytes) -> Iterator[dict[str, Any]]:
    if path.endswith("/traces"):
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                if scope.scope.name == "otel_llmcost":
                    yield from (_attributes(span) for span in scope.spans)
    elif path.endswith("/logs"):
        for resource in ExportLogsServiceRequest.FromString(body).resource_logs:
            for scope in resource.scope_logs:
                if scope.scope.name == "otel_llmcost":
                    yield from (_attributes(record) for record in scope.log_records)


def _attributes(holder: Any) -> dict[str, Any]:
    return {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in holder.attributes}


def _dollars(record: dict[str, Any]) -> Decimal:
    return Decimal(repr(record[AMOUNT]))


def test_the_app_leaves_one_exact_record_per_billed_reply() -> None:
    instrument = Path(sys.executable).with_name("opentelemetry-instrument")
    with Emulator(seed=0) as emulator, collector() as (endpoint, records, outcomes):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("OTEL_")}
        environment |= emulator.environment()
        environment |= {
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        }
        command = [str(instrument), sys.executable, "-m", "otel_llmcost.demo.app"]
        subprocess.run(command, env=environment, check=True, timeout=60)
        ledger = emulator.ledger
    assert len(records) == len(ledger.entries) > 80
    assert sum(map(_dollars, records.values())) == ledger.total
    by_id = {r.get("gen_ai.response.id"): _dollars(r) for r in records.values()}
    billed = {entry.response_id: entry.usd for entry in ledger.entries if entry.response_id}
    assert {k: v for k, v in by_id.items() if k} == billed

    features = {r["llmcost.feature"] for r in records.values() if "llmcost.feature" in r}
    assert len(features) == 6
    assert {r.get("llmcost.cost.status", "priced") for r in records.values()} == {"priced"}
    assert len({r["user.id"] for r in records.values() if "user.id" in r}) >= 8
    retried = [r for r in records.values() if r.get("http.request.resend_count") == 3]
    assert {r["llmcost.feature"] for r in retried} == {"extract.invoice"}
    assert set(outcomes) == {"ticket_resolved", "review_posted", "invoice_extracted"}


def test_one_prompt_grows_to_more_than_three_times_its_usual_size() -> None:
    from otel_llmcost.demo import prompts

    usual = len(prompts.ticket(1))
    grown = sum(len(prompts.ticket(number)) for number in range(4, 16))
    assert grown > 3 * usual
