# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The pages as a browser shows them: charts, policy, keyboard, themes, hostile names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from otel_llmcost.serve.web import create_app
from otel_llmcost.serve.web.pages import NAVIGATION, ROUTES
from otel_llmcost.store import Store
from tests.cli.calls import add, call, priced_call
from tests.web.browser import CHROMIUM, Browser, served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs: apt-get install chromium"),
]

HOSTILE = (
    '"><script>alert(1)</script>',
    "<b>bold</b> & <img src=x onerror=alert(1)>",
    "it's \\ 'quoted' `x` %{y} $a$ \U0001f916",
)


@pytest.fixture
def url(embedded_store: Store, browser: Browser) -> Iterator[str]:
    browser.problems.clear()
    with served(create_app(embedded_store.query)) as address:
        yield address
        browser.go("about:blank")  # a page of a server that is gone would report that later


def test_every_chart_is_drawn_and_nothing_breaks_the_policy(
    browser: Browser, url: str, embedded_store: Store
) -> None:
    add(embedded_store, call(feature="a"), call(feature="b", hours_ago=5), call(usd=None))
    for path, charts in (("/", 1), ("/explore", 1), ("/explore?by=user&as=line", 1), ("/cache", 1)):
        browser.go(f"{url}{path}")
        browser.wait_for(f"document.querySelectorAll('.plot svg').length >= {charts}")
        assert browser.run("document.querySelectorAll('.plot').length") == charts
    assert browser.problems == []


PLOT = "document.querySelector('.plot').getBoundingClientRect()"


def bars(browser: Browser, number: int = 0) -> list[dict[str, float]]:
    """The bars of one series of the first chart, in the window: what is filled in its colour."""
    return browser.run(
        "(() => { const style = getComputedStyle(document.documentElement);"
        " const box = document.querySelector('.plot');"
        f" const one = JSON.parse(box.dataset.figure).series[{number}];"
        " const fill = style.getPropertyValue('--' + one.colour).trim();"
        " return [...box.querySelectorAll('path')].filter((p) => p.getAttribute('fill') === fill)"
        " .map((p) => p.getBoundingClientRect()).map((r) => ({left: r.left, top: r.top,"
        " width: r.width, height: r.height})); })()"
    )


def test_a_drag_over_a_chart_becomes_the_range(
    browser: Browser, url: str, embedded_store: Store
) -> None:
    add(embedded_store, *(call(usd="1", hours_ago=hours) for hours in range(1, 24)))
    browser.go(f"{url}/?range=24h&feature=support")
    shown = bars(browser)
    assert len(shown) == 23
    first, last = shown[5], shown[10]
    browser.drag(
        (first["left"] + 2, first["top"] + 30), (last["left"] + last["width"] - 2, last["top"] + 30)
    )
    browser.wait_for("location.search.includes('from=') && document.readyState === 'complete'")
    wanted = browser.run("location.search")
    assert "feature=support" in wanted
    assert "range=" not in wanted
    assert "$6.00" in browser.run("document.querySelector('.stats dd').textContent")
    browser.run("history.back()")
    browser.wait_for("location.search.includes('range=24h') && document.readyState === 'complete'")


def test_a_click_on_a_bar_narrows_the_page(
    browser: Browser, url: str, embedded_store: Store
) -> None:
    add(embedded_store, call(usd="9", feature="it's"), call(usd="0.01", feature="b"))
    browser.go(f"{url}/?range=24h")
    [bar] = bars(browser)
    middle = (bar["left"] + bar["width"] / 2, bar["top"] + bar["height"] / 2)
    browser.drag(middle, middle)
    browser.wait_for("location.search.includes('feature=') && document.readyState === 'complete'")
    assert browser.run("document.querySelector('.chips b').textContent") == "it's"


