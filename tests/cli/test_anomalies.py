# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import json

from otel_llmcost.store import Store
from tests.cli.calls import add, blown_up, call
from tests.cli.conftest import Command, rows

JSON = ("--format", "json")


def test_nothing_unusual_is_said_so(cli: Command, embedded_store: Store) -> None:
    add(embedded_store, call(), call())
    assert cli("anomalies", "detect").exit_code == 0
    result = cli("anomalies")
    assert result.exit_code == 0
    assert "No anomalies among 2 calls" in result.stderr


def test_what_was_found_is_listed_with_its_cause(cli: Command, embedded_store: Store) -> None:
    blown_up(embedded_store)
    assert "1 found" in cli("anomalies", "detect").stderr
    (row,) = rows(cli("anomalies", *JSON))
    assert (row["kind"], row["feature"], row["state"]) == ("prompt_growth", "support", "open")
    assert row["cause"] == "prompt"
    assert 2.5 < row["excess_usd"] < 3
    assert sum(map(float, json.loads(row["parts"]).values())) == row["excess_usd"]
    assert "prompt_growth" in cli("anomalies").stdout


def test_an_anomaly_is_acknowledged_or_expected(cli: Command, embedded_store: Store) -> None:
    blown_up(embedded_store)
    cli("anomalies", "detect")
    (row,) = rows(cli("anomalies", *JSON))
    assert cli("anomalies", "ack", row["anomaly_id"], "--note", "known").exit_code == 0
    assert rows(cli("anomalies", *JSON))[0]["state"] == "acknowledged"
    assert cli("anomalies", "ack", row["anomaly_id"], "--expected").exit_code == 0
    assert rows(cli("anomalies", *JSON))[0]["state"] == "expected"
    unknown = cli("anomalies", "ack", "0000")
    assert unknown.exit_code == 1
    assert "has their ids" in unknown.stderr


def test_an_excess_below_the_floor_is_not_reported(cli: Command, embedded_store: Store) -> None:
    blown_up(embedded_store)
    assert "0 found" in cli("anomalies", "detect", "--floor", "100").stderr
