# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A receiver on this machine that can be down."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.support.embedded import embedded_store

__all__ = ["embedded_store"]


class Listener(ThreadingHTTPServer):
    """Keeps what it was sent; answers 503 while `down`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.down = False
        self.requested = 0
        self.answer: object = None
        """Sent back as JSON; None is no answer."""
        self.heard: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook"

    def kinds(self) -> list[str]:
        return [notice["kind"] for notice in self.heard]


class _Handler(BaseHTTPRequestHandler):
    server: Listener  # type: ignore[assignment] # the class above starts no other

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requested += 1
        answer = b"" if self.server.answer is None else json.dumps(self.server.answer).encode()
        self.send_response(503 if self.server.down else 200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
        if not self.server.down:
            self.server.heard.append(json.loads(body))

    def log_message(self, format: str, *args: Any) -> None:
        return


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = Listener()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
