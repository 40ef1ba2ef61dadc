# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Building a rollup changes speed, never a figure; nor do replays. For every rollup there is."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from otel_llmcost import schema
from otel_llmcost.schema import cluster
from otel_llmcost.schema.files import statement
from otel_llmcost.store import Store
from tests.support.rolled_up import read, roll_up_days, roll_up_hours, rolled_up

pytestmark = pytest.mark.slow

TODAY = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
FIRST = TODAY - dt.timedelta(days=4)
FULL_DAYS = (FIRST, TODAY)
BROKEN = (
    FIRST + dt.timedelta(hours=9, minutes=30),
    FIRST + dt.timedelta(days=2, hours=12, minutes=10),
)
ROLLUPS = sorted(schema.rollups())
DAYS = [name for name in ROLLUPS if schema.rollups()[name].bucket == "day"]
each_rollup = pytest.mark.parametrize("name", ROLLUPS)


def call(number: int, **more: Any) -> dict[str, Any]:
    """The call of this number; three days of them, of every kind that a rollup distinguishes."""
    ts = FIRST + dt.timedelta(hours=7.3 * number % 72, milliseconds=number)
    kinds = {
        0: {"cost_usd": None, "cost_status": "unpriced", "cost_reason": "unknown_model"},
        1: {"cost_usd": Decimal(0)},
        2: {"error_type": "500"},
        3: {"finish_reason": "max_tokens"},
        4: {"cache_read_tokens": 900, "prefix_fingerprint": "p"},
    }
    return {
        "ts": ts,
        "record_id": f"{number % 2:016x}{number:016x}",
        "environment": ("prod", "")[number % 2],
        "service": "shop",
        "feature": ("search", "chat", "")[number % 3],
        "user_id": f"u{number % 4}",
        "session_id": f"s{number % 12}",
        "scope_id": f"r{number % 12}",
        "trace_id": f"t{number % 12}",
        "allocation": {"customer": f"c{number % 3}"},
        "provider": "anthropic",
        "model": ("claude-haiku-4-5", "claude-opus-5")[number % 2],
        "mode": "standard",
        "replies": 1,
        "other_usage": {"input": 1000 + number, "output": 10 + number},
        "input_tokens": 1000 + number,
        "uncached_input_tokens": 1000 + number,
        "output_tokens": 10 + number,
        "cost_usd": Decimal(number + 1) / 1000,
        "cost_status": "priced",
        "duration_ms": 100 + number,
        "request_fingerprint": f"same {number % 13}",
        "ingested_at": ts,
        "source": ("otel_llmcost", "elsewhere")[number % 17 == 0],
        "version": 1,
        **kinds.get(number % 8, {}),
        **more,
    }


def put(store: Store, calls: list[dict[str, Any]]) -> None:
    columns = sorted({column for one in calls for column in one})
    default = {column: 0 if column.endswith("tokens") else "" for column in columns}
    store.insert("llm_calls", [[{**default, **one}[c] for c in columns] for one in calls], columns)


@pytest.fixture
def store(embedded_store: Store) -> Store:
    """Three days of calls that arrived when they were made, of which no rollup has anything."""
    put(embedded_store, [call(number) for number in range(120)])
    return embedded_store


def build(store: Store, name: str) -> None:
    """Every hour and day of a rollup, and of what it follows."""
    follows = schema.rollups()[name].follows
    roll_up_hours(store, {"hourly_spend", follows, name})
    roll_up_days(store, {name})


def rows(store: Store, name: str, since: dt.datetime, until: dt.datetime) -> list[Any]:
    return store.query(read(name), {"since": since, "until": until}).rows


@each_rollup
def test_no_figure_changes_by_building_by_replays_or_when_the_records_go(store: Store, name: str):
    live = [rows(store, name, *bounds) for bounds in (FULL_DAYS, BROKEN)]
    assert all(live)
    build(store, name)
    assert len(rolled_up(store, name)) >= 3
    assert [rows(store, name, *bounds) for bounds in (FULL_DAYS, BROKEN)] == live
    # How late a record was counts from the copy that stays: the first.
    arrived = dt.datetime.now(dt.UTC)
    put(store, [call(number, ingested_at=arrived, version=0) for number in range(120)])
    assert rows(store, name, *FULL_DAYS) == live[0]
    store.command("TRUNCATE TABLE llmcost.llm_calls")
    assert rows(store, name, *FULL_DAYS) == live[0]


@each_rollup
def test_a_late_call_is_in_at_once_and_stays_when_all_is_built_again(store: Store, name: str):
    build(store, name)
    before = rows(store, name, *FULL_DAYS)
    arrived = dt.datetime.now(dt.UTC)
    # It repeats a request of a minute before.
    late = {"ts": call(5)["ts"] + dt.timedelta(minutes=1), "record_id": "f" * 32}
    put(store, [call(5, ingested_at=arrived, **late)])
    after = rows(store, name, *FULL_DAYS)
    assert after != before
    store.command(schema.rollups()["hourly_spend"].insert)
    assert rows(store, name, *FULL_DAYS) == after
    store.command("TRUNCATE TABLE llmcost.rollup_builds")
    assert rows(store, name, *FULL_DAYS) == after


