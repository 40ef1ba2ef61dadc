# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What somebody else says a call costs stands beside our own cost, over the same calls."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from otel_llmcost.reports import Window, trust
from otel_llmcost.store import Store
from tests.support.embedded import embedded_store
from tests.support.otlp_rows import NOON, event, record_attributes, send, span

__all__ = ["embedded_store"]


def fill(store: Store) -> None:
    """Two calls through a gateway, one that only the gateway has, one without any report."""
    send(
        store,
        [
            span(record_attributes(1, llmcost__cost__reported="0.00006", server__address="gw")),
            event(record_attributes(2, llmcost__cost__reported="0.00005", server__address="gw")),
            span(
                record_attributes(
                    3,
                    llmcost__cost__reported="7",
                    llmcost__cost__status="unpriced",
                    gen_ai__usage__cost__amount="",
                )
            ),
            span(record_attributes(4)),
        ],
    )
    store.refresh()


def test_a_record_keeps_what_a_gateway_reported(embedded_store: Store) -> None:
    fill(embedded_store)
    found = embedded_store.query(
        "SELECT reported_cost_usd, cost_usd FROM llmcost.calls ORDER BY record_id"
    )
    assert found.rows == [
        (Decimal("0.00006"), Decimal("0.0000521")),
        (Decimal("0.00005"), Decimal("0.0000522")),
        (Decimal("7"), None),
        (None, Decimal("0.0000524")),
    ]


def test_both_costs_are_compared_over_the_calls_that_have_both(embedded_store: Store) -> None:
    fill(embedded_store)
    found = embedded_store.query("SELECT * FROM llmcost.reported_costs")
    (row,) = found.rows
    assert dict(zip(found.columns, row, strict=True)) == {
        "day": dt.date(2026, 11, 20),
        "environment": "prod",
        "service": "shop",
        "server_address": "gw",
        "model": "claude-opus-5",
        "calls": 2,
        "reported_cost_usd": Decimal("0.00011"),
        "cost_usd": Decimal("0.0001043"),
        "largest_difference_usd": Decimal("0.0000079"),
    }


def test_trust_shows_both(embedded_store: Store) -> None:
    fill(embedded_store)
    day = dt.timedelta(days=1)
    report = trust(embedded_store.query, Window(NOON - day, NOON + day))
    (row,) = report.rows
    names = [column.name for column in report.columns]
    seen = dict(zip(names, row, strict=True))
    assert (seen["calls"], seen["reported_calls"]) == (4, 2)
    assert seen["reported_cost_usd"] == Decimal("0.00011")
    assert seen["own_cost_usd"] == Decimal("0.0001043")


def test_where_nothing_is_reported_there_is_nothing_to_compare(embedded_store: Store) -> None:
    send(embedded_store, [span(record_attributes(4))])
    embedded_store.refresh()
    day = dt.timedelta(days=1)
    (row,) = trust(embedded_store.query, Window(NOON - day, NOON + day)).rows
    assert row[-3:] == (0, None, None) or list(row[-3:]) == [0, None, None]
