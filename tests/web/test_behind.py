# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Every page whose figures come from rollups says when they are behind."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from starlette.testclient import TestClient

from otel_llmcost.reports import pipeline
from otel_llmcost.serve.web.pages import NAVIGATION, ROUTES
from otel_llmcost.store import Store
from tests.cli.calls import add, call, put

pytestmark = pytest.mark.slow

MONEY = [path for path, route in ROUTES.items() if route.is_rolled_up]


def said(html: str) -> str:
    """The line about rollups; empty where there is none."""
    found = re.search(r'<p class="behind"[^>]*>(.*?)</p>', html, re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", "", found[1])) if found else ""


def test_pages_of_money_are_rolled_up() -> None:
    assert set(NAVIGATION) - set(MONEY) == {"/pipeline", "/sql"}


@pytest.mark.parametrize("path", MONEY)
def test_a_page_of_money_says_that_its_rollups_are_behind(
    page: TestClient, embedded_store: Store, path: str
) -> None:
    put(embedded_store, call(usd="2", hours_ago=3), call(usd="1", hours_ago=5))
    html = page.get(f"{path}?user=ada").text
    assert said(html).startswith("Rollups are 2 hours behind (never built).")
    [line] = re.findall(r'<p class="behind".*?</p>', html, re.DOTALL)
    assert 'href="/pipeline?' in line
    embedded_store.refresh()
    assert said(page.get(f"{path}?user=ada").text) == ""


def test_money_of_hours_behind_is_there(page: TestClient, embedded_store: Store) -> None:
    put(embedded_store, call(usd="2", hours_ago=3))
    assert '<data value="2.000000000000"' in page.get("/").text


def test_only_the_hours_of_the_page_count(page: TestClient, embedded_store: Store) -> None:
    put(embedded_store, call(hours_ago=24 * 20))
    assert said(page.get("/?range=24h").text) == ""
    assert "1 hour behind" in said(page.get("/?range=30d").text)
    assert "1 hour behind" in said(page.get("/budgets").text)


def test_a_refresh_of_seconds_ago_is_no_delay(embedded_store: Store) -> None:
    add(embedded_store, call())
    put(embedded_store, call())
    now = datetime.now(UTC)
    day = (now - timedelta(days=1), now + timedelta(hours=1))
    assert pipeline.behind(embedded_store.query, *day, now) is None
    found = pipeline.behind(embedded_store.query, *day, now + timedelta(minutes=2))
    assert found is not None
    assert found.hours == 1
    assert found.last_built is not None
