# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What costs more than it should."""

from __future__ import annotations

from collections.abc import Mapping

from otel_llmcost import reports
from otel_llmcost.reports import Query
from otel_llmcost.serve.web.page import Page, call_links, incident_link, not_narrowed
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Dress, table

_ROWS = 50


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
