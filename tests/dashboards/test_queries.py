# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Every panel's and alert's SQL on a real engine: the shape Grafana needs, the right answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.dashboards.engine import Engine, engine, kind_of
from tests.dashboards.files import BOARDS, PANELS, panel, title
from tests.dashboards.macros import Panel
from tests.dashboards.rows import EVERYTHING, HOUR, call

pytestmark = pytest.mark.slow

NOW = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)
RANGES = {"1 h": HOUR, "7 d": 7 * 24 * HOUR, "30 d": 30 * 24 * HOUR}

each_panel = pytest.mark.parametrize("panel", PANELS, ids=title)
each_range = pytest.mark.parametrize("span", RANGES.values(), ids=list(RANGES))


def records() -> list[dict[str, Any]]:
    """Few enough to count by hand.

    30 hours of quiet, 4 cents each. In the last complete hour: 2 calls of a model without price,
    8 features at a cent each, half a cent untagged, and a call of 12 times the usual tokens, $2.40.
    """
    calls: list[dict[str, Any]] = []
    for hours in range(2, 32):
        calls += [call(hours * 100 + n, NOW - hours * HOUR) for n in range(4)]
    at = NOW - HOUR
    unpriced = {"cost_usd": None, "cost_status": "unpriced", "cost_reason": "unknown_model"}
    calls += [call(9000 + n, at, model="mystery-1", feature="chat", **unpriced) for n in range(2)]
    calls += [call(9100 + n, at, feature=f"small {n}") for n in range(8)]
    calls.append(call(9200, at, feature="", call_site="app.py:7", cost_usd=Decimal("0.005")))
    big = {"input_tokens": 1310, "uncached_input_tokens": 1250, "cost_usd": Decimal("2.40")}
    calls.append(call(9300, at, **big))
    return calls


@pytest.fixture(scope="module")
def filled() -> Engine:
    """A store with `records()`."""
    made = engine()
    made.insert_calls(records())
    return made


def answer(engine: Engine, board: str, panel_title: str, view: Panel) -> list[dict[str, Any]]:
    """Rows of the panel of this title."""
    return engine.query(view.expand(panel(board, panel_title)["targets"][0]["rawSql"])).rows


@each_range
@each_panel
def test_a_panel_gets_the_shape_it_draws(
    filled: Engine, panel: dict[str, Any], span: timedelta
) -> None:
    for target in panel["targets"]:
        got = filled.query(Panel(NOW - span, NOW, 3600, EVERYTHING).expand(target["rawSql"]))
        kinds = [kind_of(name) for name in got.types]
        if panel["type"] == "timeseries" and got.rows:
            assert got.columns[0] == "time"
            assert kinds in (["time", "text", "number"], ["time", "text", "text", "number"])
            times = [row["time"] for row in got.rows]
            assert times == sorted(times)
            assert len({row["series"] for row in got.rows}) <= 8
        elif panel["type"] == "stat" and target["format"] == 0:
            assert kinds == ["time", "number"]
        elif panel["type"] == "stat":
            assert got.columns == ["now", "before"] or len(got.columns) == 1
            assert (set(kinds), len(got.rows)) == ({"number"}, 1)
        elif panel["type"] == "bargauge" and got.rows:
            assert kinds == ["text", "number"]
        elif panel["type"] == "table" and got.rows:
            named = [rule["matcher"]["options"] for rule in panel["fieldConfig"]["overrides"]]
            assert got.columns == named
        assert "other" not in kinds, (
            "the plugin shows maps, arrays and states as JSON or not at all"
        )


@each_panel
def test_a_chosen_feature_narrows_a_panel(filled: Engine, panel: dict[str, Any]) -> None:
    no_match = {**EVERYTHING, "environment": ["prod"], "feature": ["unused", "none"]}
    for target in panel["targets"]:
        if "$feature" in target["rawSql"]:
            view = Panel(NOW - 24 * HOUR, NOW, 3600, no_match)
            rows = filled.query(view.expand(target["rawSql"])).rows
            assert all(value is None for row in rows for value in row.values())


