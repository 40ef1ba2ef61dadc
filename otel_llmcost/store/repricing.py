# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What history costs under another price book, and writing it down, day by day.

SQL does the pricing (view `repriced`). A day is staged aside and then attached as a whole, so that
readers see all of it or nothing. What is written wins over the earlier row of the same record and
over any replay; a run that was interrupted is simply run again: days that are done have nothing
left to change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from otel_llmcost import schema
from otel_llmcost.pricing import PriceBook
from otel_llmcost.store.refresh import RATE_COLUMNS, rate_rows
from otel_llmcost.store.store import Result, Store

_CURRENT = "current"
_STAGE = "llmcost.llm_calls_repriced"
REBUILD_HOURS = schema.rollups()["hourly_spend"].rebuild(
    "hour >= toStartOfHour({since:DateTime64(3)}) AND hour < {until:DateTime64(3)}"
)
"""Every hour of a time that has calls, built anew whatever changed."""


class Day(NamedTuple):
    """One UTC day that was rewritten."""

    day: dt.date
    records: int
    """Rows whose cost changed or became known; 0 when the day was right already."""


class Repricing:
    """A price book laid beside the history of a store. Close it: it may hold a candidate book.

    `book` None is the store's current one. Raises StoreError.
    """

    def __init__(self, store: Store, book: PriceBook | None = None) -> None:
        self._store = store
        store.refresh()
        self.version = _CURRENT
        current = PriceBook.default().version
        self._is_candidate = book is not None and book.version != current
        self.price_version = current if book is None else book.version
        """What the rows will carry as `price_version`."""
        if book is not None and self._is_candidate:
            self.version = book.version
            store.insert("rates", list(rate_rows(book, candidate=True)), RATE_COLUMNS)
            self._reload()

    def __enter__(self) -> Repricing:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_candidate:
            self._store.command(
                "DELETE FROM llmcost.rates WHERE candidate = 1 AND book_version = {book:String}",
                {"book": self.version},
            )
            self._reload()

    def delta(self, since: dt.datetime, until: dt.datetime) -> Result:
        """By model and feature: cost now and then, and what SQL cannot know. Changes nothing."""
        return self._store.query(schema.query("reprice_delta"), self._bounds(since, until))

    def apply(self, since: dt.datetime, until: dt.datetime) -> Iterator[Day]:
        """Rewrite day after day what would change; each is durable when it is yielded."""
        number = int(self._scalar("SELECT max(reprice_id) + 1 FROM llmcost.reprices"))
        for start, end in _days(since, until):
            bounds = self._bounds(start, end)
            self._store.command(f"TRUNCATE TABLE {_STAGE}")
            self._store.command(schema.query("reprice_stage"), {**bounds, "reprice_id": number})
            staged, after = self._store.query(f"SELECT count(), sum(cost_usd) FROM {_STAGE}").rows[
                0
            ]
            if staged:
                self._finish(number, start, end, staged, after)
            yield Day(start.date(), staged)

    def _finish(
        self, number: int, start: dt.datetime, end: dt.datetime, staged: int, after: Decimal | None
    ) -> None:
        before = self._scalar(
            "SELECT sum(c.cost_usd) FROM llmcost.llm_calls AS c FINAL "
            "WHERE c.ts >= {since:DateTime64(3)} AND c.ts < {until:DateTime64(3)} "
            f"AND c.record_id IN (SELECT record_id FROM {_STAGE})",
            start,
            end,
        )
        day = start.date().isoformat()
        self._store.command(f"ALTER TABLE llmcost.llm_calls ATTACH PARTITION '{day}' FROM {_STAGE}")
        self._store.insert(
            "reprices",
            [(number, start, end, self.price_version, staged, before, after)],
            (
                *("reprice_id", "since", "until", "price_version"),
                *("records", "before_usd", "after_usd"),
            ),
        )
        self._store.command(f"TRUNCATE TABLE {_STAGE}")
        self._store.command(REBUILD_HOURS, _times(start, end))

    def _bounds(self, since: dt.datetime, until: dt.datetime) -> dict[str, object]:
        return {"book": self.version, **_times(since, until)}

    def _scalar(self, sql: str, *bounds: dt.datetime) -> Any:
        parameters = _times(*bounds) if bounds else None
        return self._store.query(sql, parameters).rows[0][0]

    def _reload(self) -> None:
        self._store.command("SYSTEM RELOAD DICTIONARY llmcost.rate_dict")


def _times(since: dt.datetime, until: dt.datetime) -> dict[str, dt.datetime]:
    return {"since": since, "until": until}


def _days(since: dt.datetime, until: dt.datetime) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Whole UTC days that cover a window: partitions are days."""
    start = since.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    while start < until:
        yield start, start + dt.timedelta(days=1)
        start += dt.timedelta(days=1)