def test_bars_are_as_tall_as_the_spend(browser: Browser, url: str, embedded_store: Store) -> None:
    add(embedded_store, call(usd="1", feature="a"), call(usd="3", feature="b"))
    browser.go(f"{url}/")
    [high], [low] = bars(browser, 0), bars(browser, 1)
    assert high["height"] / low["height"] == pytest.approx(3, rel=0.02)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_tip_shows_a_hostile_name_letter_by_letter(
    browser: Browser, url: str, embedded_store: Store, name: str
) -> None:
    add(embedded_store, call(usd="9", feature=name))
    browser.go(f"{url}/?range=24h")
    [bar] = bars(browser)
    x, y = bar["left"] + bar["width"] / 2, bar["top"] + bar["height"] / 2
    browser.command("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
    browser.wait_for("document.querySelector('.tip td') !== null")
    assert browser.run("document.querySelector('.tip td').textContent") == name
    assert "$9.00" in browser.run("document.querySelector('.tip').textContent")
    assert browser.problems == []


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_shown_letter_by_letter(
    browser: Browser, url: str, embedded_store: Store, name: str
) -> None:
    columns = ("feature", "model", "user_id", "environment", "session_id", "call_site")
    one = call(**dict.fromkeys(columns, name))
    add(embedded_store, one)
    for path in ("/", "/spend?by=session", "/cache", f"/call?id={one['record_id']}"):
        browser.go(f"{url}{path}")
        assert name in browser.run("document.getElementById('page').textContent"), path
        assert browser.run("document.querySelectorAll('main script, main img').length") == 0
    browser.go(f"{url}/")
    browser.run(
        "[...document.querySelectorAll('#page tbody a')]"
        ".find((a) => a.href.includes('by=model')).click()"
    )
    browser.wait_for("location.pathname === '/explore' && document.readyState === 'complete'")
    assert browser.run("document.querySelector('.chips b').textContent") == name
    assert browser.run("document.querySelector('data').value") == "0.010000000000"
    assert browser.problems == []


@pytest.mark.parametrize("name", HOSTILE)
def test_savings_show_hostile_names_letter_by_letter(
    browser: Browser, url: str, embedded_store: Store, name: str
) -> None:
    waits = {"deferrable": "True"}
    add(
        embedded_store,
        priced_call(feature=name, environment=name, allocation=waits, stream_outcome=""),
    )
    browser.go(f"{url}/savings")
    assert name in browser.run("document.querySelector('#page tbody').textContent")
    assert browser.run("document.querySelectorAll('main script, main img').length") == 0
    assert browser.problems == []


def test_the_keyboard_reaches_the_values_at_once(
    browser: Browser, url: str, embedded_store: Store
) -> None:
    add(embedded_store, call())
    browser.go(f"{url}/")
    browser.press("Tab")
    assert browser.run("document.activeElement.textContent") == "Skip to the figures"
    assert browser.run("document.activeElement.getBoundingClientRect().left") >= 0
    browser.press("Enter")
    browser.wait_for("document.activeElement.id === 'page'")
    browser.press("Tab")
    assert browser.run("document.getElementById('page').contains(document.activeElement)")


def test_what_is_picked_takes_effect_and_the_rest_stays(
    browser: Browser, url: str, embedded_store: Store
) -> None:
    add(embedded_store, call(usd="1"), call(usd="2", environment="staging", hours_ago=50))
    browser.go(f"{url}/spend?range=7d&by=model")
    browser.run(
        "{ const list = document.getElementById('environment'); list.value = 'staging';"
        " list.dispatchEvent(new Event('change', {bubbles: true})); }"
    )
    browser.wait_for("location.search.includes('staging') && document.readyState === 'complete'")
    assert browser.run("document.querySelector('data').value") == "2.000000000000"
    assert "by=model" in browser.run("location.search")


def test_every_page_has_its_landmarks_and_headings(
    browser: Browser, url: str, embedded_store: Store
) -> None:
    add(embedded_store, call())
    for path in ROUTES:
        browser.go(f"{url}{path}")
        for landmark in ("header", "nav[aria-label]", "main", "h1", "footer", "html[lang]"):
            assert browser.run(f"document.querySelectorAll('{landmark}').length") == 1, path
        current = browser.run("document.querySelector('nav [aria-current]') !== null")
        assert current or path not in NAVIGATION, path
        assert browser.run("[...document.querySelectorAll('th')].every((th) => th.scope)")
        assert browser.run(
            "[...document.querySelectorAll('select, input:not([type=hidden])')]"
            ".every((field) => field.labels.length === 1)"
        )
        assert browser.run(
            "[...document.querySelectorAll('[aria-labelledby]')]"
            ".every((one) => document.getElementById(one.getAttribute('aria-labelledby')))"
        )
        assert browser.run(
            "new Set([...document.querySelectorAll('[id]')].map((one) => one.id)).size"
            " === document.querySelectorAll('[id]').length"
        )


def test_it_is_dark_where_the_reader_likes_it_dark(
    browser: Browser, url: str, embedded_store: Store
) -> None:
    add(embedded_store, call())
    brightness: dict[str, int] = {}
    for scheme in ("light", "dark"):
        wanted = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.command("Emulation.setEmulatedMedia", features=wanted)
        browser.go(f"{url}/?range={'7d' if scheme == 'dark' else '24h'}")
        colour = browser.run("getComputedStyle(document.body).backgroundColor")
        brightness[scheme] = sum(int(part) for part in colour[4:-1].split(","))
    browser.command("Emulation.setEmulatedMedia", features=[])
    assert brightness["dark"] < 150 < 600 < brightness["light"]


def test_without_the_chart_library_the_values_replace_the_charts(
    browser: Browser, url: str, embedded_store: Store
) -> None:
    add(embedded_store, call(usd="1.25"))
    browser.command("Network.enable")
    browser.command("Network.setBlockedURLs", urls=["*/static/echarts.js*"])
    browser.go(f"{url}/?range=7d")
    assert browser.run("[...document.querySelectorAll('#page details')].every((one) => one.open)")
    assert "$1.25" in browser.run("document.querySelector('#page details').innerText")
    browser.command("Network.setBlockedURLs", urls=[])


def test_a_phone_needs_no_sideways_scrolling(
    browser: Browser, url: str, embedded_store: Store
) -> None:
    add(embedded_store, call(feature="a-rather-long-name-of-a-feature-without-any-space-in-it" * 2))
    browser.command(
        "Emulation.setDeviceMetricsOverride",
        width=390,
        height=800,
        deviceScaleFactor=1,
        mobile=True,
    )
    for path in ROUTES:
        browser.go(f"{url}{path}")
        assert browser.run("document.documentElement.scrollWidth") <= 390, path
    browser.command("Emulation.clearDeviceMetricsOverride")


def test_nothing_moves_while_the_overview_loads(
    browser: Browser, url: str, embedded_store: Store
) -> None:
    add(embedded_store, *(call(feature=f"f{n}", hours_ago=n) for n in range(1, 9)))
    browser.go(f"{url}/?range=7d")
    browser.wait_for("document.querySelector('[aria-busy]') === null")
    moved = browser.run(
        "new Promise((done) => { let sum = 0; new PerformanceObserver((list) => {"
        " for (const one of list.getEntries()) sum += one.value; })"
        ".observe({type: 'layout-shift', buffered: true}); setTimeout(() => done(sum), 300); })"
    )
    assert moved < 0.05


def test_what_is_slow_follows_and_is_a_page_of_its_own(
    browser: Browser, url: str, embedded_store: Store
) -> None:
    add(embedded_store, call(usd="3"), call(usd="1", hours_ago=30))
    browser.go(f"{url}/?range=24h")
    browser.wait_for("document.querySelector('#page .waterfall') !== null")
    assert "$3.00" in browser.run("document.querySelector('.waterfall').textContent")
    browser.go(f"{url}/why?range=24h")
    assert "$3.00" in browser.run("document.querySelector('.waterfall').textContent")
    assert browser.problems == []


def test_what_it_is_compared_with_is_a_line_of_its_own(
    browser: Browser, url: str, embedded_store: Store
) -> None:
    add(embedded_store, call(usd="3"), call(usd="1", hours_ago=25))
    browser.go(f"{url}/explore?range=24h")
    last = "JSON.parse(document.querySelector('.plot').dataset.figure).series.at(-1)"
    assert browser.run(f"{last}.dashed")
    assert browser.run(f"{last}.values.reduce((sum, one) => sum + (one ?? 0), 0)") == 1
    browser.go(f"{url}/explore?range=24h&compare=none")
    assert not browser.run(f"{last}.dashed")


def test_the_zone_of_the_browser_is_offered(
    browser: Browser, url: str, embedded_store: Store
) -> None:
    add(embedded_store, call())
    browser.command("Emulation.setTimezoneOverride", timezoneId="Asia/Tokyo")
    browser.go(f"{url}/explore?range=24h&by=model")
    browser.run(
        "[...document.querySelectorAll('.zones a')]"
        ".find((one) => one.textContent === 'Asia/Tokyo').click()"
    )
    browser.wait_for("location.search.includes('zone=Asia') && document.readyState === 'complete'")
    assert "by=model" in browser.run("location.search")
    assert "Time (Asia/Tokyo)" in browser.run("document.getElementById('page').textContent")
    browser.command("Emulation.setTimezoneOverride", timezoneId="")


def test_the_refresh_waits_for_whoever_uses_the_page(
    browser: Browser, url: str, embedded_store: Store
) -> None:
    add(embedded_store, call(usd="1"))
    browser.go(f"{url}/explore")
    add(embedded_store, call(usd="2"))
    browser.run("document.querySelector('#page details summary').click()")
    browser.run("refresh()")
    assert browser.run("document.querySelector('data').value") == "1.000000000000"
    browser.run("document.querySelector('#page details summary').click()")
    browser.run("document.activeElement.blur()")
    browser.run("document.querySelector('footer button').click()")
    browser.run("refresh()")
    assert browser.run("document.querySelector('data').value") == "1.000000000000"
    browser.run("document.querySelector('footer button').click()")
    browser.run("refresh()")
    assert browser.run("document.querySelector('data').value") == "3.000000000000"
    assert browser.problems == []
