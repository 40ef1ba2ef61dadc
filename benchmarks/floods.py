# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The daemon under floods: its peak memory, and how long others wait meanwhile.

Each flood meets a daemon of its own. Beside it, every fifth of a second, /healthz is requested, one
span is sent and `SELECT 1` is run: the longest wait of each is what the flood did to others.
"""

from __future__ import annotations

import gzip
import re
import socket
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import grpc
from rich.table import Table

from tests.ingest.bodies import records
from tests.support.daemon_process import Served, daemon

SECONDS = 20.0
_JSON = {"Content-Type": "application/json"}
_PROTOBUF = {"Content-Type": "application/x-protobuf"}
_EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_ENDLESS = "SELECT max(sipHash64(number)) FROM numbers(1000000000000)"
MB = 1 << 20
Flood = Callable[[Served, threading.Event], object]
"""Floods a daemon until the event is set."""


def json_bomb() -> bytes:
    """32 MB of empty objects in some 30 KB."""
    head, tail = b'{"resourceSpans":[', b"{}]}"
    return gzip.compress(head + b"{}," * ((31 * MB) // 3) + tail)


def protobuf_bomb() -> bytes:
    """32 MB of empty spans in some 30 KB."""
    return gzip.compress(_inside(_inside(b"\x12\x00" * (15 * MB), 0x12), 0x0A))


def _inside(message: bytes, tag: int) -> bytes:
    size, length = len(message), bytearray()
    while size > 127:
        length.append(size & 127 | 128)
        size >>= 7
    return bytes([tag, *length, size]) + message


def post(url: str, body: bytes, headers: dict[str, str], timeout: float = 120) -> int:
    """The status, also of a refusal; 0 when there was no answer."""
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, body, headers), timeout=timeout
        ) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


def bombs(body: bytes, headers: dict[str, str]) -> Flood:
    """12 packed requests at the same time, once."""

    def flood(served: Served, over: threading.Event) -> None:
        packed = {**headers, "Content-Encoding": "gzip"}
        url = f"{served.otlp_http}/v1/traces"
        for _ in range(12):
            threading.Thread(target=post, args=(url, body, packed), daemon=True).start()
        over.wait(SECONDS)

    return flood


def grpc_bombs(served: Served, over: threading.Event) -> None:
    """12 packed gRPC messages."""
    body = gzip.decompress(protobuf_bomb())

    def send() -> None:
        with grpc.insecure_channel(served.facts["otlp_grpc"].removeprefix("http://")) as channel:
            try:
                channel.unary_unary(_EXPORT)(body, timeout=60, compression=grpc.Compression.Gzip)
            except grpc.RpcError:
                return

    for _ in range(12):
        threading.Thread(target=send, daemon=True).start()
    over.wait(SECONDS)


def slow(port: str, head: str, first: int, count: int) -> Flood:
    """Connections that send some bytes at once and then one a second."""

    def flood(served: Served, over: threading.Event) -> None:
        address = urlsplit(str(served.facts[port]))
        sockets: list[socket.socket] = []
        for _ in range(count):
            client = socket.create_connection((address.hostname or "", address.port or 0))
            client.settimeout(5)
            sockets.append(client)
            _send(client, head.encode() + b"x" * first)
        while not over.wait(1):
            for client in sockets:
                _send(client, b"x")

    return flood


def _send(client: socket.socket, data: bytes) -> None:
    try:
        client.sendall(data)
    except OSError:
        return


def endless(served: Served, over: threading.Event) -> None:
    """16 queries that do not end."""
    for _ in range(16):
        threading.Thread(target=post, args=(served.url, _ENDLESS.encode(), {}), daemon=True).start()
    over.wait(SECONDS)


_HEAD = "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\n"
_SQL = "POST /?query=SELECT+1 HTTP/1.1\r\nHost: localhost\r\n"
FLOODS: dict[str, Flood] = {
    "none": lambda _, over: over.wait(SECONDS),
    "12 gzip bombs of JSON": bombs(json_bomb(), _JSON),
    "12 gzip bombs of protobuf": bombs(protobuf_bomb(), _PROTOBUF),
    "12 gRPC gzip bombs": grpc_bombs,
    "200 slow heads, SQL": slow("http_url", "GET /ping HTTP/1.1\r\nX: ", 100, 200),
    "3 slow bodies of 30 MB, OTLP": slow(
        "otlp_http", f"{_HEAD}Content-Length: {31 * MB}\r\n\r\n", 30 * MB, 3
    ),
    "8 slow bodies of 100 MB, SQL": slow(
        "http_url", f"{_SQL}Content-Length: {200 * MB}\r\n\r\n", 100 * MB, 8
    ),
    "16 endless queries": endless,
}


class Waits:
    """How long others wait, in seconds; measured until the flood is over."""

    def __init__(self, served: Served, over: threading.Event) -> None:
        requested = {
            "health": lambda: post_get(f"{served.otlp_http}/healthz"),
            "span": lambda: post(f"{served.otlp_http}/v1/traces", records(1), _PROTOBUF),
            "query": lambda: post(served.url, b"SELECT 1", {}),
        }
        self.longest = dict.fromkeys(requested, 0.0)
        self.refused = dict.fromkeys(requested, 0)
        self._over = over
        self._threads = [
            threading.Thread(target=self._probe, args=(name, probe))
            for name, probe in requested.items()
        ]
        for thread in self._threads:
            thread.start()

    def _probe(self, name: str, probe: Callable[[], int]) -> None:
        while not self._over.wait(0.2):
            began = time.monotonic()
            self.refused[name] += probe() != 200
            self.longest[name] = max(self.longest[name], time.monotonic() - began)

    def join(self) -> None:
        for thread in self._threads:
            thread.join()


def post_get(url: str) -> int:
    """The status of a GET."""
    try:
        with urllib.request.urlopen(url, timeout=120) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


def peak(served: Served) -> int:
    """The most MB the daemon ever had in memory."""
    status = Path(f"/proc/{served.facts['pid']}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+)", status)
    assert found
    return int(found[1]) >> 10


def measure(flood: Flood) -> list[str]:
    """Peak memory, the longest waits, and how many of the others' requests were refused."""
    with tempfile.TemporaryDirectory() as folder, daemon(Path(folder, "store")) as served:
        over = threading.Event()
        attack = threading.Thread(target=flood, args=(served, over))
        attack.start()
        waits = Waits(served, over)
        time.sleep(SECONDS)
        over.set()
        attack.join()
        waits.join()
        numbers = [f"{seconds:.2f}" for seconds in waits.longest.values()]
        return [str(peak(served)), *numbers, str(sum(waits.refused.values()))]


def table() -> Table:
    """One row for each flood."""
    result = Table(title=f"floods: {SECONDS:.0f} s each; longest waits of others in seconds")
    for column in ("flood", "peak MB", "health", "span", "SELECT 1", "refused"):
        result.add_column(column, justify="left" if column == "flood" else "right")
    for name, flood in FLOODS.items():
        result.add_row(name, *measure(flood))
    return result
