# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The real collector in front of the real daemon: OTLP in, rows of the schema out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.collector.otlp import attribute, logs, record, traces
from tests.collector.running import collector, free_ports, needs_binary
from tests.support.daemon_process import daemon
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.collector, needs_binary]


def test_what_was_acknowledged_survives_a_dead_database_and_a_killed_collector(
    tmp_path: Path,
) -> None:
    (unused,) = free_ports(1)
    down = {"LLMCOST_CLICKHOUSE_URL": f"http://127.0.0.1:{unused}"}
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
                assert database.otlp(signal, body) == 200
                wait_until(lambda table=table: len(database.rows(table)) == 2, running.log)
                by_collector, by_daemon = database.rows(table)
                assert by_collector == by_daemon
                assert "a prompt" not in json.dumps(by_daemon)
        [call] = database.rows(
            "SELECT feature, model, toString(cost_usd) AS usd FROM llmcost.calls"
        )
        assert call == {"feature": "search", "model": "claude-sonnet-4-5", "usd": "0.00000012"}
