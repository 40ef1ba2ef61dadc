# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import getpass
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
    assert 0.4 < row["excess_usd"] < 0.45
    assert sum(map(float, json.loads(row["parts"]).values())) == row["excess_usd"]
    assert "prompt_growth" in cli("anomalies").stdout


def test_an_incident_is_acknowledged_expected_or_muted(cli: Command, embedded_store: Store) -> None:
    blown_up(embedded_store)
    cli("anomalies", "detect")
    (row,) = rows(cli("incidents", *JSON))
    name = row["incident_id"]
    assert row["state"] == "open"
    for flags, state in (
        (("--note", "known"), "acknowledged"),
        (("--expected",), "expected"),
        (("--mute",), "muted"),
    ):
        assert cli("incidents", "ack", name, *flags).exit_code == 0
        assert rows(cli("incidents", *JSON))[0]["state"] == state
        assert rows(cli("anomalies", *JSON))[0]["state"] == state
    shown = cli("incidents", "show", name).stdout
    assert "known" in shown
    assert shown.count(getpass.getuser()) == 3
    for unknown in (cli("incidents", "ack", "0000"), cli("incidents", "show", "0000")):
        assert unknown.exit_code == 1
        assert "has their ids" in unknown.stderr
    assert cli("incidents", "ack", name, "--expected", "--mute").exit_code == 1


def test_an_incident_is_listed_and_shown_with_all_that_its_notice_says(
    cli: Command, embedded_store: Store
) -> None:
    blown_up(embedded_store)
    cli("anomalies", "detect")
    (row,) = rows(cli("incidents", *JSON))
    (line,) = rows(cli("anomalies", *JSON))
    for name in ("cause", "feature", "excess_usd", "incident_id", "worst_record_id"):
        assert row[name] == line[name]
    assert row["kinds"] == [line["kind"]]
    assert sum(map(float, json.loads(row["parts"]).values())) == row["excess_usd"]
    listed = cli("incidents").stdout
    assert row["incident_id"] in listed
    assert row["evidence"] in listed
    shown = cli("incidents", "show", row["incident_id"]).stdout
    for name in ("What", "Since", "Cost", "Cause", "Where", "Affected", "What to do"):
        assert f"\n{name}: " in shown
    assert f"otel-llmcost explain {row['worst_record_id']}" in shown
    assert f"otel-llmcost incidents ack {row['incident_id']} --expected" in shown


def test_an_excess_below_the_floor_is_not_reported(cli: Command, embedded_store: Store) -> None:
    blown_up(embedded_store)
    assert "0 found" in cli("anomalies", "detect", "--floor", "100").stderr
