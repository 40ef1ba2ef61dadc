# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A call beside the list of calls, and the page of one user, team or customer."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from otel_llmcost.serve.web.pages.rules import RULES
from otel_llmcost.store import Store
from tests.cli.calls import USD, add, call, priced

NOW = datetime.now(UTC) - timedelta(hours=2)
HOSTILE = "\"><script>alert(1)</script>'\\ é&=x"


def text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def links(html: str, shown: str) -> list[str]:
    found = re.findall(r'<a [^>]*?href="([^"]*)"[^>]*>([^<]*)</a>', html)
    return [unescape(href) for href, name in found if unescape(name).strip() == shown]


def panel(html: str) -> str:
    return html.split('<section class="beside"')[1].split("</section>")[0]


def test_a_call_opens_beside_the_list_with_its_bill(
    page: TestClient, embedded_store: Store
) -> None:
    one = priced(
        ts=NOW,
        trace_id="t",
        allocation={"customer": HOSTILE, "No Key!": "x"},
        team="blue",
        ttft_ms=300,
        resend_count=2,
    )
    add(embedded_store, one, call(usd="2", ts=NOW - timedelta(seconds=5), trace_id="t"))
    listed = page.get("/calls?sort=cost&feature=support").text
    [opened] = [
        href for href in re.findall(r'href="(/calls[^"]*)"', listed) if one["record_id"] in href
    ]
    html = page.get(unescape(opened)).text
    beside = panel(html)
    assert f'<data value="{USD}' in beside
    for said in (
        "$5.00 / M",
        "$0.50 / M",
        "$25.00 / M",
        "took 1.2 s",
        "first token after 300 ms",
        "sent again 2 times",
        "Call 2 of 2 of its trace, which cost $2.00",
        f"customer {HOSTILE}",
        "team blue",
        "No Key! x",
    ):
        assert said in text(beside), said
    assert "<script>alert" not in html
    assert "/rules#anthropic-1" in beside
    assert 'href="https://' in beside
    assert "feature=support" in links(html, "Close")[0]
    assert "call=" not in links(html, "Close")[0]
    assert "$2.00" in text(panel(page.get(links(html, "Earlier")[0]).text))
    assert f"user {HOSTILE}" not in text(beside)
    customer = page.get(links(beside, f"customer {HOSTILE}")[0])
    assert f"Customer {HOSTILE}" in text(customer.text)


def test_a_source_that_is_no_address_of_the_web_is_no_link() -> None:
    from otel_llmcost.serve.web.bill import _source  # pyright: ignore[reportPrivateUsage]

    assert _source({"source": "javascript:alert(1)"}) is None
    assert _source({"source": None}) is None
    assert _source({"source": "https://prices.test/a"}) == "https://prices.test/a"


def test_a_call_that_is_not_there_is_said(page: TestClient, embedded_store: Store) -> None:
    add(embedded_store, call())
    html = page.get("/calls?call=nothing").text
    assert "No call has the id nothing" in html
    assert 'class="beside"' not in html


def test_every_rule_has_its_anchor(page: TestClient) -> None:
    html = page.get("/rules").text
    for number in RULES:
        assert f'<dt id="{number.replace(" ", "-")}">{number}</dt>' in html


ENTITIES: dict[str, dict[str, Any]] = {
    "user": {"user_id": HOSTILE},
    "team": {"team": HOSTILE},
    "tag.customer": {"allocation": {"customer": HOSTILE}},
}


@pytest.mark.parametrize("name", ENTITIES)
def test_a_page_about_one_of_them_has_only_its_calls(
    page: TestClient, embedded_store: Store, name: str
) -> None:
    add(
        embedded_store,
        call(usd="1", model="a", session_id="s1", **ENTITIES[name]),
        call(usd="2", model="b", session_id="s2", error_type="x", **ENTITIES[name]),
        call(usd="4", model="c", user_id="bob", session_id="s3"),
    )
    column = {"tag.customer": "allocation"}.get(name, next(iter(ENTITIES[name])))
    value: Any = ENTITIES[name][column]
    embedded_store.insert(
        "outcomes",
        [[datetime.now(UTC), f"o{n}", "solved", value] for n in range(2)],
        ["ts", "outcome_id", "name", column],
    )
    html = page.get("/entity", params={name: HOSTILE}).text
    assert '<data value="3.000000000000"' in html
    assert "$4.00" not in html
    assert "<script>alert" not in html
    shown = text(html)
    assert "Errors 1" in shown
    assert "solved 2" in shown
    assert "$1.50" in shown
    assert links(html, "s2")
    assert "as user=ada" in page.get("/entity").text
    assert "No call of this" in page.get("/entity?team=nothing").text
