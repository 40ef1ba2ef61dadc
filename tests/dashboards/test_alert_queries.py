# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What each alert rule says of calm, of trouble, and of nothing: evaluated as Grafana does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.dashboards.engine import Answer, Engine, engine, kind_of
from tests.dashboards.files import RULES, title
from tests.dashboards.macros import Panel
from tests.dashboards.rows import HOUR, call

NOW = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)
each_rule = pytest.mark.parametrize("rule", RULES, ids=title)


def rule(slug: str) -> dict[str, Any]:
    [one] = [rule for rule in RULES if rule["uid"] == f"llmcost_{slug}"]
    return one


def evaluate(engine: Engine, rule: dict[str, Any]) -> Answer:
    """What the rule's query answers, evaluated at NOW."""
    [query] = [query for query in rule["data"] if query["datasourceUid"] != "__expr__"]
    reach = query["relativeTimeRange"]
    view = Panel(NOW - timedelta(seconds=reach["from"]), NOW - timedelta(seconds=reach["to"]), 60)
    return engine.query(view.expand_backend(query["model"]["rawSql"]))


def value(row: dict[str, Any]) -> float:
    """The one number of a row."""
    [number] = [entry for entry in row.values() if not isinstance(entry, str)]
    return float(number)


def recovered(rule: dict[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that end an alert that fired."""
    [model] = [query["model"] for query in rule["data"] if query["datasourceUid"] == "__expr__"]
    [limit] = model["conditions"][0]["unloadEvaluator"]["params"]
    return [row for row in rows if value(row) < limit]


def firing(rule: dict[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows above the rule's threshold, as Grafana's threshold expression evaluates it."""
    [model] = [query["model"] for query in rule["data"] if query["datasourceUid"] == "__expr__"]
    [limit] = model["conditions"][0]["evaluator"]["params"]
    return [row for row in rows if value(row) > limit]


def calm() -> list[dict[str, Any]]:
    """A day and a half of `search`: four cents an hour, 60 % from the cache, up to this hour."""
    return [
        call(
            hour * 100 + n,
            NOW - hour * HOUR,
            ingested_at=NOW - hour * HOUR + timedelta(seconds=2),
            input_tokens=100_000,
            uncached_input_tokens=40_000,
            cache_read_tokens=60_000,
            cost_input_usd=Decimal("0.008"),
            cost_cache_read_usd=Decimal("0.001"),
            cost_usd=Decimal("0.01"),
        )
        for hour in range(36)
        for n in range(4)
    ]


def unpriced() -> list[dict[str, Any]]:
    unknown = {"cost_usd": None, "cost_status": "unpriced", "model": "mystery-1"}
    return [call(9100 + n, NOW - HOUR, feature="chat", **unknown) for n in range(11)]


def late() -> list[dict[str, Any]]:
    return [call(9400, NOW - HOUR, service="slow", ingested_at=NOW - timedelta(minutes=1))]


def on_time() -> list[dict[str, Any]]:
    """What went wrong is inserted late, which makes its service late too, but not this one."""
    at, stored = NOW - timedelta(minutes=5), NOW - timedelta(minutes=4, seconds=57)
    return [call(9450, at, service="well", feature="well", ingested_at=stored)]


def silence() -> list[dict[str, Any]]:
    return [
        call(9500 + h, NOW - h * HOUR, service="gone", feature="gone", cost_usd=Decimal("0.24"))
        for h in range(3, 28)
    ]


TROUBLE: dict[str, tuple[Callable[[], list[dict[str, Any]]], dict[str, str], float | None]] = {
    "unpriced": (unpriced, {"model": "mystery-1"}, 11.0),
    "pipeline_lag": (late, {"service": "slow"}, None),
    "no_data": (silence, {"service": "gone"}, None),
}


@pytest.mark.parametrize("slug", TROUBLE)
def test_a_rule_is_calm_then_fires_for_what_went_wrong_only(slug: str) -> None:
    made = engine()
    made.insert_calls(calm())
    assert firing(rule(slug), evaluate(made, rule(slug)).rows) == []
    records, labels, expected = TROUBLE[slug]
    made.insert_calls(records())
    [row] = firing(rule(slug), evaluate(made, rule(slug)).rows)
    assert labels.items() <= row.items()
    if expected is not None:
        assert value(row) == pytest.approx(expected)


def test_a_budget_that_is_used_or_will_not_hold_fires_with_its_dollars() -> None:
    made = engine()
    made.insert_calls(calm())
    made.store.insert(
        "budgets",
        [["tight", "total", "", "month", Decimal("0.01")], ["wide", "total", "", "day", 1000]],
        ["name", "scope", "scope_value", "period", "amount_usd"],
    )
    spent = float(
        made.query("SELECT spent_usd FROM llmcost.budget_status WHERE name = 'tight'").rows[0][
            "spent_usd"
        ]
    )
    for slug in ("budget_used", "budget_forecast"):
        got = evaluate(made, rule(slug))
        assert {row["name"] for row in got.rows} == {"tight", "wide"}
        [row] = firing(rule(slug), got.rows)
        assert row["name"] == "tight"
        if slug == "budget_used":
            assert value(row) == pytest.approx(spent - 0.008)
        else:
            assert value(row) >= spent - 0.01


@pytest.fixture(scope="module")
def everything() -> Engine:
    """Calm, all troubles at once, and a budget."""
    made = engine()
    made.insert_calls(calm() + on_time())
    for records, _, _ in TROUBLE.values():
        made.insert_calls(records())
    made.store.insert(
        "budgets",
        [["all", "total", "", "month", 1], ["chat", "feature", "chat", "day", 1]],
        ["name", "scope", "scope_value", "period", "amount_usd"],
    )
    made.store.insert(
        "incident_log",
        [[f"i{ago}", "prod", "chat", *[NOW - ago * HOUR] * 3, "report", 2] for ago in (0, 40)],
        [
            *("incident_id", "environment", "feature", "started_at", "detected_at"),
            *("last_seen_at", "level", "excess_usd"),
        ],
    )
    return made


@each_rule
def test_an_alert_query_is_one_number_with_text_labels(
    everything: Engine, rule: dict[str, Any]
) -> None:
    """Any other shape makes Grafana require a reduce step, or refuse."""
    got = evaluate(everything, rule)
    kinds = [kind_of(name) for name in got.types]
    assert sorted(set(kinds)) == ["number", "text"]
    assert kinds.count("number") == 1
    labels = [tuple(v for v in row.values() if isinstance(v, str)) for row in got.rows]
    assert len(set(labels)) == len(labels)


@each_rule
def test_what_is_well_is_listed_too(everything: Engine, rule: dict[str, Any]) -> None:
    """An instance that vanishes never resolves, nor does one whose calm is not below its limit."""
    rows = evaluate(everything, rule).rows
    assert len(rows) > len(firing(rule, rows))
    assert recovered(rule, rows)
