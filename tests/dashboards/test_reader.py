# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Boards over the daemon: what Grafana sends as the user `reader` is let through and answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.dashboards.files import BOARDS, PANELS, RULES, title
from tests.dashboards.macros import Panel
from tests.support.daemon_process import Served, daemon
from tests.support.schema_store import with_schema

NOW = datetime.now(UTC)
VIEW = Panel(
    NOW - timedelta(days=7),
    NOW,
    3600,
    {
        "environment": ["prod", "it's"],
        "feature": None,
        "service": ['say "hi"', "<b>&amp;</b>"],
        "model": ["a,b", "(c)"],
        "team": ["🦆"],
    },
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A daemon over an empty store."""
    with daemon(with_schema(tmp_path_factory.mktemp("served") / "store")) as running:
        yield running


@pytest.mark.parametrize("panel", PANELS, ids=title)
def test_a_panel_is_answered(served: Served, panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        rows = served.rows(VIEW.expand(target["rawSql"]))
        if panel["title"] not in ("Storage", "Price books"):
            assert len(rows) == (panel["type"] == "stat" and target["format"] == 1)


@pytest.mark.parametrize("rule", RULES, ids=title)
def test_an_alert_is_answered(served: Served, rule: dict[str, Any]) -> None:
    assert served.rows(VIEW.expand_backend(rule["data"][0]["model"]["rawSql"])) == []


@pytest.mark.parametrize("board", BOARDS.values(), ids=list(BOARDS))
def test_a_picker_is_answered(served: Served, board: dict[str, Any]) -> None:
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            rows = served.rows(VIEW.expand(variable["query"]["rawSql"]))
            assert bool(rows) == (variable["name"] == "candidate"), "the price book is there"


@pytest.mark.parametrize("name", ["Price changes", "Deploys"])
def test_an_annotation_is_answered(served: Served, name: str) -> None:
    for board in BOARDS.values():
        [entry] = [entry for entry in board["annotations"]["list"] if entry["name"] == name]
        assert served.rows(VIEW.expand(entry["target"]["rawSql"])) == []
        break
