# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What arrives and what does not: emitters, refusals, doubles, rollups, price books."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from otel_llmcost import schema
from otel_llmcost.pricing import PriceBook
from otel_llmcost.reports.diagnosis import unpriced_fix, unpriced_reasons
from otel_llmcost.reports.report import Column, Query, Report, marked, pick, read, records
from otel_llmcost.reports.selection import NONE, Selection
from otel_llmcost.reports.window import Window, sql_time

OWN = "otel_llmcost"
"""Name of our own emitter."""
_LIMIT = 50
_KEEPS_UP = timedelta(minutes=1)
"""Age of the newest build up to which the rollup is being refreshed."""
_EMITTERS = (
    *(Column("source"), Column("calls", "count"), Column("share", "share")),
    *(Column("unpriced_calls", "count"), Column("errors", "count"), Column("cost_usd", "usd")),
)
_UNPRICED = (Column("reason"), Column("calls", "count"), Column("what_to_do"))
_REFUSED = (
    *(Column("signal"), Column("reason"), Column("service"), Column("environment")),
    *(Column("requests", "count"), Column("records", "count"), Column("bytes", "count")),
    Column("newest", "time"),
)
_DOUBLES = (
    *(Column("source"), Column("kept_source"), Column("records", "count")),
    Column("newest", "time"),
)
_ROLLUPS = (
    *(Column("rollup"), Column("buckets", "count"), Column("newest_bucket", "time")),
    *(Column("last_built", "time"), Column("hours_behind", "count")),
)
_BOOKS = (
    *(Column("book_version"), Column("loaded_at", "time"), Column("models", "count")),
    *(Column("newest_price", "time"), Column("state")),
)


def arrivals(
    query: Query, window: Window, selection: Selection, starts: Sequence[datetime]
) -> list[dict[str, Any]]:
    """Calls by bucket and `source`, each with calls, unpriced_calls, errors and cost_usd."""
    sql = marked(schema.query("pipeline_arrivals"), "only", selection.where("c"))
    parameters = window.parameters(
        starts=[int(start.timestamp()) for start in starts], **selection.parameters
    )
    return [
        {
            **row,
            "bucket": datetime.fromtimestamp(row["bucket"], UTC),
            "source": row["source"] or NONE,
        }
        for row in records(query(sql, parameters))
    ]


def emitters(found: Sequence[dict[str, Any]], window: Window) -> Report:
    """What each emitter sent, out of `arrivals`; the busiest first."""
    names = dict.fromkeys(row["source"] for row in found)
    total = sum(row["calls"] for row in found)
    rows: list[dict[str, Any]] = []
    for name in names:
        mine = [row for row in found if row["source"] == name]
        costs = [row["cost_usd"] for row in mine if row["cost_usd"] is not None]
        counts = {
            key: sum(row[key] for row in mine) for key in ("calls", "unpriced_calls", "errors")
        }
        rows.append(
            {
                "source": name,
                **counts,
                "share": counts["calls"] / total if total else None,
                "cost_usd": sum(costs) if costs else None,
            }
        )
    rows.sort(key=lambda row: (-row["calls"], row["source"]))
    return Report(
        title=f"Emitters, {window}",
        columns=_EMITTERS,
        rows=[pick(row, _EMITTERS) for row in rows],
        note=None if rows else f"Nothing arrived {window}.",
    )


def unpriced(query: Query, window: Window, selection: Selection) -> Report:
    """Why calls have no cost, and what to set so that such calls have one."""
    found = records(query(*unpriced_reasons(window, selection)))
    return Report(
        title=f"Unpriced calls, {window}",
        columns=_UNPRICED,
        rows=[
            (row["reason"] or "no reason given", row["calls"], unpriced_fix(row)) for row in found
        ],
        note=None if found else "Every call has a price.",
    )


def refused(query: Query, window: Window) -> Report:
    """What the receivers turned away, without its content."""
    return _report(
        query, "pipeline_refused", "Refused", _REFUSED, window, "Nothing was refused in this time."
    )


def doubles(query: Query, window: Window) -> Report:
    """Replies that two emitters reported; one of them counts."""
    note = "No reply was reported by two emitters in this time."
    return _report(query, "pipeline_doubles", "Reported twice", _DOUBLES, window, note)


def rollups(query: Query) -> Report:
    """How far the rollups are. What is behind is computed from the records meanwhile, so figures
    are right and pages slow."""
    found = records(query(schema.query("pipeline_rollups")))
    return Report(title="Rollups", columns=_ROLLUPS, rows=[pick(row, _ROLLUPS) for row in found])


@dataclass(frozen=True, slots=True)
class Behind:
    """Hours of a time that are not rolled up, though nothing keeps the refresh from it."""

    hours: int
    last_built: datetime | None
    """When the rollup was last built, UTC; None for never."""


def behind(query: Query, since: datetime, until: datetime, now: datetime) -> Behind | None:
    """How far the rollup of spend is behind its records in a time; None while it keeps up, as it
    does when the daemon refreshes it every few seconds."""
    given = {"since": sql_time(since), "until": sql_time(until)}
    [found] = records(query(schema.query("rollup_behind"), given))
    built = found["last_built"]
    if built is not None:
        built = built.replace(tzinfo=built.tzinfo or UTC)
    if not found["hours"] or (built is not None and now - built < _KEEPS_UP):
        return None
    return Behind(found["hours"], built)


def books(query: Query) -> Report:
    """The price books of the store, the newest first, beside the one of this package."""
    own = PriceBook.default().version
    found = records(query(schema.query("pipeline_books")))
    for n, row in enumerate(found):
        row["state"] = "prices calls" if n == 0 else "no longer used"
    note = None
    if found and found[0]["book_version"] != own:
        note = f"This program has the price book {own}: the next refresh loads it."
    return Report(
        title="Price books",
        columns=_BOOKS,
        rows=[pick(row, _BOOKS) for row in found],
        note=note if found else "No prices are loaded: the first refresh does that.",
    )


def age_days(version: str, now: datetime) -> int | None:
    """Days since the day that a price book names in its version; None where it names none."""
    found = re.match(r"(\d{4})[.-](\d\d)[.-](\d\d)", version)
    if not found:
        return None
    try:
        made = date(*map(int, found.groups()))
    except ValueError:
        return None
    return (now.astimezone(UTC).date() - made).days


def newest(query: Query, window: Window) -> dict[str, Any]:
    """`arrived_at`, when a record of the window last arrived, and `newest`, when its last call
    began; None when it holds none."""
    [found] = records(query(schema.query("pipeline_newest"), window.parameters()))
    return found


def _report(
    query: Query, name: str, title: str, columns: tuple[Column, ...], window: Window, note: str
) -> Report:
    parameters = window.parameters(limit=_LIMIT)
    return read(query, schema.query(name), parameters, f"{title}, {window}", columns, lambda: note)
