# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""An anomaly from its first sight to its end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from otel_llmcost.detection.detect import (
    _continued,  # pyright: ignore[reportPrivateUsage]
    detect,
    rebuild_hours,
)
from otel_llmcost.detection.look import look_at
from otel_llmcost.store import Store
from tests.detection.traffic import NOW, THIS_HOUR, Call, fill, since, traffic

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)


def longer(made: Call, ago: int, _: int) -> Call:
    """Three times the prompt, from five hours ago on."""
    return made | {"input": made["input"] * 3} if ago < 5 else made


def four_times(tokens: int) -> int:
    return tokens * 4


def logged(store: Store) -> list[tuple[str, ...]]:
    return store.query(
        "SELECT anomaly_id, kind, start, state FROM llmcost.anomalies ORDER BY start"
    ).rows


def test_an_anomaly_that_goes_on_is_one_row_that_grows(embedded_store: Store) -> None:
    fill(embedded_store, traffic("chat", longer))
    reported = [detect(embedded_store, NOW - n * HOUR, floor_usd=0.01) for n in range(4, -1, -1)]
    assert all(len(found) == 1 for found in reported)
    assert len({found[0].anomaly_id for found in reported}) == 1
    assert reported[-1][0].started_at == THIS_HOUR - 4 * HOUR
    excess = [found[0].excess_usd or 0 for found in reported]
    assert excess == sorted(excess)
    assert len(logged(embedded_store)) == 1


def test_a_second_pass_at_the_same_moment_changes_nothing(embedded_store: Store) -> None:
    fill(embedded_store, traffic("chat", longer))
    assert detect(embedded_store, NOW, floor_usd=0.01) == detect(
        embedded_store, NOW, floor_usd=0.01
    )


def test_its_hours_do_not_become_usual(embedded_store: Store) -> None:
    """Twelve hours into it, the norm is still that of before."""

    def lasting(made: Call, ago: int, _: int) -> Call:
        return made | {"input": made["input"] * 3} if ago < 30 else made

    fill(embedded_store, traffic("chat", lasting))
    reported = [detect(embedded_store, NOW - n * HOUR, floor_usd=0.01) for n in range(29, -1, -3)]
    (found,) = reported[-1]
    assert found.kind == "prompt_growth"
    assert 950 < (found.expected or 0) < 1050
    assert found.started_at == THIS_HOUR - 29 * HOUR


def test_one_that_ended_is_closed_and_a_later_one_is_another(embedded_store: Store) -> None:
    fill(embedded_store, traffic("chat", longer))
    (first,) = detect(embedded_store, NOW, floor_usd=0.01)
    later = NOW + 20 * HOUR
    calm = [made | {"ts": made["ts"] + 14 * HOUR} for made in traffic("chat", hours=13)]
    fill(embedded_store, calm)
    assert detect(embedded_store, NOW + 14 * HOUR, floor_usd=0.01) == []
    again = traffic("chat", since(2, input=four_times), hours=2)
    fill(embedded_store, [made | {"ts": made["ts"] + 20 * HOUR} for made in again])
    (second,) = detect(embedded_store, later, floor_usd=0.01)
    assert second.anomaly_id != first.anomaly_id


def test_it_ends_with_the_last_hour_that_itself_shows_it(embedded_store: Store) -> None:
    """Not when a window of six hours no longer sees it."""

    def for_three_hours(made: Call, ago: int, _: int) -> Call:
        return made | {"input": made["input"] * 3} if 3 <= ago < 6 else made

    fill(embedded_store, traffic("chat", for_three_hours))
    reported = [detect(embedded_store, NOW - n * HOUR, floor_usd=0.01) for n in range(5, -1, -1)]
    ends = [(found[0].ended_at - THIS_HOUR) / HOUR for found in reported if found]
    assert ends[:3] == [-4.5, -3.5, -2.5]
    assert set(ends[3:]) <= {-2}


