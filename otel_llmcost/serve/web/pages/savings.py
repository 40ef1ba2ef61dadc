# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Where the next dollars are."""

from __future__ import annotations

from collections.abc import Mapping

from otel_llmcost import reports
from otel_llmcost.reports import Query
from otel_llmcost.serve.web.page import Page, deeper, not_narrowed
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Dress, table

_ROWS = 50


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
