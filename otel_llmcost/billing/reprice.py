# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What history costs under another price book, as a report."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from otel_llmcost.reports.report import Column, Report, Result, pick, records

_COLUMNS = (
    Column("model"),
    Column("feature"),
    Column("records", "count", spare=5),
    Column("changed", "count", spare=4),
    Column("newly_priced", "count", spare=6),
    Column("kept", "count", detail=True),
    Column("still_unknown", "count", detail=True),
    Column("before_usd", "usd"),
    Column("after_usd", "usd"),
    Column("change_usd", "usd", spare=1),
)
_CONTRACTED = (
    ("contracted_before_usd", "before_usd", 3),
    ("contracted_after_usd", "after_usd", 2),
)
_SUMS = (*(c.name for c in _COLUMNS[2:]), *(name for name, _, _ in _CONTRACTED))


def reprice_delta(found: Result, version: str) -> Report:
    """One row per model and feature, largest change first; None where a cost is unknown.

    Tables show contracted cost where it is not list price: before, after or both.
    """
    rows = [_with_change(row) for row in records(found)]
    total: dict[str, Any] = {"model": "total", "feature": ""}
    for name in _SUMS:
        known = [row[name] for row in rows if row[name] is not None]
        total[name] = sum(known, Decimal(0) if name.endswith("usd") else 0) if known else None
    own = any(
        row[name] not in (None, row[listed]) for row in rows for name, listed, _ in _CONTRACTED
    )
    columns = (
        *_COLUMNS,
        *(Column(name, "usd", detail=not own, spare=spare) for name, _, spare in _CONTRACTED),
    )
    return Report(
        title=f"History under price book {version}",
        columns=columns,
        rows=[pick(row, columns) for row in rows],
        total=pick(total, columns) if rows else None,
        note=_note(total) if rows else "No calls in this time range: widen --since.",
    )


def _with_change(row: dict[str, Any]) -> dict[str, Any]:
    after = row["after_usd"]
    change = None if after is None else after - (row["before_usd"] or 0)
    return {**row, "change_usd": change}


def _note(total: dict[str, Any]) -> str | None:
    notes: list[str] = []
    if total["kept"]:
        notes.append(
            f"{total['kept']} records keep their cost: SQL cannot express what priced them."
        )
    if total["still_unknown"]:
        notes.append(f"{total['still_unknown']} records stay unpriced under this book too.")
    return "\n".join(notes) or None
