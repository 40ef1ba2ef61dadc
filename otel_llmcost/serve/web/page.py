# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What any page is made of: figures, charts and tables, in that order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from otel_llmcost import reports, schema
from otel_llmcost.reports import Query, formatting, records
from otel_llmcost.serve.web.charts import Chart
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Dress, Link, Record, Table

PAGES = {
    "/": "Overview",
    "/spend": "Breakdown",
    "/cache": "Cache",
    "/anomalies": "Anomalies",
    "/budgets": "Budgets",
    "/savings": "Savings",
    "/call": "One call",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat:
    """One figure of the first row."""

    name: str
    value: str
    exact: str | None = None
    """All digits, for machines and for pointing at it."""
    hint: str = ""
    explained: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a page's form beside its span."""

    name: str
    label: str
    value: str
    choices: Sequence[str] = ()
    """Without any, it is typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the template draws. `empty` says why there is nothing, and then the rest is unused."""

    path: str
    title: str
    span: Span
    stats: Sequence[Stat] = ()
    notes: Sequence[str] = ()
    """What must be known before the figures are believed."""
    charts: Sequence[Chart] = ()
    tables: Sequence[Table] = ()
    fields: Sequence[Field] = ()
    timeless: bool = False
    """The range and the environment change nothing here."""
    empty: str | None = None
    bare: bool = False
    """The store holds nothing at all: the page explains how to begin."""
    environments: Sequence[str] = field(default_factory=list[str])


def environments(query: Query, span: Span) -> list[str]:
    """Those that sent calls within 90 days, and the chosen one."""
    since = reports.Window(span.now - timedelta(days=90))
    found = query(schema.query("environments"), since.parameters()).rows
    names = [str(row[0]) for row in found if row[0]]
    chosen = span.filters.environment
    return names if not chosen or chosen in names else [*names, chosen]


def headline(query: Query, span: Span) -> dict[str, Any]:
    """Spend and calls of the span, and of the same time one window earlier."""
    earlier = span.earlier.parameters()
    parameters = span.window.parameters(
        earlier_since=earlier["since"], earlier_until=earlier["until"]
    )
    return records(query(schema.query("headline"), parameters))[0]


def spend_stats(now: Mapping[str, Any], span: Span) -> list[Stat]:
    """What was spent, how many calls it was, and how many of them have no price."""
    cost = now["cost_usd"]
    return [
        Stat(
            name="Spend",
            value=formatting.usd(cost),
            exact=None if cost is None else format(cost, "f"),
            hint=_change(cost, now["earlier_cost_usd"], span),
            explained="List prices in USD of every priced call in the range.",
        ),
        Stat(
            name="Calls",
            value=formatting.count(now["calls"]),
            hint=_change(now["calls"], now["earlier_calls"], span),
            explained="Replies recorded, each once.",
        ),
        Stat(
            name="Unpriced",
            value=formatting.share(ratio(now["unpriced_calls"], now["calls"])),
            hint=formatting.calls(now["unpriced_calls"] or 0),
            explained="Share of calls whose cost is unknown; they are not in the spend.",
        ),
    ]


def ratio(part: float | None, total: float | None) -> float | None:
    """None when there is nothing to divide by."""
    return float(part or 0) / float(total) if total else None


def call_links(span: Span) -> dict[str, Link]:
    """From rows about calls to the calls themselves, and from features to their models."""

    def call(record: Record) -> str | None:
        name = record.get("record_id") or record.get("worst_record_id")
        return span.href("/call", id=str(name)) if name else None

    def trace(record: Record) -> str | None:
        name = record.get("trace_id") or record.get("worst_trace_id")
        return span.href("/call", id=str(name)) if name else None

    return {
        "ts": call,
        "detected_at": call,
        "start": call,
        "trace_id": trace,
        "worst_trace_id": trace,
        "feature": lambda record: feature_link(span, record),
    }


def feature_link(span: Span, record: Record) -> str | None:
    """The models and the most expensive calls of a row's feature."""
    name = record.get("feature")
    return span.href("/spend", by="model", feature=str(name)) if name else None


def incident_link(record: Record) -> str | None:
    """The page of a row's incident."""
    name = record.get("incident_id")
    return f"/incident?{urlencode({'id': str(name)})}" if name else None


def calls_dress(span: Span, colour: Mapping[str, str] | None = None) -> Dress:
    """Links and colours of a table of calls."""
    return Dress(links=call_links(span), colour=colour or {})


def _change(now: Decimal | int | None, earlier: Decimal | int | None, span: Span) -> str:
    if now is None or not earlier:
        return ""
    change = float(now) / float(earlier) - 1
    if abs(change) < 0.005:
        return f"as in the {span.name} before"
    size = f"{change:+.0%}" if change < 10 else f"{change + 1:.0f}x"
    return f"{size} vs the {span.name} before"
