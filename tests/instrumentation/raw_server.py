# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A real HTTP server on 127.0.0.1 that sends exactly the bytes that a test sets."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    """One HTTP reply, byte for byte."""

    body: bytes | list[bytes] = b""
    """A list goes out piece by piece, each in a write of its own"""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    length: int | None = None
    """Content-Length to claim; else chunked transfer"""
    cut: bool = False
    """Close the connection without the end of the body"""
    silent: bool = False
    """Take the request and answer nothing until the client gives up"""


class RawServer:
    """Answers each request with the next answer; the last one is repeated."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[bytes] = []
        self.stopping = threading.Event()
        self.url = ""

    def next(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def serving() -> Iterator[RawServer]:
    raw = RawServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw.requests.append(self.rfile.read(int(self.headers["content-length"])))
            answer = raw.next()
            if answer.silent:
                raw.stopping.wait(10)
                self.close_connection = True
                return
            try:
                self._send(answer)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the client closed early, as some tests want

        def _send(self, answer: Answer) -> None:
            pieces = [answer.body] if isinstance(answer.body, bytes) else answer.body
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            chunked = answer.length is None
            self.send_header(*self._framing(answer))
            self.end_headers()
            for piece in filter(None, pieces):
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
                self.wfile.flush()
            if answer.cut:
                self.close_connection = True
            elif chunked:
                self.wfile.write(b"0\r\n\r\n")

        @staticmethod
        def _framing(answer: Answer) -> tuple[str, str]:
            if answer.length is None:
                return "transfer-encoding", "chunked"
            return "content-length", str(answer.length)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    raw.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield raw
    finally:
        raw.stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()
