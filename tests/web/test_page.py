# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from starlette.testclient import TestClient

from otel_llmcost import schema
from otel_llmcost.detection.look import look
from otel_llmcost.errors import StoreError
from otel_llmcost.serve.web import assets, create_app
from otel_llmcost.serve.web.span import Span
from otel_llmcost.store import Store
from tests.cli.calls import add, call

RANGES = ["24h", "7d", "30d"]
NAMED = (
    *(
        "spend_by_hour",
        "spend_by_call",
        "top_calls",
        "anomalies",
        "incidents",
        "cache",
        "trust",
        "coverage",
    ),
    *(
        "unpriced_reasons",
        "explore_hours",
        "explore",
        "call_list",
        "call_costs",
        "environments",
    ),
)
HOSTILE = "</title><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


class Tags(HTMLParser):
    """Every tag of a page, and its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def spend(html: str) -> str:
    found = re.search(r'<dt><a [^>]*>Spend</a></dt>\s*<dd>\s*<data value="([0-9.]+)"', html)
    assert found, html
    return found[1]


def series(html: str) -> dict[str, float]:
    """What each name of the first chart adds up to."""
    figure = next(a["data-figure"] for _, a in Tags(html).tags if "data-figure" in a)
    drawn = json.loads(str(figure))["series"]
    return {one["name"]: sum(value or 0 for value in one["values"]) for one in drawn}


def test_an_empty_store_says_how_to_begin(page: TestClient) -> None:
    reply = page.get("/")
    assert reply.status_code == 200
    assert "otel-llmcost run -- python app.py" in reply.text
    assert "http://127.0.0.1:4318" in reply.text


def test_an_empty_range_says_when_the_newest_call_was(
    page: TestClient, embedded_store: Store
) -> None:
    add(embedded_store, call(hours_ago=90))
    html = page.get("/?range=24h").text
    assert "the newest of 1 is from" in html
    assert 'href="/?range=30d"' in html
    assert spend(page.get("/?range=7d").text) == "0.010000000000"


@pytest.mark.parametrize("chosen", RANGES)
def test_the_spend_is_exact_in_every_range(
    page: TestClient, embedded_store: Store, chosen: str
) -> None:
    add(embedded_store, call(usd="0.1"), call(usd="0.000000000007", hours_ago=2))
    assert spend(page.get(f"/?range={chosen}").text) == "0.100000000007"


def test_an_environment_is_shown_alone(page: TestClient, embedded_store: Store) -> None:
    add(embedded_store, call(usd="1"), call(usd="2", environment="demo-history"))
    html = page.get("/?environment=demo-history").text
    assert spend(html) == "2.000000000000"
    assert '<option value="demo-history" selected>' in html
    assert '<option value="prod">' in html
    assert spend(page.get("/").text) == "3.000000000000"


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        ("range=../../etc", "none of 1h"),
        ("rnage=7d", "no parameter &#39;rnage&#39;"),
        ("from=2026-11-01&range=7d", "contradict"),
        ("to=2026-11-01", "needs from="),
        ("from=2026-11-02&to=2026-11-01", "is not before"),
        ("from=yesterday", "no time like"),
        ("from=0001-01-01", "at most 3,660"),
        ("from=2026-11-01&to=9999-12-31", "no time like"),
        ("feature=a&not-feature=a", "both kept and left out"),
        ("compare=never", "none of previous"),
        ("by=x'", "cannot group by"),
        ("csv=99", "number of no table"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(
    page: TestClient, embedded_store: Store, wanted: str, problem: str
) -> None:
    add(embedded_store, call())
    reply = page.get(f"/?{wanted}")
    assert reply.status_code == 400
    assert problem in reply.text


def test_an_unknown_cost_is_unknown_and_never_zero(page: TestClient, embedded_store: Store) -> None:
    add(
        embedded_store,
        call(usd=None, cost_reason="unknown_host", server_address="llm.corp"),
    )
    html = page.get("/").text
    assert "$0.00" not in html
    assert ">unknown<" in html
    assert "LLMCOST_HOSTS=llm.corp=anthropic" in html
    assert "100.0%" in html  # unpriced share


def test_hostile_names_stay_text(page: TestClient, embedded_store: Store) -> None:
    columns = ("feature", "model", "environment", "user_id", "call_site", "trace_id", "service")
    add(embedded_store, call(usd="1", **dict.fromkeys(columns, HOSTILE)))
    html = page.get("/").text
    tags = Tags(html).tags
    assert [attributes for tag, attributes in tags if tag == "script"] == [
        {"src": assets.address("echarts.js"), "defer": None},
        {"src": assets.address("charts.js"), "defer": None},
        {"src": assets.address("page.js"), "defer": None},
    ]
    assert all(tag != "img" for tag, _ in tags)
    assert all(not name.startswith("on") for _, attributes in tags for name in attributes)


def test_a_hostile_environment_in_the_url_stays_text(
    page: TestClient, embedded_store: Store
) -> None:
    add(embedded_store, call())
    for wanted in (HOSTILE, "' OR 1=1 --", "{x:String}", "\x00"):
        reply = page.get("/", params={"environment": wanted})
        assert reply.status_code == 200
        assert "<img" not in reply.text
        assert "No calls: 24 hours, environment is" in reply.text


def test_beyond_seven_features_the_rest_is_other(page: TestClient, embedded_store: Store) -> None:
    add(embedded_store, *(call(usd=str(n), feature=f"f{n}") for n in range(1, 11)))
    drawn = series(page.get("/").text)
    assert len(drawn) == 8
    assert drawn["others"] == pytest.approx(1 + 2 + 3)


def test_a_feature_keeps_its_colour_in_every_range(page: TestClient, embedded_store: Store) -> None:
    add(embedded_store, call(feature="steady"), call(feature="old", usd="9", hours_ago=100))
    dot = re.compile(r'<span class="dot (c\d)"></span>\s*<a [^>]*>steady<')
    found = [dot.search(page.get(f"/?range={name}").text) for name in RANGES]
    assert len({match[1] for match in found if match}) == 1


def test_top_calls_and_incidents_are_listed(page: TestClient, embedded_store: Store) -> None:
    usual = [call(hours_ago=8 + 2 * n, input_tokens=1000 + n) for n in range(60)]
    add(embedded_store, *usual, call(hours_ago=0, usd="3", input_tokens=90_000, user_id="eve"))
    look(embedded_store)
    html = page.get("/?range=7d").text
    newest = html.split("Newest incidents</h2>")[1].split("</section>")[0]
    assert "support</a>" in newest
    assert 'href="/incident?id=' in newest
    top_calls = html.split("Most expensive calls</h2>")[1]
    assert "eve" in top_calls.split("</tr>")[1]


def test_nothing_is_loaded_from_elsewhere(page: TestClient, embedded_store: Store) -> None:
    add(embedded_store, call())
    reply = page.get("/")
    for _, attributes in Tags(reply.text).tags:
        for name in ("src", "href", "action"):
            assert (attributes.get(name) or "/").startswith(("/", "#page"))
        assert "style" not in attributes  # the policy would refuse it
    policy = reply.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", ["page.css", "page.js", "charts.js", "icon.svg"])
def test_its_own_files_are_served(page: TestClient, name: str) -> None:
    reply = page.get(f"/static/{name}")
    assert reply.status_code == 200
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "http://" not in reply.text.replace("http://www.w3.org/2000/svg", "")


def test_browsers_keep_a_file_until_its_content_changes(page: TestClient) -> None:
    for name in ("page.css", "echarts.js"):
        assert "immutable" in page.get(assets.address(name)).headers["cache-control"]
        assert page.get(f"/static/{name}?v=old").headers["cache-control"] == "no-cache"


def test_a_first_visit_is_small(page: TestClient, embedded_store: Store) -> None:
    add(embedded_store, *(call(feature=f"f{n}", hours_ago=n) for n in range(20)))
    html = page.get("/").text
    tags = Tags(html).tags
    loaded = {str(a.get("src") or a.get("href")) for tag, a in tags if tag in ("script", "link")}
    sizes = {path: int(page.get(path).headers["content-length"]) for path in loaded}
    sizes["/"] = len(html.encode())
    assert page.get(assets.address("echarts.js")).headers["content-encoding"] == "gzip"
    print(sizes)
    assert sum(sizes.values()) <= 400_000, sizes


@pytest.mark.parametrize("path", ["/static/../page.py", "/static/page.html", "/x"])
def test_other_paths_are_not_found(page: TestClient, path: str) -> None:
    assert page.get(path).status_code == 404


def test_another_host_name_is_refused(page: TestClient) -> None:
    reply = page.get("/", headers={"host": "evil.example"})
    assert reply.status_code == 400
    assert "content-security-policy" in reply.headers


def test_a_store_that_fails_is_reported_in_one_line() -> None:
    def broken(_sql: str, _parameters: Any = None, /) -> Any:
        raise StoreError("the engine is <gone>")

    with TestClient(create_app(broken), base_url="http://localhost") as client:
        reply = client.get("/")
    assert reply.status_code == 503
    assert "the engine is &lt;gone&gt;" in reply.text


def test_every_named_query_runs_as_it_stands(embedded_store: Store) -> None:
    span = Span.of([("range", "7d")], datetime.now(UTC))
    parameters = span.window.parameters(
        limit=5, starts=[0], top_1=7, top_2=7, after="0", after_id="", search=""
    )
    for name in NAMED:
        embedded_store.query(schema.query(name), parameters)


def test_a_command_in_a_sentence_is_shown_as_code(page: TestClient) -> None:
    html = page.get("/budgets").text
    assert "<code>otel-llmcost budgets set</code>" in html
    assert "`" not in html.split("<main")[1].split("</main")[0]
