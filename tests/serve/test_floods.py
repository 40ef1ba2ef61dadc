# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What one client sends, however large, slow or endless, does not keep others out."""

from __future__ import annotations

import asyncio
import gzip
import resource
import socket
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc import status_pb2
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from benchmarks.floods import json_bomb, protobuf_bomb
from otel_llmcost.errors import StoreError
from otel_llmcost.ingest import Busy, Ingestor, decoded_size
from otel_llmcost.serve.otlp import arrivals, http
from otel_llmcost.serve.otlp.grpc import OtlpGrpc
from otel_llmcost.serve.otlp.intake import Intake
from otel_llmcost.serve.transport import bodies, connections, listeners, turns
from otel_llmcost.serve.transport.bodies import Budget, Held
from otel_llmcost.serve.transport.encodings import TooLarge
from otel_llmcost.serve.transport.turns import LONG, LONG_OF_ONE_CLIENT, Turns
from otel_llmcost.store import Store
from tests.ingest.bodies import record, records, traces
from tests.serve.http2 import unfinished_message
from tests.serve.running import Running, post
from tests.support.embedded import embedded_store, store_directory

pytestmark = pytest.mark.slow

__all__ = ["embedded_store"]
MB = 1 << 20
PROTOBUF = {"Content-Type": "application/x-protobuf"}


def test_a_statement_of_a_reader_has_at_most_one_megabyte(daemon: Running) -> None:
    assert daemon.sql("SELECT 1 --" + "x" * 200_000).body == b"1\n"
    longest = b"SELECT 1 --" + b"x" * (MB - 11)  # the engine's parser takes less
    assert daemon.sql(longest.decode()).headers["x-clickhouse-exception-code"] == "62"
    url = daemon.facts["http_url"]
    for body, headers in (
        (longest + b"x", {}),
        (gzip.compress(longest + b"x"), {"Content-Encoding": "gzip"}),
    ):
        refused = post(url, body, headers)
        assert (refused.status, refused.headers["x-clickhouse-exception-code"]) == (413, "307")
        assert b"more than 1 MB" in refused.body
    assert post(f"{url}/?query=SELECT+1+--{'x' * MB}", b"", {}).status in (400, 431)
    assert post(url, b"SELECT 1", {"X": "x" * 2 * MB}).status == 431


@pytest.mark.parametrize(
    ("bomb", "media"),
    [(json_bomb(), "application/json"), (protobuf_bomb(), "application/x-protobuf")],
)
def test_a_body_that_becomes_millions_of_messages_is_refused(
    daemon: Running, bomb: bytes, media: str
) -> None:
    reply = daemon.otlp("traces", bomb, Content_Type=media, Content_Encoding="gzip")
    assert reply.status == 413
    assert b"messages in one body are too many: send smaller batches" in reply.body


def test_grpc_refuses_it_too_and_for_good(daemon: Running) -> None:
    with grpc.insecure_channel(daemon.facts["otlp_grpc"].removeprefix("http://")) as channel:
        export = channel.unary_unary("/opentelemetry.proto.collector.trace.v1.TraceService/Export")
        with pytest.raises(grpc.RpcError) as refused:
            export(gzip.decompress(protobuf_bomb()), compression=grpc.Compression.Gzip)
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        with pytest.raises(grpc.RpcError) as refused:
            export(bytes(64 * MB), compression=grpc.Compression.Gzip)
        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def messages(message: Any) -> int:
    """How many messages are inside of a parsed one."""
    found = 0
    for field, value in message.ListFields():
        if field.message_type is not None:
            inner = [value] if isinstance(value, Message) else value
            found += sum(1 + messages(one) for one in inner)
    return found


def test_messages_are_counted_without_decoding() -> None:
    request = traces(*(record(number) for number in range(3)))
    spans = request.resource_spans[0].scope_spans[0].spans
    inside = sum(messages(span) for span in spans)
    assert decoded_size.count("traces", request.SerializeToString()) == messages(request) - inside
    spans[0].name = "x" * (2 * MB)  # what is inside of spans is counted in a large body only
    spans[0].attributes.add(key="list").value.array_value.values.add(string_value="a")
    spans[0].events.add(name="event").attributes.add(key="b").value.int_value = 1
    assert decoded_size.count("traces", request.SerializeToString()) == messages(request)
    for broken in (b"\xff" * 50, b"\x0a\xff\xff\xff\xff\x0f", b"\x0b", b"\x0a"):
        assert decoded_size.count("traces", broken) <= 1