def test_what_was_reported_stays_so_while_it_lasts(embedded_store: Store) -> None:
    """Three times as long, then half as long again."""

    def less_and_less(made: Call, ago: int, _: int) -> Call:
        factor = 3 if 3 <= ago < 5 else 1.6 if ago < 3 else 1
        return made | {"input": round(made["input"] * factor)}

    fill(embedded_store, traffic("chat", less_and_less))
    reported = [detect(embedded_store, NOW - n * HOUR, floor_usd=0.01) for n in range(4, -1, -1)]
    assert {anomaly.level for found in reported for anomaly in found} == {"report"}


def test_stricter_takes_more_evidence_and_more_dollars(embedded_store: Store) -> None:
    fill(embedded_store, traffic("chat", longer))
    (usual,) = detect(embedded_store, NOW, floor_usd=0.01)
    assert (usual.kind, usual.level) == ("prompt_growth", "report")
    assert detect(embedded_store, NOW, floor_usd=0.01, strictness=50) == []
    assert detect(embedded_store, NOW, floor_usd=100) == []


def test_hours_of_a_store_from_before_sizes_are_rebuilt(embedded_store: Store) -> None:
    fill(embedded_store, traffic("chat", longer))
    rebuild_hours(embedded_store, NOW)
    embedded_store.command(
        "INSERT INTO llmcost.feature_hours SELECT * REPLACE (0 AS has_sizes, "
        "map() AS input_sizes, map() AS output_sizes, now64(3) AS rebuilt_at) "
        "FROM llmcost.feature_hours FINAL"
    )
    embedded_store.command("DELETE FROM llmcost.feature_hours WHERE has_sizes")
    (found,) = detect(embedded_store, NOW, floor_usd=0.01)
    assert found.kind == "prompt_growth"


def test_hours_are_rebuilt_once_calls_arrive_late(embedded_store: Store) -> None:
    fill(embedded_store, traffic("chat", hours=3))
    rebuild_hours(embedded_store, NOW)
    late = [made | {"record_id": "late"} for made in list(traffic("chat", hours=2))[:1]]
    fill(embedded_store, late)
    rebuild_hours(embedded_store, NOW)
    total = embedded_store.query(
        "SELECT sum(calls) FROM llmcost_internal.watched_hours(now = '2026-11-20 12:30:00')"
    )
    assert total.rows == [(36,)]


def seldom(made: Call, ago: int, n: int) -> Call | None:
    """A call in twelve hours; then three and two in the night, and one now, ten times as long."""
    longer = {9: 3, 8: 2, 0: 1}
    if n < longer.get(ago, 0):
        return made | {"input": made["input"] * 10, "price": 100}
    return None if n or ago < 12 or ago % 12 != 1 else made | {"price": 100}


def test_what_is_found_again_after_hours_of_silence_is_one_line_of_its_incident(
    embedded_store: Store,
) -> None:
    fill(embedded_store, traffic("rare", seldom, per_hour=3, hours=28 * 24))
    passes = [look_at(embedded_store, NOW + hours * HOUR) for hours in (-7, -6, 0, 1, 2)]
    begun = {(one.anomaly_id, one.started_at, one.detected_at) for found in passes for one in found}
    assert begun == {(passes[0][0].anomaly_id, THIS_HOUR - 9 * HOUR, NOW - 7 * HOUR)}
    assert passes[2] != passes[1]
    rows = embedded_store.query("SELECT anomaly_ids FROM llmcost.incident_log FINAL").rows
    assert rows == [([passes[0][0].anomaly_id],)]
    assert len(logged(embedded_store)) == 1


def test_what_is_found_again_after_more_than_a_day_of_silence_is_another(
    embedded_store: Store,
) -> None:
    """The hours that hold a feature's last five calls may begin where they began before."""
    fill(embedded_store, traffic("chat", longer))
    (found,) = detect(embedded_store, NOW)
    seen = {name: getattr(found, name) for name in ("environment", "feature", "kind", "level")}
    row = seen | {"anomaly_id": found.anomaly_id, "started_at": found.started_at}
    times = {"detected_at": NOW - 40 * HOUR, "ended_at": NOW - 23 * HOUR}
    assert _continued(found, [row | times], NOW).detected_at == NOW - 40 * HOUR
    another = _continued(found, [row | times | {"ended_at": NOW - 25 * HOUR}], NOW)
    assert another.anomaly_id != found.anomaly_id
    assert another.detected_at == NOW