@each_rollup
def test_a_build_that_was_broken_off_does_not_count(store: Store, name: str):
    build(store, name)
    before = rows(store, name, *FULL_DAYS)
    rollup = schema.rollups()[name]
    columns = ", ".join(rollup.columns)
    # Rows of a newer build that is not noted: as if the process had died in between.
    store.command(f"DETACH TABLE llmcost.{name}__builds")
    try:
        store.command(
            f"INSERT INTO {rollup.table} ({columns}, built_at) "
            f"SELECT {columns}, now64(6) FROM {rollup.table} WHERE is_marker = 0 LIMIT 1"
        )
    finally:
        store.command(f"ATTACH TABLE llmcost.{name}__builds")
    assert rows(store, name, *FULL_DAYS) == before


@each_rollup
def test_a_bucket_all_of_whose_calls_went_is_built_empty(store: Store, name: str):
    rollup = schema.rollups()[name]
    roll_up_hours(store, {"hourly_spend", rollup.follows, name})
    assert rows(store, name, *FULL_DAYS)
    store.command("TRUNCATE TABLE llmcost.llm_calls")
    for hours in ("hourly_spend", rollup.follows, name):
        if hours and schema.rollups()[hours].bucket == "hour":
            store.command(
                f"INSERT INTO {schema.rollups()[hours].table} (hour, is_marker, built_at) "
                "SELECT bucket, 1, now64(6) - INTERVAL 15 MINUTE FROM llmcost.rollup_builds "
                "WHERE rollup = 'hourly_spend' GROUP BY bucket"
            )
    roll_up_days(store, {name})
    assert rows(store, name, *FULL_DAYS) == []
    assert len(rolled_up(store, name)) >= 3


def test_users_add_up_to_their_calls(store: Store):
    build(store, "daily_users")
    for since, until in (FULL_DAYS, BROKEN):
        sql = (
            "SELECT toDate(ts) AS day, user_id, count(), sum(input_tokens), sum(cost_usd) "
            "FROM llmcost.calls WHERE ts >= {since:DateTime64(3)} AND ts < {until:DateTime64(3)} "
            "GROUP BY day, user_id ORDER BY ALL"
        )
        of_users = (
            "SELECT day, user_id, sum(calls), sum(input_tokens), sum(cost_usd) "
            "FROM llmcost.daily_users(since = {since:DateTime64(3)}, until = "
            "{until:DateTime64(3)}) "
            "GROUP BY day, user_id ORDER BY ALL"
        )
        bounds = {"since": since, "until": until}
        assert store.query(of_users, bounds).rows == store.query(sql, bounds).rows


def test_a_day_is_built_once_it_is_over_and_was_quiet(embedded_store: Store):
    put(embedded_store, [call(0, ingested_at=dt.datetime.now(dt.UTC))])
    for _ in range(2):
        embedded_store.refresh()
        embedded_store.refresh_savings()
    assert rolled_up(embedded_store, "hourly_spend") == [f"{FIRST:%F}"]
    assert [name for name in DAYS if rolled_up(embedded_store, name)] == []


def test_a_refresh_builds_one_quiet_day_of_every_rollup(store: Store):
    roll_up_hours(store, {"hourly_spend", "lever_hours", "size_hours"})
    store.refresh()
    store.refresh_savings()
    assert {name: len(rolled_up(store, name)) for name in DAYS} == dict.fromkeys(DAYS, 1)


@each_rollup
def test_a_rollup_is_one_file_from_which_all_else_follows(name: str):
    rollup = schema.rollups()[name]
    objects = {item.name for item in schema.objects()}
    assert {f"{name}__rows", f"{name}__builds", f"{name}__live", name} <= objects
    assert f"refresh_{name}" in {schedule.name for schedule in schema.schedules()}
    assert cluster.shard_keys()[f"{name}__rows"] == f"cityHash64({rollup.bucket})"
    assert rollup.columns[0] == rollup.bucket
    assert not rollup.follows or rollup.follows in schema.rollups()


@each_rollup
def test_a_server_and_a_process_of_ours_build_by_the_same_statement(name: str):
    rollup = schema.rollups()[name]
    [schedule] = [item for item in schema.schedules() if item.name == f"refresh_{name}"]
    written = schedule.sql.partition(f"APPEND TO {rollup.table} AS\n")[2]
    assert written
    assert rollup.insert.partition(")\n")[2].endswith(written) or written in statement(
        rollup.insert
    )