@pytest.mark.parametrize(
    ("board", "title", "expected"),
    [
        # the last complete hour and the empty one in progress; two hours of quiet before
        ("overview", "Per 1,000 calls", (2.485 / 10 * 1000, 10)),
        ("overview", "Unpriced", (2 / 12, 0)),
        ("feature", "Per call", (2.485 / 10, 0.01)),
        ("feature", "p95 per call", (2.4,)),
        ("feature", "Cache hit", (12 * 60 / (11 * 100 + 1310), 0.6)),
        ("feature", "Waste", (0, 0)),
    ],
)
def test_the_numbers_of_the_last_hour(
    filled: Engine, board: str, title: str, expected: tuple[float, ...]
) -> None:
    [row] = answer(filled, board, title, Panel(NOW - HOUR, NOW, 3600, EVERYTHING))
    assert tuple(row.values()) == pytest.approx(expected)


def test_the_parts_of_a_trend_add_up(filled: Engine) -> None:
    view = Panel(NOW - HOUR, NOW, 3600, EVERYTHING)
    spent = answer(filled, "overview", "Spend", view)
    assert sum(row["spend_usd"] for row in spent) == Decimal("2.485")
    assert sum(row["call_count"] for row in answer(filled, "feature", "Calls", view)) == 12
    [change] = answer(filled, "overview", "Change", view)
    assert change["change"] == pytest.approx(2.485 / 0.04 - 1)


def test_tagged_share_counts_the_calls_of_full_days(filled: Engine) -> None:
    view = Panel(NOW - 3 * 24 * HOUR, NOW, 3600, EVERYTHING)
    [row] = answer(filled, "pipeline", "Tagged", view)
    assert row["share"] == pytest.approx(131 / 132)


@pytest.mark.parametrize("interval_s", [3600, 10800, 86400])
@pytest.mark.parametrize("group", ["feature", "model", "team", "service", "provider"])
def test_charts_add_up_to_the_spend(filled: Engine, interval_s: int, group: str) -> None:
    view = Panel(NOW - 7 * 24 * HOUR, NOW, interval_s, {**EVERYTHING, "group_by": group})
    spent = sum(row["spend_usd"] for row in answer(filled, "overview", "Spend", view))
    assert spent == Decimal("3.685")
    for board, chart in (("overview", "Cost by ${group_by}"), ("feature", "Cost by model")):
        assert sum(row["usd"] for row in answer(filled, board, chart, view)) == spent


def test_features_beyond_the_seven_most_expensive_are_other(filled: Engine) -> None:
    view = Panel(NOW - 7 * 24 * HOUR, NOW, 3600, EVERYTHING)
    series: dict[str, Decimal] = {}
    for row in answer(filled, "overview", "Cost by ${group_by}", view):
        series[row["series"]] = series.get(row["series"], Decimal(0)) + row["usd"]
    assert len(series) == 8
    assert series["search"] == Decimal("3.60")
    assert series["other"] == Decimal("0.025")


def test_a_feature_has_its_color_on_every_board_whatever_is_chosen(filled: Engine) -> None:
    """By its rank in 30 days; one beyond the eighth by its place in the chart."""

    def colors(board: str, chart: str, **chosen: list[str]) -> dict[str, str]:
        view = Panel(NOW - 24 * HOUR, NOW, 3600, {**EVERYTHING, **chosen})
        return {row["series"]: row["color"] for row in answer(filled, board, chart, view)}

    everything = colors("overview", "Cost by ${group_by}")
    assert everything["search"] == "feature 1"
    assert everything["small 5"] == "feature 7"
    assert everything["other"] == "other"
    assert len(set(everything.values())) == 8
    one = colors("overview", "Cost by ${group_by}", feature=["small 5"])
    assert one == {"small 5": "feature 7"}
    assert colors("feature", "Cache hit by feature", feature=["small 5"]) == one
    beyond = colors("overview", "Cost by ${group_by}", feature=["small 7", "app.py:7"])
    assert beyond == {"small 7": "feature 9", "app.py:7": "feature 10"}
    assert colors("feature", "Cost by model") == {"claude-sonnet-4-5": "model 1"}


