# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The pages that answer one question each."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape

import pytest
from starlette.testclient import TestClient

from otel_llmcost.serve.web.page import BY
from otel_llmcost.serve.web.pages import ROUTES
from otel_llmcost.store import Store
from tests.cli.calls import add, call, priced_call

pytestmark = pytest.mark.slow


def text(html: str) -> str:
    """What a reader sees of the main part, with single spaces."""
    main = html.split("<main", 1)[1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


@pytest.mark.parametrize("path", ROUTES)
def test_every_page_says_something_about_an_empty_store(page: TestClient, path: str) -> None:
    reply = page.get(path)
    assert reply.status_code == 200
    assert len(text(reply.text).split()) > 5 or path == "/call"


@pytest.mark.parametrize("path", ROUTES)
def test_every_page_shows_a_store_of_one_call(
    page: TestClient, embedded_store: Store, path: str
) -> None:
    add(embedded_store, call(usd=None))
    reply = page.get(path)
    assert reply.status_code == 200
    # What was paid for nothing is known to be nothing where no call failed.
    assert "$0.00" not in reply.text or path == "/month"


@pytest.mark.parametrize("by", BY)
def test_spend_breaks_down_by_any_dimension(
    page: TestClient, embedded_store: Store, by: str
) -> None:
    add(
        embedded_store,
        call(usd="0.25", session_id="s-1", team="blue", allocation={"customer": "acme"}),
        call(usd="0.5", session_id="s-2", team="red", allocation={"customer": "umbra"}),
    )
    html = page.get(f"/spend?by={by}").text
    assert f'<option value="{by}" selected>' in html
    if by != "outcome":
        assert "$0.75" in text(html)


@pytest.mark.parametrize(("by", "top"), [("user", "eve"), ("session", "s-9"), ("customer", "acme")])
def test_the_most_expensive_value_comes_first_and_keeps_its_share(
    page: TestClient, embedded_store: Store, by: str, top: str
) -> None:
    add(
        embedded_store,
        call(usd="1"),
        call(usd="3", user_id="eve", session_id="s-9", allocation={"customer": "acme"}),
    )
    rows = page.get(f"/spend?by={by}").text.split("<tbody>")[2].split("</tr>")
    assert top in rows[0]
    assert "75.0%" in rows[0]


def test_any_allocation_key_is_a_dimension(page: TestClient, embedded_store: Store) -> None:
    add(embedded_store, call(allocation={"tenant": "acme"}))
    assert "acme" in text(page.get("/spend?by=tenant").text)


def test_what_cannot_be_a_dimension_is_refused_in_words(
    page: TestClient, embedded_store: Store
) -> None:
    add(embedded_store, call())
    reply = page.get("/spend", params={"by": "x'] FROM calls --"})
    assert reply.status_code == 400
    assert "cannot group by" in reply.text


def test_a_feature_leads_to_its_models_and_its_most_expensive_calls(
    page: TestClient, embedded_store: Store
) -> None:
    add(embedded_store, call(usd="1"), call(usd="2", feature="search"))
    link = re.search(r'href="(/explore\?[^"]*feature=search[^"]*)"', page.get("/").text)
    assert link
    html = page.get(unescape(link[1])).text
    assert "$2.00" in text(html)
    assert "support" not in text(html)
    assert 'aria-label="Drop feature search"' in html


def test_one_call_is_explained_line_by_line(page: TestClient, embedded_store: Store) -> None:
    one = priced_call()
    add(embedded_store, one)
    shown = text(page.get("/call", params={"id": one["record_id"]}).text)
    assert "input 1000 $5.00 / M 0.005" in shown
    assert "output 100 $25.00 / M 0.0025" in shown
    assert Decimal("0.005") + Decimal("0.0025") == one["cost_usd"]
    assert "total 0.0075" in shown


def test_the_most_expensive_call_is_one_click_away(page: TestClient, embedded_store: Store) -> None:
    one = priced_call()
    add(embedded_store, one)
    link = re.search(r'href="(/call\?[^"]*id=00c0ffee[^"]*)"', page.get("/").text)
    assert link
    assert one["record_id"] in page.get(unescape(link[1])).text


def test_a_call_that_is_not_in_the_store_is_said_to_be_unknown(
    page: TestClient, embedded_store: Store
) -> None:
    shown = text(page.get("/call", params={"id": "<b>nope"}).text)
    assert "No call has the id <b>nope" in shown


def test_budgets_show_what_is_used(page: TestClient, embedded_store: Store) -> None:
    add(embedded_store, call(usd="9", hours_ago=0))
    embedded_store.insert(
        "budgets",
        [("all of it", "total", "", "month", Decimal(10), 80, "warn", 0)],
        [
            "name",
            "scope",
            "scope_value",
            "period",
            "amount_usd",
            "soft_percent",
            "action",
            "deleted",
        ],
    )
    html = page.get("/budgets").text
    assert "all of it" in text(html)
    assert 'value="0.9"' in html
    assert "warning" in text(html)
    assert "all of it" in text(page.get("/").text)


def test_savings_name_their_assumption(page: TestClient, embedded_store: Store) -> None:
    add(embedded_store, priced_call(stream_outcome="", allocation={"deferrable": "True"}))
    shown = text(page.get("/savings").text)
    assert "Batch API" in shown
    assert "No one waits: deferrable" in shown


def test_the_cache_page_shows_hits_and_dollars(page: TestClient, embedded_store: Store) -> None:
    add(embedded_store, call())
    shown = text(page.get("/cache").text)
    assert "75.0%" in shown
    assert "claude-opus-5" in shown


def test_a_page_keeps_its_filters_in_every_link(page: TestClient, embedded_store: Store) -> None:
    add(embedded_store, call())
    html = page.get("/?range=7d&environment=prod").text
    links = re.findall(r'href="(/[a-z]*\?[^"]+)"', html.split("<nav")[1].split("</nav>")[0])
    links += re.findall(r'href="(/[a-z]*\?[^"]+)"', html.split("<main")[1])
    links = [link for link in links if not link.startswith("/sql?q=")]  # has them in its text
    assert links
    assert all("range=7d" in link and "environment=prod" in link for link in links)
