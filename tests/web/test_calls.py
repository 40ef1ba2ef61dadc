# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The list of calls, conditions that stack, any time, and CSV of every table."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import parse_qsl

import pytest
from starlette.testclient import TestClient

from otel_llmcost.reports.selection import SELECTABLE
from otel_llmcost.serve.web.span import Span
from otel_llmcost.store import Store
from tests.cli.calls import add, call

NOW = datetime(2026, 3, 31, 10, 7, tzinfo=UTC)
HOSTILE = 'a&b="c" <i>\'\\ é'


def span(wanted: str, now: datetime = NOW) -> Span:
    return Span.of(parse_qsl(wanted), now)


def links(html: str, text: str) -> list[str]:
    """Addresses of the links with this text."""
    found = re.findall(r'<a [^>]*?href="([^"]*)"[^>]*>([^<]*)</a>', html)
    return [unescape(href) for href, shown in found if unescape(shown).strip() == text]


def spent(html: str) -> str:
    found = re.search(r'<dt><a [^>]*>Spend</a></dt>\s*<dd>\s*<data value="([0-9.]+)"', html)
    assert found, html
    return found[1]


def test_pages_follow_each_other_and_keep_what_was_chosen(
    page: TestClient, embedded_store: Store
) -> None:
    add(embedded_store, *(call(usd=str(n), user_id=HOSTILE) for n in range(1, 61)))
    first = page.get("/calls", params={"sort": "cost", "user": HOSTILE}).text
    assert "$60.00" in first
    assert "$10.00" not in first.split("<table>")[1]
    [following] = links(first, "Next page →")
    second = page.get(following).text
    assert "$10.00" in second
    assert "Next page" not in second
    assert "After the page before" in second


def test_every_value_of_a_row_narrows_the_list(page: TestClient, embedded_store: Store) -> None:
    names = [name for name in SELECTABLE if name not in ("status", "workflow")]
    columns = ",".join(["ts", "cost_usd", "status", *names])
    one = call(
        usd="1",
        **dict.fromkeys(
            ("environment", "service", "service_version", "feature", "team", "user_id"), HOSTILE
        ),
        **dict.fromkeys(("session_id", "agent_name", "provider", "model", "operation"), HOSTILE),
        **dict.fromkeys(("mode", "call_site"), HOSTILE),
    )
    add(embedded_store, one, call(usd="2"))
    html = page.get("/calls", params={"columns": columns}).text
    narrowing = set(links(html, HOSTILE))
    assert len(narrowing) == len(names) - 1  # both calls have the same source
    for link in narrowing:
        assert spent(page.get(link).text) == "1.000000000000", link


def test_a_chip_can_be_turned_round_and_dropped(page: TestClient, embedded_store: Store) -> None:
    add(embedded_store, call(usd="1", user_id="ada"), call(usd="2", user_id="bob"), call(usd="4"))
    html = page.get("/calls?user=ada&model=claude-opus-5").text
    assert spent(html) == "5.000000000000"
    [turned, _] = links(html, "is")
    assert spent(page.get(turned).text) == "2.000000000000"
    [dropped, _] = links(html, "\N{MULTIPLICATION SIGN}")
    assert spent(page.get(dropped).text) == "7.000000000000"
    [everything] = links(html, "Drop all")
    assert spent(page.get(everything).text) == "7.000000000000"


@pytest.mark.parametrize("path", ["/", "/spend"])
def test_conditions_of_any_dimension_hold_on_every_figure(
    page: TestClient, embedded_store: Store, path: str
) -> None:
    add(
        embedded_store,
        call(usd="1", user_id="ada", feature="chat"),
        call(usd="2", user_id="bob", feature="chat"),
        call(usd="4", user_id="bob", feature="search", model="m"),
    )
    html = page.get(f"{path}?not-user=ada&feature=chat&feature=search&by=model").text
    assert spent(html) == "6.000000000000"
    main = html.split("<main")[1]
    assert "$4.00" in main
    assert "$2.00" in main
    assert "$3.00" not in main


def test_a_page_that_cannot_be_narrowed_says_so(page: TestClient, embedded_store: Store) -> None:
    add(embedded_store, call())
    for path in ("/savings", "/anomalies", "/cache"):
        assert "Not narrowed by “user is ada”" in page.get(f"{path}?user=ada").text
        assert "Not narrowed" not in page.get(f"{path}?feature=support").text


