# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The first page: what was spent, on what, and what needs a look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from otel_llmcost import reports
from otel_llmcost.reports import Query, formatting
from otel_llmcost.reports.budgets import budgets, for_people
from otel_llmcost.reports.call_list import USUAL, Wanted, call_page
from otel_llmcost.reports.diagnosis import why_empty
from otel_llmcost.reports.explore import breakdown, explore
from otel_llmcost.reports.selection import TAG
from otel_llmcost.serve.web import charts
from otel_llmcost.serve.web.page import (
    Page,
    Stat,
    by_field,
    call_links,
    deeper,
    dimension_in,
    feature_link,
    incident_link,
    spend_chart,
    spend_stats,
    totals,
    unpriced,
)
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Dress, table

_FEATURES, _CALLS, _INCIDENTS = 12, 10, 5


def overview(query: Query, span: Span, wanted: Mapping[str, str]) -> Page:
    """Everything at a glance; every table leads to the page that has all of it."""
    by = dimension_in(wanted)
    now, earlier = totals(query, span, "cache_hit_rate")
    if not now["calls"]:
        empty = why_empty(query, span.window)
        return Page(path="/", title="Overview", span=span, empty=empty)
    chart = spend_chart(query, span, "/", by)
    colour = {one.name: one.colour for one in chart.series}
    return Page(
        path="/",
        title="Overview",
        span=span,
        stats=[*spend_stats(now, earlier, span), hit_rate(now, earlier), _tagged(query, span)],
        notes=unpriced(query, span, now),
        fields=[by_field(by)],
        charts=[chart, spend_chart(query, span, "/", "model"), hit_chart(query, span)],
        tables=[
            table(
                "Newest incidents",
                reports.incidents(query, span.window, _INCIDENTS),
                Dress(
                    links={
                        "incident_id": incident_link,
                        "feature": lambda record: feature_link(span, record),
                    },
                    colour=colour,
                    more=("All incidents", span.href("/anomalies")),
                ),
            ),
            *_budgets(query, span),
            table(
                f"By {by.removeprefix(TAG)}",
                breakdown(query, span.window, span.selection, by, _FEATURES),
                Dress(
                    links=deeper(span, by),
                    colour=colour,
                    more=("All of them", span.href("/spend", by=by)),
                ),
            ),
            table(
                "Most expensive calls",
                call_page(query, span.window, span.selection, Wanted(sort="cost"), _CALLS).report,
                Dress(
                    links=call_links(span),
                    colour=colour,
                    only=USUAL,
                    more=("All calls", span.href("/calls", sort="cost")),
                ),
            ),
        ],
    )


def hit_chart(query: Query, span: Span) -> charts.Chart:
    """The hit rate over time."""
    rates = ["cache_hit_rate"]
    found = explore(query, span.window, span.selection, [], rates, starts=span.buckets)
    return charts.shares(
        span, "Cache hit rate", {row["bucket"]: row["cache_hit_rate"] for row in found}
    )


def hit_rate(now: Mapping[str, Any], earlier: Mapping[str, Any] | None) -> Stat:
    """The hit rate of the whole span, beside that of what it is compared with."""
    before = earlier["cache_hit_rate"] if earlier else None
    return Stat(
        name="Cache hit rate",
        value=formatting.share(now["cache_hit_rate"]),
        hint="" if before is None else f"{formatting.share(before)} before",
        explained="Share of input tokens that were read from a prompt cache.",
    )


def _tagged(query: Query, span: Span) -> Stat:
    # On its own: the hourly rollup, which has the other figures, does not keep it.
    found = explore(query, span.window, span.selection, [], ["tagged_share"])
    return Stat(
        name="Tagged",
        value=formatting.share(found[0]["tagged_share"] if found else None),
        hint="by feature()",
        explained="Share of calls whose feature the app named; others show their call site.",
    )


def _budgets(query: Query, span: Span) -> list[Any]:
    held = budgets(query, span.zone)
    if not held.rows:
        return []
    return [table("Budgets", for_people(held), Dress(more=("All budgets", span.href("/budgets"))))]
