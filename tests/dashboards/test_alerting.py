# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The alert rules as Grafana's provisioning reads them, checked without one."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from tests.dashboards.files import ALERTING, BOARDS, ROOT, RULES, title

each_rule = pytest.mark.parametrize("rule", RULES, ids=title)
DURATION = r"(\d+[smhdw])+"


def test_a_group_has_what_grafana_requires() -> None:
    assert ALERTING["apiVersion"] == 1
    for group in ALERTING["groups"]:
        assert group["name"]
        assert group["folder"]
        assert re.fullmatch(DURATION, group["interval"])
        assert group["rules"]


def test_the_users_notification_policies_and_contact_points_are_left_alone() -> None:
    """A provisioned policy replaces the whole tree of the organisation."""
    assert set(ALERTING) == {"apiVersion", "groups", "templates"}


@each_rule
def test_a_rule_has_what_grafana_requires(rule: dict[str, Any]) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,40}", rule["uid"])
    assert rule["title"]
    assert re.fullmatch(DURATION, rule["for"])
    assert rule["noDataState"] in {"NoData", "Alerting", "OK", "KeepLast"}
    assert rule["execErrState"] == "Error"


@each_rule
def test_a_rule_is_a_query_and_a_threshold_on_it(rule: dict[str, Any]) -> None:
    data = {query["refId"]: query for query in rule["data"]}
    threshold = data[rule["condition"]]
    assert threshold["datasourceUid"] == "__expr__"
    assert threshold["model"]["type"] == "threshold"
    query = data[threshold["model"]["expression"]]
    assert query["model"]["format"] == 1
    assert query["model"]["intervalMs"] >= 60_000, "the plugin's default is one second"
    assert query["relativeTimeRange"]["from"] > query["relativeTimeRange"]["to"] >= 0


@each_rule
def test_a_rule_queries_the_provisioned_data_source_without_the_browsers_help(
    rule: dict[str, Any],
) -> None:
    [source] = yaml.safe_load((ROOT / "provisioning/datasources/llmcost.yaml").read_text())[
        "datasources"
    ]
    for query in rule["data"]:
        if query["datasourceUid"] != "__expr__":
            assert query["datasourceUid"] == source["uid"] == query["model"]["datasource"]["uid"]
            used = set(re.findall(r"\$\w+", query["model"]["rawSql"]))
            assert used <= {"$__timeFilter", "$__timeInterval", "$__fromTime", "$__toTime"}


@each_rule
def test_a_rule_links_to_a_panel_that_exists(rule: dict[str, Any]) -> None:
    board = BOARDS[rule["dashboardUid"]]
    [panel] = [panel for panel in board["panels"] if panel["id"] == rule["panelId"]]
    assert panel["type"] in {"table", "timeseries"}


@each_rule
def test_the_message_shows_the_dollars_and_what_to_do(rule: dict[str, Any]) -> None:
    assert "dollars" in rule["title"]
    said = rule["annotations"]
    in_dollars = r'{{ printf "\x24%.2f" .Values.A.Value }}' in said["summary"]
    # What has no price, or is not here yet, has no amount.
    assert in_dollars or rule["uid"] in {"llmcost_unpriced", "llmcost_pipeline_lag"}
    assert said["description"]
    assert said["runbook"]


def test_every_label_a_message_names_is_a_column_of_its_query() -> None:
    for rule in RULES:
        named = set(re.findall(r"\.Labels\.(\w+)", json.dumps(rule["annotations"])))
        sql = rule["data"][0]["model"]["rawSql"]
        assert all(re.search(rf"\b{label}\b", sql) for label in named), rule["uid"]


def test_grafana_finds_no_environment_variable_to_expand() -> None:
    """Outside the query model Grafana replaces `$name` in titles, labels and more."""
    for rule in RULES:
        shell = {key: value for key, value in rule.items() if key != "data"}
        assert "$" not in json.dumps(shell)
    assert "$" not in json.dumps(ALERTING["templates"])


def test_the_data_source_takes_its_password_from_the_environment() -> None:
    text = (ROOT / "provisioning/datasources/llmcost.yaml").read_text()
    [source] = yaml.safe_load(text)["datasources"]
    assert source["type"] == "grafana-clickhouse-datasource"
    assert source["secureJsonData"] == {"password": "$LLMCOST_READER_PASSWORD"}
    assert source["jsonData"]["username"] == "reader"
    assert source["jsonData"]["defaultDatabase"] == "llmcost"
    assert source["jsonData"]["protocol"] == "http"
    # Keys the plugin's backend ignores, which people set all the same.
    assert not {"url", "user", "database"} & source.keys()
