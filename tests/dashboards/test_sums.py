# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Every number that is shown adds up: public views and panels against `calls` of the same range."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest

from otel_llmcost import schema
from otel_llmcost.store import Store
from tests.dashboards import sums, sums_data
from tests.dashboards.engine import engine
from tests.dashboards.files import PANELS
from tests.dashboards.macros import Panel
from tests.dashboards.sums import Range, Rows, Sums

pytestmark = pytest.mark.slow

NOW = sums_data.NOW
DAY = dt.timedelta(days=1)
RANGES = {
    "two days of the past": (NOW - 4.7 * DAY, NOW - 2.1 * DAY),
    "more than a week": (NOW - 9 * DAY, NOW),
}
ALL = dict.fromkeys(("environment", "service", "feature", "model", "team"))
TITLES = [panel["title"] for panel in PANELS]


def name(panel: dict[str, Any]) -> str:
    """Its title; with its kind, where two panels have that title."""
    title = panel["title"]
    return f"{title} ({panel['type']})" if TITLES.count(title) > 1 else title


@pytest.fixture(scope="module", params=["demo", "generated"])
def filled(request: pytest.FixtureRequest) -> Store:
    """A store with calls of the last days, budgets and outcomes."""
    store = engine().store
    getattr(sums_data, request.param)(store)
    sums_data.budgets_and_outcomes(store)
    return store


@pytest.mark.parametrize("view", sums.VIEWS)
def test_a_view_adds_up_to_the_calls(filled: Store, view: str) -> None:
    reported = sums.VIEWS[view]
    shown = view if view.startswith("(") else f"llmcost.{view}"
    _compare(filled, reported, shown, f"llmcost.calls WHERE {reported.where}")


@pytest.mark.parametrize("span", RANGES)
@pytest.mark.parametrize("panel", [p for p in PANELS if name(p) in sums.PANELS], ids=name)
def test_a_panel_adds_up_to_the_calls_of_its_range(
    filled: Store, panel: dict[str, Any], span: str
) -> None:
    reported = sums.PANELS[name(panel)]
    since, until = RANGES[span]
    [target] = panel["targets"]
    rows = Panel(since, until, 3600, ALL).expand(target["rawSql"])
    calls = f"llmcost.calls WHERE {_between(reported.range, since, until)} AND {reported.where}"
    if isinstance(reported, Sums):
        _compare(filled, reported, f"({rows})", calls)
    else:
        _compare_rows(filled, reported, rows, calls)


def test_every_public_view_and_every_panel_is_summed_or_says_why_not() -> None:
    views = {re.split(r"[(]", view)[0] for view in sums.VIEWS}
    views |= {"what_if_model", "outcome_costs"} | sums.NOT_SUMMED.keys()
    assert set(schema.public_views()) <= views
    panels = set(sums.PANELS) | set().union(*sums.PANELS_NOT_SUMMED.values())
    assert panels == {name(panel) for panel in PANELS}


def _compare(store: Store, reported: Sums, shown: str, calls: str) -> None:
    [found] = store.query(f"SELECT {', '.join(reported.equal)} FROM {shown}").rows
    requested = [
        f"({sql})" if sql.startswith("SELECT") else f"(SELECT {sql} FROM {{calls}})"
        for sql in reported.equal.values()
    ]
    [counted] = store.query(f"SELECT {', '.join(requested)}".replace("{calls}", calls)).rows
    for name_, value, sum_ in zip(reported.equal, found, counted, strict=True):
        _same(name_, value, sum_)


def _compare_rows(store: Store, reported: Rows, rows: str, calls: str) -> None:
    shown = store.query(f"SELECT {reported.column}, {', '.join(reported.equal)} FROM ({rows})").rows
    counted = store.query(
        f"SELECT {reported.key}, {', '.join(reported.equal.values())} FROM {calls} "
        f"AND {reported.key} IN {{keys:Array(String)}} GROUP BY {reported.key}",
        {"keys": [key for key, *_ in shown]},
    ).rows
    expected = {key: values for key, *values in counted}
    for key, *values in shown:
        for name_, value, sum_ in zip(reported.equal, values, expected[key], strict=True):
            _same(f"{key} {name_}", value, sum_)


def _same(name: str, value: Any, expected: Any) -> None:
    if isinstance(value, float) or isinstance(expected, float):
        assert float(value) == pytest.approx(float(expected), rel=1e-9), name
    else:
        assert (value or Decimal(0)) == (expected or Decimal(0)), name


def _between(kind: Range, since: dt.datetime, until: dt.datetime) -> str:
    """The range that a panel shows."""
    hour, day = dt.timedelta(hours=1), dt.timedelta(days=1)
    floor = {"minute": 0, "second": 0, "microsecond": 0}
    end = until.replace(**floor)
    a_week = until - since >= 7 * day
    since = since.replace(hour=0, **floor) if a_week else since.replace(**floor)
    if kind == "all":
        return "1"
    if kind == "days":
        since, end = since.replace(hour=0), until.replace(hour=0, **floor) + day
    elif kind == "month":
        since, end = until.replace(day=1, hour=0, **floor), end + hour
    elif kind == "range":
        end += hour
    return f"ts >= toDateTime({int(since.timestamp())}) AND ts < toDateTime({int(end.timestamp())})"
