# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Changes on the page: only from its own forms, only by editors, and each leaves a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from otel_llmcost.detection.look import update
from otel_llmcost.errors import ConfigError
from otel_llmcost.serve.config import ServeConfig
from otel_llmcost.serve.web.pages import ACTIONS
from otel_llmcost.serve.web.people import Doors
from otel_llmcost.store import Store
from tests.detection.lines import line
from tests.detection.traffic import NOW
from tests.web.people import HERE, HOSTILE, OWN, client, form_token, send

ACK = {"id": "a", "state": "muted"}
INCIDENT = "/incident?id=a"
LOCKED = Doors(token="sesame", viewer_token="look")
PROXIED = Doors(identity_header="X-Forwarded-Email", editors=frozenset({"ada@x.org"}))


@pytest.fixture
def store(embedded_store: Store) -> Store:
    line(embedded_store)
    update(embedded_store, NOW)
    return embedded_store


def audit(store: Store) -> list[tuple[Any, ...]]:
    sql = "SELECT changed_by, origin, action, subject, before, after FROM llmcost.audit"
    return store.query(f"{sql} ORDER BY changed_at").rows


def log_in(page: TestClient, secret: str, name: str = "ada") -> Any:
    return page.post("/login", data={"secret": secret, "by": name, "next": "/calls"}, headers=OWN)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.path)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_nothing_but_a_post_changes_anything(store: Store, action: Any, method: str) -> None:
    assert client(store).request(method, action.path).status_code == 405
    assert audit(store) == []


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.path)
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
    store: Store, action: Any, headers: dict[str, str]
) -> None:
    page = client(store)
    form = {**ACK, "token": form_token(page, INCIDENT)}
    assert page.post(action.path, data=form, headers=headers).status_code == 403
    assert audit(store) == []


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.path)
def test_a_form_without_the_token_of_its_session_is_refused(store: Store, action: Any) -> None:
    mine, other = client(store), client(store)
    for token in ("", "0" * 64, form_token(other, INCIDENT)):
        mine.get(INCIDENT)  # has a session
        form = {**ACK, "token": token}
        assert mine.post(action.path, data=form, headers=OWN).status_code == 403
    assert audit(store) == []


def test_a_browser_may_say_that_it_is_the_same_origin(store: Store) -> None:
    page = client(store)
    form = {**ACK, "token": form_token(page, INCIDENT)}
    own = {"Sec-Fetch-Site": "same-origin"}
    assert page.post("/incident/ack", data=form, headers=own).status_code == 303
    assert len(audit(store)) == 1


def test_the_address_that_people_reach_the_page_under_is_its_own(store: Store) -> None:
    at = {"Origin": "https://cost.example.com"}
    for url, status in (("", 403), ("https://cost.example.com/", 303)):
        page = client(store, page_url=url)
        form = {**ACK, "token": form_token(page, INCIDENT)}
        assert page.post("/incident/ack", data=form, headers=at).status_code == status


def test_every_change_is_in_the_audit_with_what_it_was_and_is(store: Store) -> None:
    page = client(store)
    send(page, "/incident/ack", INCIDENT, **ACK, by="ada", note="known")
    ((by, origin, action, subject, before, after),) = audit(store)
    assert (by, origin, action, subject) == ("ada", "page", "incident acknowledged", "a")
    assert json.loads(before)["state"] in ("open", "closed")
    assert json.loads(after) == {"state": "muted", "note": "known"}


def test_a_name_is_remembered_for_the_next_form(store: Store) -> None:
    page = client(store)
    send(page, "/incident/ack", INCIDENT, **ACK, by="ada")
    assert 'value="ada"' in page.get(INCIDENT).text


@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example", "/\\evil", "x"])
def test_a_form_leads_to_no_other_site(store: Store, back: str) -> None:
    reply = send(client(store), "/incident/ack", INCIDENT, **ACK, back=back)
    assert (reply.status_code, reply.headers["location"]) == (303, "/anomalies")


def test_a_form_with_more_fields_than_ours_is_refused(store: Store) -> None:
    more = {f"x{number}": "1" for number in range(30)}
    assert send(client(store), "/incident/ack", INCIDENT, **ACK, **more).status_code == 400
    assert audit(store) == []


