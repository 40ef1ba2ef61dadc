# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The pages that each answer one question: breakdown, cache, anomalies, budgets, savings, call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from otel_llmcost import reports
from otel_llmcost.reports import Explained, Query, Report
from otel_llmcost.reports.budgets import budgets, for_people
from otel_llmcost.reports.series import series
from otel_llmcost.serve.web import charts
from otel_llmcost.serve.web.overview import cache_series, hit_chart, hit_rate, overview
from otel_llmcost.serve.web.page import (
    Field,
    Page,
    call_links,
    calls_dress,
    headline,
    incident_link,
    spend_stats,
)
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Dress, Link, Record, Table, table

Builder = Callable[[Query, Span, Mapping[str, str]], Page]

BY = (
    *("feature", "model", "user", "team", "customer", "session", "provider", "service"),
    *("environment", "operation", "mode", "agent", "workflow", "version", "call_site", "outcome"),
)
_ROWS, _CALLS = 50, 10


def breakdown(query: Query, span: Span, wanted: Mapping[str, str]) -> Page:
    """Spend by a dimension or allocation key, over time and in total; the most expensive calls."""
    by = wanted.get("by", "").strip() or "feature"
    choices = BY if by in BY else (*BY, by)
    page = Page(
        path="/spend",
        title=f"Spend by {by}",
        span=span,
        fields=[Field(name="by", label="By", value=by, choices=choices)],
    )
    if by == "outcome":
        outcomes = reports.outcomes(query, span.window, _ROWS)
        return replace(page, tables=[table("Cost per outcome", outcomes)])
    spent = reports.spend(query, span.window, [by], _ROWS)
    if not spent.rows:
        return replace(page, empty=spent.note)
    chart = charts.spend(span, by, series(query, span.window, by, span.step))
    colour = {one.name: one.colour for one in chart.series}
    calls = reports.top_calls(query, span.window, _CALLS)
    return replace(
        page,
        stats=spend_stats(headline(query, span), span),
        charts=[chart],
        tables=[
            table(f"By {by}", spent, Dress(links=_deeper(span, by), colour=colour)),
            table("Most expensive calls", calls, calls_dress(span)),
        ],
    )


def cache(query: Query, span: Span, _: Mapping[str, str]) -> Page:
    """What prompt caching earned, by feature and model."""
    cached = cache_series(query, span)
    report = reports.cache(query, span.window, _ROWS)
    return Page(
        path="/cache",
        title="Prompt caching",
        span=span,
        stats=[hit_rate(cached)],
        charts=[hit_chart(span, cached)] if report.rows else [],
        tables=[
            table(
                "By feature and model",
                report,
                Dress(links=_deeper(span, "feature"), headings={"cache_read_tokens": "Read"}),
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
        tables=[
            table(
                "These calls with one lever pulled", report, Dress(links=_deeper(span, "feature"))
            )
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


PAGES: dict[str, Builder] = {
    "/": lambda query, span, _: overview(query, span),
    "/spend": breakdown,
    "/cache": cache,
    "/anomalies": anomalies,
    "/budgets": budget_list,
    "/savings": savings,
    "/call": call,
}
"""What answers each path."""


def _deeper(span: Span, by: str) -> dict[str, Link]:
    """From a feature to its models, from a model to its features."""

    def feature(record: Record) -> str | None:
        return span.href("/spend", by="model", feature=str(record.get("feature") or ""))

    def model(record: Record) -> str | None:
        return span.href("/spend", by="feature", model=str(record.get("model") or ""))

    return {"feature": feature, "model": model} if by in ("feature", "model") else {}


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
