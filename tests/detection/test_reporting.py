# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""When an incident is reported, and when it is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from otel_llmcost.detection.acks import Ack, State
from otel_llmcost.detection.incidents import Incident
from otel_llmcost.detection.reporting import reported
from tests.detection.traffic import NOW

HOUR = timedelta(hours=1)


def incident(usd: float | None = 2, **more: Any) -> Incident:
    facts: dict[str, Any] = {
        "incident_id": "a",
        "environment": "prod",
        "feature": "support",
        "started_at": NOW - HOUR,
        "detected_at": NOW,
        "last_seen_at": NOW,
        "kinds": ["prompt_growth"],
        "seen_hours": [NOW.replace(minute=0)],
        "excess_usd": None if usd is None else Decimal(str(usd)),
        **more,
    }
    return Incident(**facts)


def ack(state: State, usd: float | None = 2, **more: Any) -> Ack:
    facts: dict[str, Any] = {
        "incident_id": "a",
        "state": state,
        "acked_at": NOW,
        "excess_usd": None if usd is None else Decimal(str(usd)),
        "environment": "prod",
        "feature": "support",
        "kinds": ["prompt_growth"],
        "service_version": "",
        "seen_hours": [NOW.replace(minute=0)],
        **more,
    }
    return Ack(**facts)


def story(*steps: tuple[float | None, str], said: Ack | None = None) -> list[str]:
    """The reasons of the reports that follow each other; `over` as a step says that it stopped."""
    held, reasons = incident(None), list[str]()
    for n, (usd, what) in enumerate(steps):
        held = replace(held, excess_usd=None if usd is None else Decimal(str(usd)))
        if what not in ("", "over"):
            held = replace(held, kinds=[*held.kinds, what])
        after = reported(held, said, NOW + n * HOUR, is_over=what == "over")
        if after != held:
            reasons.append(f"{after.report_reason} {usd}")
        held = after
    return reasons


def test_it_is_reported_again_at_four_times_the_dollars_only() -> None:
    steps = [(usd, "") for usd in (2, 3, 7.99, 8, 12, 31.99, 32, 100, 128)]
    assert story(*steps) == ["new 2", "grown 8", "grown 32", "grown 128"]


def test_it_is_reported_again_when_a_cause_of_another_owner_joins() -> None:
    assert story((2, ""), (3, "cache_collapse"), (4, ""), (5, "loop"), (6, "retry_storm")) == [
        "new 2",
        "joined 3",
        "joined 5",
    ]


def test_more_of_the_same_owner_or_more_calls_are_no_report() -> None:
    assert story((2, ""), (3, "output_growth"), (4, "volume_surge")) == ["new 2"]


def test_its_end_is_reported_once() -> None:
    assert story((2, ""), (3, "over"), (3, "over"), (3, "over")) == ["new 2", "over 3"]


def test_what_comes_back_is_reported_when_it_costs_four_times_as_much() -> None:
    assert story((2, ""), (3, "over"), (4, ""), (5, "over"), (12, ""), (13, "over")) == [
        "new 2",
        "over 3",
        "grown 12",
        "over 13",
    ]


def test_what_came_back_unreported_is_reported_when_it_is_closed() -> None:
    back = incident(4, reports=2, report_reason="over", reported_at=NOW, reported_usd=Decimal(3))
    back = replace(back, last_seen_at=NOW + 5 * HOUR)
    assert reported(back, None, NOW + 6 * HOUR, is_over=True) == back
    closed = reported(back, None, NOW + 30 * HOUR, is_over=True)
    assert (closed.reports, closed.reported_usd) == (3, Decimal(4))
    assert reported(closed, None, NOW + 60 * HOUR, is_over=True) == closed


def test_what_was_never_reported_is_reported_as_over() -> None:
    assert story((2, "over")) == ["over 2"]


def test_an_unknown_cost_is_reported_and_never_grows() -> None:
    assert story((None, ""), (5, ""), (50, "over")) == ["new None", "over 50"]


def test_the_digest_is_no_report() -> None:
    small = incident(level="digest")
    assert reported(small, None, NOW, is_over=False) == small
    assert reported(replace(small, level="report"), None, NOW, is_over=False).reports == 1


def test_acknowledged_is_reported_at_four_times_and_at_its_end() -> None:
    steps = [(2, ""), (7.9, ""), (9, ""), (41, "over")]
    assert story(*steps, said=ack("acknowledged", 2.2, acked_at=NOW + HOUR / 2)) == [
        "new 2",
        "grown 9",
        "over 41",
    ]


def test_expected_is_reported_when_it_costs_twice_as_much() -> None:
    said = ack("expected", 3, acked_at=NOW + HOUR / 2)
    before = reported(incident(2), None, NOW, is_over=False)
    quiet = replace(before, excess_usd=Decimal("5.99"))
    for is_over in (False, True):
        assert reported(quiet, said, NOW + HOUR, is_over=is_over) == quiet
    doubled = replace(before, excess_usd=Decimal(6))
    assert reported(doubled, said, NOW + HOUR, is_over=False).report_reason == "grown"


def test_muted_is_not_reported_whatever_it_costs() -> None:
    assert story((2, ""), (2000, ""), (3000, "loop"), (3000, "over"), said=ack("muted")) == []


def test_expected_covers_the_same_hour_of_the_next_week_until_twice_as_much() -> None:
    said = ack("expected")
    week, day = timedelta(days=7), timedelta(days=1)
    hour = NOW.replace(minute=0)
    assert said.covers(incident(3.9, incident_id="b", seen_hours=[hour + week]))
    assert said.covers(incident(3.9, incident_id="b", seen_hours=[hour + week, hour + week + HOUR]))
    assert not said.covers(incident(4, incident_id="b", seen_hours=[hour + week]))
    assert not said.covers(incident(3, incident_id="b", seen_hours=[hour + day]))
    assert not said.covers(
        incident(3, incident_id="b", seen_hours=[hour + week, hour + week + 2 * HOUR])
    )


def test_expected_covers_the_same_version_until_twice_as_much() -> None:
    said = ack("expected", service_version="2")
    later = [NOW + timedelta(days=2)]
    assert said.covers(incident(3, seen_hours=later, service_version="2"))
    assert not said.covers(incident(4, seen_hours=later, service_version="2"))
    assert not said.covers(incident(3, seen_hours=later, service_version="3"))
    assert not ack("expected").covers(incident(3, seen_hours=later))


def test_expected_covers_no_other_feature_and_no_cause_of_another_owner() -> None:
    said = ack("expected")
    assert said.covers(incident(3, kinds=["output_growth"]))
    assert not said.covers(incident(3, feature="search"))
    assert not said.covers(incident(3, environment="test"))
    assert not said.covers(incident(3, kinds=["prompt_growth", "model_swap"]))
    assert not ack("acknowledged").covers(incident(3))
    assert not ack("muted").covers(incident(3))
