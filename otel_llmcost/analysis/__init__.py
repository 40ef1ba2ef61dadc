# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Named reports over the store's views; the CLI, the page and your own scripts ask these.

from otel_llmcost.analysis import Window, moment, spend
report = spend(store.query, Window(moment("24h")), by=["feature", "model"])
"""

from __future__ import annotations

from otel_llmcost.analysis.empty import unpriced_note, why_empty
from otel_llmcost.analysis.explain import Explained, explain
from otel_llmcost.analysis.health import anomalies, cache, trust
from otel_llmcost.analysis.outcomes import outcomes
from otel_llmcost.analysis.report import Column, Kind, Query, Report, Result, records
from otel_llmcost.analysis.reprice import reprice_delta
from otel_llmcost.analysis.savings import Candidate, explained, savings
from otel_llmcost.analysis.spend import DIMENSIONS, by_clause, spend, top_calls
from otel_llmcost.analysis.window import Filters, Window, moment

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
    "moment",
    "outcomes",
    "records",
    "reprice_delta",
    "savings",
    "spend",
    "top_calls",
    "trust",
    "unpriced_note",
    "why_empty",
]
