# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The page of one incident: reading changes nothing, and only its own form acknowledges."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from starlette.testclient import TestClient

from otel_llmcost.detection.acks import acknowledge
from otel_llmcost.detection.look import update
from otel_llmcost.errors import StoreError
from otel_llmcost.serve.web import create_app
from otel_llmcost.store import Store
from tests.detection.lines import line
from tests.detection.traffic import NOW

HERE = "http://127.0.0.1:8321"
OWN = {"Origin": HERE}
FORM = {"id": "a", "state": "expected", "by": "ada", "note": "new prompt"}
HOSTILE = "</title><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture
def page(embedded_store: Store) -> TestClient:
    line(embedded_store)
    update(embedded_store, NOW)
    return client(embedded_store)


def client(store: Store, **more: Any) -> TestClient:
    app = create_app(store.query, acknowledge=partial(acknowledge, store), **more)
    return TestClient(app, base_url=HERE, follow_redirects=False)


def said(store: Store) -> list[tuple[Any, ...]]:
    sql = "SELECT incident_id, state, acked_by, note FROM llmcost.incident_acks ORDER BY acked_at"
    return store.query(sql).rows


def test_a_link_shows_the_incident_and_changes_nothing(
    page: TestClient, embedded_store: Store
) -> None:
    for method in ("GET", "HEAD"):
        assert page.request(method, "/incident?id=a&state=expected").status_code == 200
        assert page.request(method, "/incident/ack?id=a&state=expected").status_code == 405
    html = page.get("/incident?id=a").text
    assert "$2.00 extra: prompt growth in support" in html
    assert "9,000 input tokens a call instead of 1,000" in html
    assert said(embedded_store) == []


def test_the_form_acknowledges_and_says_who_and_when(
    page: TestClient, embedded_store: Store
) -> None:
    reply = page.post("/incident/ack", data=FORM, headers=OWN)
    assert (reply.status_code, reply.headers["location"]) == (303, "/incident?id=a")
    assert said(embedded_store) == [("a", "expected", "ada", "new prompt")]
    html = page.get("/incident?id=a").text
    assert "ada: expected: new prompt" in html
    assert "It is expected." in html


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": f"{HERE}.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_a_form_that_stood_elsewhere_is_refused(
    page: TestClient, embedded_store: Store, headers: dict[str, str]
) -> None:
    assert page.post("/incident/ack", data=FORM, headers=headers).status_code == 403
    assert said(embedded_store) == []


def test_a_browser_may_say_that_it_is_the_same_origin(
    page: TestClient, embedded_store: Store
) -> None:
    own = {"Sec-Fetch-Site": "same-origin"}
    assert page.post("/incident/ack", data=FORM, headers=own).status_code == 303
    assert len(said(embedded_store)) == 1


def test_the_address_that_people_reach_the_page_under_is_its_own(
    page: TestClient, embedded_store: Store
) -> None:
    proxied = client(embedded_store, page_url="https://cost.example.com/")
    at = {"Origin": "https://cost.example.com"}
    assert page.post("/incident/ack", data=FORM, headers=at).status_code == 403
    assert proxied.post("/incident/ack", data=FORM, headers=at).status_code == 303


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"id": "a", "state": "gone"}, 400),
        ({"id": "a"}, 400),
        ({"id": "b", "state": "muted"}, 404),
        ({"id": "a", "state": "muted", "note": "n" * 20_000}, 400),
    ],
)
def test_a_bad_form_is_refused(
    page: TestClient, embedded_store: Store, form: dict[str, str], status: int
) -> None:
    assert page.post("/incident/ack", data=form, headers=OWN).status_code == status
    assert said(embedded_store) == []


def test_a_page_that_can_only_read_has_no_form(embedded_store: Store, page: TestClient) -> None:
    reading = TestClient(create_app(embedded_store.query), base_url=HERE)
    assert "<form" in page.get("/incident?id=a").text
    assert "<form" not in reading.get("/incident?id=a").text
    assert reading.post("/incident/ack", data=FORM, headers=OWN).status_code == 403


def test_an_unknown_incident_is_not_found(page: TestClient) -> None:
    reply = page.get("/incident", params={"id": HOSTILE})
    assert reply.status_code == 404
    assert "<script>alert" not in reply.text


def test_hostile_names_are_text(embedded_store: Store) -> None:
    line(embedded_store, feature=HOSTILE, model=HOSTILE, evidence=HOSTILE, environment=HOSTILE)
    update(embedded_store, NOW)
    page = client(embedded_store)
    page.post("/incident/ack", data={**FORM, "by": HOSTILE, "note": HOSTILE}, headers=OWN)
    for path in ("/incident?id=a", "/anomalies?range=30d", "/?range=30d"):
        html = page.get(path).text
        assert "<script>alert" not in html
        assert "<img" not in html
    assert "alert(1)" in page.get("/incident?id=a").text


def test_a_form_with_more_fields_than_ours_is_refused(
    page: TestClient, embedded_store: Store
) -> None:
    body = FORM | {f"x{number}": "1" for number in range(20)}
    assert page.post("/incident/ack", data=body, headers=OWN).status_code == 400
    assert said(embedded_store) == []


def test_a_store_that_fails_is_said_in_one_line() -> None:
    def broken(_sql: str, _parameters: Any = None, /) -> Any:
        raise StoreError("the engine is gone")

    reply = TestClient(create_app(broken), base_url=HERE).get("/incident?id=a")
    assert (reply.status_code, reply.text) == (
        503,
        "the store did not answer: the engine is gone\n",
    )
