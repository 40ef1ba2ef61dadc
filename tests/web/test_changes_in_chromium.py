# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What people change on the page, in a browser: with the mouse, with the keyboard, on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from otel_llmcost.detection.look import update
from otel_llmcost.serve.web import create_app
from otel_llmcost.serve.web.people import Doors
from otel_llmcost.store import Store
from tests.cli.calls import add, priced_call
from tests.detection.lines import line
from tests.detection.traffic import NOW
from tests.web.browser import CHROMIUM, Browser, served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs: apt-get install chromium"),
]


@pytest.fixture
def url(embedded_store: Store, browser: Browser) -> Iterator[str]:
    browser.problems.clear()
    app = create_app(embedded_store.query, change=lambda do: do(embedded_store))
    with served(app) as address:
        yield address
        browser.go("about:blank")


def repeated(hours_ago: float, count: int, request: str = "same") -> list[dict[str, Any]]:
    return [
        priced_call(hours_ago=hours_ago + n / 60, request_fingerprint=request) for n in range(count)
    ]


def click(browser: Browser, selector: str) -> None:
    browser.run(f"document.querySelector({selector!r}).click()")


def type_in(browser: Browser, text: str) -> None:
    browser.command("Input.insertText", text=text)


def tab_to(browser: Browser, condition: str) -> None:
    """With the keyboard, to the element that meets a condition; `at` is where the focus is."""
    for _ in range(80):
        browser.press("Tab")
        if browser.run(f"(at => {condition})(document.activeElement)"):
            return
    raise AssertionError(condition)


def test_a_budget_is_made_with_the_keyboard_alone(
    browser: Browser, url: str, embedded_store: Store
) -> None:
    browser.go(f"{url}/budgets")
    tab_to(browser, "at.id === 'scope'")
    type_in(browser, "feature")
    browser.run("document.getElementById('scope').value = 'feature'")  # as the arrow keys do
    tab_to(browser, "at.id === 'scope_value'")
    type_in(browser, "support")
    tab_to(browser, "at.name === 'amount'")
    type_in(browser, "12.50")
    tab_to(browser, "at.tagName === 'BUTTON' && at.textContent === 'Set budget'")
    browser.press("Enter")
    browser.wait_for("document.querySelector('.card.budget') !== null")
    assert browser.run("document.querySelector('.card.budget h2').textContent") == (
        "feature=support per month"
    )
    sql = "SELECT scope, scope_value, amount_usd FROM llmcost.budget_status"
    assert embedded_store.query(sql).rows == [("feature", "support", Decimal("12.5"))]
    assert browser.problems == []


def test_an_incident_is_acknowledged_on_its_card(
    browser: Browser, url: str, embedded_store: Store
) -> None:
    line(embedded_store)
    update(embedded_store, NOW)
    browser.go(f"{url}/anomalies?from=2026-11-01&to=2026-12-31")
    click(browser, ".incident summary")
    browser.run("document.querySelector('.incident [name=by]').value = 'ada'")
    click(browser, ".incident button[value=acknowledged]")
    browser.wait_for("document.querySelector('.badge')?.textContent === 'acknowledged'")
    assert "from=2026-11-01" in browser.run("location.search")
    rows = embedded_store.query("SELECT changed_by, action FROM llmcost.audit").rows
    assert rows == [("ada", "incident acknowledged")]
    assert browser.problems == []


def test_a_saving_is_marked_as_done_and_what_it_saves_is_seen(
    browser: Browser, url: str, embedded_store: Store
) -> None:
    add(embedded_store, *repeated(30, 40))
    browser.go(f"{url}/savings?range=30d")
    forms = "document.querySelector('form[action=\"/savings/done\"]')"
    browser.run(f"{forms}.closest('details').open = true")
    browser.run(f"{forms}.querySelector('button').click()")
    browser.wait_for("document.querySelector('.card.done') !== null")
    # What follows repeats nothing any more. Before, 39 of 40 calls did.
    add(embedded_store, *(priced_call(hours_ago=0, request_fingerprint=f"r{n}") for n in range(3)))
    browser.go(f"{url}/savings?range=30d")
    saved = browser.run("document.querySelector('.realised').value")
    assert Decimal(saved) == 3 * 39 * Decimal("0.0075")
    assert browser.problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(
    browser: Browser, url: str, embedded_store: Store, scheme: str
) -> None:
    add(embedded_store, *repeated(30, 40))
    line(embedded_store)
    update(embedded_store, NOW)
    browser.command(
        "Emulation.setDeviceMetricsOverride",
        width=390,
        height=844,
        deviceScaleFactor=1,
        mobile=True,
    )
    browser.command(
        "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}]
    )
    try:
        for path in (
            "/savings?range=30d",
            "/anomalies?from=2026-11-01&to=2026-12-31",
            "/incident?id=a",
            "/budgets",
            "/month",
        ):
            browser.go(f"{url}{path}")
            assert browser.run("document.documentElement.scrollWidth") <= 390, path
    finally:
        browser.command("Emulation.clearDeviceMetricsOverride")
    assert browser.problems == []


def test_people_log_in_and_out(browser: Browser, embedded_store: Store) -> None:
    doors = Doors(token="sesame")
    app = create_app(embedded_store.query, doors=doors, change=lambda do: do(embedded_store))
    with served(app) as url:
        browser.command("Page.navigate", url=f"{url}/budgets")
        browser.wait_for("document.getElementById('secret') !== null")
        assert "next=%2Fbudgets" in browser.run("location.search")
        browser.run("document.getElementById('by').value = 'ada'")
        browser.run("document.getElementById('secret').value = 'sesame'")
        click(browser, "main button")
        browser.wait_for("location.pathname === '/budgets' && document.readyState === 'complete'")
        assert browser.run("document.querySelector('p.person').textContent") == "ada (editor)"
        assert browser.run("document.cookie") == ""
        click(browser, "header button")
        browser.wait_for("document.getElementById('secret') !== null")
        browser.go("about:blank")
