# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Runs: their list page by page, and one of them as a tree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from otel_llmcost.errors import ConfigError
from otel_llmcost.reports import runs
from otel_llmcost.reports.run import run
from otel_llmcost.reports.run_tree import Node, tree, walk
from otel_llmcost.reports.runs import KINDS, SORTS, WantedRuns, run_page
from otel_llmcost.reports.selection import Selection
from otel_llmcost.reports.window import Window
from otel_llmcost.store import Store
from tests.cli.calls import add, call
from tests.support.otlp_rows import span as span_row

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WINDOW = Window(NOON - timedelta(days=20), NOON)


@pytest.fixture
def store(embedded_store: Store) -> Store:
    """Nine runs over nineteen days, with ties and unknown costs; one is older."""
    days = [0, 0, 0, 0.03, 0.2, 0.9, 3, 8, 19]
    calls = [
        call(
            usd=None if n == 2 else str(Decimal(n % 4) / 3)[:6],
            ts=NOON - timedelta(days=day, minutes=10 * part + 1),
            trace_id=f"trace{n}",
            session_id=f"session{n % 5}" if n else "",
            conversation_id=f"conversation{n % 2}",
            scope_id=f"scope{n}",
            user_id=f"user{n % 3}",
            error_type="Timeout" if n == part else "",
            duration_ms=1000 * part,
        )
        for n, day in enumerate(days)
        for part in range(1 + n % 3)
    ]
    add(embedded_store, *calls, call(ts=NOON - timedelta(days=30), trace_id="trace8"))
    return embedded_store


