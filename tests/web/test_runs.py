# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The list of runs, and the page of one."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from otel_llmcost.reports.runs import KINDS
from otel_llmcost.store import Store
from tests.cli.calls import add, call, put

HOSTILE = "\"><script>alert(1)</script>'\\ é&=x"
NOW = datetime.now(UTC) - timedelta(hours=1)


def rows(html: str) -> list[str]:
    """The rows of the tree, as text."""
    tree = html.split('<table class="tree">')[1].split("</table>")[0]
    parts = re.findall(r"<tr class.*?</tr>", tree, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", part)).split()) for part in parts]


def links(html: str, text: str) -> list[str]:
    found = re.findall(r'<a [^>]*?href="([^"]*)"[^>]*>([^<]*)</a>', html)
    return [unescape(href) for href, shown in found if unescape(shown).strip() == text]


def grown(count: int, **more: Any) -> list[dict[str, Any]]:
    """Calls of one trace below one parent, each with a longer prompt."""
    return [
        call(
            usd="0.25",
            ts=NOW + timedelta(seconds=n / 10),
            trace_id="t" * 32,
            span_id=f"{n:016x}",
            parent_span_id="f" * 16,
            input_tokens=100 + n,
            uncached_input_tokens=50 + n,
            cache_read_tokens=50,
            **more,
        )
        for n in range(count)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_of_the_list_leads_to_its_calls(
    page: TestClient, embedded_store: Store, kind: str
) -> None:
    hostile: dict[str, Any] = {KINDS[kind]: HOSTILE}
    other: dict[str, Any] = {KINDS[kind]: "another"}
    add(embedded_store, call(usd="1", **hostile), call(usd="2", **hostile), call(usd="8", **other))
    html = page.get("/runs", params={"kind": kind, "sort": "cost"}).text
    assert "$8.00" in html
    assert "$3.00" in html
    opened = page.get(links(html, HOSTILE)[0])
    assert opened.status_code == 200
    assert '<data value="3.000000000000"' in opened.text
    assert len(rows(opened.text)) in (2, 4)  # with a row a trace, where there are several
    assert "<script>alert" not in html + opened.text


def test_a_call_of_the_tree_leads_to_its_bill(page: TestClient, embedded_store: Store) -> None:
    calls = grown(3)
    add(embedded_store, *calls)
    html = page.get(f"/run?trace={'t' * 32}").text
    assert "flat list" in html
    found = links(html, "chat claude-opus-5")
    assert [f"id={one['record_id']}" in href for one, href in zip(calls, found, strict=True)] == [
        True
    ] * 3
    assert "What call" in page.get(found[1]).text


def test_five_thousand_calls_stay_readable(page: TestClient, embedded_store: Store) -> None:
    put(embedded_store, *grown(5000, request_fingerprint="same"))
    reply = page.get(f"/run?trace={'t' * 32}")
    shown = rows(reply.text)
    assert '<data value="1250.000000000000"' in reply.text
    assert len(shown) == 101
    assert "4,900 more rows" in shown[-1]
    assert "sent 5000 times" in shown[0]
    assert len(reply.content) < 300_000
    following = page.get(links(reply.text, "4,900 more rows")[0]).text
    assert "4,800 more rows" in rows(following)[-1]
    [as_csv] = [href for href in links(reply.text, "CSV") if "csv=0" in href]
    assert len(list(csv.reader(io.StringIO(page.get(as_csv).text)))) == 5001


def test_a_part_of_a_run_is_shown_alone(page: TestClient, embedded_store: Store) -> None:
    inner = [
        call(usd="1", trace_id="t", span_id=f"c{n}", parent_span_id="top", ts=NOW)
        for n in range(40)
    ]
    outer = call(usd="2", trace_id="t", span_id="top", ts=NOW - timedelta(seconds=1))
    add(embedded_store, outer, *inner)
    html = page.get("/run?trace=t").text
    assert rows(html)[0].endswith("$42.00")
    assert "10 more rows" in rows(html)[-1]
    part = page.get(links(html, "10 more rows")[0]).text
    assert len(rows(part)) == 10
    [all_of_it] = links(part, "All of the trace")
    assert rows(page.get(all_of_it).text) == rows(html)
    assert page.get("/run?trace=t&node=nothing").status_code == 400


def test_what_names_no_run_is_said(page: TestClient, embedded_store: Store) -> None:
    add(embedded_store, call())
    assert "No call has the trace nothing" in page.get("/run?trace=nothing").text
    assert page.get("/run?trace=a&session=b").status_code == 400
    assert page.get("/run?trace=a&first=-1").status_code == 400
    assert page.get("/runs?kind=message").status_code == 400
    assert page.get("/run").status_code == 200


def test_unknown_costs_are_shown_as_unknown(page: TestClient, embedded_store: Store) -> None:
    add(embedded_store, call(usd=None, trace_id="t"))
    html = page.get("/run?trace=t").text
    assert "unknown" in rows(html)[0]
    assert "$0.00" not in html
