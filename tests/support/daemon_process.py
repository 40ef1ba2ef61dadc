# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost serve` in a process of its own: a process can have one embedded store."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PORTS = ("otlp-grpc", "otlp-http", "clickhouse", "web")


class Served:
    """A running daemon, seen from outside."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self.facts: dict[str, Any] = json.loads((store / "daemon.json").read_text())
        self.url = str(self.facts["http_url"])
        self.otlp_http = str(self.facts["otlp_http"])
        self.writer = str(self.facts["users"]["writer"])

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Answers as the user `reader` gets them over the ClickHouse HTTP dialect."""
        query = urllib.parse.urlencode({"default_format": "JSONEachRow"})
        request = urllib.request.Request(f"{self.url}/?{query}", sql.encode())
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return [json.loads(line) for line in answer.read().splitlines()]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error

    def otlp(self, signal: str, body: dict[str, Any]) -> int:
        """POSTs OTLP/JSON straight to the daemon; the HTTP status."""
        request = urllib.request.Request(
            f"{self.otlp_http}/v1/{signal}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)


@contextmanager
def daemon(store: Path) -> Iterator[Served]:
    """Serves `store` on free ports; stopped at the end."""
    log = store.with_suffix(".log")
    ports = [option for name in PORTS for option in (f"--{name}-port", "0")]
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "otel_llmcost.serve", "--store", store, *ports],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + 180
        while not (store / "daemon.json").exists():
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the daemon did not start:\n{log.read_text()}")
            time.sleep(0.05)
        yield Served(store)
    finally:
        process.terminate()
        process.wait(timeout=30)
