# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The page that says what arrives, what is missing and why."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from otel_llmcost.pricing import PriceBook
from otel_llmcost.reports import Window, pipeline
from otel_llmcost.store import Store
from tests.cli.calls import add, call


def text(html: str) -> str:
    main = html.split("<main", 1)[1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def test_emitters_are_counted_and_lead_to_their_calls(
    page: TestClient, embedded_store: Store
) -> None:
    other: dict[str, Any] = {"source": "openllmetry", "service": "other", "hours_ago": 3}
    add(
        embedded_store,
        call(usd="1"),
        call(usd="2", **other),
        call(usd=None, cost_reason="unknown_host", server_address="llm.test", **other),
    )
    html = page.get("/pipeline").text
    assert "openllmetry 2 66.7% 1 — $2.00" in text(html)
    assert "otel_llmcost 1 33.3% — — $1.00" in text(html)
    assert "LLMCOST_HOSTS=llm.test=" in text(html)
    [link] = {unescape(one) for one in re.findall(r'href="(/calls[^"]*source=openll[^"]*)"', html)}
    assert '<data value="2.000000000000"' in page.get(link).text


def test_what_emitters_sent_is_what_calls_say(embedded_store: Store) -> None:
    add(
        embedded_store,
        *(call(usd=str(n), source=f"s{n % 3}", hours_ago=n, error_type="x") for n in range(9)),
        call(usd=None, source="s0"),
    )
    window = Window(datetime.now(UTC) - timedelta(hours=6.5))
    found = pipeline.arrivals(embedded_store.query, window, pipeline.Selection(), [window.since])
    shown = [(r["source"], r["calls"], r["unpriced_calls"], r["errors"], r["cost_usd"])
             for r in pipeline.emitters(found, window).records()]  # fmt: skip
    expected = embedded_store.query(
        "SELECT source, count(), countIf(cost_usd IS NULL), countIf(error_type != ''), "
        "sum(cost_usd) FROM llmcost.calls WHERE ts >= {since:DateTime64(3)} "
        "GROUP BY source ORDER BY count() DESC, source",
        window.parameters(),
    ).rows
    assert shown == [tuple(row) for row in expected]


def test_what_was_refused_or_doubled_is_listed(page: TestClient, embedded_store: Store) -> None:
    add(embedded_store, call())
    now = datetime.now(UTC)
    embedded_store.insert(
        "rejected",
        [[now, "traces", "too large", 3, 1234, "shop"]],
        ["ts", "signal", "reason", "records", "bytes", "service"],
    )
    embedded_store.insert(
        "duplicate_calls",
        [[now, "r1", "openllmetry", "otel_llmcost", now]],
        ["ts", "record_id", "source", "kept_source", "found_at"],
    )
    shown = text(page.get("/pipeline").text)
    assert "traces too large shop" in shown
    assert "1 3 1,234" in shown
    assert "openllmetry otel_llmcost 1" in shown


def test_the_price_book_and_the_rollups_say_how_new_they_are(
    page: TestClient, embedded_store: Store
) -> None:
    add(embedded_store, call())
    shown = text(page.get("/pipeline").text)
    assert f"Price book {PriceBook.default().version}" in shown
    assert "prices calls" in shown
    assert "hourly_spend" in shown


@pytest.mark.parametrize(
    ("version", "days"),
    [("2026-11-01", 29), ("2026.11.30+mine", 0), ("2026-13-01", None), ("mine", None)],
)
def test_the_age_of_a_book_is_that_of_its_day(version: str, days: int | None) -> None:
    assert pipeline.age_days(version, datetime(2026, 11, 30, 23, tzinfo=UTC)) == days
