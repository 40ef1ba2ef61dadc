# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Retried, re-batched and replayed records, in two shapes, never change a figure."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from otel_llmcost import schema
from otel_llmcost.store import Store
from tests.support import otlp_rows
from tests.support.otlp_rows import event, record_attributes, send, span

READ = [
    "hourly_spend",
    "spend_pareto", "top_calls", "cache_efficiency",
    "trust",
]  # fmt: skip


def records(count: int = 90) -> list[tuple[dict[str, str], dt.datetime]]:
    """Records of the last hours: views of trailing windows see them."""
    hour = dt.datetime.now(dt.UTC).replace(minute=0, second=0, microsecond=0)
    return [
        (
            record_attributes(
                number, gen_ai__usage__input_tokens="9000" if number == count else "100"
            ),
            hour - dt.timedelta(hours=3) + dt.timedelta(seconds=30 * number),
        )
        for number in range(1, count + 1)
    ]


def calls(store: Store) -> list[tuple[Any, ...]]:
    return store.query("SELECT * FROM llmcost.calls ORDER BY ALL").rows


def hours(store: Store) -> list[tuple[Any, ...]]:
    return store.query("SELECT * FROM llmcost.hourly_spend ORDER BY ALL").rows


def numbers(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Everything the views say."""
    found: dict[str, list[tuple[Any, ...]]] = {"calls": calls(store)}
    for name in READ:
        found[name] = store.query(f"SELECT * FROM llmcost.{name} ORDER BY ALL").rows
    found["rollup"] = store.query(
        "SELECT * EXCEPT built_at FROM llmcost.hourly_spend__rows FINAL "
        "WHERE is_marker = 0 ORDER BY ALL"
    ).rows
    return found


def test_the_views_of_this_test_are_all_there_are():
    inner = {"stale_hours", "hourly_spend__live", "duplicates_found", "batch_results_inherited"}
    assert {view.name for view in schema.views()} >= set(READ) | inner


def test_three_deliveries_batched_differently_and_in_both_shapes_change_nothing(
    embedded_store: Store,
):
    store = embedded_store
    sent = records()
    spans = [span(attributes, start=start) for attributes, start in sent]
    events = [event(attributes, start=start) for attributes, start in sent]

    send(store, spans)
    store.refresh()
    once = numbers(store)
    assert len(once["calls"]) == 90
    assert once["spend_pareto"]

    for start in range(0, 90, 7):
        send(store, events[start : start + 7])
    assert calls(store) == once["calls"]
    store.refresh()
    assert numbers(store) == once

    for rows in (spans[::-1][:25], spans[::-1][25:] + events[:30], events[30:], spans):
        send(store, rows)
        assert calls(store) == once["calls"]
    assert numbers(store) == once
    store.refresh()
    store.refresh()
    store.command("OPTIMIZE TABLE llmcost.llm_calls FINAL")
    store.command("OPTIMIZE TABLE llmcost.hourly_spend__rows FINAL")
    assert numbers(store) == once


def test_events_first_and_spans_later_end_as_the_same_rows(embedded_store: Store):
    store = embedded_store
    sent = records(10)
    send(store, [event(attributes, start=start) for attributes, start in sent])
    # Only a span has its parent, and the lag is that of the copy that stays.
    but = "SELECT * EXCEPT (ingested_at, parent_span_id) FROM llmcost.calls ORDER BY ALL"
    events_only = store.query(but).rows, hours(store)
    send(store, [span(attributes, start=start) for attributes, start in sent])
    assert (store.query(but).rows, hours(store)) == events_only
    assert store.query("SELECT DISTINCT parent_span_id FROM llmcost.calls").rows == [
        ("00f067aa0ba902b7",)
    ]


def test_an_identical_retried_batch_is_not_even_stored_again(embedded_store: Store):
    rows = [span(attributes, start=start) for attributes, start in records(5)]
    send(embedded_store, rows)
    send(embedded_store, rows)
    for table in ("otel_traces", "llm_calls"):
        assert embedded_store.query(f"SELECT count() FROM llmcost.{table}").rows == [(5,)]


@pytest.mark.parametrize("name", ["", "something.else"])
def test_an_event_counts_whatever_its_event_name(embedded_store: Store, name: str):
    send(embedded_store, [event(record_attributes(1), name=name)])
    assert embedded_store.query("SELECT ts, duration_ms FROM llmcost.calls").rows == [
        (otlp_rows.NOON, 1500)
    ]
