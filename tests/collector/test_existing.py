# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""existing.yaml beside the pipelines of a collector that a team already runs."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.collector.otlp import attribute, logs, record, traces
from tests.collector.running import (
    BINARY,
    CONFIG,
    collector,
    free_ports,
    needs_binary,
    otlp_sink,
)
from tests.support.daemon_process import daemon
from tests.support.schema_store import with_schema
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.collector, needs_binary]

EXISTING = CONFIG.with_name("existing.yaml")
# What a reader of the fragment adds to the list they have.
ADDED = {"service": {"extensions": ["health_check", "file_storage/llmcost"]}}


def theirs(directory: Path, backend: str) -> Path:
    """A plain collector: OTLP in, OTLP out to another vendor's backend."""
    pipeline = {"receivers": ["otlp"], "exporters": ["otlp_http"]}
    config = {
        "receivers": {"otlp": {"protocols": {"grpc": {}, "http": {}}}},
        "exporters": {
            "otlp_http": {"endpoint": backend, "encoding": "json", "compression": "none"}
        },
        "extensions": {"health_check": {}},
        "service": {
            "extensions": ["health_check"],
            "pipelines": {"traces": pipeline, "logs": pipeline},
        },
    }
    path = directory / "theirs.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


def web_request() -> dict[str, Any]:
    """A span that has nothing to do with models, though it speaks of them."""
    return {
        "traceId": f"{900:032x}",
        "spanId": f"{900:016x}",
        "name": "GET /search",
        "startTimeUnixNano": "1790000000000000000",
        "endTimeUnixNano": "1790000001000000000",
        "attributes": [attribute("url.path", "/gen_ai.models"), attribute("http.method", "GET")],
    }


def log(*attributes: dict[str, Any]) -> dict[str, Any]:
    body = {"stringValue": "a prompt"}
    return {"timeUnixNano": str(time.time_ns()), "body": body, "attributes": list(attributes)}


def test_only_genai_leaves_by_it_and_the_team_keeps_everything(tmp_path: Path) -> None:
    foreign = log(attribute("event.name", "gen_ai.choice"), attribute("gen_ai.system", "openai"))
    other = web_request()
    with daemon(with_schema(tmp_path / "store")) as database, otlp_sink() as (backend, got):
        up = {"LLMCOST_CLICKHOUSE_URL": database.url, "LLMCOST_WRITER_PASSWORD": database.writer}
        configs = [theirs(tmp_path, backend), EXISTING]
        ours = record(0)
        mixed = traces(ours)
        mixed["resourceSpans"] += [
            {"scopeSpans": [{"scope": {"name": "web"}, "spans": [other]}]},
        ]
        lines = logs(log(attribute("user", "u1")), foreign)
        with collector(tmp_path / "c", ADDED, configs, **up) as running:
            assert running.send("traces", mixed) == 200
            assert running.send("logs", lines) == 200
            for table in ("otel_traces", "otel_logs"):
                rows = f"SELECT * FROM llmcost.{table}"
                wait_until(lambda rows=rows: database.rows(rows), running.log)
            wait_until(lambda: {"traces", "logs"} <= got.keys(), running.log)
            assert database.otlp("traces", traces(ours)) == 200
            assert database.otlp("logs", logs(foreign)) == 200
        spans = database.rows("SELECT * FROM llmcost.otel_traces")
        events = database.rows("SELECT * FROM llmcost.otel_logs")
        assert [len(spans), len(events)] == [2, 2]
        assert spans[0] == spans[1]
        assert events[0] == events[1]
        assert "a prompt" not in json.dumps([spans, events])
    complete = json.dumps(got)
    assert "GET /search" in complete
    assert "gen_ai.input.messages" in complete
    assert complete.count("a prompt") == 4  # two in the span, one in each log line


def test_the_databases_absence_does_not_reach_the_teams_pipelines(tmp_path: Path) -> None:
    (unused,) = free_ports(1)
    down = {"LLMCOST_CLICKHOUSE_URL": f"http://127.0.0.1:{unused}"}
    overlay = {
        **ADDED,
        "exporters": {
            "clickhouse/llmcost": {
                "sending_queue": {
                    "queue_size": 10,
                    "batch": {"min_size": 1, "max_size": 10, "flush_timeout": "100ms"},
                }
            }
        },
    }
    with otlp_sink() as (backend, got):
        configs = [theirs(tmp_path, backend), EXISTING]
        with collector(tmp_path / "c", overlay, configs, **down) as running:
            full = [running.send("traces", traces(record(number))) for number in range(30)]
            assert 200 in full
            assert 503 in full, "a full queue makes the sender retry"
            assert running.send("logs", logs(log(attribute("user", "u1")))) == 200
            wait_until(lambda: len(got.get("traces", [])) == 30 and "logs" in got, running.log)


def test_what_it_queued_survives_a_crash(tmp_path: Path) -> None:
    (unused,) = free_ports(1)
    with otlp_sink() as (backend, _), daemon(with_schema(tmp_path / "store")) as database:
        configs = [theirs(tmp_path, backend), EXISTING]
        down = {"LLMCOST_CLICKHOUSE_URL": f"http://127.0.0.1:{unused}"}
        with collector(tmp_path / "c", ADDED, configs, **down) as running:
            spans = [record(number) for number in range(100)]
            assert running.send("traces", traces(*spans)) == 200
            running.kill()
        up = {"LLMCOST_CLICKHOUSE_URL": database.url, "LLMCOST_WRITER_PASSWORD": database.writer}
        with collector(tmp_path / "c", ADDED, configs, **up) as running:
            count = "SELECT toUInt32(count()) AS n FROM llmcost.calls"
            wait_until(lambda: database.rows(count)[0]["n"] >= 100, running.log)
            assert database.rows(count) == [{"n": 100}]


def test_without_its_extension_the_collector_refuses_to_start(tmp_path: Path) -> None:
    command = [BINARY, f"--config={theirs(tmp_path, 'http://127.0.0.1:1')}"]
    done = subprocess.run(
        [*command, f"--config={EXISTING}"],
        env={**os.environ, "LLMCOST_WRITER_PASSWORD": "x", "LLMCOST_QUEUE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
    assert "no storage client extension found" in done.stderr
