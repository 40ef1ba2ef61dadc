# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""All calls: searched, sorted, a page at a time, with how many of them cost how much."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from otel_llmcost.errors import ConfigError
from otel_llmcost.reports import Query, explain, formatting
from otel_llmcost.reports.call_list import (
    COLUMNS,
    SORTS,
    USUAL,
    Wanted,
    call_costs,
    call_page,
)
from otel_llmcost.reports.selection import SELECTABLE
from otel_llmcost.serve.web.bill import Beside, beside
from otel_llmcost.serve.web.page import Field, Page, call_links, spend_stats, totals
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Dress, Link, Record, table

PARAMETERS = ("q", "sort", "after", "at_least", "below", "columns", "call")
_OFFERED = tuple(column.name for column in COLUMNS)
_PAGE = 50
_BESIDE = ("ts", "feature", "model", "user", "cost_usd", "duration_ms")
"""Columns that fit beside a call, unless others are chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One bar of the histogram of costs."""

    label: str
    calls: str
    share: float
    """Of the highest bar."""
    title: str
    href: str
    """The same list with these calls only; empty where that cannot be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsPage(Page):
    """The list, and one of its calls beside it."""

    template: ClassVar[str] = "calls.html"

    beside: Beside | None = None


def calls(query: Query, span: Span, wanted: Mapping[str, str]) -> Page:
    """The list, with its histogram above it."""
    chosen = Wanted.of(wanted)
    columns = _columns(wanted.get("columns", ""))
    opened = wanted.get("call", "")
    if opened and not wanted.get("columns"):
        columns = _BESIDE
    found = call_page(query, span.window, span.selection, chosen, _PAGE)
    own = {
        name: wanted[name]
        for name in PARAMETERS
        if wanted.get(name) and name not in ("after", "call")
    }

    def address(name: str) -> str:
        return span.href("/calls", **own, after=chosen.after, call=name)

    one = next(iter(explain(query, opened)), None)
    more = ("Next page", span.href("/calls", **own, after=found.next)) if found.next else None
    return CallsPage(
        path="/calls",
        title="Calls",
        span=span,
        stats=spend_stats(*totals(query, span), span),
        notes=[f"No call has the id {opened}."] if opened and one is None else [],
        beside=beside(query, span, one, address) if one else None,
        fields=[
            Field(name="q", label="Search", value=chosen.search),
            Field(name="sort", label="Sort by", value=chosen.sort, choices=tuple(SORTS)),
            *(
                Field(name=name, label=name.replace("_", " "), value=wanted[name], hidden=True)
                for name in ("at_least", "below", "columns")
                if wanted.get(name)
            ),
        ],
        sizes=_sizes(call_costs(query, span.window, span.selection, chosen), span, own),
        columns={name: name in columns for name in _OFFERED},
        tables=[
            table(
                "After the page before" if chosen.after else "Calls",
                found.report,
                Dress(links=_links(span, address), only=columns, next=more),
            )
        ],
    )


def _columns(text: str) -> tuple[str, ...]:
    names = tuple(name for name in text.split(",") if name)
    unknown = [name for name in names if name not in _OFFERED]
    if unknown:
        raise ConfigError(f"calls have no column {unknown[0]!r}: use {', '.join(_OFFERED)}")
    return names or USUAL


def _links(span: Span, address: Callable[[str], str]) -> dict[str, Link]:
    """Every value of a dimension narrows the list; the time opens the call beside it."""

    def opened(record: Record) -> str:
        return f"{address(str(record['record_id']))}#beside"

    def narrowing(name: str) -> Link:
        def link(record: Record) -> str | None:
            value = record.get(name)
            return span.adding(name, str(value)).href("/calls") if value else None

        return link

    return {
        **{name: narrowing(name) for name in SELECTABLE if name in _OFFERED},
        **{name: link for name, link in call_links(span).items() if name != "feature"},
        "ts": opened,
        "record_id": opened,
    }


def _sizes(found: list[dict[str, Any]], span: Span, own: Mapping[str, str]) -> list[Size]:
    most = max((row["calls"] for row in found), default=1)
    others = {name: value for name, value in own.items() if name not in ("at_least", "below")}
    sizes: list[Size] = []
    for row in found:
        low, high = row["from_usd"], row["to_usd"]
        label, href = "unknown cost", ""
        if low is not None:
            label = "$0" if low == 0 else f"{formatting.usd(low)} to {formatting.usd(high)}"
        if low:
            ends = {"at_least": _text(low), "below": _text(high)}
            href = span.href("/calls", **others, **ends)
        sizes.append(
            Size(
                label=label,
                calls=formatting.count(row["calls"]),
                share=row["calls"] / most,
                title=f"{formatting.calls(row['calls'])}, {formatting.usd(row['cost_usd'])}",
                href=href,
            )
        )
    return sizes


def _text(value: float) -> str:
    return f"{Decimal(repr(value)):.12f}".rstrip("0").rstrip(".")
