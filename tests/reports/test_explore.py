# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Any measure by any dimension, over any selection: all of it adds up to `calls`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest

from otel_llmcost.errors import ConfigError
from otel_llmcost.reports.explore import MEASURES, OTHERS, OUTCOMES, explore
from otel_llmcost.reports.selection import NONE, SELECTABLE, Selection
from otel_llmcost.reports.window import Window
from otel_llmcost.store import Store
from tests.cli.calls import add, call

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WINDOW = Window(NOON - timedelta(hours=24), NOON)
HOSTILE = 'it\'s \\ "quoted" {x:String} é --'


def at(hours: float, usd: str | None = "1", **more: Any) -> dict[str, Any]:
    """A call so many hours before noon."""
    return call(usd=usd, **{"ts": NOON - timedelta(hours=hours), **more})


def selected(text: str) -> Selection:
    return Selection.of(parse_qsl(text))


@pytest.fixture
def store(embedded_store: Store) -> Store:
    add(
        embedded_store,
        at(1, "1", feature="chat", model="m-1", user_id="ada"),
        at(1.5, "2", feature="chat", model="m-2", user_id="bob", duration_ms=300),
        at(7, "4", feature="search", model="m-1", user_id="", resend_count=2),
        at(8, None, feature="search", model="m-3", user_id="ada", error_type="Timeout"),
        at(9, "8", feature=HOSTILE, model="m-1", allocation={"customer": "acme"}),
        at(30, "99", feature="chat"),
    )
    return embedded_store


def costs(store: Store, selection: str = "", by: str = "feature", **more: Any) -> dict[str, Any]:
    rows = explore(store.query, WINDOW, selected(selection), [by], **more)
    return {row[by]: row["cost_usd"] for row in rows}


def test_a_window_without_dimensions_is_one_row(store: Store) -> None:
    (row,) = explore(store.query, WINDOW, Selection(), measures=["cost_usd", "calls", "errors"])
    assert (row["cost_usd"], row["calls"], row["errors"]) == (Decimal(15), 5, 1)


def test_values_come_with_most_of_the_measure_first(store: Store) -> None:
    assert costs(store) == {HOSTILE: 8, "search": 4, "chat": 3}
    assert list(costs(store)) == [HOSTILE, "search", "chat"]


CONDITIONS: dict[str, dict[str, Any]] = {
    "feature=chat": {"chat": 3},
    "feature=chat&feature=search": {"search": 4, "chat": 3},
    "not-feature=chat&not-feature=search": {HOSTILE: 8},
    f"feature={HOSTILE}": {HOSTILE: 8},
    "feature=chat&user=bob": {"chat": 2},
    "user=(none)": {"search": 4},
    "not-user=(none)&model=m-1": {HOSTILE: 8, "chat": 1},
    "tag.customer=acme": {HOSTILE: 8},
    "not-tag.customer=acme": {"search": 4, "chat": 3},
    "status=unpriced": {"search": None},
    "feature=nothing": {},
}


def test_conditions_stack(store: Store) -> None:
    assert {text: costs(store, text) for text in CONDITIONS} == CONDITIONS


def test_an_unknown_cost_is_none_and_never_nothing(store: Store) -> None:
    assert costs(store, by="model") == {"m-1": 13, "m-2": 2, "m-3": None}


def test_values_beyond_the_limit_share_a_row(store: Store) -> None:
    rows = explore(store.query, WINDOW, Selection(), ["feature"], ["cost_usd"], limits=[1])
    assert [(r["feature"], r["is_other"], r["cost_usd"]) for r in rows] == [
        (HOSTILE, False, 8),
        (OTHERS, True, 7),
    ]
    assert rows[1]["values"] == 2


def test_two_dimensions_cross(store: Store) -> None:
    rows = explore(store.query, WINDOW, Selection(), ["feature", "user"], ["calls"])
    assert {(r["feature"], r["user"]): r["calls"] for r in rows} == {
        ("chat", "ada"): 1,
        ("chat", "bob"): 1,
        ("search", NONE): 1,
        ("search", "ada"): 1,
        (HOSTILE, "ada"): 1,
    }


@pytest.mark.parametrize("by", ["feature", "user"])  # of the rollup, and of the calls
def test_buckets_are_those_that_were_named(store: Store, by: str) -> None:
    starts = [NOON - timedelta(hours=hours) for hours in (24, 8, 2)]
    rows = explore(store.query, WINDOW, Selection(), [by], ["calls"], starts=starts)
    found: dict[datetime, int] = {}
    for row in rows:
        found[row["bucket"]] = found.get(row["bucket"], 0) + row["calls"]
    assert found == {starts[0]: 1, starts[1]: 2, starts[2]: 2}


def test_every_measure_is_known_by_every_dimension(store: Store) -> None:
    for by in (*SELECTABLE, "tag.customer", "day"):
        measures = [name for name in MEASURES if name not in OUTCOMES]
        rows = explore(store.query, WINDOW, Selection(), [by], measures)
        assert sum(row["calls"] for row in rows) == 5, by


def test_the_rollup_and_the_calls_agree(store: Store) -> None:
    kept = [name for name, one in MEASURES.items() if one.hours]
    rolled_up = explore(store.query, WINDOW, Selection(), ["model"], kept)
    by_call = explore(store.query, WINDOW, Selection(), ["model"], [*kept, "retries"])
    assert [[r[name] for name in kept] for r in rolled_up] == [
        [r[name] for name in kept] for r in by_call
    ]


def test_percentiles_and_rates_are_those_of_the_calls(store: Store) -> None:
    names = ["latency_p50_ms", "latency_p95_ms", "cache_hit_rate", "retries", "cost_per_call"]
    (row,) = explore(store.query, WINDOW, selected("feature=chat"), [], names)
    assert [row[name] for name in names] == [1200, 1155, 0.75, 0, 1.5]


@pytest.mark.parametrize(
    ("selection", "problem"),
    [
        ("featur=x", "no dimension"),
        ("day=2026-11-20", "no dimension"),
        ("tag.a'b=x", "cannot group by"),
        ("feature=a&not-feature=a", "both kept and left out"),
    ],
)
def test_what_is_no_condition_is_refused(selection: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        selected(selection)


def test_unknown_measures_and_dimensions_are_refused(store: Store) -> None:
    with pytest.raises(ConfigError, match="no measure"):
        explore(store.query, WINDOW, Selection(), [], ["cost"])
    with pytest.raises(ConfigError, match="cannot group by"):
        explore(store.query, WINDOW, Selection(), ["user id"])


def test_a_selection_is_the_same_after_a_round_through_a_url() -> None:
    text = "feature=a&feature=b&not-user=(none)&tag.customer=acme"
    one = selected(text)
    assert Selection.of(one.items) == one
    assert one.without("feature", "a").adding("feature", "a").items[0] == ("feature", "b")
    assert selected("feature=a").without("feature", "a") == Selection()
    assert str(one) == "feature is a or b, user is not (none), customer is acme"


def test_what_reports_cannot_be_narrowed_by_is_named() -> None:
    one = selected("feature=a&user=u&not-model=m&environment=prod")
    assert (one.filters.feature, one.filters.environment, one.filters.model) == ("a", "prod", "")
    kept = one.narrowing(any_of=("feature",), one_of=("environment", "model"))
    assert [each.parameter for each in kept.conditions] == ["feature", "environment"]
    assert [each.parameter for each in one.without_all(kept).conditions] == ["user", "not-model"]
