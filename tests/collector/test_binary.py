# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The real OpenTelemetry Collector with collector/config.yaml."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.collector.running import BINARY, CONFIG, collector, needs_binary, otlp_sink
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.collector, needs_binary]

CONTENT = ["gen_ai.input.messages", "gen_ai.prompt.0.content", "gen_ai.system_instructions"]
KEPT = ["gen_ai.request.model", "gen_ai.usage.input_tokens", "llmcost.record.id"]


def attributes(*keys: str) -> list[dict[str, Any]]:
    return [{"key": key, "value": {"stringValue": f"value of {key}"}} for key in keys]


def keys(of: dict[str, Any]) -> set[str]:
    return {attribute["key"] for attribute in of.get("attributes", [])}


def span() -> dict[str, Any]:
    event = {"name": "gen_ai.content.prompt", "attributes": attributes("gen_ai.prompt", "kept")}
    return {
        "traceId": "0af7651916cd43dd8448eb211c80319c",
        "spanId": "b7ad6b7169203331",
        "name": "chat m",
        "startTimeUnixNano": "1790000000000000000",
        "endTimeUnixNano": "1790000001000000000",
        "attributes": attributes(*CONTENT, *KEPT),
        "events": [event],
    }


def traces(*spans: dict[str, Any]) -> dict[str, Any]:
    return {"resourceSpans": [{"scopeSpans": [{"scope": {"name": "x"}, "spans": spans}]}]}


def logs(*records: dict[str, Any]) -> dict[str, Any]:
    return {"resourceLogs": [{"scopeLogs": [{"scope": {"name": "x"}, "logRecords": records}]}]}


def to_sink(url: str) -> dict[str, Any]:
    """Sends to `url` instead of ClickHouse; the processors stay as they are."""
    return {
        "exporters": {"otlphttp": {"endpoint": url, "encoding": "json", "compression": "none"}},
        "service": {
            "pipelines": {
                "traces": {"exporters": ["otlphttp"]},
                "logs": {"exporters": ["otlphttp"]},
            }
        },
    }


def test_the_config_is_valid() -> None:
    done = subprocess.run(
        [BINARY, "validate", f"--config={CONFIG}"],
        env={**os.environ, "LLMCOST_WRITER_PASSWORD": "secret"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_what_other_emitters_recorded_of_prompts_does_not_pass(tmp_path: Path) -> None:
    with otlp_sink() as (url, got), collector(tmp_path, to_sink(url)) as running:
        assert running.send("traces", traces(span())) == 200
        records = [
            {"eventName": "gen_ai.user.message", "body": {"stringValue": "a prompt"}},
            {"body": {"stringValue": "a prompt"}, "attributes": attributes(*CONTENT, *KEPT)},
        ]
        records[1]["attributes"].append(
            {"key": "event.name", "value": {"stringValue": "gen_ai.choice"}}
        )
        assert running.send("logs", logs(*records)) == 200
        wait_until(lambda: {"traces", "logs"} <= got.keys(), running.log)

    [stored] = got["traces"][0]["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert keys(stored) == set(KEPT)
    assert keys(stored["events"][0]) == {"kept"}
    stored_logs = got["logs"][0]["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
    assert [record["body"]["stringValue"] for record in stored_logs] == ["", ""]
    assert keys(stored_logs[1]) == {*KEPT, "event.name"}


def test_metrics_are_accepted_and_go_nowhere(tmp_path: Path) -> None:
    point = {"asDouble": 1.0, "timeUnixNano": "1790000000000000000"}
    metric = {"name": "m", "gauge": {"dataPoints": [point]}}
    body = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}
    with otlp_sink() as (url, got), collector(tmp_path, to_sink(url)) as running:
        assert running.send("metrics", body) == 200
        assert running.send("traces", traces(span())) == 200
        wait_until(lambda: "traces" in got, running.log)
    assert "metrics" not in got
