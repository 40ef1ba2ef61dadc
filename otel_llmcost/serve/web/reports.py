# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The pages that each answer one question: breakdown, cache, anomalies, budgets, savings, call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from otel_llmcost import reports
from otel_llmcost.reports import Explained, Query, Report
from otel_llmcost.reports.budgets import budgets, for_people
from otel_llmcost.reports.call_list import USUAL, Wanted, call_page
from otel_llmcost.reports.explore import breakdown
from otel_llmcost.reports.selection import TAG
from otel_llmcost.serve.web.calls import PARAMETERS as CALLS
from otel_llmcost.serve.web.calls import calls
from otel_llmcost.serve.web.overview import hit_chart, hit_rate, overview
from otel_llmcost.serve.web.page import (
    Field,
    Page,
    by_field,
    call_links,
    deeper,
    dimension_in,
    incident_link,
    not_narrowed,
    spend_chart,
    spend_stats,
    totals,
    unpriced,
)
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Dress, Table, table

Builder = Callable[[Query, Span, Mapping[str, str]], Page]

_ROWS, _CALLS = 50, 10


def spend_by(query: Query, span: Span, wanted: Mapping[str, str]) -> Page:
    """Spend by a dimension or allocation key, over time and in total; the most expensive calls."""
    by = dimension_in(wanted)
    page = Page(
        path="/spend",
        title=f"Spend by {by.removeprefix(TAG)}",
        span=span,
        fields=[by_field(by, "outcome")],
    )
    if by == "outcome":
        outcomes = reports.outcomes(query, span.window, _ROWS)
        notes = not_narrowed(span)
        return replace(page, notes=notes, tables=[table("Cost per outcome", outcomes)])
    spent = breakdown(query, span.window, span.selection, by, _ROWS)
    if not spent.rows:
        return replace(page, empty=spent.note)
    chart = spend_chart(query, span, "/spend", by)
    colour = {one.name: one.colour for one in chart.series}
    most = call_page(query, span.window, span.selection, Wanted(sort="cost"), _CALLS).report
    all_calls = ("All calls", span.href("/calls", sort="cost"))
    now, earlier = totals(query, span)
    return replace(
        page,
        stats=spend_stats(now, earlier, span),
        notes=unpriced(query, span, now),
        charts=[chart],
        tables=[
            table(page.title, spent, Dress(links=deeper(span, by), colour=colour)),
            table(
                "Most expensive calls",
                most,
                Dress(links=call_links(span), only=USUAL, more=all_calls),
            ),
        ],
    )


def cache(query: Query, span: Span, _: Mapping[str, str]) -> Page:
    """What prompt caching earned, by feature and model."""
    report = reports.cache(query, span.window, _ROWS)
    return Page(
        path="/cache",
        title="Prompt caching",
        span=span,
        stats=[hit_rate(*totals(query, span, "cache_hit_rate"))],
        charts=[hit_chart(query, span)] if report.rows else [],
        notes=not_narrowed(span),
        tables=[
            table(
                "By feature and model",
                report,
                Dress(links=deeper(span, "feature"), headings={"cache_read_tokens": "Read"}),
            )
        ],
    )


def anomalies(query: Query, span: Span, _: Mapping[str, str]) -> Page:
    """What costs more than it should: since when, by how much, and why; and its lines."""
    found = reports.incidents(query, span.window, _ROWS)
    lines = reports.anomalies(query, span.window, _ROWS)
    return Page(
        path="/anomalies",
        title="Anomalies",
        span=span,
        notes=not_narrowed(span),
        tables=[
            table("Incidents", found, Dress(links={"incident_id": incident_link})),
            *([table("Their lines", lines, Dress(links=call_links(span)))] if lines.rows else []),
        ],
    )


def budget_list(query: Query, span: Span, _: Mapping[str, str]) -> Page:
    """Every budget, the most used first."""
    return Page(
        path="/budgets",
        title="Budgets",
        span=span,
        timeless=True,
        tables=[
            table(
                "Budgets and how they stand",
                for_people(budgets(query, span.zone)),
                Dress(headings={"used_share": "Used"}),
            )
        ],
    )


def savings(query: Query, span: Span, _: Mapping[str, str]) -> Page:
    """Where the next dollars are: these calls with one lever pulled."""
    report = reports.savings(query, span.window, _ROWS)
    return Page(
        path="/savings",
        title="Savings",
        span=span,
        notes=not_narrowed(span),
        tables=[
            table("These calls with one lever pulled", report, Dress(links=deeper(span, "feature")))
        ],
    )


def call(query: Query, span: Span, wanted: Mapping[str, str]) -> Page:
    """One call, line by line: bucket x price = amount. An id of several calls shows each."""
    name = wanted.get("id", "").strip()
    found = reports.explain(query, name) if name else []
    tables = [part for one in found for part in _bill(one)]
    notes = [f"No call has the id {name}; a call takes some seconds to arrive."]
    return Page(
        path="/call",
        title="One call, line by line",
        span=span,
        timeless=True,
        fields=[
            Field(name="id", label="Record, span, reply or trace id", value=name),
        ],
        notes=notes if name and not found else [],
        tables=tables,
    )


@dataclass(frozen=True, slots=True)
class Route:
    """What answers a path, and the parameters it takes beside range and conditions."""

    build: Builder
    parameters: tuple[str, ...] = ()


PAGES = {
    "/": Route(overview, ("by",)),
    "/spend": Route(spend_by, ("by",)),
    "/calls": Route(calls, CALLS),
    "/cache": Route(cache),
    "/anomalies": Route(anomalies),
    "/budgets": Route(budget_list),
    "/savings": Route(savings),
    "/call": Route(call, ("id",)),
}
"""What answers each path."""


_BILL = {
    "quantity": "Quantity",
    "price": "x price",
    "multipliers": "x factors",
    "amount_usd": "= amount (USD)",
    "contracted_usd": "At your contract (USD)",
}


def _bill(one: Explained) -> list[Table]:
    bill = one.bill
    if all(
        line["contracted_usd"] == line["amount_usd"] for line in bill.records()
    ):  # no contract: the same figure twice
        columns = [n for n, column in enumerate(bill.columns) if column.name != "contracted_usd"]
        bill = Report(
            title=bill.title,
            columns=tuple(bill.columns[n] for n in columns),
            rows=[tuple(row[n] for n in columns) for row in bill.rows],
            total=tuple(bill.total[n] for n in columns) if bill.total else None,
            note=bill.note,
        )
    name = one.call["record_id"]
    return [
        table(f"What call {name} cost", bill, Dress(headings=_BILL)),
        table(f"What was recorded of call {name}", one.facts),
    ]
