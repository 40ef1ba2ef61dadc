# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""All calls of a selection, a page at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from otel_llmcost.errors import ConfigError
from otel_llmcost.reports.call_list import SORTS, Wanted, call_costs, call_page
from otel_llmcost.reports.selection import Selection
from otel_llmcost.reports.window import Window
from otel_llmcost.store import Store
from tests.cli.calls import add, call

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WINDOW = Window(NOON - timedelta(hours=24), NOON)
EVERYTHING = Selection()


@pytest.fixture
def store(embedded_store: Store) -> Store:
    """Twelve calls, some of the same moment and cost."""
    costs = ["0.5", None, "0.5", "0.000000000001", "0", "3", "0.5", "12", "0.02", "0.02", "7", "1"]
    calls = [
        call(
            usd=usd,
            ts=NOON - timedelta(minutes=n // 2),
            record_id=f"r{n:02}",
            user_id=f"user{n % 3}",
            feature="Straße\\'%_" if n == 7 else "chat",
            duration_ms=100 * (n % 4),
        )
        for n, usd in enumerate(costs)
    ]
    calls[0]["ts"] = NOON - timedelta(seconds=1)
    calls[1]["ts"] = NOON - timedelta(seconds=1)
    add(embedded_store, *calls, call(ts=NOON - timedelta(hours=30), record_id="old"))
    return embedded_store


def all_pages(store: Store, limit: int, **more: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        wanted = Wanted(**more, after=after)
        page = call_page(store.query, WINDOW, EVERYTHING, wanted, limit)
        assert len(page.report.rows) <= limit
        found += page.report.records()
        after = page.next
    return found


@pytest.mark.parametrize("sort", SORTS)
def test_pages_hold_every_call_once_in_one_order(store: Store, sort: str) -> None:
    in_one = [row["record_id"] for row in all_pages(store, 100, sort=sort)]
    assert len(in_one) == len(set(in_one)) == 12
    assert [row["record_id"] for row in all_pages(store, 5, sort=sort)] == in_one


def test_the_most_expensive_come_first_and_the_unknown_last(store: Store) -> None:
    costs = [row["cost_usd"] for row in all_pages(store, 5, sort="cost")]
    assert costs[:3] == [12, 7, 3]
    assert costs[-3:] == [Decimal("1E-12"), 0, None]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("r07", ["r07"]),
        ("STRASSE", []),
        ("straße", ["r07"]),
        ("\\'%_", ["r07"]),
        ("user0", ["r00", "r03", "r06", "r09"]),
        ("claude-opus", 12),
        ("no such thing", []),
    ],
)
def test_calls_are_searched(store: Store, search: str, found: Any) -> None:
    ids = sorted(row["record_id"] for row in all_pages(store, 100, search=search))
    assert (len(ids) if isinstance(found, int) else ids) == found


def test_a_range_of_costs_is_kept(store: Store) -> None:
    found = all_pages(store, 100, at_least=Decimal("0.5"), below=Decimal(3))
    assert sorted(row["cost_usd"] for row in found) == [Decimal("0.5")] * 3 + [1]


def test_an_empty_list_says_why(store: Store) -> None:
    nothing = Selection.of([("user", "no one")])
    page = call_page(store.query, WINDOW, nothing, Wanted())
    assert page.report.rows == []
    assert page.next is None
    assert "No such calls among 12 calls" in (page.report.note or "")


def test_costs_are_counted_by_size_and_the_unknown_beside_them(store: Store) -> None:
    found = call_costs(store.query, WINDOW, EVERYTHING, Wanted())
    assert (found[0]["from_usd"], found[0]["calls"], found[0]["cost_usd"]) == (None, 1, None)
    assert (found[1]["from_usd"], found[1]["calls"]) == (0, 1)
    assert sum(row["calls"] for row in found) == 12
    assert sum(row["cost_usd"] or 0 for row in found) == Decimal("24.540000000001")
    for row in found[2:]:
        within = Wanted(at_least=Decimal(repr(row["from_usd"])), below=Decimal(repr(row["to_usd"])))
        assert len(call_page(store.query, WINDOW, EVERYTHING, within).report.rows) == row["calls"]


@pytest.mark.parametrize(
    "given",
    [
        {"sort": "price"},
        {"after": "1; DROP"},
        {"at_least": "NaN"},
        {"below": "-1"},
        {"below": "1e400"},
        {"at_least": "x"},
    ],
)
def test_what_cannot_be_meant_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        Wanted.of(given)
