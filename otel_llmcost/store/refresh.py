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

from otel_llmcost import config, schema
from otel_llmcost.pricing import PriceBook, PriceRow
from otel_llmcost.pricing.rates import RateRow, rates
from otel_llmcost.store.migrate import Execute, Query

_FIRST = "hourly_spend"
"""The rollup of the records themselves; the others follow it."""
_STALE = "SELECT 1 FROM llmcost_internal.stale_hours LIMIT 1"
_FOREIGN_NEAR = (
    "SELECT max(source IN ('com.anthropic.claude-platform', 'openrouter')) "
    "FROM llmcost.llm_calls WHERE source != 'otel_llmcost' AND toStartOfHour(ts) IN "
    "(SELECT arrayJoin([hour - 3600, hour, hour + 3600]) FROM llmcost_internal.stale_hours) "
    "HAVING count() > 0"
)
"""One row where other emitters sent something: whether a server is among them."""

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
    """Rebuild what calls arrived for since the last pass. Order matters: hosts, prices, duplicates
    and inherited features change which hours are stale and what they hold. Without a stale hour
    none of these has anything to do."""
    if not query(_STALE):
        return
    appends = schema.appends()
    if query(_FOREIGN_NEAR):
        if query("SELECT 1 FROM llmcost.declared_hosts LIMIT 1"):
            execute(appends["foreign_hosts_declared"].insert)
        execute(appends["foreign_priced"].insert)
    execute(appends["batch_results_inherited"].insert)
    if foreign := query(_FOREIGN_NEAR):
        if foreign[0][0]:
            execute(appends["server_parts_found"].insert)
        execute(appends["duplicates_found"].insert)
    execute(schema.rollups()[_FIRST].insert)


def close_days(execute: Execute, query: Query) -> None:
    """Roll up one more day that is over, after its hours."""
    _build(execute, query, savings=False)


def refresh_savings(execute: Execute, query: Query) -> None:
    """Roll up what savings are computed from, some hours and one day at a time. Nothing depends on
    it but how fast they are computed."""
    _build(execute, query, savings=True)


def _build(execute: Execute, query: Query, *, savings: bool) -> None:
    for rollup in schema.rollups().values():
        of_savings = rollup.folder == "savings"
        if rollup.follows and of_savings == savings and query(rollup.is_due):
            execute(rollup.insert)


def load_prices(execute: Execute, query: Query, insert: Insert) -> bool:
    """Load the price book and the user's overlays unless the store has this version.

    True when it did. The dictionary answers from it at once.
    """
    book = PriceBook.default()
    if query(_NEWEST) == [(book.version, book.version)]:
        return False
    now = dt.datetime.now(dt.UTC)
    insert("prices", [(*_dated(row), book.version, now) for row in book.rows()], PRICE_COLUMNS)
    insert("rates", list(rate_rows(book)), RATE_COLUMNS)
    execute(f"SYSTEM RELOAD DICTIONARY {schema.DATABASE}.rate_dict")
    return True


def load_hosts(query: Query, insert: Insert) -> None:
    """Load who bills at gateways (`LLMCOST_HOSTS`), for spans of other emitters that name them.

    A process without declarations leaves those of others.
    """
    declared = [(*_address(place), provider) for place, provider in config.active().hosts.items()]
    if declared:
        known = set(
            query("SELECT address, model_prefix, provider FROM llmcost.declared_hosts FINAL")
        )
        now = dt.datetime.now(dt.UTC)
        rows = [(*one, now) for one in declared if one not in known]
        insert("declared_hosts", rows, ("address", "model_prefix", "provider", "declared_at"))


def _address(place: str) -> tuple[str, str]:
    address, _, model_prefix = place.partition("/")
    return address, model_prefix


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
