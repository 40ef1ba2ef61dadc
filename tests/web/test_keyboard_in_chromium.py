# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Everything can be done with the keyboard alone, and where the focus is can be seen."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from otel_llmcost.detection.look import update
from otel_llmcost.serve.web import create_app
from otel_llmcost.store import Store
from tests.cli.calls import add, priced_call
from tests.detection.lines import line
from tests.detection.traffic import NOW
from tests.web.browser import CHROMIUM, Browser, served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs: apt-get install chromium"),
]
RANGE = "from=2026-11-01&to=2026-12-31"
SEEN = """(at => {
  const box = at.getBoundingClientRect(), style = getComputedStyle(at);
  const name = `${at.tagName} ${at.id || at.textContent.trim().slice(0, 40)}`;
  if (box.width === 0 || box.right <= 0 || box.left >= innerWidth) return `${name} is off`;
  if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) return `${name} is bare`;
  return '';
})(document.activeElement)"""


@pytest.fixture
def url(embedded_store: Store, browser: Browser) -> Iterator[str]:
    browser.problems.clear()
    models = ("claude-opus-5", "claude-haiku-4-5")
    add(embedded_store, *(priced_call(feature=f"f{n}", model=models[n % 2]) for n in range(4)))
    line(embedded_store)
    update(embedded_store, NOW)
    app = create_app(embedded_store.query, change=lambda do: do(embedded_store))
    with served(app) as address:
        yield address
        browser.go("about:blank")


def tab_to(browser: Browser, condition: str, most: int = 90) -> None:
    """To the element that meets a condition; `at` is where the focus is. It must be seen."""
    for _ in range(most):
        browser.press("Tab")
        assert browser.run(SEEN) == ""
        if browser.run(f"!!(at => {condition})(document.activeElement)"):
            return
    raise AssertionError((condition, browser.run("document.activeElement.outerHTML")))


def skip_to_the_page(browser: Browser) -> None:
    browser.press("Tab")
    assert browser.run("document.activeElement.className") == "skip"
    browser.press("Enter")
    browser.wait_for("document.activeElement.id === 'page'")


def arrived(browser: Browser, condition: str) -> None:
    browser.wait_for(f"document.readyState === 'complete' && {condition}")


def write(browser: Browser, text: str) -> None:
    browser.command("Input.insertText", text=text)


def test_from_the_headline_to_a_line_of_a_bill(browser: Browser, url: str) -> None:
    browser.go(f"{url}/?range=7d")
    skip_to_the_page(browser)
    tab_to(browser, "at.textContent === 'Spend'", most=3)
    browser.press("Enter")
    arrived(browser, "location.pathname === '/calls' && location.search.includes('sort=cost')")
    skip_to_the_page(browser)
    tab_to(browser, "at.closest('#page tbody th') && at.href.includes('call=')")
    browser.press("Enter")
    arrived(browser, "document.querySelector('.beside .cost') !== null")
    browser.wait_for("document.activeElement.id === 'beside'")
    # The next stop is in the bill, not at the top of the page nor in the list.
    tab_to(browser, "at.closest('.beside')", most=1)
    tab_to(browser, "at.closest('.beside tbody') && at.href.includes('/rules')", most=12)
    browser.press("Enter")
    arrived(browser, "location.pathname === '/rules'")
    assert browser.problems == []


def test_a_condition_is_added_turned_round_and_dropped(browser: Browser, url: str) -> None:
    browser.go(f"{url}/explore?range=7d")
    skip_to_the_page(browser)
    tab_to(browser, "at.closest('.legend') && at.textContent === 'f1'")
    browser.press("Enter")
    chip = "document.querySelector('.chips li')?.textContent.replace(/\\s+/g, ' ').slice(0, -2)"
    arrived(browser, f"{chip} === 'feature is f1'")
    tab_to(browser, "at.closest('.chips') && at.textContent === 'is'")
    browser.press("Enter")
    arrived(browser, f"{chip} === 'feature is not f1'")
    tab_to(browser, "at.getAttribute('aria-label') === 'Drop feature f1'")
    browser.press("Enter")
    arrived(browser, "document.querySelector('.chips') === null")
    assert browser.problems == []


def test_a_list_is_walked_through_before_it_takes_effect(browser: Browser, url: str) -> None:
    browser.go(f"{url}/explore?range=7d")
    tab_to(browser, "at.id === 'field-by'")
    for _ in range(2):
        browser.press("ArrowDown")
    assert "by=" not in browser.run("location.search")
    wanted = browser.run("document.activeElement.value")
    browser.press("Enter")
    arrived(browser, f"location.search.includes('by={wanted}')")
    browser.wait_for("document.activeElement.id === 'field-by'")
    browser.press("ArrowUp")
    before = browser.run("document.activeElement.value")
    browser.press("Tab")
    arrived(browser, f"location.search.includes('by={before}')")
    assert browser.problems == []


def test_an_incident_is_acknowledged(browser: Browser, url: str, embedded_store: Store) -> None:
    browser.go(f"{url}/anomalies?{RANGE}")
    skip_to_the_page(browser)
    tab_to(browser, "at.tagName === 'SUMMARY' && at.textContent.includes('Acknowledge')")
    browser.press("Enter")
    tab_to(browser, "at.name === 'by'", most=2)
    write(browser, "ada")
    tab_to(browser, "at.name === 'note'", most=2)
    write(browser, "the new prompt")
    tab_to(browser, "at.tagName === 'BUTTON' && at.value === 'acknowledged'", most=2)
    browser.press("Enter")
    arrived(browser, "document.querySelector('.badge')?.textContent === 'acknowledged'")
    rows = embedded_store.query("SELECT changed_by, action FROM llmcost.audit").rows
    assert rows == [("ada", "incident acknowledged")]
    assert browser.problems == []


def test_a_budget_is_created(browser: Browser, url: str, embedded_store: Store) -> None:
    browser.go(f"{url}/budgets")
    skip_to_the_page(browser)
    tab_to(browser, "at.id === 'scope'")
    browser.press("ArrowDown")
    scope = browser.run("document.activeElement.value")
    assert scope != "total"
    tab_to(browser, "at.id === 'scope_value'", most=1)
    write(browser, "prod")
    tab_to(browser, "at.name === 'amount'", most=3)
    write(browser, "12.50")
    browser.press("Enter")
    arrived(browser, "document.querySelector('.card.budget') !== null")
    sql = "SELECT scope, scope_value, amount_usd FROM llmcost.budget_status"
    assert embedded_store.query(sql).rows == [(scope, "prod", Decimal("12.5"))]
    assert browser.problems == []


@pytest.mark.parametrize("path", ["/?range=7d", "/explore?as=heat&by=feature&and=model", "/calls"])
def test_every_stop_is_seen_and_none_jumps_the_order(browser: Browser, url: str, path: str) -> None:
    browser.go(f"{url}{path}")
    browser.wait_for("document.querySelector('[aria-busy]') === null")
    assert browser.run("[...document.querySelectorAll('[tabindex]')].every((o) => o.tabIndex < 1)")
    stops = 0
    while stops < 150:
        browser.press("Tab")
        if browser.run("document.activeElement === document.body"):
            break
        assert browser.run(SEEN) == ""
        stops += 1
    assert stops > 20
    assert browser.problems == []
