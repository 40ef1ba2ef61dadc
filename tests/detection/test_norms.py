# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Which hours make up what is usual, and which an anomaly leaves out of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from otel_llmcost.detection.detect import detect
from otel_llmcost.store import Store
from tests.detection.traffic import NOW, THIS_HOUR, Call, fill, traffic
from tests.support.embedded import empty, shared_store

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)
DAY = 24 * HOUR


def logged(store: Store, *spans: tuple[int, int], kind: str = "prompt_growth") -> None:
    """Anomalies of `chat` that began and ended these many hours ago."""
    rows = [
        [f"{kind}{start}", kind, "prod", "chat", THIS_HOUR - start * HOUR, THIS_HOUR - end * HOUR,
         THIS_HOUR - start * HOUR]
        for start, end in spans
    ]  # fmt: skip
    columns = ("anomaly_id", "kind", "environment", "feature", "started_at", "ended_at")
    store.insert("anomaly_log", rows, [*columns, "detected_at"])


def left_out(store: Store, norm: str = "size") -> list[int]:
    """Hours ago."""
    found = store.query(
        "SELECT dateDiff('hour', hour, toDateTime({now:String}, 'UTC'))"
        " FROM llmcost_internal.unusual_hours(now = {now:String})"
        " WHERE norm = {norm:String} AND (environment, feature) = ('prod', 'chat') ORDER BY 1",
        {"now": f"{THIS_HOUR:%F %T}", "norm": norm},
    )
    return [int(str(ago)) for (ago,) in found.rows]


@pytest.fixture
def store() -> Store:
    store = shared_store()
    empty(store)
    return store


def test_the_hours_of_an_anomaly_are_left_out_of_what_it_distorts(store: Store) -> None:
    logged(store, (12, 10))
    assert (left_out(store), left_out(store, "volume")) == ([11, 12], [])
    empty(store)
    logged(store, (12, 10), kind="volume_surge")
    assert (left_out(store), left_out(store, "volume")) == ([], [11, 12])
    empty(store)
    logged(store, (12, 10), kind="loop")
    assert (left_out(store), left_out(store, "volume")) == ([11, 12], [11, 12])


def test_what_goes_on_for_a_day_is_usual_from_then_on(store: Store) -> None:
    logged(store, (60, 0))
    assert left_out(store) == list(range(37, 61))


def test_what_returns_within_a_day_uses_up_the_same_twenty_four_hours(store: Store) -> None:
    logged(store, (100, 85), (80, 65), (60, 45))
    assert left_out(store) == [*range(72, 81), *range(86, 101)]


def test_two_hours_a_day_are_not_usual_on_the_second_day_and_are_after_six(store: Store) -> None:
    logged(store, *((24 * day + 2, 24 * day) for day in range(10)))
    assert left_out(store) == [hour for day in range(6) for hour in (24 * day + 1, 24 * day + 2)]


def test_a_weekly_job_is_usual_in_the_week_after(store: Store) -> None:
    logged(store, (168, 166))
    assert left_out(store) == []


def four_times_lately(made: Call, ago: int, _: int) -> list[Call]:
    ids = ("record_id", "trace_id", "scope_id", "request_fingerprint")
    many = 4 if ago < 2 else 1
    return [made | {key: f"{made[key]}{n}" for key in ids} for n in range(many)]


@pytest.mark.parametrize("kind", ["prompt_growth", "volume_surge"])
def test_hours_that_are_left_out_are_not_hours_without_calls(store: Store, kind: str) -> None:
    """The usual number of calls is that of the other hours, also of these hours of the day."""
    logged(store, (32, 8), kind=kind)
    fill(store, traffic("chat", four_times_lately))
    found = {anomaly.kind: anomaly for anomaly in detect(store, NOW, floor_usd=0.01)}
    surge = found["volume_surge"]
    assert (surge.expected or 0) / int(surge.unit.split()[2]) == pytest.approx(10, rel=0.02)
    # 60 calls in an hour and a half where 15 are usual, at 0.45 cents.
    assert float(surge.excess_usd or 0) == pytest.approx(0.0045 * (60 - 15), rel=0.05)


def test_hours_without_calls_count_as_none(store: Store) -> None:
    """A feature with calls every other hour usually has half as many an hour."""

    def every_other(made: Call, ago: int, n: int) -> list[Call]:
        return four_times_lately(made, ago, n) if ago % 2 == 0 or ago < 2 else []

    fill(store, traffic("chat", every_other, per_hour=20))
    (surge,) = detect(store, NOW, floor_usd=0.01)
    assert surge.kind == "volume_surge"
    assert (surge.expected or 0) >= 10