def test_the_histogram_counts_every_call_and_leads_to_them(
    page: TestClient, embedded_store: Store
) -> None:
    add(embedded_store, call(usd="0.02"), call(usd="0.025"), call(usd="5"), call(usd=None))
    html = page.get("/calls").text
    sizes = html.split('id="sizes"')[1].split("</section>")[0]
    counts = [int(n) for n in re.findall(r"</progress> (\d+)", sizes)]
    assert sum(counts) == 4
    assert "unknown cost" in sizes
    [link] = [unescape(href) for href in re.findall(r'href="([^"]*at_least=0.01&[^"]*)"', sizes)]
    rows = page.get(link).text.split("<tbody>")[2]
    assert rows.count("<tr>") == 2


@pytest.mark.parametrize("path", ["/", "/spend", "/calls", "/cache"])
def test_every_table_is_there_as_csv(page: TestClient, embedded_store: Store, path: str) -> None:
    add(embedded_store, call(usd="0.000000000123", user_id="=1+1"))
    html = page.get(path, params={"user": "=1+1"}).text
    found = links(html, "CSV")
    assert found
    for link in found:
        reply = page.get(link)
        assert reply.headers["content-type"].startswith("text/csv")
        assert "attachment" in reply.headers["content-disposition"]
        rows = list(csv.reader(io.StringIO(reply.text)))
        assert len(rows) > 1
    if path == "/calls":
        assert "0.000000000123" in reply.text
        assert "'=1+1" in reply.text


def test_columns_are_chosen(page: TestClient, embedded_store: Store) -> None:
    add(embedded_store, call(service_version="v42"))
    assert 'name="columns" value="version"' in page.get("/calls").text
    html = page.get("/calls?columns=ts&columns=version").text
    assert "v42" in html
    assert "claude-opus-5" not in html.split("<table>")[1]
    assert page.get("/calls?columns=password").status_code == 400


@pytest.mark.parametrize(
    ("wanted", "since", "until", "buckets"),
    [
        ("range=1h", "2026-03-31T09:10", "2026-03-31T10:10", 12),
        ("range=this-month", "2026-03-01T00:00", "2026-04-01T00:00", 31),
        ("range=last-month", "2026-02-01T00:00", "2026-03-01T00:00", 28),
        ("from=2026-03-02&to=2026-03-03", "2026-03-02T00:00", "2026-03-04T00:00", 48),
        ("from=2026-03-02T07:30&to=2026-03-02T08:12", "2026-03-02T07:30", "2026-03-02T08:12", 9),
        ("from=2026-03-02T07:30", "2026-03-02T07:30", "2026-04-01T00:00", 30),
        ("from=2025-03-02", "2025-03-02T00:00", "2026-04-01T00:00", 57),
    ],
)
def test_any_time_can_be_shown(wanted: str, since: str, until: str, buckets: int) -> None:
    shown = span(wanted)
    assert (shown.shown(shown.since), shown.shown(shown.until)) == (since, until)
    assert len(shown.buckets) == buckets
    assert Span.of(shown.items, NOW) == shown


def test_a_range_of_ones_own_is_shown(page: TestClient, embedded_store: Store) -> None:
    add(embedded_store, call(usd="1", ts=NOW), call(usd="2"))
    html = page.get("/?from=2026-03-31T10:00&to=2026-03-31T11:00").text
    assert spent(html) == "1.000000000000"
    assert 'name="from" value="2026-03-31T10:00"' in html


def test_it_is_compared_with_the_time_before_or_the_same_days_last_month() -> None:
    week = span("range=7d").earlier
    assert week is not None
    assert (week.until or NOW) == NOW - timedelta(days=7)
    month = span("range=this-month").earlier
    assert month is not None
    assert (month.since, month.until) == (
        datetime(2026, 2, 1, tzinfo=UTC),
        datetime(2026, 2, 28, 10, 7, tzinfo=UTC),
    )
    days = span("from=2026-03-10&to=2026-03-11&compare=last-month").earlier
    assert days is not None
    assert (days.since, days.until) == (
        datetime(2026, 2, 10, tzinfo=UTC),
        datetime(2026, 2, 12, tzinfo=UTC),
    )
    assert span("range=7d&compare=none").earlier is None


def test_the_earlier_spend_is_that_of_the_selected_calls(
    page: TestClient, embedded_store: Store
) -> None:
    add(
        embedded_store,
        call(usd="3", user_id="ada"),
        call(usd="1", user_id="ada", hours_ago=24.5),
        call(usd="50", user_id="bob", hours_ago=24.5),
    )
    html = page.get("/?user=ada&range=24h").text
    assert "+200% vs the time before" in html
    assert "vs" not in page.get("/?user=ada&range=24h&compare=none").text.split("<main")[1]