def test_unfinished_bodies_give_way_and_finished_ones_do_not() -> None:
    budget = Budget(100)
    slow, slower, complete = Held(budget), Held(budget), Held(budget)
    slower.take(60)
    time.sleep(0.01)
    slow.take(30)
    budget.unfinished |= {slow, slower}
    complete.take(60)
    assert budget.held == 90  # the one that took the most for the longest has gone
    complete.take(40)
    assert (budget.held, budget.unfinished) == (100, set())
    other = Held(budget)
    with pytest.raises(Busy, match="retry later"):
        other.take(1)
    with pytest.raises(TooLarge, match="smaller batches"):
        complete.take(1)
    for one in (slow, slower, complete, other):
        with one:
            pass
    assert budget.held == 0


class Receivers:
    """Both OTLP receivers in this process, with a small budget."""

    def __init__(self, total: int) -> None:
        self.ingestor = Ingestor(store_directory(), linger_s=0)
        self.intake = Intake(self.ingestor, Budget(total))
        self.bound = listeners.listen("127.0.0.1", 0, "--port")
        self.port = self.bound.getsockname()[1]
        self.http = f"http://127.0.0.1:{self.port}/v1/traces"
        self.web = listeners.WebServers([(http.create_app(self.intake), self.bound)])
        self.grpc = OtlpGrpc(self.intake, "127.0.0.1", 0, None)
        self.web.start()
        self.grpc.start()

    def close(self) -> None:
        self.web.stop()
        self.grpc.stop()
        self.intake.close()
        self.ingestor.close()

    def begin(self, sent: int, declared: int) -> socket.socket:
        """A request of which only some has arrived."""
        client = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        head = f"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Length: {declared}\r\n"
        head += f"Content-Type: {PROTOBUF['Content-Type']}\r\n\r\n"
        before = self.intake.budget.held
        client.sendall(head.encode() + bytes(sent))
        while self.intake.budget.held < before + sent:
            time.sleep(0.01)
        return client


@pytest.fixture
def receivers(embedded_store: Store) -> Iterator[Receivers]:
    found = Receivers(16 * MB)
    yield found
    found.close()


def test_two_unfinished_bodies_do_not_starve_others(receivers: Receivers) -> None:
    unfinished = [receivers.begin(7 * MB, 8 * MB) for _ in range(2)]
    values = record(1) | {"padding": "x" * 3 * MB}
    body = traces(values, first=1).SerializeToString()
    assert post(receivers.http, body, PROTOBUF).status == 200
    reported = unfinished[0].recv(65536)
    assert b"429" in reported
    assert b"retry later" in reported
    for client in unfinished:
        client.close()
    assert post(receivers.http, records(2), PROTOBUF).status == 200
    while receivers.intake.budget.held:
        time.sleep(0.01)


def _until_closed(client: socket.socket) -> bytes:
    """What the server sends until it closes: head and body may come apart."""
    return b"".join(iter(partial(client.recv, 65536), b""))


