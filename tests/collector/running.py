# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The real collector, started with the repository's config on free ports."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]
BINARY = ROOT / "collector/dist/otelcol-llmcost"
CONFIG = ROOT / "collector/config.yaml"

needs_binary = pytest.mark.skipif(
    not BINARY.exists(),
    reason="no collector binary: `make collector` builds it (needs Go >= 1.25, about 3 minutes)",
)


@dataclass
class Collector:
    """A running collector; `trust` verifies its certificate when it serves TLS."""

    port: int
    grpc: int
    metrics: int
    log: Path
    process: subprocess.Popen[bytes]
    trust: ssl.SSLContext | None = None

    def kill(self) -> None:
        """As a crash: no time to write anything."""
        self.process.kill()
        self.process.wait(timeout=20)

    def send(self, signal: str, body: Mapping[str, Any], token: str = "") -> int:
        """POSTs OTLP/JSON; the HTTP status, also when it is a refusal."""
        scheme = "https" if self.trust else "http"
        request = urllib.request.Request(
            f"{scheme}://127.0.0.1:{self.port}/v1/{signal}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=10, context=self.trust) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            refusal.close()
            return refusal.code

    def metric(self, name: str) -> float:
        """Sum of one of its own metrics over all labels; 0 before it was first counted."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics}/metrics", timeout=5) as page:
            lines = page.read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name + "{"))


@contextmanager
def collector(
    directory: Path,
    overlay: Mapping[str, Any],
    configs: Sequence[Path] = (CONFIG,),
    trust: ssl.SSLContext | None = None,
    otlp_http: int = 0,
    **environ: str,
) -> Iterator[Collector]:
    """A collector with `configs`, free ports and `overlay` on top; stopped at the end.

    `directory` holds its queue and log. `otlp_http` is its port when it must be known before.
    """
    http, grpc, health, metrics = free_ports(4)
    http = otlp_http or http
    directory.mkdir(exist_ok=True)
    protocols = {
        "grpc": {"endpoint": f"127.0.0.1:{grpc}"},
        "http": {"endpoint": f"127.0.0.1:{http}"},
    }
    prometheus = {"host": "127.0.0.1", "port": metrics}
    ports = directory / "ports.yaml"
    ports.write_text(
        yaml.safe_dump(
            {
                "receivers": {"otlp": {"protocols": protocols}},
                "extensions": {"health_check": {"endpoint": f"127.0.0.1:{health}"}},
                "service": {
                    "telemetry": {
                        "metrics": {"readers": [{"pull": {"exporter": {"prometheus": prometheus}}}]}
                    }
                },
            }
        )
    )
    extra = directory / "overlay.yaml"
    extra.write_text(yaml.safe_dump(dict(overlay)))
    log = directory / "collector.log"
    environment = {
        **os.environ,
        "LLMCOST_WRITER_PASSWORD": "unused",
        "LLMCOST_QUEUE_DIR": str(directory / "queue"),
        **environ,
    }
    with log.open("ab") as output:
        process = subprocess.Popen(
            [BINARY, *(f"--config={path}" for path in (*configs, ports, extra))],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: _healthy(process, health), log)
        yield Collector(http, grpc, metrics, log, process, trust)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _healthy(process: subprocess.Popen[bytes], port: int) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"the collector exited with {process.returncode}")
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=1):
            return True
    except (urllib.error.URLError, ConnectionError):
        return False


def free_ports(count: int) -> list[int]:
    """Ports without a listener, all different."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


@contextmanager
def otlp_sink() -> Iterator[tuple[str, dict[str, list[dict[str, Any]]]]]:
    """An OTLP/JSON backend that remembers what it was sent: (its URL, signal -> bodies)."""
    got: dict[str, list[dict[str, Any]]] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.setdefault(self.path.rsplit("/", 1)[1], []).append(json.loads(body))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: Any) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
