# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Named reports over the store's views; the CLI, the page and your own scripts use these.

from otel_llmcost.reports import Window, moment, spend
report = spend(store.query, Window(moment("24h")), by=["feature", "model"])
"""

from __future__ import annotations

from otel_llmcost.moments import moment
from otel_llmcost.reports.diagnosis import unpriced_note, why_empty
from otel_llmcost.reports.dimensions import DIMENSIONS
from otel_llmcost.reports.explain import Explained, explain
from otel_llmcost.reports.health import anomalies, cache, trust
from otel_llmcost.reports.incidents import incidents
from otel_llmcost.reports.outcomes import outcomes
from otel_llmcost.reports.report import Column, Kind, Query, Report, Result, records
from otel_llmcost.reports.savings import Candidate, explained, savings
from otel_llmcost.reports.spend import by_clause, spend, top_calls
from otel_llmcost.reports.window import Filters, Window

__all__ = [
    "DIMENSIONS",
    "Candidate",
    "Column",
    "Explained",
    "Filters",
    "Kind",
    "Query",
    "Report",
    "Result",
    "Window",
    "anomalies",
    "by_clause",
    "cache",
    "explain",
    "explained",
    "incidents",
    "moment",
    "outcomes",
    "records",
    "savings",
    "spend",
    "top_calls",
    "trust",
    "unpriced_note",
    "why_empty",
]
