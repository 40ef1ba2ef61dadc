# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Every panel's and alert's SQL on a real engine: the shape Grafana needs, the right answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.dashboards.engine import Answer, Engine, engine, kind_of
from tests.dashboards.files import BOARDS, PANELS, RULES, title
from tests.dashboards.macros import Panel

NOW = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)
HOUR = timedelta(hours=1)
RANGES = {"1 h": HOUR, "7 d": 7 * 24 * HOUR, "30 d": 30 * 24 * HOUR}
EVERYTHING: dict[str, None] = {"environment": None, "feature": None}

each_panel = pytest.mark.parametrize("panel", PANELS, ids=title)
each_rule = pytest.mark.parametrize("rule", RULES, ids=title)
each_range = pytest.mark.parametrize("span", RANGES.values(), ids=list(RANGES))


def call(number: int, at: datetime, **more: Any) -> dict[str, Any]:
    """One record of llm_calls: 100 tokens in, 10 out, one cent, tagged `search`."""
    return {
        "ts": at,
        "record_id": f"{1:016x}{number:016x}",
        "trace_id": f"{number:032x}",
        "environment": "prod",
        "service": "shop",
        "feature": "search",
        "provider": "anthropic",
        "model": "claude-sonnet-4-5",
        "mode": "standard",
        "operation": "chat",
        "source": "otel_llmcost",
        "replies": 1,
        "input_tokens": 100,
        "uncached_input_tokens": 40,
        "cache_read_tokens": 60,
        "output_tokens": 10,
        "cost_usd": Decimal("0.01"),
        "cost_status": "priced",
        "duration_ms": 1200,
        **more,
    }


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


def answer(engine: Engine, panel_title: str, view: Panel) -> list[dict[str, Any]]:
    """Rows of the panel of this title."""
    [panel] = [panel for panel in PANELS if panel["title"] == panel_title]
    return engine.ask(view.expand(panel["targets"][0]["rawSql"])).rows


def alerts(engine: Engine, rule: dict[str, Any]) -> Answer:
    """What the rule's query answers, evaluated now."""
    [query] = [query for query in rule["data"] if query["datasourceUid"] != "__expr__"]
    reach = query["relativeTimeRange"]
    view = Panel(NOW - timedelta(seconds=reach["from"]), NOW - timedelta(seconds=reach["to"]), 60)
    return engine.ask(view.expand_backend(query["model"]["rawSql"]))