def pages(store: Store, limit: int, selection: Selection, **more: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        page = run_page(store.query, WINDOW, selection, WantedRuns(**more, after=after), limit)
        assert len(page.report.rows) <= limit
        found += page.report.records()
        after = page.next
    return found


@pytest.mark.parametrize(
    ("kind", "sort"), [*(("trace", sort) for sort in SORTS), *((kind, "newest") for kind in KINDS)]
)
def test_pages_hold_every_run_once_with_its_sums(store: Store, kind: str, sort: str) -> None:
    wanted = {"kind": kind, "sort": sort}
    found = pages(store, 2, Selection(), **wanted)
    assert found == pages(store, 100, Selection(), **wanted)
    rows = store.query(
        f"SELECT {KINDS[kind]} AS id, count(), sum(cost_usd), countIf(cost_usd IS NULL), "
        "sum(input_tokens), sum(cache_read_tokens), sum(output_tokens), countIf(error_type != '') "
        "FROM llmcost.calls WHERE ts >= {since:DateTime64(3)} AND ts < {until:DateTime64(3)} "
        "AND id != '' GROUP BY id",
        WINDOW.parameters(),
    ).rows
    names = ("run_id", "calls", "cost_usd", "unpriced_calls", "input_tokens", "cache_read_tokens")
    shown = [tuple(row[name] for name in (*names, "output_tokens", "errors")) for row in found]
    assert sorted(shown) == sorted(rows)


def test_the_newest_run_is_the_one_whose_last_call_is(store: Store) -> None:
    found = [row["run_id"] for row in pages(store, 4, Selection(), kind="trace")]
    assert found[-3:] == ["trace6", "trace7", "trace8"]
    assert set(found[:3]) == {"trace0", "trace1", "trace2"}


def test_conditions_hold_for_the_list_and_for_its_sums(store: Store) -> None:
    chosen = Selection.of([("user", "user1")])
    found = pages(store, 3, chosen, kind="session", sort="cost")
    [(calls, usd)] = store.query(
        "SELECT count(), sum(cost_usd) FROM llmcost.calls WHERE user_id = 'user1' "
        "AND session_id != '' AND ts >= {since:DateTime64(3)} AND ts < {until:DateTime64(3)}",
        WINDOW.parameters(),
    ).rows
    assert sum(row["calls"] for row in found) == calls
    assert sum(row["cost_usd"] for row in found) == usd


def test_of_very_many_calls_the_most_expensive_runs_of_each_day_are_listed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = run_page(store.query, WINDOW, Selection(), WantedRuns(sort="cost"), 4)
    monkeypatch.setattr(runs, "MOST_GROUPED", 3)
    found = run_page(store.query, WINDOW, Selection(), WantedRuns(sort="cost"), 4)
    costs = [row["cost_usd"] for row in exact.report.records()]
    assert [row["cost_usd"] for row in found.report.records()] == costs
    assert "twenty most expensive of each day" in (found.report.note or "")
    assert found.next is None
    chosen = Selection.of([("feature", "support")])
    assert run_page(store.query, WINDOW, chosen, WantedRuns(sort="cost"), 4).report.rows
    with pytest.raises(ConfigError, match="choose a shorter time"):
        run_page(store.query, WINDOW, Selection(), WantedRuns(sort="errors"), 4)
    with pytest.raises(ConfigError, match="choose a shorter time"):
        run_page(store.query, WINDOW, Selection.of([("user", "user1")]), WantedRuns(sort="cost"), 4)


@pytest.mark.parametrize(
    "wanted", [{"kind": "request_id"}, {"sort": "name"}, {"after": "x"}, {"after": "1e5~a"}]
)
def test_a_list_that_cannot_be_is_refused(wanted: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        WantedRuns.of(wanted)


def one(record: str, span: str, parent: str = "", **more: Any) -> dict[str, Any]:
    return {
        **{"record_id": record, "trace_id": "t", "span_id": span, "parent_span_id": parent},
        **{"ts": NOON, "operation": "chat", "model": "m", "cost_usd": Decimal(1), "error": ""},
        **{"input_tokens": 10, "cache_read_tokens": 4, "output_tokens": 1, "duration_ms": 500},
        **more,
    }


def around(span: str, parent: str = "", **more: Any) -> dict[str, Any]:
    return {
        **{"trace_id": "t", "span_id": span, "parent_span_id": parent, "name": span},
        **{"ts": NOON - timedelta(seconds=1), "duration_ms": 9.5, "is_failed": False},
        **more,
    }


def drawn(tops: list[Node]) -> list[Any]:
    return [[node.name if node.kind != "call" else node.id, *drawn(node.children)] for node in tops]


def test_a_tree_has_the_spans_above_calls_and_no_others() -> None:
    spans = [around("agent"), around("tool", "agent"), around("database", "agent")]
    later = NOON + timedelta(seconds=1)
    calls = [one("a", "s1", "agent"), one("b", "s2", "tool", ts=later), one("c", "s3", "gone")]
    tops = tree(calls, [*spans, around("s2", "tool")])
    assert drawn(tops) == [["agent", ["tool", ["b"]], ["a"]], ["c"]]
    assert (tops[0].sums.calls, tops[0].sums.cost_usd) == (2, Decimal(2))
    assert tops[0].sums.input_tokens == 20


def test_a_call_can_be_the_parent_and_records_of_one_span_stand_together() -> None:
    calls = [one("a", "s1"), one("b", "s1"), one("c", "s2", "s1"), one("d", ""), one("e", "")]
    assert drawn(tree(calls, [])) == [["a", ["c"]], ["b"], ["d"], ["e"]]


def test_an_unknown_cost_is_no_zero() -> None:
    [top] = tree([one("a", "s1", "p", cost_usd=None, error="x")], [around("p")])
    assert top.sums.cost_usd is None
    assert (top.sums.unpriced_calls, top.sums.errors) == (1, 1)


def test_circles_of_parents_are_cut() -> None:
    calls = [one("a", "s1", "s2"), one("b", "s2", "s1"), one("c", "s3", "s3"), one("d", "s4", "p")]
    tops = tree(calls, [around("p", "q"), around("q", "p")])
    found = walk(tops)
    assert sorted(node.id for node in found if node.kind == "call") == ["a", "b", "c", "d"]
    assert sum(node.sums.calls for node in tops) == 4


def test_a_chain_of_thousands_is_no_problem() -> None:
    calls = [one(f"r{n}", f"s{n}", f"s{n - 1}") for n in range(5000)]
    [top] = tree(calls, [])
    assert top.sums.calls == len(walk([top])) == 5000


def test_a_run_of_several_traces_has_a_node_for_each() -> None:
    later = NOON + timedelta(seconds=9)
    calls = [one("a", "s1"), one("b", "s2"), one("c", "s1", trace_id="u", ts=later)]
    tops = tree(calls, [])
    assert [(node.kind, node.id, node.sums.calls) for node in tops] == [
        ("trace", "t", 2),
        ("call", "c", 1),
    ]


def test_a_stored_trace_comes_with_spans_of_other_emitters(embedded_store: Store) -> None:
    fields: dict[str, Any] = {"trace_id": "t1", "request_fingerprint": "f"}
    calls = [
        call(ts=NOON + timedelta(seconds=n), span_id=f"s{n}", parent_span_id="tool", **fields)
        for n in range(3)
    ]
    add(embedded_store, *calls, call(trace_id="other"))
    rows = [
        {**span_row({}, scope="langgraph", trace="t1", span_id=name, start=NOON), **more}
        for name, more in (
            ("agent", {"ParentSpanId": "", "SpanName": "invoke_agent"}),
            ("tool", {"ParentSpanId": "agent", "SpanName": "execute_tool"}),
        )
    ]
    for row in [*rows, rows[0]]:  # one of them was sent twice
        embedded_store.insert("otel_traces", [list(row.values())], list(row))
    found = run(embedded_store.query, "trace", "t1")
    assert found is not None
    ids = [[row["record_id"]] for row in calls]
    assert drawn(list(found.tops)) == [["invoke_agent", ["execute_tool", *ids]]]
    assert found.total["cost_usd"] == Decimal("0.03")
    [repeated] = found.repeated.records()
    assert (repeated["calls"], repeated["repeated_usd"]) == (3, Decimal("0.02"))
    assert run(embedded_store.query, "trace", "nothing") is None
    assert run(embedded_store.query, "session", "") is None


def test_what_detection_found_about_a_trace_is_part_of_it(embedded_store: Store) -> None:
    add(embedded_store, call(trace_id="t1"))
    logged = {
        "anomaly_id": "a1", "kind": "loop", "evidence": "40 calls", "worst_trace_id": "t1",
        "detected_at": datetime.now(UTC), "started_at": datetime.now(UTC),
    }  # fmt: skip
    embedded_store.insert("anomaly_log", [list(logged.values())], list(logged))
    found = run(embedded_store.query, "trace", "t1")
    assert found is not None
    assert [(row["kind"], row["evidence"]) for row in found.incidents] == [("loop", "40 calls")]
