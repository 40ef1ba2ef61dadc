# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Days that are over and quiet are read from their rollups: no figure may differ."""

from __future__ import annotations

import datetime as dt
from typing import Any

from otel_llmcost import schema
from otel_llmcost.store import Store
from otel_llmcost.store.refresh import DAY_ROLLUPS

TODAY = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
FIRST = TODAY - dt.timedelta(days=3)
FULL_DAYS = (FIRST, TODAY)
BROKEN = (FIRST + dt.timedelta(hours=9, minutes=30), FIRST + dt.timedelta(days=1, hours=12))
COLUMNS = (
    *("ts", "record_id", "service", "feature", "user_id", "trace_id"),
    *("provider", "model", "input_tokens"),
    *("cost_usd", "cost_status", "duration_ms", "ingested_at", "source", "version"),
)


def add(store: Store, hours: float, number: int, user: str, arrived: dt.datetime | None = None):
    """A call so many hours after FIRST, reported when it was over unless said otherwise."""
    ts = FIRST + dt.timedelta(hours=hours)
    record = f"{'a' * 16}{number:016x}"
    row = (
        ts,
        record,
        "shop",
        "f",
        user,
        f"trace-{number % 3}",
        "openai",
        "m",
        10 * number,
        number,
        "priced",
        100 * number,
    )
    store.insert("llm_calls", [(*row, arrived or ts, "otel_llmcost", 1)], COLUMNS)


def filled(store: Store) -> None:
    """Two days of calls, rolled up by the hour long ago."""
    for number, (hours, user) in enumerate(((9, "u1"), (10, "u2"), (33, "u1"), (40, "u2")), 1):
        add(store, hours, number, user)
    store.command(
        "INSERT INTO llmcost.llm_cost_1h SELECT *, hour + INTERVAL 1 DAY FROM llmcost.hour_groups"
    )


def close_days(store: Store) -> None:
    for _ in range(3):
        store.refresh()


def numbers(store: Store, since: dt.datetime, until: dt.datetime) -> list[Any]:
    bounds = {"since": since, "until": until}
    between = "(since = {since:DateTime64(3)}, until = {until:DateTime64(3)})"
    requested = (
        f"SELECT day, user_id, calls, input_tokens, cost_usd FROM llmcost.user_costs{between}",
        f"SELECT day, user_id, calls, input_tokens, cost_usd FROM llmcost.user_totals{between}",
        "SELECT day, calls, cost_usd, cost_classes, dearest, longest, "
        "quantilesDDMerge(0.005, 0.5, 0.95)(cost_sketch) "
        f"FROM llmcost.call_figures{between} GROUP BY ALL",
        "SELECT * EXCEPT (cost_sketch), quantilesDDMerge(0.005, 0.5, 0.95)(cost_sketch) "
        f"FROM llmcost.unit_figures{between} GROUP BY ALL",
        "SELECT * EXCEPT (lag_sketch), quantilesDDMerge(0.005, 0.5, 0.95)(lag_sketch) "
        f"FROM llmcost.call_states{between[:-1]}, step = 86400) GROUP BY ALL",
        f"SELECT * FROM llmcost.token_hours{between}",
        "SELECT * FROM llmcost.trust",
    )
    return [store.query(f"{sql} ORDER BY ALL", bounds).rows for sql in requested]


def by_user(store: Store, *bounds: dt.datetime) -> list[Any]:
    """What user_costs has to add up to."""
    return store.query(
        "SELECT toDate(ts) AS day, user_id, count() AS calls, sum(input_tokens), sum(cost_usd) "
        "FROM llmcost.calls WHERE ts >= {since:DateTime64(3)} AND ts < {until:DateTime64(3)} "
        "GROUP BY day, user_id ORDER BY ALL",
        {"since": bounds[0], "until": bounds[1]},
    ).rows


def rolled_up(store: Store, table: str) -> int:
    sql = f"SELECT uniqExact(day) FROM llmcost.{table}"
    return int(store.query(sql).rows[0][0])


def test_closing_days_changes_no_figure_of_full_or_broken_ranges(embedded_store: Store):
    filled(embedded_store)
    live = [numbers(embedded_store, *bounds) for bounds in (FULL_DAYS, BROKEN)]
    close_days(embedded_store)
    assert [rolled_up(embedded_store, table) for table in DAY_ROLLUPS] == [2] * len(DAY_ROLLUPS)
    assert [numbers(embedded_store, *bounds) for bounds in (FULL_DAYS, BROKEN)] == live
    for bounds in (FULL_DAYS, BROKEN):
        found = numbers(embedded_store, *bounds)
        assert found[0] == found[1] == by_user(embedded_store, *bounds)


def test_full_closed_days_are_answered_without_their_records(embedded_store: Store):
    filled(embedded_store)
    close_days(embedded_store)
    before = numbers(embedded_store, *FULL_DAYS)
    embedded_store.command("TRUNCATE TABLE llmcost.llm_calls")
    assert numbers(embedded_store, *FULL_DAYS) == before


def test_a_late_call_is_in_at_once_and_a_replay_is_not(embedded_store: Store):
    filled(embedded_store)
    close_days(embedded_store)
    before = numbers(embedded_store, *FULL_DAYS)
    add(embedded_store, 9, 1, "u1", dt.datetime.now(dt.UTC))
    assert numbers(embedded_store, *FULL_DAYS)[:4] == before[:4]
    add(embedded_store, 9, 9, "u9", dt.datetime.now(dt.UTC))
    found = numbers(embedded_store, *FULL_DAYS)
    assert found[0] == by_user(embedded_store, *FULL_DAYS)
    assert len(found[0]) == len(before[0]) + 1
    embedded_store.refresh()
    assert numbers(embedded_store, *FULL_DAYS) == found


def test_a_day_is_rolled_up_once_it_is_over_and_was_quiet(embedded_store: Store):
    add(embedded_store, 9, 1, "u1", dt.datetime.now(dt.UTC))
    close_days(embedded_store)
    assert [rolled_up(embedded_store, table) for table in DAY_ROLLUPS] == [0] * len(DAY_ROLLUPS)


def test_each_rollup_of_days_has_its_statement_and_schedule():
    for table in DAY_ROLLUPS:
        assert f"llmcost.{table}" in schema.query(f"refresh_{table}")
        assert f"refresh_{table}" in {schedule.name for schedule in schema.schedules()}
