# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Brings what is derived from calls up to date: prices, batch features, duplicates, rollups.

Every step can be repeated, interrupted or run by two processes at once without changing a figure.
Cheap when little arrived; meant to run every few seconds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from otel_llmcost import schema
from otel_llmcost.pricing import PriceBook, PriceRow
from otel_llmcost.pricing.rates import RateRow, rates
from otel_llmcost.store.migrate import Execute, Query

DAY_ROLLUPS = {
    "llm_user_1d": "stale_user_days",
    "llm_user_total_1d": "stale_user_total_days",
    "llm_call_1d": "stale_call_days",
    "llm_process_1d": "stale_process_days",
    "llm_unit_1d": "stale_unit_days",
    "llm_state_1d": "stale_state_days",
    "llm_token_1h": "stale_token_days",
}
"""Tables that hold whole days, filled a day at a time once it is over, and the days they lack."""

# To query whether there is anything to do takes a tenth of planning to do it.
_DAY_DUE = (
    "SELECT 1 FROM llmcost.{} WHERE day < toDate(now(), 'UTC') "
    "AND changed_at < now() - INTERVAL 10 MINUTE LIMIT 1"
)
_FOREIGN_NEAR = (
    "SELECT max(source IN ('com.anthropic.claude-platform', 'openrouter')) "
    "FROM llmcost.llm_calls WHERE source != 'otel_llmcost' AND toStartOfHour(ts) IN "
    "(SELECT arrayJoin([hour - 3600, hour, hour + 3600]) FROM llmcost.stale_hours) "
    "HAVING count() > 0"
)
"""One row where other emitters sent something: whether a server is among them."""
_LEVERS_DUE = {
    "lever_1h": "SELECT 1 FROM llmcost.lever_hours_live "
    "WHERE hour < toStartOfHour(now('UTC')) LIMIT 1",
    "lever_1d": "SELECT 1 FROM llmcost.lever_days_due LIMIT 1",
}

Rows = Sequence[Sequence[Any]]
Insert = Callable[[str, Rows, Sequence[str]], object]
"""Puts rows into the named columns of a table of the database."""

PRICE_COLUMNS = (
    "provider", "model", "component", "usd_per_unit", "unit",
    "valid_from", "valid_to", "status", "source", "book_version", "loaded_at",
)  # fmt: skip
RATE_COLUMNS = ("book_version", "candidate", "loaded_at", *RateRow._fields)
# `loaded_at` is always given: rows without it would be taken for a retry of an earlier insert when
# a book comes back after another one, and would be dropped.
_FOR_EVER = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


def refresh(execute: Execute, query: Query) -> None:
    """Rebuild what calls arrived for since the last pass. Order matters: prices, duplicates and
    inherited features change which hours are stale and what they hold."""
    execute(schema.query("refresh_foreign_prices"))
    execute(schema.query("refresh_batch_results"))
    if foreign := query(_FOREIGN_NEAR):
        if foreign[0][0]:
            execute(schema.query("refresh_server_parts"))
        execute(schema.query("refresh_duplicate_calls"))
    execute(schema.query("refresh_llm_cost_1h"))


def close_day(execute: Execute, query: Query) -> None:
    """Roll up one more day that is over, after its hours."""
    for rollup, stale in DAY_ROLLUPS.items():
        if query(_DAY_DUE.format(stale)):
            execute(schema.query(f"refresh_{rollup}"))


def refresh_levers(execute: Execute, query: Query) -> None:
    """Roll up what savings are computed from, some hours and one day at a time. Nothing depends on
    it but how fast they are computed."""
    for rollup, due in _LEVERS_DUE.items():
        if query(due):
            execute(schema.query(f"refresh_{rollup}"))


def load_prices(execute: Execute, query: Query, insert: Insert) -> bool:
    """Load the price book and the user's overlays unless the store has this version.

    True when it did. The dictionaries answer from it at once.
    """
    book = PriceBook.default()
    if query(_NEWEST) == [(book.version, book.version)]:
        return False
    now = dt.datetime.now(dt.UTC)
    insert("prices", [(*_dated(row), book.version, now) for row in book.rows()], PRICE_COLUMNS)
    insert("rates", list(rate_rows(book)), RATE_COLUMNS)
    for dictionary in ("price_dict", "rate_dict"):
        execute(f"SYSTEM RELOAD DICTIONARY {schema.DATABASE}.{dictionary}")
    return True


_NEWEST = (
    "SELECT (SELECT argMax(book_version, loaded_at) FROM llmcost.prices), "
    "(SELECT argMax(book_version, loaded_at) FROM llmcost.rates WHERE candidate = 0)"
)


def rate_rows(book: PriceBook, *, candidate: bool = False) -> Iterator[tuple[Any, ...]]:
    """Rows of RATE_COLUMNS; a candidate never becomes the store's current book."""
    now = dt.datetime.now(dt.UTC)
    for row in rates(book):
        yield (book.version, int(candidate), now, *_dated(row))


def _dated(row: PriceRow | RateRow) -> tuple[Any, ...]:
    """Dates as the moments they begin; no end as one far away."""
    until = _midnight(row.valid_to) if row.valid_to else _FOR_EVER
    dated: dict[str, Any] = {"valid_from": _midnight(row.valid_from), "valid_to": until}
    return row._replace(**dated)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
