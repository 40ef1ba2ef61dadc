# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A month on one page: the review, live and printable, beside what the provider charged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import ClassVar

from otel_llmcost.billing.reconcile import reconcile
from otel_llmcost.reports import Column, Query
from otel_llmcost.reports.comparison import Period, before, month, this_month
from otel_llmcost.review.build import Review, Section, review
from otel_llmcost.review.markdown import heading
from otel_llmcost.serve.web.page import Page
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Dress, Table, table

_WIDE = frozenset({"change", "next", "pareto", "anomalies", "budgets", "reconcile"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthPage(Page):
    """The review's headline and summary above its tables."""

    template: ClassVar[str] = "month.html"

    headline: Sequence[tuple[str, str]] = ()
    summary: Sequence[str] = ()
    statements: Sequence[Sequence[str]] = field(default_factory=list[Sequence[str]])
    """The SQL of each table."""
    wide: Sequence[bool] = ()
    """Which tables take all of the width."""
    months: Sequence[tuple[str, str]] = ()
    """The month before and the one after, as the address has them; empty where there is none."""


def month_page(query: Query, span: Span, wanted: Mapping[str, str]) -> MonthPage:
    """The month that `month` names as YYYY-MM, the running one unless given."""
    zone, now = span.zone, span.now
    given = wanted.get("month", "")
    of = month(given, zone) if given else this_month(now, zone)
    kept = span.selection.narrowing((), ("environment", "service"))
    found = review(query, of, kept.filters, now=now)
    charged = reconcile(query, _in_utc(of)).report(only_differences=True)
    sections = [
        *found.sections,
        Section(
            key="reconcile",
            title="What the provider charged",
            text="Days and models whose recorded cost differs from the imported bill, UTC."
            if charged.rows
            else "",
            report=charged,
        ),
    ]
    return MonthPage(
        path="/month",
        title=found.title,
        span=span,
        timeless=True,
        kept=kept,
        headline=found.headline,
        summary=found.summary,
        tables=[_table(section) for section in sections],
        statements=[section.statements for section in sections],
        wide=[section.key in _WIDE for section in sections],
        months=_around(of, found),
    )


def _table(section: Section) -> Table:
    made = table(
        section.title,
        section.report,
        Dress(
            only=tuple(c.name for c in section.report.columns if not (c.detail or c.people)),
            headings={c.name: _heading(c) for c in section.report.columns},
        ),
    )
    text = [section.text] if section.text else []
    return replace(made, note=[*text, *made.note])


def _heading(column: Column) -> str:
    return {"user_id": "User", "anomaly_id": "Anomaly"}.get(
        column.name, heading(column).capitalize()
    )


def _in_utc(of: Period) -> Period:
    """The same month as providers count it."""
    return month(f"{of.since:%Y-%m}", UTC)


def _around(of: Period, found: Review) -> list[tuple[str, str]]:
    earlier = before(of)
    around = [("← " + f"{earlier.since:%B %Y}", f"{earlier.since:%Y-%m}")]
    if found.month.is_over:
        around.append((f"{of.until:%B %Y}" + " →", f"{of.until:%Y-%m}"))
    return around
