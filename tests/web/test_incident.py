# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The page of one incident: reading changes nothing, and only its own form acknowledges."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from starlette.testclient import TestClient

from otel_llmcost.detection.look import update
from otel_llmcost.errors import StoreError
from otel_llmcost.serve.web import create_app
from otel_llmcost.serve.web.incident_cards import usual
from otel_llmcost.store import Store
from tests.cli.calls import call, put
from tests.detection.lines import line
from tests.detection.traffic import NOW
from tests.web.people import HERE, HOSTILE, OWN, client, form_token, send

FORM = {"id": "a", "state": "expected", "by": "ada", "note": "new prompt"}
INCIDENT = "/incident?id=a"


@pytest.fixture
def page(embedded_store: Store) -> TestClient:
    line(embedded_store)
    update(embedded_store, NOW)
    return client(embedded_store)


def said(store: Store) -> list[tuple[Any, ...]]:
    sql = "SELECT incident_id, state, acked_by, note FROM llmcost.incident_acks ORDER BY acked_at"
    return store.query(sql).rows


def test_a_link_shows_the_incident_and_changes_nothing(
    page: TestClient, embedded_store: Store
) -> None:
    for method in ("GET", "HEAD"):
        assert page.request(method, INCIDENT).status_code in (200, 405)
        assert page.request(method, "/incident/ack?id=a&state=expected").status_code == 405
    html = page.get(INCIDENT).text
    assert "$2.00 extra: prompt growth in support" in html
    assert "9,000 input tokens a call instead of 1,000" in html
    assert said(embedded_store) == []


def test_the_form_acknowledges_and_says_who_and_when(
    page: TestClient, embedded_store: Store
) -> None:
    reply = send(page, "/incident/ack", INCIDENT, **FORM, back=INCIDENT)
    assert (reply.status_code, reply.headers["location"]) == (303, INCIDENT)
    assert said(embedded_store) == [("a", "expected", "ada", "new prompt")]
    html = page.get(INCIDENT).text
    for text in ("ada", "new prompt", '<span class="badge expected">expected</span>'):
        assert text in html


def test_the_form_stands_on_the_card_too_and_leads_back_to_it(
    page: TestClient, embedded_store: Store
) -> None:
    cards = "/anomalies?range=30d"
    reply = send(page, "/incident/ack", cards, id="a", state="muted", back=cards)
    assert reply.headers["location"] == cards
    assert said(embedded_store) == [("a", "muted", "page", "")]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"id": "a", "state": "gone"}, 400),
        ({"id": "a"}, 400),
        ({"id": "b", "state": "muted"}, 400),
        ({"id": "a", "state": "muted", "note": "n" * 20_000}, 400),
    ],
)
def test_a_bad_form_is_refused(
    page: TestClient, embedded_store: Store, form: dict[str, str], status: int
) -> None:
    assert send(page, "/incident/ack", INCIDENT, **form).status_code == status
    assert said(embedded_store) == []


def test_a_page_that_can_only_read_has_no_form(embedded_store: Store, page: TestClient) -> None:
    reading = TestClient(create_app(embedded_store.query), base_url=HERE)
    token = form_token(page, INCIDENT)
    assert token
    assert 'action="/incident/ack"' not in reading.get(INCIDENT).text
    data = {**FORM, "token": token}
    assert reading.post("/incident/ack", data=data, headers=OWN).status_code == 403


def test_an_unknown_incident_is_not_found(page: TestClient) -> None:
    reply = page.get("/incident", params={"id": HOSTILE})
    assert reply.status_code == 404
    assert "<script>alert" not in reply.text


def test_hostile_names_are_text(embedded_store: Store) -> None:
    line(embedded_store, feature=HOSTILE, model=HOSTILE, evidence=HOSTILE, environment=HOSTILE)
    update(embedded_store, NOW)
    page = client(embedded_store)
    send(page, "/incident/ack", INCIDENT, **{**FORM, "by": HOSTILE, "note": HOSTILE})
    for path in (INCIDENT, "/anomalies?range=30d", "/?range=30d"):
        html = page.get(path).text
        assert "<script>alert" not in html
        assert "<img" not in html
    assert "alert(1)" in page.get(INCIDENT).text


def test_a_store_that_fails_is_said_on_the_page() -> None:
    def broken(_sql: str, _parameters: Any = None, /) -> Any:
        raise StoreError("the engine is gone")

    reply = TestClient(create_app(broken), base_url=HERE).get(INCIDENT)
    assert reply.status_code == 503
    assert "the engine is gone" in reply.text


def test_its_worst_calls_and_notices_are_its_history(
    page: TestClient, embedded_store: Store
) -> None:
    at = NOW - timedelta(minutes=20)
    usd = ("0.11", "0.33", "0.22")
    put(embedded_store, *(call(ts=at, usd=one, feature="support") for one in usd))
    put(embedded_store, call(ts=at, usd="9", feature="other"))
    put(embedded_store, call(ts=NOW - timedelta(hours=9), usd="8", feature="support"))
    notice = {
        "receiver": "r",
        "notice_id": "incident:a:1",
        "kind": "incident_new",
        "state": "sent",
        "payload": '{"title": "two dollars extra"}',
        "attempts": 1,
        "next_try_at": NOW,
        "noticed_at": NOW,
        "version": 1,
    }
    embedded_store.insert("notices", [list(notice.values())], tuple(notice))
    csv = page.get(f"{INCIDENT}&csv=0").text.splitlines()
    shown = [row.split(",")[1] for row in csv[1:]]
    sql = (
        "SELECT cost_usd FROM llmcost.calls WHERE feature = 'support' AND environment = 'prod' "
        "AND ts >= toDateTime('2026-11-20 11:30:00', 'UTC') ORDER BY cost_usd DESC"
    )
    assert [Decimal(one) for one in shown] == [row[0] for row in embedded_store.query(sql).rows]
    assert shown[0].startswith("0.33")
    assert "two dollars extra" in page.get(INCIDENT).text


def test_the_parts_and_the_drawing_of_a_card_are_the_stores(
    page: TestClient, embedded_store: Store
) -> None:
    start = NOW.replace(minute=0) - timedelta(hours=1)
    hours = [
        {
            "hour": start - timedelta(hours=ago),
            "environment": "prod",
            "feature": "support",
            "model": "m",
            "calls": 1,
            "cost_usd": Decimal(5) if ago == 0 else Decimal(1),
            "rebuilt_at": NOW,
        }
        for ago in range(8 * 24)
    ]
    embedded_store.insert("feature_hours", [list(h.values()) for h in hours], tuple(hours[0]))
    html = page.get(INCIDENT).text
    assert "up to $5.00 an hour, usually up to $1.00." in html
    assert '<polyline class="actual"' in html
    assert '<polygon class="band"' in html
    assert 'style="' not in html
    assert "prompt" in html
    assert '<data value="2.000000000000"' in html


def test_the_band_holds_eight_of_ten_of_the_same_hours_of_the_week_before() -> None:
    start = NOW.replace(minute=0)
    hours = {
        start + timedelta(hours=shift - 24 * day): Decimal(day)
        for day in range(1, 8)
        for shift in (-1, 0, 1)
    }
    found = usual(hours, start, start)
    assert found is not None
    assert (found.low, found.high) == (1.0, 7.0)
    assert usual({}, start, start) is None
    # The hours of an incident itself are not usual.
    assert usual(hours | {start: Decimal(99)}, start, start + timedelta(days=1)) is not None
