# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The end of a trouble is seen within an hour; a trouble that goes on has none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from otel_llmcost.detection.going_on import ended
from otel_llmcost.detection.look import look, look_at
from otel_llmcost.store import Store
from tests.detection.traffic import NOW, THIS_HOUR, Call, Change, fill, traffic

pytestmark = pytest.mark.slow

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def between(first: int, last: int, change: Callable[[Call], Call]) -> Change:
    """Calls of some hours ago, the first of them the longest ago, changed."""

    def changed(made: Call, ago: int, _: int) -> Call:
        return change(made) if last <= ago <= first else made

    return changed


def longer(made: Call) -> Call:
    return made | {"input": made["input"] * 10}


def swapped(made: Call) -> Call:
    return made | {"model": "large-1", "request_model": "large", "price": 5}


def passes(store: Store, since: datetime, until: datetime, step: timedelta) -> list[str]:
    """Pass by pass: minutes since the first, and why the incident was reported."""
    found: list[str] = []
    at, reports = since, 0
    while at <= until:
        look_at(store, at, floor_usd=0.01)
        rows = store.query("SELECT reports, report_reason FROM llmcost.incident_log FINAL").rows
        if rows and rows[0][0] > reports:
            found.append(f"{rows[0][1]} {(at - since) // MINUTE}")
            reports = rows[0][0]
        at += step
    return found


@pytest.mark.parametrize("change", [longer, swapped])
def test_an_end_is_reported_within_an_hour(
    embedded_store: Store, change: Callable[[Call], Call]
) -> None:
    fill(embedded_store, traffic("chat", between(4, 3, change), per_hour=20))
    end = THIS_HOUR - 2 * HOUR
    look_at(embedded_store, end - MINUTE, floor_usd=0.01)
    (report,) = passes(embedded_store, end + MINUTE * 15, end + 60 * MINUTE, 15 * MINUTE)
    assert report.startswith("over ")
    ((last, days),) = embedded_store.query("SELECT last_seen_at, days FROM llmcost.incidents").rows
    assert (
        last
        == embedded_store.query(
            "SELECT max(ts) FROM llmcost.calls WHERE ts < {end:DateTime}",
            {"end": f"{end:%Y-%m-%d %H:%M:%S}"},
        ).rows[0][0]
    )
    assert days == 1


def test_a_trouble_that_goes_on_is_not_over(embedded_store: Store) -> None:
    fill(embedded_store, traffic("chat", between(4, 0, longer), per_hour=20))
    since = THIS_HOUR - 3 * HOUR
    reports = passes(embedded_store, since, NOW, 30 * MINUTE)
    assert reports[0] == "new 0"
    assert not [report for report in reports if report.startswith("over")]


def test_what_began_and_ended_while_no_pass_ran_is_reported_as_over(embedded_store: Store) -> None:
    fill(embedded_store, traffic("chat", between(14, 12, longer), per_hour=20))
    look(embedded_store, THIS_HOUR - 16 * HOUR, floor_usd=0.01)
    look(embedded_store, NOW, floor_usd=0.01)
    rows = embedded_store.query(
        "SELECT report_reason, started_at, last_seen_at FROM llmcost.incident_log FINAL"
    ).rows
    ((reason, start, last),) = rows
    assert reason == "over"
    assert start == THIS_HOUR - 14 * HOUR
    assert THIS_HOUR - 12 * HOUR <= last <= THIS_HOUR - 11 * HOUR


def test_without_known_dollars_many_calls_are_not_over_for_their_cost() -> None:
    seen = {"kind": "volume_surge", "excess_usd": None, "unit": "calls in 1 hour", "actual": 90.0}
    line = seen | {"started_at": NOW - HOUR, "ended_at": NOW}
    quarter = {"last_ts": NOW, "calls": 30, "usd": None}
    hour = {"hour": THIS_HOUR, "calls": 90, "usd": None}
    assert ended(line, [quarter], [hour], NOW) == (NOW, False)