def test_without_the_token_there_is_only_the_login(store: Store) -> None:
    page = client(store, LOCKED)
    reply = page.get("/calls?range=7d", headers={"Accept": "text/html"})
    assert (reply.status_code, reply.headers["location"]) == (
        303,
        "/login?next=%2Fcalls%3Frange%3D7d",
    )
    assert page.get("/").status_code == 401
    assert page.get("/", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert page.get("/?token=sesame").status_code == 401
    assert page.get("/static/page.css").status_code == 200
    assert page.get("/login").status_code == 200
    assert log_in(page, "wrong").status_code == 401
    assert page.get("/").status_code == 401


def test_a_login_is_a_cookie_that_scripts_and_other_sites_do_not_get(store: Store) -> None:
    page = client(store, LOCKED)
    reply = log_in(page, "sesame")
    assert (reply.status_code, reply.headers["location"]) == (303, "/calls")
    cookie = reply.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "sesame" not in cookie
    assert "ada (editor)" in page.get("/incident?id=a").text
    secure = client(store, Doors(token="t", is_https=True))
    assert "; Secure" in log_in(secure, "t").headers["set-cookie"]


def test_an_editor_may_change_and_is_named_by_the_login(store: Store) -> None:
    page = client(store, LOCKED)
    log_in(page, "sesame")
    assert send(page, "/incident/ack", INCIDENT, **ACK, by="eve").status_code == 303
    assert audit(store)[0][0] == "ada"


def test_a_viewer_may_look_and_change_nothing(store: Store) -> None:
    page, editor = client(store, LOCKED), client(store, LOCKED)
    log_in(page, "look", "vic")
    log_in(editor, "sesame")
    html = page.get(INCIDENT).text
    assert "vic (viewer)" in html
    assert 'action="/incident/ack"' not in html
    logout_token = form_token(page, INCIDENT)
    for token in (logout_token, form_token(editor, INCIDENT)):
        form = {**ACK, "token": token}
        assert page.post("/incident/ack", data=form, headers=OWN).status_code == 403
    assert audit(store) == []


def test_a_program_may_come_with_the_token_as_before(store: Store) -> None:
    page = client(store, LOCKED)
    for name in ("Bearer sesame", "Bearer look", "Basic YWRhOnNlc2FtZQ=="):
        assert page.get("/", headers={"Authorization": name}).status_code == 200


def test_logging_out_ends_the_session(store: Store) -> None:
    page = client(store, LOCKED)
    log_in(page, "sesame")
    token = form_token(page, "/")
    assert page.post("/logout", data={"token": "x"}, headers=OWN).status_code == 403
    assert page.post("/logout", data={"token": token}, headers=OWN).status_code == 303
    assert page.get("/").status_code == 401


def test_a_cookie_of_another_token_or_changed_or_old_is_none(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = client(store, LOCKED)
    log_in(page, "look", "vic")
    value = page.cookies[LOCKED.cookie]
    packed, _, signature = value.partition(".")
    other = Doors(token="sesame2")
    for doors, cookie in (
        (other, value),
        (LOCKED, f"{packed}x.{signature}"),
        (LOCKED, f"{packed}."),
        (LOCKED, "nonsense"),
    ):
        headers = {"Cookie": f"{doors.cookie}={cookie}"}
        assert client(store, doors).get("/", headers=headers).status_code == 401
    # After a restart it is still one.
    restarted = Doors(token="sesame", viewer_token="look")
    headers = {"Cookie": f"{restarted.cookie}={value}"}
    assert client(store, restarted).get("/", headers=headers).status_code == 200
    monkeypatch.setattr("time.time", lambda: 4e9)
    assert page.get("/").status_code == 401


def test_a_link_from_a_chat_finds_the_session_that_browsers_keep_back(store: Store) -> None:
    sent = {"Accept": "text/html", "Sec-Fetch-Site": "cross-site"}
    reply = client(store, LOCKED).get(INCIDENT, headers=sent)
    assert reply.status_code == 200
    assert '<meta http-equiv="refresh" content="0">' in reply.text
    assert "prompt growth" not in reply.text


def test_a_proxy_names_the_person(store: Store) -> None:
    ada, vic = {"X-Forwarded-Email": "ada@x.org"}, {"X-Forwarded-Email": "vic@x.org"}
    page = client(store, PROXIED)
    assert 'action="/incident/ack"' not in page.get(INCIDENT, headers=vic).text
    token = form_token(page, INCIDENT, **ada)
    form = {**ACK, "token": token}
    assert page.post("/incident/ack", data=form, headers=OWN | vic).status_code == 403
    assert page.post("/incident/ack", data=form, headers=OWN | ada).status_code == 303
    assert audit(store)[0][0] == "ada@x.org"


def test_without_the_header_or_not_from_the_proxy_no_one_is_let_in(store: Store) -> None:
    ada = {"X-Forwarded-Email": "ada@x.org"}
    assert client(store, PROXIED).get("/").status_code == 401
    assert client(store, PROXIED, client=("10.0.0.9", 1)).get("/", headers=ada).status_code == 401
    near = Doors(identity_header="X-Forwarded-Email", trusted_proxies=("10.0.0.0/24",))
    assert client(store, near, client=("10.0.0.9", 1)).get("/", headers=ada).status_code == 200
    assert client(store, near).get("/", headers=ada).status_code == 401


def test_two_headers_are_no_name(store: Store) -> None:
    twice = [("X-Forwarded-Email", "ada@x.org"), ("X-Forwarded-Email", "eve@x.org")]
    assert client(store, PROXIED).get("/", headers=twice).status_code == 401


def test_hostile_names_of_people_are_text(store: Store) -> None:
    page = client(store, LOCKED)
    log_in(page, "sesame", HOSTILE)
    assert "<script>alert" not in page.get(INCIDENT).text
    assert "alert(1)" in page.get(INCIDENT).text


@pytest.mark.parametrize(
    "options",
    [
        {"viewer_token": "look"},
        {"token": "t", "viewer_token": "t"},
        {"editors": ("ada",)},
        {"trusted_proxies": ("10.0.0.1",)},
        {"identity_header": "X-User", "trusted_proxies": ("nowhere",)},
    ],
)
def test_options_that_make_no_sense_are_refused(tmp_path: Path, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        ServeConfig(store=tmp_path, **options)
