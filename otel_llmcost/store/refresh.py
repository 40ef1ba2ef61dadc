# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Brings what is derived from calls up to date: prices, batch features, duplicates, hourly rollup.

Every step can be repeated, interrupted or run by two processes at once without changing a figure.
Cheap when little arrived; meant to run every few seconds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from otel_llmcost import schema
from otel_llmcost.store.migrate import Execute, Query

PriceTuple = tuple[str, str, str, Decimal, str, dt.datetime, dt.datetime, str, str, str]
InsertPrices = Callable[[Sequence[PriceTuple]], object]

PRICE_COLUMNS = (
    "provider", "model", "component", "usd_per_unit", "unit",
    "valid_from", "valid_to", "status", "source", "book_version",
)  # fmt: skip
_FOR_EVER = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


def refresh(execute: Execute) -> None:
    """Rebuild what calls arrived for since the last pass. Order matters: duplicates and inherited
    features change which hours are stale and what they hold."""
    execute(schema.query("refresh_batch_results"))
    execute(schema.query("refresh_duplicate_calls"))
    execute(schema.query("refresh_llm_cost_1h"))


def load_prices(query: Query, insert: InsertPrices) -> bool:
    """Load the price book and the user's overlays unless the store has this version.

    `insert` puts rows of PRICE_COLUMNS into `prices`. True when it did.
    """
    from otel_llmcost.pricing import PriceBook

    book = PriceBook.default()
    newest = query(f"SELECT argMax(book_version, loaded_at) FROM {schema.DATABASE}.prices")
    if newest and newest[0][0] == book.version:
        return False
    insert(list(_rows(book.version)))
    return True


def _rows(version: str) -> Iterator[PriceTuple]:
    from otel_llmcost.pricing import PriceBook

    for row in PriceBook.default().rows():
        yield (
            row.provider,
            row.model,
            row.component,
            row.usd_per_unit,
            row.unit,
            _midnight(row.valid_from),
            _midnight(row.valid_to) if row.valid_to else _FOR_EVER,
            row.status,
            row.source,
            version,
        )


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
