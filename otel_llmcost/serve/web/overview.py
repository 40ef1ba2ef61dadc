# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The first page: what was spent, on what, and what needs a look."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from otel_llmcost import reports, schema
from otel_llmcost.reports import Query, formatting, records
from otel_llmcost.reports.budgets import budgets, for_people
from otel_llmcost.reports.series import series
from otel_llmcost.serve.web import charts
from otel_llmcost.serve.web.page import (
    Page,
    Stat,
    calls_dress,
    feature_link,
    headline,
    incident_link,
    ratio,
    spend_stats,
)
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Dress, table

_FEATURES, _CALLS, _INCIDENTS = 12, 10, 5


def overview(query: Query, span: Span) -> Page:
    """Everything at a glance; every table leads to the page that has all of it."""
    features = reports.spend(query, span.window, ["feature"], _FEATURES)
    if not features.rows:
        return Page(path="/", title="Overview", span=span, empty=features.note)
    by_feature = charts.spend(span, "feature", series(query, span.window, "feature", span.step))
    by_model = charts.spend(span, "model", series(query, span.window, "model", span.step))
    colour = {one.name: one.colour for one in by_feature.series}
    cached = cache_series(query, span)
    spent = headline(query, span)
    unpriced = reports.unpriced_note(query, span.window) if spent["unpriced_calls"] else ""
    return Page(
        path="/",
        title="Overview",
        span=span,
        stats=[*spend_stats(spent, span), hit_rate(cached), _tagged(query, span)],
        notes=unpriced.splitlines(),
        charts=[by_feature, by_model, hit_chart(span, cached)],
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
                "Features",
                features,
                Dress(
                    links={"feature": lambda record: feature_link(span, record)},
                    colour=colour,
                    more=("By other dimensions", span.href("/spend", by="model")),
                ),
            ),
            table(
                "Most expensive calls",
                reports.top_calls(query, span.window, _CALLS),
                calls_dress(span, colour),
            ),
        ],
    )


def cache_series(query: Query, span: Span) -> list[dict[str, Any]]:
    """Tokens read from caches, by bucket."""
    step = int(span.step.total_seconds())
    return records(query(schema.query("cache_series"), span.window.parameters(step=step)))


def hit_chart(span: Span, cached: list[dict[str, Any]]) -> charts.Chart:
    """The hit rate over time."""
    values = {
        datetime.fromtimestamp(record["bucket"], UTC): ratio(
            record["cache_read_tokens"], record["input_tokens"]
        )
        for record in cached
    }
    return charts.shares(span, "Cache hit rate", values)


def hit_rate(cached: list[dict[str, Any]]) -> Stat:
    """The hit rate of the whole span, and what caching saved."""
    savings = [r["net_saving_usd"] for r in cached if r["net_saving_usd"] is not None]
    read = sum(r["cache_read_tokens"] for r in cached)
    return Stat(
        name="Cache hit rate",
        value=formatting.share(ratio(read, sum(r["input_tokens"] for r in cached))),
        hint=f"{formatting.usd(sum(savings))} saved, net of writes" if savings else "",
        explained="Share of input tokens that were read from a prompt cache.",
    )


def _tagged(query: Query, span: Span) -> Stat:
    tagged = query(schema.query("tagged"), span.window.parameters()).rows[0][0]
    return Stat(
        name="Tagged",
        value=formatting.share(None if tagged is None else float(tagged)),
        hint="by feature()",
        explained="Share of calls whose feature the app named; others show their call site.",
    )


def _budgets(query: Query, span: Span) -> list[Any]:
    held = budgets(query, span.zone)
    if not held.rows:
        return []
    return [table("Budgets", for_people(held), Dress(more=("All budgets", span.href("/budgets"))))]
