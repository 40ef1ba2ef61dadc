# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""As much of HTTP/2 as a gRPC message needs that never ends: gRPC's own client sends whole ones."""

from __future__ import annotations

import socket
import struct

_DATA, _HEADERS, _SETTINGS, _WINDOW_UPDATE = 0, 1, 4, 8
_ACK, _END_HEADERS = 1, 4
_PATH = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_HEAD = {
    ":method": "POST",
    ":scheme": "http",
    ":path": _PATH,
    ":authority": "x",
    "te": "trailers",
    "content-type": "application/grpc",
}


def unfinished_message(port: int, announced: int, sent: int) -> socket.socket:
    """A request whose message of `announced` bytes stops after `sent`, or where the server lets it
    send no more for a moment."""
    client = socket.create_connection(("127.0.0.1", port), timeout=0.3)
    client.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _frame(_SETTINGS))
    fields = b"".join(b"\0" + _text(name) + _text(value) for name, value in _HEAD.items())
    client.sendall(_frame(_HEADERS, fields, _END_HEADERS, 1))
    rest = memoryview(struct.pack(">BI", 0, announced) + bytes(sent))
    windows, received = {0: 65535, 1: 65535}, b""
    while rest:
        while rest and (size := min(16384, len(rest), *windows.values())) > 0:
            client.sendall(_frame(_DATA, bytes(rest[:size]), stream=1))
            rest = rest[size:]
            windows = {stream: window - size for stream, window in windows.items()}
        try:
            received += client.recv(65536)
        except TimeoutError:
            break
        while len(received) >= 9:
            length, kind, flags, stream = _head(received)
            if len(received) < 9 + length:
                break
            payload, received = received[9 : 9 + length], received[9 + length :]
            if kind == _WINDOW_UPDATE:
                windows[stream] += int.from_bytes(payload, "big")
            elif kind == _SETTINGS and not flags & _ACK:
                for at in range(0, length, 6):
                    name, value = struct.unpack(">HI", payload[at : at + 6])
                    if name == 4:  # the initial window of a stream
                        windows[1] += value - 65535
                client.sendall(_frame(_SETTINGS, flags=_ACK))
    return client


def _frame(kind: int, payload: bytes = b"", flags: int = 0, stream: int = 0) -> bytes:
    return len(payload).to_bytes(3, "big") + struct.pack(">BBI", kind, flags, stream) + payload


def _head(frame: bytes) -> tuple[int, int, int, int]:
    return int.from_bytes(frame[:3], "big"), frame[3], frame[4], int.from_bytes(frame[5:9], "big")


def _text(value: str) -> bytes:
    return bytes([len(value)]) + value.encode()
