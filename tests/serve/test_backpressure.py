# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A store that cannot keep up: senders have to retry, and memory does not grow."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from otel_llmcost.errors import StoreError
from otel_llmcost.ingest import Body, Ingestor, engine
from otel_llmcost.serve.otlp import http
from otel_llmcost.serve.otlp.grpc import OtlpGrpc
from otel_llmcost.serve.otlp.intake import Intake
from otel_llmcost.serve.transport import listeners
from otel_llmcost.store import Store
from tests.ingest.bodies import record, records, traces
from tests.serve.running import Reply, post
from tests.support.embedded import embedded_store, store_directory

__all__ = ["embedded_store"]
MB = 1 << 20


class Slow:
    """A daemon's receivers over a store whose inserts wait until they may go on, or fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go_on = threading.Event()
        self.failure: StoreError | None = None
        real = engine.insert

        def insert(session: Any, signal: Any, bodies: Sequence[Body], salt: str = "") -> None:
            self.go_on.wait(60)
            if self.failure:
                raise self.failure
            real(session, signal, bodies, salt)

        monkeypatch.setattr(engine, "insert", insert)
        self.ingestor = Ingestor(store_directory(), linger_s=0, queue_bytes=16 * MB)
        self.intake = Intake(self.ingestor)
        bound = listeners.listen("127.0.0.1", 0, "--port")
        self.http = f"http://127.0.0.1:{bound.getsockname()[1]}/v1/traces"
        self.web = listeners.WebServers([(http.create_app(self.intake), bound)])
        self.grpc = OtlpGrpc(self.intake, "127.0.0.1", 0, None)
        self.web.start()
        self.grpc.start()

    def post(self, body: bytes) -> Reply:
        return post(self.http, body, {"Content-Type": "application/x-protobuf"})

    def export(self, body: bytes) -> grpc.RpcError:
        """How a gRPC export is refused."""
        with grpc.insecure_channel(f"127.0.0.1:{self.grpc.port}") as channel:
            call = channel.unary_unary(
                "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
            )
            with pytest.raises(grpc.RpcError) as refused:
                call(body, timeout=60)
            return refused.value

    def close(self) -> None:
        self.go_on.set()
        self.web.stop()
        self.grpc.stop()
        self.intake.close()
        self.ingestor.close()


@pytest.fixture
def slow(embedded_store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    found = Slow(monkeypatch)
    yield found
    found.close()


def large(number: int) -> bytes:
    """A request of 4 MB with one record."""
    values = record(number) | {"llmcost.feature": "large", "padding": "x" * 4 * MB}
    return traces(values, first=number).SerializeToString()


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def retry_info(error: Any) -> tuple[grpc.StatusCode, int]:
    details = dict(error.trailing_metadata())["grpc-status-details-bin"]
    status = status_pb2.Status.FromString(details)
    info = error_details_pb2.RetryInfo()
    assert status.details[0].Unpack(info)
    assert status.code == error.code().value[0]
    return error.code(), info.retry_delay.seconds


def test_senders_have_to_retry_and_memory_does_not_grow(slow: Slow, embedded_store: Store) -> None:
    data = large(1)
    before = resident()
    with ThreadPoolExecutor(20) as senders:
        sent = [senders.submit(slow.post, data) for _ in range(100)]
        deadline = time.monotonic() + 60
        while sum(one.done() for one in sent) < 90 and time.monotonic() < deadline:
            time.sleep(0.02)
        refused = [one.result() for one in sent if one.done()]
        assert len(refused) >= 90
        assert {(reply.status, reply.headers["retry-after"]) for reply in refused} == {(429, "1")}
        assert retry_info(slow.export(data)) == (grpc.StatusCode.RESOURCE_EXHAUSTED, 1)
        assert slow.ingestor.queued_bytes <= 16 * MB
        # 400 MB were offered; what waits, what is parsed and what senders here hold is far less.
        assert resident() - before < 200 * MB
        slow.go_on.set()
        kept = [one.result().status for one in sent]
    assert kept.count(200) >= 1
    assert set(kept) == {200, 429}
    found = "SELECT count() FROM llmcost.calls WHERE feature = 'large'"
    assert embedded_store.query(found).rows == [(1,)]


def test_a_store_that_fails_is_worth_another_try_later(slow: Slow) -> None:
    slow.failure = StoreError("Code: 243. no space", code=243)
    slow.go_on.set()
    reply = slow.post(records(1))
    assert (reply.status, reply.headers["retry-after"]) == (503, "5")
    assert retry_info(slow.export(records(1))) == (grpc.StatusCode.UNAVAILABLE, 5)
    slow.failure = None
    assert slow.post(records(1)).status == 200
