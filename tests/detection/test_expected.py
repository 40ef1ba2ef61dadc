# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What was acknowledged as expected is usual from then on; any other word leaves it unusual."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from otel_llmcost.detection.acks import State, acknowledge
from otel_llmcost.detection.look import look_at, update
from otel_llmcost.store import Store
from tests.detection.lines import line
from tests.detection.traffic import NOW, fill, since, traffic

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)


def ten_times(tokens: int) -> int:
    return tokens * 10


@pytest.mark.parametrize(("state", "unusual"), [("acknowledged", True), ("expected", False)])
def test_expected_hours_are_usual_at_once(
    embedded_store: Store, state: State, unusual: bool
) -> None:
    fill(embedded_store, traffic("chat", since(15, input=ten_times)))
    assert look_at(embedded_store, NOW - 9 * HOUR, floor_usd=0.01)
    ((name,),) = embedded_store.query("SELECT incident_id FROM llmcost.incidents").rows
    acknowledge(embedded_store, name, state, by="ada", note="", now=NOW)
    left_out = embedded_store.query(
        f"SELECT hour FROM llmcost_internal.unusual_hours(now = '{NOW:%Y-%m-%d %H:%M:%S}')"
    ).rows
    assert bool(left_out) == unusual


def test_a_weekly_job_that_was_expected_is_silent_until_it_costs_twice_as_much(
    embedded_store: Store,
) -> None:
    line(embedded_store, "first")
    update(embedded_store, NOW)
    acknowledge(embedded_store, "first", "expected", by="ada", note="the report", now=NOW)
    at = NOW + WEEK
    line(embedded_store, "second", at=at)
    update(embedded_store, at)
    sql = "SELECT incident_id, state, note FROM llmcost.incidents WHERE incident_id = 'second'"
    assert embedded_store.query(sql).rows == [("second", "expected", "the report")]
    assert {one.reports for one in update(embedded_store, at + 3 * HOUR)} == {0}
    line(embedded_store, "third", at=at + HOUR / 2, started_at=at, excess_usd=Decimal(2))
    (again,) = update(embedded_store, at + 3 * HOUR)
    assert (again.incident_id, again.reports, again.expected_by) == ("second", 1, "")
