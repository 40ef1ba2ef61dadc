# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The real collector in front of the real daemon: OTLP in, rows of the schema out."""

from __future__ import annotations

import json
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.collector.running import collector, free_ports, needs_binary, wait_until
from tests.support.daemon_process import daemon

pytestmark = [pytest.mark.collector, needs_binary]


def attribute(key: str, value: str | int | float | bool | list[str]) -> dict[str, Any]:
    if isinstance(value, list):
        values = [{"stringValue": each} for each in value]
        return {"key": key, "value": {"arrayValue": {"values": values}}}
    kinds = {str: "stringValue", bool: "boolValue", int: "intValue", float: "doubleValue"}
    return {"key": key, "value": {kinds[type(value)]: value}}


def record(number: int) -> dict[str, Any]:
    """The span of one record, with every wire type a record has, and a prompt that is not ours."""
    start = time.time_ns() - 5_000_000_000 + number
    attributes: dict[str, str | int | float | bool | list[str]] = {
        "llmcost.record.id": f"{7:016x}{number:016x}",
        "llmcost.record.seq": number,
        "llmcost.feature": "search",
        "llmcost.cost.status": "priced",
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.response.model": "claude-sonnet-4-5",
        "gen_ai.request.stream": True,
        "gen_ai.response.finish_reasons": ["end_turn"],
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 10,
        "gen_ai.usage.cost.amount": 1.2e-7,
        "llmcost.cost.input": 1.2e-7,
        "gen_ai.input.messages": "a prompt",
    }
    return {
        "traceId": f"{number + 1:032x}",
        "spanId": f"{number + 1:016x}",
        "name": "chat claude-sonnet-4-5",
        "kind": 3,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + 1_500_000_000),
        "attributes": [attribute(key, value) for key, value in attributes.items()],
        "events": [
            {
                "timeUnixNano": str(start),
                "name": "gen_ai.content.prompt",
                "attributes": [attribute("gen_ai.prompt", "a prompt"), attribute("kept", 1)],
            }
        ],
    }


def traces(*spans: dict[str, Any]) -> dict[str, Any]:
    resource = {"attributes": [attribute("service.name", "shop")]}
    scope = {"name": "otel_llmcost", "version": "0.1.0"}
    return {
        "resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": scope, "spans": spans}]}]
    }


def logs(*records: dict[str, Any]) -> dict[str, Any]:
    resource = {"attributes": [attribute("service.name", "shop")]}
    scope = {"name": "chat.logger"}
    scoped = [{"scope": scope, "logRecords": records}]
    return {"resourceLogs": [{"resource": resource, "scopeLogs": scoped}]}


def test_what_was_acknowledged_survives_a_dead_database_and_a_killed_collector(
    tmp_path: Path,
) -> None:
    (nobody,) = free_ports(1)
    down = {"LLMCOST_CLICKHOUSE_URL": f"http://127.0.0.1:{nobody}"}
    with collector(tmp_path, {}, **down) as running:
        for batch in range(4):
            spans = [record(batch * 50 + number) for number in range(50)]
            assert running.send("traces", traces(*spans)) == 200
        running.kill()

    with daemon(tmp_path / "store") as database:
        up = {"LLMCOST_CLICKHOUSE_URL": database.url, "LLMCOST_WRITER_PASSWORD": database.writer}
        with collector(tmp_path, {}, **up) as running:
            count = (
                "SELECT toUInt32(count()) AS n, toString(sum(cost_usd)) AS usd FROM llmcost.calls"
            )
            wait_until(lambda: database.rows(count)[0]["n"] >= 200, running.log)
            assert database.rows(count) == [{"n": 200, "usd": "0.000024"}]


def test_the_collector_stores_what_the_daemon_stores(tmp_path: Path) -> None:
    span = record(0)
    log = {
        "timeUnixNano": span["startTimeUnixNano"],
        "eventName": "gen_ai.user.message",
        "body": {"stringValue": "a prompt"},
        "attributes": [attribute("content", "a prompt"), attribute("gen_ai.system", "openai")],
    }
    bodies = {"traces": traces(span), "logs": logs(log)}
    with daemon(tmp_path / "store") as database:
        up = {"LLMCOST_CLICKHOUSE_URL": database.url, "LLMCOST_WRITER_PASSWORD": database.writer}
        with collector(tmp_path, {}, **up) as running:
            for signal, body in bodies.items():
                assert running.send(signal, body) == 200
                table = f"SELECT * FROM llmcost.otel_{signal}"
                wait_until(lambda table=table: database.rows(table), running.log)
                request = urllib.request.Request(
                    f"{database.otlp_http}/v1/{signal}",
                    json.dumps(body).encode(),
                    {"Content-Type": "application/json"},
                )
                with urllib.request.urlopen(request, timeout=10) as answer:
                    assert answer.status == 200
                wait_until(lambda table=table: len(database.rows(table)) == 2, running.log)
                by_collector, by_daemon = database.rows(table)
                assert by_collector == by_daemon
                assert "a prompt" not in json.dumps(by_daemon)
        [call] = database.rows(
            "SELECT feature, model, toString(cost_usd) AS usd FROM llmcost.calls"
        )
        assert call == {"feature": "search", "model": "claude-sonnet-4-5", "usd": "0.00000012"}
