# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The monthly cost review: what was spent, why it changed, what was wasted, what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from otel_llmcost import schema
from otel_llmcost.attribution import periods as changes
from otel_llmcost.reports.comparison import Period, before, span
from otel_llmcost.reports.diagnosis import unpriced_note, why_empty
from otel_llmcost.reports.formatting import count, share, usd
from otel_llmcost.reports.query_log import RecordingQuery
from otel_llmcost.reports.report import Query, records
from otel_llmcost.reports.window import Filters
from otel_llmcost.review import findings as findings
from otel_llmcost.review import spend as spending
from otel_llmcost.review.page import Context, Month, Section
from otel_llmcost.timezones import name_of

__all__ = ["Month", "Review", "Section", "review"]

ORDER = (
    "total", "units", "change", "feature", "model", "team", "user", "next", "retiring", "taken",
    "waste", "pareto", "cache", "latency", "budgets", "trust", "anomalies",
)  # fmt: skip
_MAKERS = (
    spending.by_dimension, spending.users_and_outcomes, spending.pareto, findings.calls,
    findings.cache, findings.taken, findings.budgets, findings.anomalies, findings.retired,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One month on one page."""

    title: str
    month: Month
    headline: list[tuple[str, str]]
    """The figures above all: what, and how much."""
    summary: list[str]
    """What a manager should read if nothing else."""
    sections: list[Section]
    """Empty when there was no call."""


def review(
    query: Query, of: Period, filters: Filters | None = None, *, now: datetime | None = None
) -> Review:
    """The review of a calendar month.

    A month that still runs is compared with the same number of days of the month before it.
    """
    filters = filters or Filters()
    month = _month(of, now or datetime.now(UTC))
    recording = RecordingQuery(query)
    title = f"LLM cost review, {span(of.since, of.until)}"
    if name_of(of.zone) != "UTC":
        title += f", {name_of(of.zone)}"
    if str(filters):
        title += f" ({filters})"
    context = Context(query=recording, month=month, filters=filters, total={}, change=None)
    (total,) = records(recording(schema.query("review_total"), context.parameters()))
    if not total["calls"]:
        summary = [why_empty(query, context.window, "calls")]
        return Review(title=title, month=month, headline=[], summary=summary, sections=[])
    statements, change = recording.drain(), None
    if total["earlier_calls"]:
        a, b = Period(month.earlier_since, month.earlier_until), Period(month.since, month.until)
        change = changes.explained(recording, a, b, filters)
    context = Context(query=recording, month=month, filters=filters, total=total, change=change)
    made = [spending.total(context, statements), spending.why(context, recording.drain())]
    for make in _MAKERS:
        made += make(context)
    made.sort(key=lambda section: ORDER.index(section.key))
    return Review(
        title=title,
        month=month,
        headline=_headline(month, total),
        summary=_summary(query, context, made),
        sections=made,
    )


def _month(of: Period, now: datetime) -> Month:
    full = before(of)
    if not of.since < now < of.until:
        return Month(of.since, of.until, of.until, full.since, full.until)
    # With the running hour: rollups have whole hours.
    until = (_full_hour(now) + timedelta(hours=1)).astimezone(of.zone)
    earlier = min(_full_hour(full.since + (until - of.since)).astimezone(of.zone), full.until)
    return Month(of.since, until, of.until, full.since, earlier, is_over=False)


def _full_hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _headline(month: Month, total: dict[str, Any]) -> list[tuple[str, str]]:
    cost, earlier, calls = total["cost_usd"], total["earlier_usd"], total["calls"]
    headline = [("spent" if month.is_over else "spent so far", usd(cost))]
    if cost is not None and earlier:
        grown = f"{float(cost / earlier) - 1:+.0%}"
        headline.append(("change", f"{changes.signed(cost - earlier)} ({grown})"))
    headline.append(("calls", count(calls)))
    priced = calls - total["unpriced_calls"]
    headline.append(("a call", usd(cost / priced if priced and cost is not None else None)))
    if total["contracted_usd"] is not None:
        headline.append(("contracted", usd(total["contracted_usd"])))
    if total["unpriced_calls"]:
        headline.append(("unpriced calls", share(total["unpriced_calls"] / calls)))
    return headline


def _summary(query: Query, context: Context, made: list[Section]) -> list[str]:
    month, change, lines = context.month, context.change, list[str]()
    if context.total["days"] == 1:
        lines.append("There is one day of data: read shares, not trends.")
    if change is None:
        lines.append(f"There are no calls in {month.earlier}, so nothing to compare with.")
    elif change.change_usd:
        lines.append(f"{changes.signed(change.change_usd)} = {changes.because(change.rows, 4)}.")
    else:
        lines.append(f"Spend is what it was in {month.earlier}.")
    lines += [section.summary for section in made if section.summary]
    if context.total["unpriced_calls"]:
        lines += unpriced_note(query, context.window).splitlines()
    return lines
