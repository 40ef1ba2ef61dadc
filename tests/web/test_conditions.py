# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A condition narrows every panel, or the page says which ones it does not narrow."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from decimal import Decimal
from html import unescape

import pytest
from starlette.testclient import TestClient

from otel_llmcost.detection.look import update
from otel_llmcost.store import Store
from tests.cli.calls import add, call, priced_call
from tests.detection.lines import line
from tests.detection.traffic import NOW
from tests.web.people import client, send

pytestmark = pytest.mark.slow

MONTH = f"/month?month={datetime.now(UTC):%Y-%m}"


def text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def rows(page: TestClient, path: str) -> list[dict[str, str]]:
    reply = page.get(path)
    assert reply.status_code == 200, reply.text
    return list(csv.DictReader(io.StringIO(reply.text)))


@pytest.fixture
def changed(page: TestClient, embedded_store: Store) -> TestClient:
    """Three features and two models, each more expensive than the day before."""
    add(
        embedded_store,
        *(
            call(usd=str((n + 1) * (3 if hours < 24 else 1)), hours_ago=hours, feature=feature,
                 model=model, user_id="ada" if n else "eve")
            for n, (feature, model) in enumerate(
                [("chat", "m-1"), ("search", "m-2"), ("index", "m-1")]
            )
            for hours in (2, 26)
        ),
    )  # fmt: skip
    return page


@pytest.mark.parametrize(
    ("wanted", "before", "now"),
    [
        ("", "6", "18"),
        ("not-feature=chat", "5", "15"),
        ("feature=chat&feature=search", "3", "9"),
        ("model=m-1&not-feature=index", "1", "3"),
        ("not-model=m-2&not-feature=chat", "3", "9"),
        ("provider=anthropic&not-feature=search&environment=prod", "4", "12"),
    ],
)
def test_what_changed_keeps_stacked_conditions(
    changed: TestClient, wanted: str, before: str, now: str
) -> None:
    steps = [Decimal(row["amount_usd"]) for row in rows(changed, f"/why?csv=waterfall&{wanted}")]
    assert (steps[0], steps[-1]) == (Decimal(before), Decimal(now))
    assert sum(steps[:-1]) == steps[-1]
    assert "Not narrowed" not in changed.get(f"/why?{wanted}").text


def test_what_cannot_be_kept_is_struck_out_and_named(changed: TestClient) -> None:
    html = changed.get("/why?user=ada&not-feature=chat").text
    [idle] = re.findall(r'<li class="idle".*?</li>', html, re.DOTALL)
    assert "user is ada" in text(idle)
    assert "Not narrowed by “user is ada”: what this page" in text(html)
    panel = html.split('<section class="panel"')[1]  # the overview shows it without the rest
    assert "Not narrowed by “user is ada”" in text(panel)


@pytest.mark.parametrize("path", ["/why", "/savings", "/anomalies", MONTH])
@pytest.mark.parametrize("wanted", ["user=ada", "not-tag.customer=acme", "version=1.2"])
def test_no_page_is_silent_on_a_condition(changed: TestClient, path: str, wanted: str) -> None:
    html = changed.get(f"{path}{'&' if '?' in path else '?'}{wanted}").text
    assert 'class="idle"' in html
    assert "Not narrowed by “" in html


def test_a_month_does_not_claim_a_condition_that_it_cannot_keep(changed: TestClient) -> None:
    html = changed.get(f"{MONTH}&feature=chat&environment=prod").text
    assert "(environment=prod)" in html
    assert "feature=chat)" not in html
    [idle] = re.findall(r'<li class="idle".*?</li>', html, re.DOTALL)
    assert "feature is chat" in text(idle)


def test_savings_keep_stacked_conditions(page: TestClient, embedded_store: Store) -> None:
    waits = {"deferrable": "True"}
    for feature in ("chat", "search", "index"):
        add(embedded_store, priced_call(feature=feature, allocation=waits, stream_outcome=""))
    own = client(embedded_store)

    def seen(wanted: str) -> set[str]:
        return {row["feature"] for row in rows(page, f"/savings?csv=0&{wanted}")}

    assert seen("") == {"chat", "search", "index"}
    assert seen("not-feature=chat") == {"search", "index"}
    assert seen("feature=chat&feature=index&not-model=none") == {"chat", "index"}
    [row] = {row["feature"]: row for row in rows(page, "/savings?csv=0&feature=chat")}.values()
    named = {name: row[name] for name in ("lever", "environment", "feature", "provider", "model")}
    assert send(own, "/savings/done", "/savings", **named).status_code == 303
    assert '<article class="panel card done"' in own.get("/savings?feature=chat").text
    assert '<article class="panel card done"' not in own.get("/savings?not-feature=chat").text
    spent = re.search(r"a month of (\S+) can be saved", text(page.get("/savings").text))
    less = re.search(
        r"a month of (\S+) can be saved", text(page.get("/savings?not-feature=chat").text)
    )
    assert spent
    assert less
    assert float(less[1].strip("$")) < float(spent[1].strip("$").replace(",", ""))


def test_incidents_keep_stacked_conditions(page: TestClient, embedded_store: Store) -> None:
    line(embedded_store)
    update(embedded_store, NOW)
    range_ = "from=2026-11-01&to=2026-12-31"
    [found] = rows(page, f"/anomalies?{range_}&csv=0")
    name = found["feature"]
    assert rows(page, f"/anomalies?{range_}&csv=0&feature=other&feature={name}") == [found]
    assert "Not narrowed" not in page.get(f"/anomalies?{range_}&not-feature=other").text
    html = page.get(f"/anomalies?{range_}&not-feature={name}").text
    assert '<article class="panel card incident"' not in html


def test_notes_on_unpriced_calls_count_the_selected_ones(
    page: TestClient, embedded_store: Store
) -> None:
    add(embedded_store, call(usd=None), call(usd=None, user_id="eve"), call(user_id="eve"))
    assert "2 calls unpriced" in text(page.get("/").text)
    assert "1 call unpriced" in text(page.get("/?user=eve").text)
    assert "Budgets" in text(page.get("/?user=eve").text)
