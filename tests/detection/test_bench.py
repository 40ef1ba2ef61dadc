# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The benchmark of detection counts what it says it counts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.anomalies.__main__ import Verdicts
from benchmarks.anomalies.judge import (
    Find,
    Incident,
    Said,
    Sighting,
    find,
    grouped,
    interval,
    is_material,
    said,
)  # fmt: skip
from benchmarks.anomalies.passes import Spent, run
from benchmarks.anomalies.report import OURS, Judged, Quiet, by_client, false_per_week, recall
from benchmarks.anomalies.rules import broken
from benchmarks.anomalies.traffic import OWN, Background, clients
from benchmarks.anomalies.trouble import TROUBLES, Event, event
from otel_llmcost.store import Store

LENGTHS = [[600 + 100 * n for n in range(14)], [60 + 10 * n for n in range(14)]]
STEADY = {"client": "steady", "rate_per_s": [1.0] * 2016, "tokens": {"0": LENGTHS}}
PROMPT, VOLUME = "prompt_growth", "volume_surge"


def seen(*hours: int, kind: str = PROMPT, cause: str = "", usd: float = 0) -> Said:
    """A detector that says so in some hours, and has the incidents of a rule."""
    sightings = [Sighting(hour=hour, kind=kind) for hour in hours]
    own = [replace(one, cause=cause, usd=usd) for one in grouped(sightings)]
    return Said(sightings=sightings, incidents=own)


def found(of_it: Said, twin: Said | None = None, **place: int) -> Find:
    place = {"onset": 10, "until": 18} | place
    return find(of_it, twin or Said(), causes=(PROMPT, "prompt"), **place)


def judged(hour: int | None) -> Judged:
    return Judged(
        detector=OURS,
        client="a",
        rate=15,
        trouble="prompt x3",
        is_meant=False,
        find=Find(hour=hour),
        is_known=hour is not None,
        before_usd=1,
    )


def test_a_rule_has_another_incident_when_it_was_quiet_for_a_day() -> None:
    assert [(one.start, one.last) for one in seen(3, 27, 51, 76).incidents] == [(3, 51), (76, 76)]


def test_what_is_only_for_the_digest_is_neither_a_find_nor_false() -> None:
    sightings = [Sighting(hour=10, kind=PROMPT, level="digest")]
    of_it = said(sightings, [Incident(start=10, last=12, kinds=[PROMPT], level="digest")])
    assert of_it == Said(sightings=[], incidents=[])
    assert found(of_it) == Find(hour=None)
    assert found(said(sightings, [], digest=True)).hour == 1


def test_false_incidents_are_counted_by_feature_and_week() -> None:
    quiet = Quiet(
        detector=OURS, client="a", rate=15, habit="own", false=seen(3, 90, 150).incidents, digest=1
    )
    assert false_per_week([quiet, replace(quiet, false=[])]) == 1.5


@pytest.mark.parametrize(
    ("loss", "hours", "calls", "usd_per_day", "counts"),
    [
        (0.07, 6, 5, 1, True),  # 28 cents a day
        (0.06, 6, 5, 1, False),  # 24 cents a day
        (9, 6, 4, 1, False),  # too few calls
        (0.13, 6, 50, 24, True),  # 2 % of 24 dollars are 48 cents
        (0.11, 6, 50, 24, False),
        (0.5, 48, 50, 1, True),
        (0.4, 48, 50, 1, False),
        (None, 3, 5, 24, True),  # unknown
        (None, 3, 4, 24, False),
    ],
)
def test_only_what_is_worth_an_alert_is_an_event(
    loss: float | None, hours: int, calls: int, usd_per_day: float, counts: bool
) -> None:
    it = is_material(loss=loss, hours=hours, calls=calls, usd_per_day=usd_per_day)
    assert it is counts


def test_a_single_call_is_worth_what_it_costs() -> None:
    assert is_material(loss=0.5, hours=1, calls=0, usd_per_day=24, single=True)
    assert not is_material(loss=0.4, hours=1, calls=0, usd_per_day=24, single=True)


def test_the_hour_of_the_onset_is_the_first() -> None:
    assert found(seen(10, 11)) == Find(hour=1, named=True)
    assert found(seen(17)).hour == 8