def test_the_most_expensive_call_leads_the_table_and_to_its_record(filled: Engine) -> None:
    view = Panel(NOW - 7 * 24 * HOUR, NOW, 3600, EVERYTHING)
    rows = answer(filled, "feature", "Most expensive calls", view)
    assert len(rows) == 20
    assert rows[0]["cost_usd"] == Decimal("2.4")
    [call] = answer(
        filled,
        "explorer",
        "Calls",
        Panel(view.since, view.until, 3600, {**EVERYTHING, "record_id": rows[0]["record_id"]}),
    )
    assert call["trace_id"] == f"{9300:032x}"


def test_what_changed_is_explained_to_the_last_digit(filled: Engine) -> None:
    rows = answer(
        filled, "overview", "What changed, and why", Panel(NOW - HOUR, NOW, 3600, EVERYTHING)
    )
    search = next(row for row in rows if row["feature"] == "search")
    assert search["changed_usd"] == Decimal("2.36")
    for row in rows:
        parts = [value for name, value in row.items() if name.startswith("by_")]
        assert sum(parts) == row["changed_usd"]


def test_what_has_no_price_is_shown_with_its_reason(filled: Engine) -> None:
    view = Panel(NOW - 24 * HOUR, NOW, 3600, EVERYTHING)
    [row] = answer(filled, "pipeline", "Without a price", view)
    assert (row["model"], row["cost_reason"], row["calls"]) == ("mystery-1", "unknown_model", 2)
    table = {row["model"]: row for row in answer(filled, "feature", "Models", view)}
    assert table["mystery-1"]["total_usd"] is None, "unknown, not zero"


def test_quantiles_of_few_calls_are_exact(filled: Engine) -> None:
    """A sketch would say a cent: it takes the 95th of a hundred as the 94th."""
    view = Panel(NOW - HOUR, NOW, 3600, EVERYTHING)
    table = {row["model"]: row for row in answer(filled, "feature", "Models", view)}
    assert table["claude-sonnet-4-5"]["p95_ms"] == 1200
    week = Panel(NOW - 7 * 24 * HOUR, NOW, 86400, EVERYTHING)
    found = answer(filled, "feature", "Cost of a call", week)
    assert max(row["usd"] for row in found) in (0.01, 2.4)
    assert all(row["usd"] in (0.01, 2.4) for row in found)


def test_the_month_so_far_adds_up(filled: Engine) -> None:
    """Whatever day of the month the test runs: running sums end at the month's total."""
    view = Panel(NOW - 7 * 24 * HOUR, NOW, 86400, EVERYTHING)
    rows = answer(filled, "overview", "Month so far", view)
    this = [row["usd_so_far"] for row in rows if row["series"] == "this month"]
    assert this == sorted(this)
    total = filled.query(
        "SELECT sum(cost_usd) AS usd FROM llmcost.calls WHERE ts >= toStartOfMonth(now('UTC'))"
    )
    assert this[-1] == pytest.approx(float(total.rows[0]["usd"]))


@pytest.mark.parametrize("board", BOARDS.values(), ids=list(BOARDS))
def test_pickers_offer_what_the_range_holds(filled: Engine, board: dict[str, Any]) -> None:
    queries = {
        variable["name"]: variable["query"]["rawSql"]
        for variable in board["templating"]["list"]
        if variable["type"] == "query"
    }
    offered = {
        name: [
            next(iter(row.values()))
            for row in filled.query(Panel(NOW - HOUR, NOW).expand(sql)).rows
        ]
        for name, sql in queries.items()
    }
    assert offered["environment"] == ["prod"]
    assert offered["service"] == ["shop"]
    assert offered["model"] == ["claude-sonnet-4-5", "mystery-1"]
    assert offered["feature"][0] == "app.py:7", "an untagged call goes by where it was made"
    assert {"chat", "search", "small 7"} < set(offered["feature"])
