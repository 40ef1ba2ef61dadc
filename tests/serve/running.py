# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A real `serve` in a process of its own, and plain HTTP against it."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

PORTS = ("otlp-grpc", "otlp-http", "clickhouse", "web")


class Reply(NamedTuple):
    status: int
    body: bytes
    headers: dict[str, str]


@dataclass
class Running:
    process: subprocess.Popen[bytes]
    facts: dict[str, Any]
    store: Path

    @classmethod
    def start(cls, store: Path) -> Running:
        process = subprocess.Popen(command(store))
        deadline = time.monotonic() + 180
        note = store / "daemon.json"
        while time.monotonic() < deadline and process.poll() is None:
            if note.exists():
                facts = json.loads(note.read_text())
                if facts["pid"] == process.pid:
                    return cls(process, facts, store)
            time.sleep(0.05)
        process.kill()
        raise AssertionError(f"the daemon did not start: {process.poll()}")

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(30)

    def sql(self, sql: str, user: str = "reader", data: bytes = b"", **query: str) -> Reply:
        """Query the SQL port as that user."""
        login = f"{user}:{self.facts['users'][user]}"
        headers = {"Authorization": "Basic " + base64.b64encode(login.encode()).decode()}
        if data:
            query["query"] = sql
        url = f"{self.facts['http_url']}/?{urlencode(query)}"
        return post(url, data or sql.encode(), headers)

    def rows(self, sql: str) -> list[list[Any]]:
        reply = self.sql(sql, default_format="JSONCompactEachRow")
        assert reply.status == 200, reply.body
        return [json.loads(line) for line in reply.body.splitlines()]

    def otlp(self, signal: str, body: bytes, **headers: str) -> Reply:
        sent = {"Content-Type": "application/x-protobuf"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return post(f"{self.facts['otlp_http']}/v1/{signal}", body, sent)


def command(store: Path, *options: str) -> list[str]:
    ports = [text for port in PORTS for text in (f"--{port}-port", "0")]
    return [sys.executable, "-m", "otel_llmcost.serve", "--store", str(store), *ports, *options]


def post(url: str, body: bytes | None, headers: dict[str, str]) -> Reply:
    request = urllib.request.Request(url, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return Reply(reply.status, reply.read(), dict(reply.headers))
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, error.read(), dict(error.headers))


def get(url: str, **headers: str) -> Reply:
    return post(url, None, headers)
