# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The first page: is all well? What was spent, on what, why it changed, and what needs a look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar

from otel_llmcost import reports
from otel_llmcost.reports import Query, Report, formatting
from otel_llmcost.reports.budgets import budgets, for_people
from otel_llmcost.reports.call_list import USUAL, Wanted, call_page
from otel_llmcost.reports.diagnosis import why_empty
from otel_llmcost.reports.explore import breakdown, explore
from otel_llmcost.reports.selection import ALL, TAG
from otel_llmcost.serve.web import charts
from otel_llmcost.serve.web.charts import Mark
from otel_llmcost.serve.web.colours import Colours, colours
from otel_llmcost.serve.web.forecast import month_forecast
from otel_llmcost.serve.web.page import (
    Page,
    Stat,
    by_field,
    call_links,
    deeper,
    dimension_in,
    incident_link,
    not_narrowed,
    noted,
    spend_chart,
    spend_stats,
    totals,
    unpriced,
    with_sql,
)
from otel_llmcost.serve.web.pages.anomalies import KNOWN
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Dress, Table, table

_FEATURES, _CALLS, _INCIDENTS, _MARKS = 8, 10, 20, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview(Page):
    """The page with its verdict, and what is loaded after it."""

    template: ClassVar[str] = "overview.html"

    troubles: Sequence[str] = ()
    """What needs a look; none when all is well."""


def overview(query: Query, span: Span, wanted: Mapping[str, str]) -> Page:
    """Everything at a glance; every panel leads to the page that has all of it."""
    by = dimension_in(wanted)
    now, earlier = totals(query, span, "cache_hit_rate")
    page = Overview(path="/", title="Overview", span=span, fields=[by_field(by)])
    if not now["calls"]:
        return replace(page, fields=[], empty=why_empty(query, span.window))
    kept = span.selection.narrowing(KNOWN)
    found = reports.incidents(query, span.window, _INCIDENTS, kept)
    held = budgets(query, span.zone)
    chart = replace(spend_chart(query, span, "/", by), marks=_marks(span, found), lists_marks=False)
    stats = [
        *spend_stats(now, earlier, span),
        month_forecast(query, span),
        _budget_stat(held, span),
        _incident_stat(found, span),
        hit_rate(now, earlier, span),
    ]
    colour = colours(query, [by])
    return replace(
        page,
        stats=stats,
        troubles=[one.trouble for one in stats if one.trouble],
        notes=unpriced(query, span, now),
        charts=[chart],
        tables=[
            with_sql(query, partial(_top, span=span, by=by, colour=colour)),
            _incidents(query, span, found),
            *_budgets(held, span),
            with_sql(query, partial(_calls, span=span, colour=colour, by=by)),
        ],
    )


def hit_chart(query: Query, span: Span) -> charts.Chart:
    """The hit rate over time."""
    rates = ["cache_hit_rate"]
    found = explore(query, span.window, span.selection, [], rates, starts=span.buckets)
    return charts.shares(
        span, "Cache hit rate", {row["bucket"]: row["cache_hit_rate"] for row in found}
    )


def hit_rate(now: Mapping[str, Any], earlier: Mapping[str, Any] | None, span: Span) -> Stat:
    """The hit rate of all of the span, beside that of what it is compared with."""
    before = earlier["cache_hit_rate"] if earlier else None
    return Stat(
        name="Cache hit rate",
        value=formatting.share(now["cache_hit_rate"]),
        hint="" if before is None else f"{formatting.share(before)} before",
        explained="Share of input tokens that were read from a prompt cache.",
        href=span.href("/cache"),
    )


def _top(query: Query, span: Span, by: str, colour: Colours) -> Table:
    found = breakdown(query, span.window, span.selection, by, _FEATURES)
    name = by.removeprefix(TAG)
    return table(
        f"Top by {name}",
        found,
        Dress(
            links=deeper(span, by),
            colour={str(row[0]): colour.of(str(row[0])) for row in found.rows},
            coloured=name,
            only=(name, "calls", "cost_usd", "cost_share"),
            more=("All of them", span.href("/explore", by=by)),
        ),
    )


def _incidents(query: Query, span: Span, found: Report) -> Table:
    lines = not_narrowed(span, span.selection.narrowing(KNOWN))
    short = noted(replace(found, rows=found.rows[:5]), lines)
    return table(
        "Newest incidents",
        short,
        Dress(
            links={
                "feature": incident_link,
            },
            only=("feature", "cause", "excess_usd_per_day"),
            headings={"excess_usd_per_day": "Excess a day"},
            more=("All incidents", span.href("/anomalies")),
        ),
    )


def _calls(query: Query, span: Span, colour: Colours, by: str) -> Table:
    found = call_page(query, span.window, span.selection, Wanted(sort="cost"), _CALLS).report
    names = [str(one["feature"]) for one in found.records()] if by == "feature" else []
    return table(
        "Most expensive calls",
        found,
        Dress(
            links=call_links(span),
            colour={name: colour.of(name) for name in names},
            only=USUAL,
            more=("All calls", span.href("/calls", sort="cost")),
        ),
    )


def _budgets(held: Report, span: Span) -> list[Table]:
    if not held.rows:
        return []
    shown = noted(for_people(held), not_narrowed(span, ALL))
    return [table("Budgets", shown, Dress(more=("All budgets", span.href("/budgets"))))]


def _budget_stat(held: Report, span: Span) -> Stat:
    rows = held.records()
    over = [one for one in rows if one["state"] == "exceeded"]
    near = [one for one in rows if one["state"] == "warning"]
    worst = max((one["used_share"] for one in rows if one["used_share"] is not None), default=None)
    trouble = ""
    if over or near:
        name = (over or near)[0]["name"]
        trouble = f"the budget “{name}” is {'used up' if over else 'nearly used up'}"
    value = "none" if not rows else f"{len(rows)} held"
    if over or near:
        value = f"{len(over)} over" if over else f"{len(near)} near"
    return Stat(
        name="Budgets",
        value=value,
        hint="" if worst is None else f"{formatting.share(worst)} used at most",
        explained="Budgets, and how many of them are used up in their running period.",
        href=span.href("/budgets"),
        trouble=trouble,
    )


def _incident_stat(found: Report, span: Span) -> Stat:
    going_on = [one for one in found.records() if one["state"] == "open"]
    known = [one["excess_usd_per_day"] for one in going_on if one["excess_usd_per_day"] is not None]
    excess = sum(known, Decimal(0)) if known else None
    count = len(going_on)
    more = f"{formatting.usd(excess)} a day too much" if excess is not None else ""
    return Stat(
        name="Open incidents",
        value=formatting.count(count),
        hint=more,
        explained="Incidents that went on in the range and that no one has acknowledged.",
        href=span.href("/anomalies"),
        trouble=f"{count} open incident{'s' * (count != 1)}{f', {more}' if more else ''}"
        if count
        else "",
    )


def _marks(span: Span, found: Report) -> list[Mark]:
    """The newest incidents that began in the span, in order of time."""
    marks: list[Mark] = []
    for one in found.records()[:_MARKS]:
        start: datetime = one["start"].replace(tzinfo=one["start"].tzinfo or UTC)
        before = [n for n, bucket in enumerate(span.buckets) if bucket <= start]
        if before and start < span.until:
            text = f"{one['feature'] or 'all features'}: {one['evidence']}"
            marks.append(Mark(at=before[-1], text=text, href=incident_link(one) or ""))
    return sorted(marks, key=lambda mark: mark.at)
