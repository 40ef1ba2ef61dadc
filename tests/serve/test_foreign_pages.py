# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Web pages of other origins get nothing from the daemon: in a browser, and header by header."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.ingest.bodies import records
from tests.serve.running import Running, get, post
from tests.web.browser import CHROMIUM, Browser, served

PORTS = ("http_url", "otlp_http", "web")
FOREIGN = {
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "same-site": {"Sec-Fetch-Site": "same-site"},
    "a value of tomorrow": {"Sec-Fetch-Site": "same-planet"},
    "nothing": {"Sec-Fetch-Site": ""},
    "origin": {"Origin": "http://evil.test"},
    "origin, other port": {"Origin": "http://127.0.0.1:3000"},
    "origin of a file": {"Origin": "null"},
    "origin, empty": {"Origin": ""},
    "origin, says same": {"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.test"},
    "frame": {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "iframe",
    },
}
LINK = {
    "Sec-Fetch-Site": "cross-site",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
}
FRAGMENTS = {"http_url": "/?query=SELECT+1", "otlp_http": "/metrics", "web": "/"}


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("sent", FOREIGN.values(), ids=FOREIGN)
def test_what_a_page_elsewhere_sends_is_refused(
    daemon: Running, port: str, sent: dict[str, str]
) -> None:
    reply = get(daemon.facts[port] + FRAGMENTS[port], **sent)
    assert (reply.status, reply.body) == (403, b"refused: this comes from a web page elsewhere\n")


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("site", [None, "none", "same-origin"])
def test_programs_and_own_pages_are_answered(daemon: Running, port: str, site: str | None) -> None:
    own = {"Sec-Fetch-Site": site, "Origin": daemon.facts[port]} if site else {}
    reply = get(daemon.facts[port] + FRAGMENTS[port], **own)
    assert reply.status == 200


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("path", ["", "/ping", "/nothing/here", "/healthz"])
def test_every_answer_is_for_its_own_origin_only(daemon: Running, port: str, path: str) -> None:
    for headers in ({}, {"Host": "evil.example"}, FOREIGN["origin"]):
        reply = get(daemon.facts[port] + path, **headers)
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["cross-origin-resource-policy"] == "same-origin"


def test_only_the_page_may_be_linked_to(daemon: Running) -> None:
    answers = {port: get(daemon.facts[port] + FRAGMENTS[port], **LINK).status for port in PORTS}
    assert answers == {"http_url": 403, "otlp_http": 403, "web": 200}
    assert post(daemon.facts["web"], b"a=b", LINK).status == 403


def test_spans_from_a_page_elsewhere_are_not_stored(daemon: Running) -> None:
    sent = daemon.otlp("traces", records(1, first=9_900), Origin="http://evil.test")
    assert sent.status == 403
    assert daemon.rows(f"SELECT 1 FROM otel_traces WHERE TraceId = '{9_901:032x}'") == []


SCRIPT = """new Promise((done) => {{
    window.stolen = undefined;
    const tag = document.createElement('script');
    tag.onload = () => done(['loaded', window.stolen]);
    tag.onerror = () => done(['error', window.stolen]);
    tag.src = '{url}';
    document.head.append(tag);
}})"""
TAG = """new Promise((done) => {{
    const tag = document.createElement('{tag}');
    Object.assign(tag, {{rel: 'stylesheet', onload: () => done('loaded')}});
    tag.onerror = () => done('error');
    tag['{tag}' === 'link' ? 'href' : 'src'] = '{url}';
    document.head.append(tag);
}})"""
FETCH = "fetch('{url}', {options}).then((r) => r.text()).then((t) => 'read ' + t, () => 'error')"
STEAL = "/?query=SELECT+%27stolen=1%27+FORMAT+TSVRaw"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(
        tmp_path_factory.mktemp("profile"), "--host-resolver-rules=MAP evil.test 127.0.0.1"
    ) as started:
        yield started


@pytest.fixture(params=["evil.test", "localhost", "127.0.0.1"])
def elsewhere(browser: Browser, request: pytest.FixtureRequest) -> Iterator[str]:
    """A page of another origin is open: of another site, and of another port of this host."""

    async def page(_: Request) -> Response:
        return HTMLResponse("<title>elsewhere</title>")

    async def script(_: Request) -> Response:
        return PlainTextResponse("stolen=1")

    app = Starlette(routes=[Route("/", page), Route("/script", script)])
    with served(app) as address:
        origin = f"http://{request.param}:{urlsplit(address).port}"
        browser.go(f"{origin}/")
        yield origin


@pytest.mark.skipif(CHROMIUM is None, reason="needs: apt-get install chromium")
def test_a_browser_gives_answers_to_no_page_elsewhere(
    daemon: Running, browser: Browser, elsewhere: str
) -> None:
    # The same text from a server without protection is run: so the attack is one.
    assert browser.run(SCRIPT.format(url=f"{elsewhere}/script")) == ["loaded", 1]
    sql = daemon.facts["http_url"] + STEAL
    assert get(sql).body == b"stolen=1\n"
    assert browser.run(SCRIPT.format(url=sql)) == ["error", None]
    for url in (sql, f"{daemon.facts['otlp_http']}/metrics", f"{daemon.facts['web']}/"):
        for tag in ("link", "img", "script"):
            assert browser.run(TAG.format(tag=tag, url=url)) == "error", (tag, url)
        for options in ("{}", "{mode: 'no-cors'}", "{method: 'POST', body: 'SELECT 1'}"):
            assert browser.run(FETCH.format(url=url, options=options)) == "error", (options, url)


@pytest.mark.skipif(CHROMIUM is None, reason="needs: apt-get install chromium")
def test_a_link_opens_the_page_and_no_sql_answer(
    daemon: Running, browser: Browser, elsewhere: str
) -> None:
    click = "{{const a = document.createElement('a'); a.href = '{url}'; a.id = 'elsewhere';"
    click += " document.body.append(a); a.click();}}"
    browser.run(click.format(url=f"{daemon.facts['web']}/?range=7d"))
    browser.wait_for("location.search === '?range=7d' && document.readyState === 'complete'")
    assert "LLM" in browser.run("document.body.textContent")
    browser.go(f"{elsewhere}/")
    browser.run(click.format(url=f"{daemon.facts['http_url']}/?query=SELECT+41%2B1"))
    browser.wait_for("location.search.includes('query') && document.readyState === 'complete'")
    assert browser.run("document.body.textContent").startswith("refused")
    # Typed into the address bar no page makes the request.
    browser.go(f"{daemon.facts['http_url']}/ping")
    assert browser.run("document.body.textContent").strip() == "Ok."
