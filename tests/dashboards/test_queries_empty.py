# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Boards and alerts on the first day: nothing is stored, so nothing is known, nor is it zero."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.dashboards.engine import Engine, engine
from tests.dashboards.files import PANELS, RULES, title
from tests.dashboards.macros import Panel

pytestmark = pytest.mark.slow

NOW = datetime.now(UTC)
EVERYTHING: dict[str, None] = dict.fromkeys(("environment", "service", "feature", "model", "team"))
# They describe the store and its price book, which are there before any call is.
ALWAYS_THERE = {"Storage", "Price books"}


@pytest.fixture(scope="module")
def empty() -> Engine:
    """A store with nothing in it."""
    return engine()


@pytest.mark.parametrize("hours", [1, 7 * 24, 30 * 24])
@pytest.mark.parametrize("panel", PANELS, ids=title)
def test_a_panel_is_empty(empty: Engine, panel: dict[str, Any], hours: int) -> None:
    view = Panel(NOW - timedelta(hours=hours), NOW, 3600, EVERYTHING)
    for target in panel["targets"]:
        rows = empty.query(view.expand(target["rawSql"])).rows
        if panel["title"] in ALWAYS_THERE:
            continue
        assert all(value is None for row in rows for value in row.values())
        assert len(rows) == (panel["type"] == "stat" and target["format"] == 1)


@pytest.mark.parametrize("rule", RULES, ids=title)
def test_an_alert_is_quiet(empty: Engine, rule: dict[str, Any]) -> None:
    view = Panel(NOW - timedelta(hours=2), NOW, 60)
    assert empty.query(view.expand_backend(rule["data"][0]["model"]["rawSql"])).rows == []
