# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What prompt caching earned."""

from __future__ import annotations

from collections.abc import Mapping

from otel_llmcost import reports
from otel_llmcost.reports import Query
from otel_llmcost.serve.web.page import Page, deeper, not_narrowed, noted, totals
from otel_llmcost.serve.web.pages.overview import hit_chart, hit_rate
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Dress, table

_ROWS = 50


def cache(query: Query, span: Span, _: Mapping[str, str]) -> Page:
    """What prompt caching earned, by feature and model."""
    kept = span.selection.narrowing(("environment", "feature", "provider", "model"))
    report = reports.cache(query, span.window, _ROWS, kept)
    report = noted(report, not_narrowed(span, kept))
    return Page(
        path="/cache",
        title="Prompt caching",
        span=span,
        stats=[hit_rate(*totals(query, span, "cache_hit_rate"), span)],
        charts=[hit_chart(query, span)] if report.rows else [],
        tables=[
            table(
                "By feature and model",
                report,
                Dress(links=deeper(span, "feature"), headings={"cache_read_tokens": "Read"}),
            )
        ],
    )
