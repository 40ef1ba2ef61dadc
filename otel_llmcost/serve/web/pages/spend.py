# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Spend by any dimension or allocation key, over time and in total."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from otel_llmcost import reports
from otel_llmcost.reports import Query
from otel_llmcost.reports.call_list import USUAL, Wanted, call_page
from otel_llmcost.reports.explore import breakdown
from otel_llmcost.reports.selection import TAG
from otel_llmcost.serve.web.page import (
    Page,
    by_field,
    call_links,
    deeper,
    dimension_in,
    not_narrowed,
    spend_chart,
    spend_stats,
    totals,
    unpriced,
)
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Dress, table

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
