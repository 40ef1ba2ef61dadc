# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Stories in a browser: from a run to a line of a bill, by mouse, by keyboard and on a phone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from otel_llmcost.serve.web import create_app
from otel_llmcost.store import Store
from tests.cli.calls import add, call, priced
from tests.web.browser import CHROMIUM, Browser, served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs: apt-get install chromium"),
]
HOSTILE = "\"><script>alert(1)</script><b>'\\ é"
START = datetime.now(UTC) - timedelta(hours=2)
PHONE = {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True}


@pytest.fixture
def url(embedded_store: Store, browser: Browser) -> Iterator[str]:
    browser.problems.clear()
    calls = [
        priced(
            ts=START + timedelta(seconds=n),
            trace_id=HOSTILE,
            session_id=HOSTILE,
            user_id=HOSTILE,
            request_fingerprint="same",
            input_tokens=1000 * (n + 1),
            allocation={"customer": HOSTILE},
        )
        for n in range(5)
    ]
    add(embedded_store, *calls, call(usd="3", ts=START))
    with served(create_app(embedded_store.query)) as address:
        yield address
        browser.go("about:blank")


def arrived(browser: Browser, path: str) -> None:
    browser.wait_for(f"location.pathname === '{path}' && document.readyState === 'complete'")


def click(browser: Browser, selector: str) -> None:
    browser.run(f"document.querySelector({json.dumps(selector)}).click()")


def test_from_a_run_to_a_line_of_the_bill(browser: Browser, url: str) -> None:
    browser.go(f"{url}/runs?sort=calls")
    assert browser.run("document.querySelector('#page tbody th').textContent.trim()") == HOSTILE
    click(browser, "#page tbody th a")
    arrived(browser, "/run")
    assert "sent 5 times" in browser.run("document.querySelector('.tree').innerText")
    assert browser.run("document.querySelectorAll('.plot').length") == 2
    browser.wait_for("document.querySelectorAll('.plot canvas, .plot svg').length >= 2")
    click(browser, ".tree tbody th a")
    arrived(browser, "/call")
    assert "$25.00 / M" in browser.run("document.getElementById('page').innerText")
    click(browser, "#page td a[href^='/rules']")
    arrived(browser, "/rules")
    assert browser.run("document.querySelector('dt:target') !== null")
    assert browser.problems == []


def test_a_call_opens_and_closes_by_keyboard(browser: Browser, url: str) -> None:
    browser.go(f"{url}/calls?sort=newest")
    browser.run("document.querySelector('#page .scroll tbody a').focus()")
    browser.press("Enter")
    browser.wait_for("document.querySelector('.beside') && document.readyState === 'complete'")
    assert browser.run("document.querySelector('.split .list').offsetWidth") > 400
    assert HOSTILE in browser.run("document.querySelector('.beside').textContent")
    assert browser.run("document.querySelectorAll('main script, main b > b').length") == 0
    browser.run("[...document.querySelectorAll('.beside a')].at(1).focus()")
    browser.press("Enter")
    browser.wait_for("!document.querySelector('.beside') && document.readyState === 'complete'")
    assert "sort=newest" in browser.run("location.search")
    assert browser.problems == []


def test_on_a_phone_the_call_takes_the_place_of_the_list(browser: Browser, url: str) -> None:
    browser.command("Emulation.setDeviceMetricsOverride", **PHONE)
    browser.go(f"{url}/calls")
    click(browser, "#page .scroll tbody a")
    browser.wait_for("document.querySelector('.beside') && document.readyState === 'complete'")
    assert browser.run("document.querySelector('.split .list').offsetWidth") == 0
    for path in ("/runs", "/entity?team=x", "/pipeline", "/sql", "/rules", "/calls"):
        browser.go(f"{url}{path}")
        assert browser.run("document.documentElement.scrollWidth") <= 390, path
    browser.go(f"{url}/runs")
    click(browser, "#page tbody th a")
    arrived(browser, "/run")
    assert browser.run("document.documentElement.scrollWidth") <= 390
    browser.command("Emulation.clearDeviceMetricsOverride")
    assert browser.problems == []


def test_a_customer_leads_to_everything_of_it(browser: Browser, url: str) -> None:
    browser.go(f"{url}/calls")
    click(browser, "#page .scroll tbody a")
    browser.wait_for("document.querySelector('.beside') && document.readyState === 'complete'")
    click(browser, ".beside a[href*='tag.customer']")
    arrived(browser, "/entity")
    assert browser.run("document.querySelector('h1').textContent") == f"Customer {HOSTILE}"
    assert browser.run("document.querySelector('data').value") == "0.020625000000"
    assert browser.problems == []