def test_what_comes_before_the_onset_or_too_late_is_no_find() -> None:
    assert found(seen(9)) == found(seen(18)) == Find(hour=None)


def test_what_the_untouched_twin_has_as_well_is_no_find_and_not_too_many() -> None:
    assert found(seen(10, 11), twin=seen(10, 11)) == Find(hour=None)
    assert found(seen(10, 11, 12), twin=seen(10, 11)).hour == 3


def test_named_right_is_what_the_most_expensive_incident_says() -> None:
    assert found(seen(10, kind="gradual_drift", cause="prompt")).named
    assert not found(seen(10, kind=VOLUME, cause="volume")).named
    both = Said(
        sightings=seen(10, 60).sightings,
        incidents=[*seen(10, usd=5).incidents, *seen(60, kind=VOLUME, usd=9).incidents],
    )
    assert not found(both, until=100).named


def test_a_second_incident_of_one_event_is_one_too_many() -> None:
    assert found(seen(10, 40, 70), until=100).extra == 2
    assert found(seen(10, 34, 58), until=100).extra == 0
    assert found(seen(10, 40), twin=seen(40), until=100).extra == 0


def test_shares_are_of_events_found_in_the_first_hours() -> None:
    events = [judged(hour) for hour in (1, 2, 6, None)]
    assert [recall(events, hours) for hours in (1, 2, 6)] == [0.25, 0.5, 0.75]
    assert recall(events) == 0.75


def test_an_interval_redraws_clients_not_their_events() -> None:
    alike = [replace(judged(1), client="a")] * 50 + [replace(judged(None), client="b")] * 50
    assert interval(by_client(alike), recall) == (0, 1)
    assert interval(by_client(alike[:50]), recall) is None


def test_a_rule_is_judged_by_the_same_incidents() -> None:
    hours = {hour: Spent(usd=1 + hour % 2, calls=10, tokens=100) for hour in range(-168, 60)}
    for hour in (5, 6, 40):
        hours[hour] = Spent(usd=9, calls=10, tokens=100)
    broken_in = broken("mean + 3 sigma", hours, range(60))
    assert [one.start for one in broken_in.incidents] == [5, 40]
    assert broken("3x tokens", hours, range(60)).incidents == []


def test_halves_of_the_clients_have_nothing_in_common(tmp_path: Path) -> None:
    path = tmp_path / "clients"
    path.write_text(json.dumps({"clients": [STEADY | {"client": name} for name in "dcba"]}))
    halves = [[one.name for one in clients(path, half)] for half in ("choose", "report")]
    assert halves == [["a", "c"], ["b", "d"]]


def test_trouble_changes_only_what_it_is_about(tmp_path: Path) -> None:
    path = tmp_path / "clients"
    path.write_text(json.dumps({"clients": [STEADY]}))
    background = Background(client=clients(path, "all")[0], rate=15, habit=OWN)
    tripled = next(one for one in TROUBLES if one.name == "prompt x3")
    one = event(background, tripled)
    usual = background.calls(one.onset)
    assert one.calls(one.onset) == [replace(c, feature=one.name, input=3) for c in usual]


def test_a_token_spike_of_a_steady_client_is_found_in_an_hour_and_its_twin_is_quiet(
    tmp_path: Path, embedded_store: Store
) -> None:
    path = tmp_path / "clients"
    path.write_text(json.dumps({"clients": [STEADY]}))
    (client,) = clients(path, "all")
    background = Background(client=client, rate=15, habit=OWN)
    tripled = next(one for one in TROUBLES if one.name == "prompt x3")
    one = Event(background=background, trouble=replace(tripled, hours=2), onset=1)
    verdicts = Verdicts(run(embedded_store, [client], [background], [one], hours=4))
    ours = [judged for judged in verdicts.event(one) if judged.detector == OURS]
    assert [judged.find for judged in ours] == [Find(hour=1, named=True)]
    # The lengths that are drawn follow from the times of the calls: 0.71 to 0.99 in seven weeks.
    assert 0.5 < ours[0].before_usd < 1.3
    assert [quiet.false for quiet in verdicts.quiet(background) if quiet.detector == OURS] == [[]]
