# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Explore: what can be chosen, what is refused, outcomes, zones."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from starlette.testclient import TestClient

from otel_llmcost.serve.web.span import Span
from otel_llmcost.store import Store
from tests.cli.calls import add, call


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        ("measure=happiness", "none of cost_usd"),
        ("as=pie", "none of bar"),
        ("by=model&and=model", "choose two dimensions"),
        ("by=outcome&and=model", "outcomes have no"),
        ("by=outcome&measure=errors", "not known of outcomes"),
        ("by=outcome&model=m", "outcomes have no"),
        ("zone=local", "no time zone"),
        ("zone=Europe/Berlni", "did you mean Europe/Berlin?"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_words(
    page: TestClient, embedded_store: Store, wanted: str, problem: str
) -> None:
    add(embedded_store, call())
    reply = page.get(f"/explore?{wanted}")
    assert reply.status_code == 400
    assert problem in unescape(reply.text)


@pytest.mark.parametrize("as_", ["bar", "line", "heat", "table"])
def test_no_dimension_shows_the_total(page: TestClient, embedded_store: Store, as_: str) -> None:
    add(embedded_store, call(usd="1"), call(usd="2", feature="search", hours_ago=30))
    html = page.get(f"/explore?by=(total)&range=7d&as={as_}").text
    assert '<option value="(total)" selected>' in html
    assert "<h1>Spend</h1>" in html
    assert "$3.00" in html
    links = [link for link in re.findall(r'href="(/explore\?[^"]+)"', html) if "range=24h" in link]
    assert links
    assert all("by=%28total%29" in link for link in links)


def test_a_second_dimension_alone_is_the_first(page: TestClient, embedded_store: Store) -> None:
    add(embedded_store, call(usd="1", model="m-1"))
    assert "Spend by model" in page.get("/explore?by=(total)&and=model").text


def test_the_old_address_shows_the_same(page: TestClient, embedded_store: Store) -> None:
    add(embedded_store, call(model="m-1"))
    html = page.get("/spend?by=model").text
    assert "Spend by model" in html
    assert 'action="/explore"' in html


def test_cost_per_outcome_by_feature(page: TestClient, embedded_store: Store) -> None:
    add(embedded_store, call(usd="1", session_id="s-1"), call(usd="2", session_id="s-1"))
    embedded_store.insert(
        "outcomes",
        [(datetime.now(UTC), "o-1", "resolved", "support", "s-1"),
         (datetime.now(UTC), "o-2", "resolved", "support", "s-1")],
        ["ts", "outcome_id", "name", "feature", "session_id"],
    )  # fmt: skip
    csv = page.get("/explore?measure=cost_per_outcome&by=outcome&csv=0").text
    header, row, *_ = (line.split(",") for line in csv.splitlines())
    shown = dict(zip(header, row, strict=True))
    assert (shown["outcome"], shown["outcomes"], shown["cost_per_outcome"]) == (
        "resolved",
        "2",
        "1.5",
    )


def test_a_zone_moves_days_and_times_and_stays_in_links(
    page: TestClient, embedded_store: Store
) -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    add(embedded_store, call(ts=late, usd="2"))
    wanted = "/explore?from=2026-11-21&to=2026-11-21&zone=Asia/Tokyo"
    html = page.get(wanted).text
    assert "$2.00" in html
    assert "2026-11-21 08:30:00" in html
    assert "Time (Asia/Tokyo)" in html
    links = re.findall(r'href="(/[a-z]*\?[^"]+)"', html.split("<main")[1])
    assert all("zone=Asia" in link or "/sql?" in link for link in links)
    assert "$2.00" not in page.get(wanted.partition("&zone")[0]).text


def test_a_span_keeps_its_zone_in_its_address() -> None:
    now = datetime(2026, 3, 31, 10, 7, tzinfo=UTC)
    span = Span.of([("range", "7d"), ("zone", "Asia/Tokyo")], now)
    assert ("zone", "Asia/Tokyo") in span.items
    assert Span.of(span.items, now) == span
