# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The savings headline: what would save most, in total and in a few rows. The overview loads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from otel_llmcost import reports
from otel_llmcost.reports import Query, formatting
from otel_llmcost.serve.web.page import Page, deeper, not_narrowed, noted
from otel_llmcost.serve.web.pages.savings import KNOWN
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Dress, table

_ROWS, _ALL = 4, 1000


def top_savings(query: Query, span: Span, _: Mapping[str, str]) -> Page:
    """One lever for each feature and model, over the last 30 days: their sum, and the largest."""
    window = replace(span.window, since=span.now - timedelta(days=30), until=span.now)
    kept = span.selection.narrowing(KNOWN)
    found = reports.savings(query, window, _ALL, selection=kept)
    plan = [row for row in found.records() if row["in_plan"]]
    saved = sum((row["saving_usd"] or Decimal(0) for row in plan), Decimal(0))
    in_plan = [column.name for column in found.columns].index("in_plan")
    rows = [row for row in found.rows if row[in_plan]][:_ROWS]
    title = f"{formatting.usd(saved)} of 30 days could be saved" if plan else "Savings"
    shown = replace(found, rows=rows, note=None if rows else found.note)
    return Page(
        path="/top-savings",
        title="Largest savings",
        span=span,
        timeless=True,
        kept=kept,
        tables=[
            table(
                title,
                noted(shown, not_narrowed(span, kept)),
                Dress(
                    links=deeper(span, "feature"),
                    only=("feature", "lever", "saving_usd"),
                    more=("All savings", span.href("/savings")),
                ),
            )
        ],
    )
