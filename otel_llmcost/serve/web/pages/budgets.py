# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Budgets and how they stand."""

from __future__ import annotations

from collections.abc import Mapping

from otel_llmcost.reports import Query
from otel_llmcost.reports.budgets import budgets, for_people
from otel_llmcost.serve.web.page import Page
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Dress, table


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