def test_a_body_that_does_not_arrive_is_given_up(
    receivers: Receivers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "BODY_S", 0.2)
    with receivers.begin(100, 200) as client:
        reported = _until_closed(client)
    assert reported.startswith(b"HTTP/1.1 408")
    status = status_pb2.Status.FromString(reported.partition(b"\r\n\r\n")[2])
    assert "took longer" in status.message
    assert receivers.intake.budget.held == 0


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX: "])
def test_a_head_that_does_not_arrive_is_given_up(
    receivers: Receivers, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(connections, "HEAD_S", 0.2)
    with socket.create_connection(("127.0.0.1", receivers.port), timeout=30) as client:
        client.sendall(sent)
        reported = client.recv(65536)
        assert reported.startswith(b"HTTP/1.1 408") if sent else reported == b""


def test_idle_connections_give_way_to_new_ones(
    receivers: Receivers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 4)
    monkeypatch.setattr(connections, "HEAD_S", 1000)
    address = ("127.0.0.1", receivers.port)
    idle = [socket.create_connection(address, timeout=30) for _ in range(4)]
    for _ in range(3):
        assert post(receivers.http, records(1), PROTOBUF).status == 200
    assert idle[0].recv(1) == b""
    for client in idle:
        client.close()


def test_a_client_that_never_reads_its_answer_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "READ_S", 0.5)
    answer = bytes(64 * MB)

    async def large(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(answer)(scope, receive, send)

    bound = listeners.listen("127.0.0.1", 0, "--port")
    web = listeners.WebServers([(large, bound)])
    address = bound.getsockname()
    web.start()
    try:
        with socket.create_connection(address, timeout=30) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            got = len(client.recv(100))
            time.sleep(2)
            while more := client.recv(MB):
                got += len(more)
            assert got < len(answer)
        # One that reads, slowly, gets all of it.
        with socket.create_connection(address, timeout=30) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            got = 0
            while more := client.recv(4 * MB):
                got += len(more)
                time.sleep(0.02)
            assert got > len(answer)
    finally:
        web.stop()


def test_unfinished_messages_of_grpc_take_bounded_memory_and_give_way(
    receivers: Receivers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "PATIENCE_S", 0.5)
    before = resident()
    clients = 3 * arrivals.AT_ONCE
    slow = [unfinished_message(receivers.grpc.port, 30 * MB, 20 * MB) for _ in range(clients)]
    grown = resident() - before
    # Eight messages are held; on a busy machine gRPC has read more before it holds the rest back.
    assert grown < clients * 20 * MB * 0.7
    with grpc.insecure_channel(f"127.0.0.1:{receivers.grpc.port}") as channel:
        stub = TraceServiceStub(channel)
        answers = [stub.Export.future(traces(record(n), first=n), timeout=60) for n in range(20)]
        assert [answer.exception() for answer in answers] == [None] * 20
    for client in slow:
        client.close()


def resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


class Endless:
    """Queries that run until they are stopped."""

    def __init__(self) -> None:
        self.running: set[int] = set()
        self.begun = 0
        self.stopped: set[int] = set()

    def query(self, number: int) -> None:
        self.running.add(number)
        self.begun += 1
        try:
            while number not in self.stopped:
                time.sleep(0.005)
            self.stopped.discard(number)
            raise StoreError("Code: 394. stopped", code=394)
        finally:
            self.running.discard(number)

    async def stop(self, number: int) -> None:
        self.stopped.add(number)

    def run(self, places: Turns, client: str, number: int) -> asyncio.Task[None]:
        return asyncio.create_task(
            places.run(client, lambda: self.query(number), lambda: self.stop(number))
        )


async def _nothing() -> None:
    return None


@pytest.mark.asyncio
async def test_a_quick_query_passes_endless_ones_of_the_same_client(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "MOMENT_S", 0.05)
    places, endless = Turns(), Endless()
    tasks = [endless.run(places, "one", number) for number in range(16)]
    await asyncio.sleep(0)
    for _ in range(20):
        assert await places.run("one", lambda: 7, _nothing) == 7
    while endless.begun < 16:
        assert await places.run("one", lambda: 7, _nothing) == 7
    others = [endless.run(places, "two", 100 + number) for number in range(4)]
    while not endless.running & {100, 101, 102, 103}:
        await asyncio.sleep(0.01)
    assert await places.run("three", lambda: 7, _nothing) == 7
    assert not any(one.done() for one in (*tasks, *others))  # none was lost
    assert LONG_OF_ONE_CLIENT < LONG  # so the other client has a place as well
    for task in (*tasks, *others):
        task.cancel()
    await asyncio.gather(*tasks, *others, return_exceptions=True)
    assert not endless.running


@pytest.mark.asyncio
async def test_a_long_query_is_begun_again_when_there_is_a_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "MOMENT_S", 0.02)
    places, endless = Turns(), Endless()
    tasks = [endless.run(places, "one", number) for number in range(LONG_OF_ONE_CLIENT)]
    while len(endless.running) < LONG_OF_ONE_CLIENT:
        await asyncio.sleep(0.01)
    stopped, begun = threading.Event(), list[int]()

    def query() -> str:
        begun.append(1)
        if len(begun) == 1:
            stopped.wait(30)
            raise StoreError("Code: 394. stopped", code=394)
        return "done"

    async def stop() -> None:
        stopped.set()

    later = asyncio.create_task(places.run("one", query, stop))
    # They want its quick place, and end by themselves: none of them waits for the long one too.
    more = [
        asyncio.create_task(places.run("one", lambda: stopped.wait(30), _nothing)) for _ in range(8)
    ]
    while not stopped.is_set():
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    assert not later.done()
    tasks[0].cancel()
    assert await later == "done"
    assert len(begun) == 2
    for task in (*tasks, *more):
        task.cancel()
    await asyncio.gather(*tasks, *more, return_exceptions=True)


def test_sixteen_endless_queries_leave_capacity_for_another(daemon: Running) -> None:
    endless = "SELECT max(sipHash64(number + 16)) FROM numbers(1000000000000)"
    address = ("127.0.0.1", daemon.facts["ports"]["clickhouse"])
    head = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(endless)}\r\n\r\n"
    clients = [socket.create_connection(address) for _ in range(16)]
    for client in clients:
        client.sendall((head + endless).encode())
    assert daemon.sql("SELECT 1").body == b"1\n"
    running = "SELECT count() FROM system.processes WHERE query LIKE '%number + 16%numbers(1%'"
    for _ in range(5):
        assert daemon.sql("SELECT 1").body == b"1\n"
    for client in clients:
        client.settimeout(0.01)
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.close()
    deadline = time.monotonic() + 60
    while int(daemon.sql(running, "admin").body) > 1:
        assert time.monotonic() < deadline, "their clients are gone, and they still run"
        time.sleep(0.1)
