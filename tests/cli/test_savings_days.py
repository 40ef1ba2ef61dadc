# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Levers of days that are over are read from their rollup: no figure may differ."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from otel_llmcost.store import Store
from tests.cli.calls import add, put
from tests.cli.savings import NO_USER, NOON, stored, usage
from tests.support.rolled_up import roll_up_days, roll_up_hours, rolled_up

pytestmark = pytest.mark.slow

DAY = 86_400
TODAY = NOON.replace(hour=0) + dt.timedelta(1)
FIRST = TODAY - dt.timedelta(6)
FULL_DAYS = (FIRST, TODAY)
RANGES = (
    FULL_DAYS,
    (FIRST + dt.timedelta(days=2), TODAY - dt.timedelta(days=1)),
    (FIRST + dt.timedelta(days=1, hours=12, minutes=40), TODAY - dt.timedelta(days=2, hours=10)),
)


def old(after: float) -> dict[str, Any]:
    """Reported when it happened, `after` seconds past noon of yesterday."""
    return {"after": after, "ingested_at": NOON + dt.timedelta(seconds=after)}


def filled(store: Store) -> None:
    """Three days of calls, three to five days ago, whose hours were rolled up long ago."""
    store.refresh()
    off, long = usage(input=3000, output=300), usage(input=250_000, output=10)
    wrote = usage(input=500, cache_write_5m=3000, output=300)
    read = usage(input=500, cache_read=3000, output=300)
    for start in (-4 * DAY, -3 * DAY, -2 * DAY):
        pauses = (0, 200, 3500, 3700, 30_000, 43_100)
        rare = (0, 1200, 2400, 3590, 4700, 5900, 43_100)
        reasoning = [usage(input=2000, output=200 + 9 * n) for n in range(25)]
        # Requested at 23:50, at 00:10 of the day after and once more before noon.
        same = {"request_fingerprint": "f", "ttft_ms": 300}
        # Another emitter's calls, whose tokens are all that is known; one of a model that is free.
        foreign = {**old(start + 7), "source": "elsewhere", "other_usage": {}}
        put(
            store,
            *(stored(off, **old(start + n), prefix_fingerprint="off") for n in pauses),
            *(stored(wrote, **old(start + n), prefix_fingerprint="on") for n in rare),
            stored(read, **old(start + 210), prefix_fingerprint="on"),
            *(stored(wrote, **old(start + n), prefix_fingerprint=f"{start} {n}") for n in range(3)),
            *(
                stored(one, **old(start + n), reasoning_tokens=100 + n)
                for n, one in enumerate(reasoning)
            ),
            *(stored(off, **old(start + n), **same) for n in (42_600, 43_800, 80_000)),
            stored(wrote, **foreign),
            stored(off, **{**foreign, "usd": "0"}),
            stored(long, **old(start)),
            stored(off, **{**old(start + 5), "usd": "0"}),
            stored(off, **old(start + 9), error_type="500", **NO_USER),
            stored(off, **old(start + 10), **NO_USER),
        )
    roll_up_hours(store)


BETWEEN = "since = {since:DateTime64(3)}, until = {until:DateTime64(3)}"
LEVERS = f"SELECT * FROM llmcost.savings_between({BETWEEN}, candidate = '', share = 0)"
OTHER_MODELS = (
    f"SELECT * FROM llmcost_internal.levers_replayed_between({BETWEEN}, "
    "candidate = 'gpt-6-luna', share = 0.5)",
    "SELECT * FROM llmcost.what_if_model WHERE candidate_model IN ('claude-haiku-4-5', "
    "'gpt-5-mini') AND day >= toDate({since:DateTime64(3)}) "
    "AND day < toDate({until:DateTime64(3)})",
)


def numbers(store: Store, since: dt.datetime, until: dt.datetime, *more: str) -> list[Any]:
    """Every lever; and what `more` queries for."""
    bounds = {"since": since, "until": until}
    requested = (LEVERS, *more)
    return [store.query(f"SELECT * FROM ({sql}) ORDER BY ALL", bounds).rows for sql in requested]


def test_closing_days_changes_no_lever_and_needs_their_hours_no_more(
    embedded_store: Store,
) -> None:
    filled(embedded_store)
    live = [numbers(embedded_store, *bounds, *OTHER_MODELS) for bounds in RANGES]
    found = {row[4] for row in live[0][0]}
    assert found >= {"prompt_cache", "cache_ttl", "stable_prefix", "batch"}
    assert found >= {"reasoning_effort", "oversized_prompts"}
    assert found >= {"failed_calls", "duplicate_requests", "cheaper_model", "unread_writes"}
    roll_up_days(embedded_store)
    assert len(rolled_up(embedded_store, "term_days")) == 4
    assert len(rolled_up(embedded_store, "repeat_days")) >= 4
    assert [numbers(embedded_store, *bounds, *OTHER_MODELS) for bounds in RANGES] == live
    for table in ("llm_calls", "lever_hours__rows"):
        embedded_store.command(f"TRUNCATE TABLE llmcost.{table}")
    assert numbers(embedded_store, *FULL_DAYS, *OTHER_MODELS) == live[0]


def test_late_calls_and_replays_are_in_at_once(embedded_store: Store) -> None:
    closed = embedded_store
    filled(closed)
    roll_up_days(closed)
    before = numbers(closed, *FULL_DAYS)
    one = usage(input=3000, output=300)
    # Just before midnight: the calls of the day after request what this one did.
    late = stored(one, after=-3 * DAY + 43_000, request_fingerprint="f", ttft_ms=300)
    for _ in range(2):
        add(closed, late)
        closed.refresh()
        after = numbers(closed, *FULL_DAYS)
        assert after != before
        closed.refresh_savings()
        assert numbers(closed, *FULL_DAYS) == after
    closed.command("TRUNCATE TABLE llmcost.rollup_builds")
    assert numbers(closed, *FULL_DAYS) == after


def test_a_day_waits_for_its_hours(embedded_store: Store) -> None:
    filled(embedded_store)
    embedded_store.command(
        "ALTER TABLE llmcost.rollup_builds DELETE WHERE rollup = 'lever_hours' AND bucket < "
        f"toDateTime('{FIRST:%F %T}', 'UTC') + INTERVAL 48 HOUR SETTINGS mutations_sync = 2"
    )
    roll_up_days(embedded_store)
    wanted = [f"{FIRST + dt.timedelta(n):%F}" for n in (2, 3, 4)]
    assert rolled_up(embedded_store, "term_days") == wanted
