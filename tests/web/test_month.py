# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The month's page: the review, and the bill beside it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape

import pytest
from starlette.testclient import TestClient

from otel_llmcost.store import Store
from tests.cli.calls import add, call
from tests.web.people import HOSTILE

LAST = (datetime.now(UTC).replace(day=1) - timedelta(days=10)).replace(hour=12)
MONTH = f"/month?month={LAST:%Y-%m}"


@pytest.fixture
def filled(page: TestClient, embedded_store: Store) -> TestClient:
    usd = {"support": "0.31", "search": "0.17", HOSTILE: "0.05"}
    add(embedded_store, *(call(ts=LAST, usd=cost, feature=name) for name, cost in usd.items()))
    return page


def test_a_month_costs_what_its_calls_cost(filled: TestClient, embedded_store: Store) -> None:
    html = unescape(filled.get(MONTH).text)
    sql = "SELECT sum(cost_usd) FROM llmcost.calls WHERE toYYYYMM(ts) = {month:UInt32}"
    (total,) = embedded_store.query(sql, {"month": int(f"{LAST:%Y%m}")}).rows[0]
    assert total == Decimal("0.53")
    assert "<dd>$0.53</dd>" in html
    assert "What the provider charged" in html
    assert "Nothing was imported for this time" in html


def test_every_table_is_there_as_csv(filled: TestClient, embedded_store: Store) -> None:
    html = filled.get(MONTH).text
    number = html.split('aria-label="By feature as CSV"')[0].rsplit('href="', 1)[1].split('"')[0]
    lines = filled.get(unescape(number)).text.splitlines()
    assert lines[0].startswith("feature,cost_usd")
    shown = [Decimal(line.rsplit('"', 1)[-1].split(",")[1]) for line in lines[1:]]
    sql = "SELECT cost_usd FROM llmcost.calls ORDER BY cost_usd DESC"
    assert shown == [row[0] for row in embedded_store.query(sql).rows]


def test_what_the_provider_charged_stands_beside_it(
    filled: TestClient, embedded_store: Store
) -> None:
    charged = {
        "provider": "anthropic",
        "kind": "cost",
        "day": LAST.date(),
        "model": "claude-opus-5",
        "amount_usd": Decimal("0.90"),
        "imported_at": LAST,
    }
    embedded_store.insert("invoices", [list(charged.values())], tuple(charged))
    assert "$0.90" in filled.get(MONTH).text


def test_names_of_calls_are_text(filled: TestClient) -> None:
    html = filled.get(MONTH).text
    assert "<script>alert" not in html
    assert "<img" not in html


def test_a_month_that_is_none_is_refused(page: TestClient) -> None:
    assert page.get("/month?month=2026-13").status_code == 400
    assert page.get("/month?month=soon").status_code == 400


def test_a_month_without_calls_says_so(page: TestClient) -> None:
    reply = page.get("/month?month=2020-01")
    assert reply.status_code == 200
    assert "January 2020" in reply.text or "2020-01" in reply.text
