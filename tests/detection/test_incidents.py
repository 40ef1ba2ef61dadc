# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""One incident from many lines: what belongs together, and what is reported when."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from otel_llmcost.detection.look import look, update
from otel_llmcost.store import Store
from tests.detection.lines import line
from tests.detection.traffic import NOW, THIS_HOUR, Call, fill, traffic

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def incidents(store: Store, columns: str) -> list[tuple[Any, ...]]:
    return store.query(f"SELECT {columns} FROM llmcost.incidents ORDER BY start, feature").rows


def test_kinds_of_one_feature_are_lines_of_one_incident(embedded_store: Store) -> None:
    line(embedded_store, "a", kind="prompt_growth", excess_usd=Decimal(3))
    line(embedded_store, "b", kind="cache_collapse", excess_usd=Decimal(5), parts={"cache": 5})
    line(embedded_store, "c", kind="loop", feature="search")
    line(embedded_store, "d", kind="loop", environment="test")
    update(embedded_store, NOW)
    columns = "environment, feature, kinds, cause, toString(excess_usd)"
    assert incidents(embedded_store, columns) == [
        ("prod", "search", ["loop"], "loop", "2"),
        ("prod", "support", ["cache_collapse", "prompt_growth"], "cache", "5"),
        ("test", "support", ["loop"], "loop", "2"),
    ]
    assert embedded_store.query(
        "SELECT anomaly_id, incident_id = 'a' FROM llmcost.anomalies ORDER BY anomaly_id"
    ).rows == [("a", 1), ("b", 1), ("c", 0), ("d", 0)]


def test_what_comes_back_every_day_is_the_same_incident_and_adds_up(embedded_store: Store) -> None:
    for day in range(5):
        at = NOW + day * DAY
        line(embedded_store, f"day {day}", at=at)
        update(embedded_store, at)
        update(embedded_store, at + 3 * HOUR)
    columns = "incident_id, days, toString(excess_usd), parts"
    assert incidents(embedded_store, columns) == [
        ("day 0", 5, "10", {"prompt": Decimal(10)}),
    ]


def test_after_24_quiet_hours_it_is_closed_and_the_next_is_another(embedded_store: Store) -> None:
    line(embedded_store, "a")
    (first,) = update(embedded_store, NOW)
    assert first.is_open(NOW + 24 * HOUR)
    assert not first.is_open(NOW + 25 * HOUR)
    later = NOW + 26 * HOUR
    line(embedded_store, "b", at=later)
    update(embedded_store, later)
    assert incidents(embedded_store, "incident_id, days") == [("a", 1), ("b", 1)]


def test_an_unknown_excess_is_unknown_until_a_line_has_one(embedded_store: Store) -> None:
    line(embedded_store, "a", kind="retry_storm", excess_usd=None, cause="unknown", parts={})
    update(embedded_store, NOW)
    columns = "toString(excess_usd), toString(excess_usd_per_day), share_of_bill, cause"
    assert incidents(embedded_store, columns) == [(None, None, None, "unknown")]
    line(embedded_store, "b")
    update(embedded_store, NOW + timedelta(minutes=1))
    assert incidents(embedded_store, "toString(excess_usd), cause") == [("2", "prompt")]


def test_lines_for_the_digest_make_no_report_and_do_not_count_beside_others(
    embedded_store: Store,
) -> None:
    line(embedded_store, "a", kind="volume_surge", level="digest", excess_usd=Decimal(90))
    (one,) = update(embedded_store, NOW)
    assert (one.level, one.excess_usd, one.reports) == ("digest", Decimal(90), 0)
    line(embedded_store, "b")
    (one,) = update(embedded_store, NOW + timedelta(minutes=1))
    assert (one.level, one.excess_usd, one.reports) == ("report", Decimal(2), 1)
    assert one.kinds == ["prompt_growth", "volume_surge"]


def test_a_second_pass_at_the_same_moment_writes_nothing(embedded_store: Store) -> None:
    line(embedded_store, "a")
    assert len(update(embedded_store, NOW)) == 1
    assert update(embedded_store, NOW) == []


def test_what_it_costs_is_compared_with_the_feature_and_the_bill(embedded_store: Store) -> None:
    """Three hours of prompts ten times as long since version 2, of three users, from two places."""

    def changed(made: Call, ago: int, n: int) -> Call:
        who = {"user_id": f"u{n % 3}", "session_id": f"s{ago}", "call_site": f"place {n % 2}"}
        longer = {"service_version": "2", "input": made["input"] * 10} if ago < 3 else {}
        return made | who | longer

    fill(embedded_store, traffic("support", changed))
    fill(embedded_store, traffic("search"))
    look(embedded_store, NOW, floor_usd=0.01)
    columns = "feature, users, sessions, call_sites, service_version, version_since, days"
    since = THIS_HOUR - 2 * HOUR + timedelta(minutes=2)
    assert incidents(embedded_store, columns) == [
        ("support", 3, 3, ["place 0", "place 1"], "2", since, 1)
    ]
    ((excess, feature, bill),) = incidents(
        embedded_store, "excess_usd, share_of_feature, share_of_bill"
    )
    spent = embedded_store.query(
        "SELECT sumIf(cost_usd, feature = 'support'), sum(cost_usd) FROM llmcost.calls "
        "WHERE ts >= (SELECT min(start) FROM llmcost.incidents)"
    ).rows[0]
    assert (feature, bill) == tuple(pytest.approx(float(excess / usd)) for usd in spent)


def test_a_quarter_of_an_hour_whose_costs_are_unknown_says_nothing(embedded_store: Store) -> None:
    """Prompts are ten times as long; the newest call is of a model without a price."""

    def changed(made: Call, ago: int, n: int) -> Call:
        longer = {"input": made["input"] * 10} if ago < 3 else {}
        newest = {"price": None, "ts": NOW - timedelta(minutes=5)} if (ago, n) == (0, 4) else {}
        return made | longer | newest

    fill(embedded_store, traffic("support", changed))
    look(embedded_store, NOW, floor_usd=0.01)
    assert incidents(embedded_store, "kinds[1]") == [("prompt_growth",)]