def firing(rule: dict[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows above the rule's threshold, as Grafana's threshold expression evaluates it."""
    [model] = [query["model"] for query in rule["data"] if query["datasourceUid"] == "__expr__"]
    [limit] = model["conditions"][0]["evaluator"]["params"]
    return [row for row in rows if row["excess_usd"] > limit]


@each_range
@each_panel
def test_a_panel_gets_the_shape_it_draws(
    filled: Engine, panel: dict[str, Any], span: timedelta
) -> None:
    for target in panel["targets"]:
        got = filled.ask(Panel(NOW - span, NOW, 3600, EVERYTHING).expand(target["rawSql"]))
        kinds = [kind_of(name) for name in got.types]
        if panel["type"] == "timeseries":
            assert got.columns[0] == "time"
            assert kinds == ["time", "text", "number"]
            times = [row["time"] for row in got.rows]
            assert times == sorted(times)
            assert len({row["series"] for row in got.rows}) <= 8
        elif panel["type"] == "stat":
            assert (kinds, len(got.rows)) == (["number"], 1)
        elif panel["type"] == "bargauge":
            assert kinds == ["text", "number"]
        assert "other" not in kinds, (
            "the plugin shows maps, arrays and states as JSON or not at all"
        )


@each_panel
def test_a_chosen_feature_narrows_a_panel(filled: Engine, panel: dict[str, Any]) -> None:
    nobody = {"environment": ["prod"], "feature": ["nobody's", "none"]}
    for target in panel["targets"]:
        if "$feature" in target["rawSql"]:
            rows = filled.ask(
                Panel(NOW - 24 * HOUR, NOW, 3600, nobody).expand(target["rawSql"])
            ).rows
            assert all(value is None for row in rows for value in row.values())


@pytest.mark.parametrize(
    ("panel", "expected"),
    [
        # the last complete hour and the empty one in progress
        ("Spend", Decimal("2.485")),
        ("Change", 2.485 / 0.04 - 1),
        ("Per 1,000 calls", 2.485 / 10 * 1000),
        ("Cache hit", 12 * 60 / (11 * 100 + 1310)),
        ("Unpriced", 2 / 12),
    ],
)
def test_the_numbers_of_the_last_hour(filled: Engine, panel: str, expected: object) -> None:
    [row] = answer(filled, panel, Panel(NOW - HOUR, NOW, 3600, EVERYTHING))
    [value] = row.values()
    assert value == (expected if isinstance(expected, Decimal) else pytest.approx(expected))


def test_tagged_share_counts_the_calls_of_whole_days(filled: Engine) -> None:
    [row] = answer(filled, "Tagged", Panel(NOW - 3 * 24 * HOUR, NOW, 3600, EVERYTHING))
    assert row["share"] == pytest.approx(131 / 132)


@pytest.mark.parametrize("interval_s", [3600, 10800, 86400])
def test_charts_add_up_to_the_spend(filled: Engine, interval_s: int) -> None:
    view = Panel(NOW - 7 * 24 * HOUR, NOW, interval_s, EVERYTHING)
    [spend] = answer(filled, "Spend", view)
    assert spend["spend_usd"] == Decimal("3.685")
    for chart in ("Cost by feature", "Cost by model"):
        assert sum(row["usd"] for row in answer(filled, chart, view)) == spend["spend_usd"]


def test_features_beyond_the_seven_dearest_are_other(filled: Engine) -> None:
    view = Panel(NOW - 7 * 24 * HOUR, NOW, 3600, EVERYTHING)
    series: dict[str, Decimal] = {}
    for row in answer(filled, "Cost by feature", view):
        series[row["series"]] = series.get(row["series"], Decimal(0)) + row["usd"]
    assert len(series) == 8
    assert series["search"] == Decimal("3.60")
    assert series["other"] == Decimal("0.025")


def test_the_ranking_names_the_ten_dearest_features(filled: Engine) -> None:
    rows = answer(filled, "Top features", Panel(NOW - 7 * 24 * HOUR, NOW, 3600, EVERYTHING))
    assert rows[0] == {"feature": "search", "usd": Decimal("3.6")}
    assert len(rows) == 10
    assert "chat" not in {row["feature"] for row in rows}, "unpriced is unknown, not the cheapest"


def test_the_dearest_call_leads_the_table(filled: Engine) -> None:
    rows = answer(filled, "Dearest calls", Panel(NOW - 7 * 24 * HOUR, NOW, 3600, EVERYTHING))
    assert len(rows) == 20
    assert rows[0]["cost_usd"] == Decimal("2.4")
    assert rows[0]["trace_id"] == f"{9300:032x}"


def test_the_blow_up_is_listed_with_its_dollars(filled: Engine) -> None:
    [row] = answer(filled, "Token blow-ups", Panel(NOW - 24 * HOUR, NOW, 3600, EVERYTHING))
    assert (row["kind"], row["feature"]) == ("call", "search")
    assert row["ratio"] == pytest.approx(1320 / 110)
    assert row["excess_usd"] == pytest.approx(Decimal("2.20"))
    assert row["worst_trace_id"] == f"{9300:032x}"


@each_rule
def test_an_alert_fires_for_what_blew_up_and_lists_the_rest_as_zero(
    filled: Engine, rule: dict[str, Any]
) -> None:
    got = alerts(filled, rule)
    [fires] = firing(rule, got.rows)
    assert (fires["environment"], fires["feature"]) == ("prod", "search")
    assert fires["excess_usd"] == pytest.approx(Decimal("2.20"))
    quiet = {row["feature"] for row in got.rows if row["excess_usd"] == 0}
    assert {"small 0", "chat"} <= quiet, "an instance that vanishes never resolves"


@each_rule
def test_an_alert_query_is_one_number_with_text_labels(
    filled: Engine, rule: dict[str, Any]
) -> None:
    """Any other shape makes Grafana ask for a reduce step, or refuse."""
    got = alerts(filled, rule)
    kinds = [kind_of(name) for name in got.types]
    assert sorted(kinds) == ["number", "text", "text", "text"]
    labels = [tuple(v for v in row.values() if isinstance(v, str)) for row in got.rows]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("board", BOARDS.values(), ids=list(BOARDS))
def test_pickers_offer_what_the_range_holds(filled: Engine, board: dict[str, Any]) -> None:
    queries = {
        variable["name"]: variable["query"]["rawSql"]
        for variable in board["templating"]["list"]
        if variable["type"] == "query"
    }
    offered = {
        name: [
            next(iter(row.values())) for row in filled.ask(Panel(NOW - HOUR, NOW).expand(sql)).rows
        ]
        for name, sql in queries.items()
    }
    assert offered["environment"] == ["prod"]
    assert offered["feature"][0] == "app.py:7", "an untagged call goes by where it was made"
    assert {"chat", "search", "small 7"} < set(offered["feature"])
