# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A report as a table of the page: headings in words, figures as people read them, links."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any, cast

from otel_llmcost.reports import Column, Report, formatting
from otel_llmcost.timezones import name_of

Record = Mapping[str, Any]
Link = Callable[[Record], str | None]

_HEADINGS = {
    "ts": "Time (UTC)",
    "detected_at": "Seen (UTC)",
    "start": "Since (UTC)",
    "end": "Until (UTC)",
    "user_id": "User",
    "cache_read_tokens": "of it from cache",
    "cost_share": "Share",
    "duration_ms": "Duration",
    "ttft_ms": "First token",
    "unpriced_calls": "Unpriced",
    "excess_usd": "Beyond the norm",
    "excess_usd_per_day": "Excess a day",
    "burn_usd_per_day": "A day",
    "used_share": "Used",
    "scope_value": "Which one",
    "incident_id": "Incident",
    "anomaly_id": "Anomaly",
    "book_version": "Version",
    "priced_share": "Priced",
    "tagged_share": "Tagged",
    "saving_low_usd": "At least",
    "cost_after_usd": "Cost then",
    "needs_quality_check": "Check quality",
    "in_plan": "In the plan",
    "amount_usd": "Amount",
    "worst_trace_id": "Worst trace",
    "trace_id": "Trace",
    "parts": "Where it comes from",
}
_WORDS = ("lever", "kind", "kinds", "cause")
"""Columns of our own words, which are joined by underscores in the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One value, as text that the template escapes."""

    text: str
    number: bool = False
    title: str | None = None
    """All of it, where the text is short."""
    href: str | None = None
    dot: str | None = None
    """Colour class of the name in the chart above."""
    used_bar: float | None = None
    """A share to draw as a bar as well."""
    at: datetime | None = None
    """The point in time that the text says in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`note` says why it is empty, or what it leaves out."""

    title: str
    headings: list[Cell]
    rows: list[list[Cell]]
    total: list[Cell] | None
    note: list[str]
    report: Report
    """All of it, for CSV."""
    more: tuple[str, str] | None = None
    """Text and address of the page that has all of it."""
    next: tuple[str, str] | None = None
    """Text and address of the page that goes on."""
    sql: Sequence[str] = ()
    """The statements behind it, the main one first."""

    def in_zone(self, zone: tzinfo) -> Table:
        """The same with points in time as they are there."""
        if zone is UTC:
            return self
        name = name_of(zone)
        return replace(
            self,
            headings=[replace(one, text=one.text.replace("(UTC)", f"({name})"))
                      for one in self.headings],
            rows=[[_local(cell, zone) for cell in row] for row in self.rows],
        )  # fmt: skip


def _local(cell: Cell, zone: tzinfo) -> Cell:
    if cell.at is None:
        return cell
    at = cell.at.replace(tzinfo=cell.at.tzinfo or UTC).astimezone(zone)
    return replace(cell, text=f"{at:%Y-%m-%d %H:%M:%S}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dress:
    """How one table differs from its report."""

    links: Mapping[str, Link] = field(default_factory=dict[str, Link])
    colour: Mapping[str, str] = field(default_factory=dict[str, str])
    """Colour class by value, of the column `coloured`; others are grey."""
    coloured: str = "feature"
    headings: Mapping[str, str] = field(default_factory=dict[str, str])
    only: tuple[str, ...] = ()
    """The columns that are shown, when not all."""
    more: tuple[str, str] | None = None
    next: tuple[str, str] | None = None


def table(title: str, report: Report, dress: Dress | None = None) -> Table:
    """The report's columns that say something, in its order."""
    dress = dress or Dress()
    shown = [n for n, column in enumerate(report.columns) if _shown(report, n, column, dress)]
    records = report.records()
    return Table(
        title=title,
        headings=[_heading(report, n, dress) for n in shown],
        rows=[
            [_cell(report.columns[n], row[n], record, dress) for n in shown]
            for row, record in zip(report.rows, records, strict=True)
        ],
        total=[_cell(report.columns[n], report.total[n], {}, Dress()) for n in shown]
        if report.total and len(report.rows) > 1
        else None,
        note=(report.note or "").splitlines(),
        report=report,
        more=dress.more,
        next=dress.next,
    )


def _shown(report: Report, n: int, column: Column, dress: Dress) -> bool:
    if dress.only:
        return column.name in dress.only
    if column.detail:
        return False
    if column.kind in ("usd", "exact_usd"):  # an unknown cost says something
        return True
    return len(report.columns) <= 6 or any(row[n] not in (None, "", 0) for row in report.rows)


def _heading(report: Report, n: int, dress: Dress) -> Cell:
    column = report.columns[n]
    words = column.name.removesuffix("_usd").replace("_", " ")
    text = dress.headings.get(column.name) or _HEADINGS.get(column.name) or words.capitalize()
    return Cell(text=text, number=_is_number(column, [row[n] for row in report.rows]))


def _is_number(column: Column, values: list[Any]) -> bool:
    if column.kind in ("text", "time"):
        return False
    return column.kind != "raw" or any(isinstance(v, int | float | Decimal) for v in values)


def _cell(column: Column, value: Any, record: Record, dress: Dress) -> Cell:
    link = dress.links.get(column.name)
    text, title = _texts(column, value)
    return Cell(
        text=text,
        number=_is_number(column, [value]),
        title=title,
        href=link(record) if link else None,
        at=_point(column, value),
        dot=dress.colour.get(str(value), "other")
        if dress.colour and column.name == dress.coloured
        else None,
        used_bar=min(float(value), 1.0) if column.name == "used_share" and value else None,
    )


def _point(column: Column, value: Any) -> datetime | None:
    return value if column.kind == "time" and isinstance(value, datetime) else None


def _texts(column: Column, value: Any) -> tuple[str, str | None]:
    """The text of a value, and all its digits where the text is shorter."""
    if column.name == "parts" and isinstance(value, str):
        value = json.loads(value or "{}", parse_float=Decimal)
    if isinstance(value, str) and column.name in _WORDS:
        return value.replace("_", " "), None
    if isinstance(value, str):  # also the label of a total, in a column of figures
        return (f"{value[:8]}…", value) if _is_id(column.name) and len(value) > 9 else (value, None)
    if isinstance(value, Mapping):
        parts = cast("Mapping[Any, Any]", value)
        return ", ".join(
            f"{str(name).replace('_', ' ')} {formatting.usd(part)}" for name, part in parts.items()
        ), None
    if value is None:
        return (formatting.UNKNOWN if column.kind in ("usd", "exact_usd") else "—"), None
    if value == 0 and column.name in ("errors", "unpriced_calls", "unknown_outcomes"):
        return "—", None
    if column.name.endswith("_tokens"):
        return formatting.short(value), formatting.count(value)
    if column.kind == "usd":
        return formatting.usd(value), f"${formatting.plain(value)}"
    if column.kind == "text" and isinstance(value, float):
        return f"{value:,.4g}", formatting.plain(value)
    return formatting.figure(column.kind, value), None


def _is_id(name: str) -> bool:
    return name.endswith(("trace_id", "record_id"))
