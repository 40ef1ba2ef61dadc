# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What the page shows: asks the reports and arranges their answers for the template."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from otel_llmcost import analysis, schema
from otel_llmcost.analysis import Query, Report, figures, records
from otel_llmcost.serve.web import charts
from otel_llmcost.serve.web.span import RANGES, Span

_FEATURES, _CALLS, _ANOMALIES = 12, 10, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat:
    """One figure of the first row."""

    name: str
    value: str
    exact: str | None = None
    """All digits, for machines and for pointing at it."""
    hint: str = ""
    explained: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The whole page; `empty` says why there is nothing to show, and then the rest is unused."""

    span: Span
    ranges: list[str]
    environments: list[str]
    stats: list[Stat]
    by_feature: charts.Chart
    by_model: charts.Chart
    hit_rate: charts.Chart
    features: Report
    calls: Report
    anomalies: Report
    unpriced: list[str]
    colour: dict[str, str]
    empty: str | None
    bare: bool
    """The store holds nothing at all: the page explains how to begin."""


def build(query: Query, *, range_name: str, environment: str, now: datetime | None = None) -> Page:
    """Ask everything the page shows. Raises what the query raises."""
    span = Span.of(range_name, environment, now or datetime.now(UTC))
    features = analysis.spend(query, span.window, ["feature"], _FEATURES)
    environments = _environments(query, span)
    cells = {name: _series(query, span, name) for name in ("feature", "model")}
    colour = {name: charts.colours(_names(cells[name])) for name in cells}
    cache = _cache(query, span)
    headline = _headline(query, span)
    unpriced = analysis.unpriced_note(query, span.window) if headline["unpriced_calls"] else ""
    return Page(
        span=span,
        ranges=list(RANGES),
        environments=environments,
        stats=_stats(query, span, headline, cache),
        by_feature=_spend_chart(span, "feature", cells["feature"], colour["feature"], 1128, 270),
        by_model=_spend_chart(span, "model", cells["model"], colour["model"], 552, 220),
        hit_rate=_cache_chart(span, cache),
        features=features,
        calls=analysis.top_calls(query, span.window, _CALLS),
        anomalies=analysis.anomalies(query, span.window, _ANOMALIES),
        unpriced=unpriced.splitlines(),
        colour=colour["feature"],
        empty=None if features.rows else features.note,
        bare=not features.rows and not environments,
    )


def _environments(query: Query, span: Span) -> list[str]:
    since = analysis.Window(span.now - timedelta(days=90))
    found = query(schema.query("environments"), since.parameters()).rows
    names = [str(row[0]) for row in found if row[0]]
    chosen = span.environment
    return names if not chosen or chosen in names else [*names, chosen]


def _series(query: Query, span: Span, by: str) -> dict[tuple[datetime, str], Decimal | None]:
    sql = analysis.by_clause(schema.query("series"), [by])
    step = int(span.step.total_seconds())
    found = query(sql, span.window.parameters(step=step)).rows
    return {(datetime.fromtimestamp(bucket, UTC), name): cost for bucket, name, cost in found}


def _names(cells: dict[tuple[datetime, str], Any]) -> list[str]:
    return sorted({name for _, name in cells if name})


def _axis(span: Span) -> charts.Axis:
    return charts.Axis(span.buckets, span.tick, span.title)


def _spend_chart(
    span: Span,
    by: str,
    cells: dict[tuple[datetime, str], Decimal | None],
    colour: dict[str, str],
    width: int,
    height: int,
) -> charts.Chart:
    label = f"Spend by {by} over the last {span.name}, stacked bars; the legend has the sums."
    return charts.stacked(_axis(span), cells, colour, label=label, width=width, height=height)


def _cache_chart(span: Span, cache: list[dict[str, Any]]) -> charts.Chart:
    shares = {
        datetime.fromtimestamp(record["bucket"], UTC): _ratio(
            record["cache_read_tokens"], record["input_tokens"]
        )
        for record in cache
    }
    label = f"Share of input tokens read from a prompt cache over the last {span.name}."
    return charts.line(_axis(span), shares, label=label, width=552, height=220)


def _cache(query: Query, span: Span) -> list[dict[str, Any]]:
    step = int(span.step.total_seconds())
    return records(query(schema.query("cache_series"), span.window.parameters(step=step)))


def _ratio(part: float, whole: float) -> float | None:
    return float(part) / float(whole) if whole else None


def _headline(query: Query, span: Span) -> dict[str, Any]:
    earlier = span.earlier.parameters()
    parameters = span.window.parameters(
        earlier_since=earlier["since"], earlier_until=earlier["until"]
    )
    return records(query(schema.query("headline"), parameters))[0]


def _stats(
    query: Query, span: Span, now: dict[str, Any], cache: list[dict[str, Any]]
) -> list[Stat]:
    tagged = query(schema.query("tagged"), span.window.parameters()).rows[0][0]
    hit = _ratio(sum(r["cache_read_tokens"] for r in cache), sum(r["input_tokens"] for r in cache))
    savings = [r["net_saving_usd"] for r in cache if r["net_saving_usd"] is not None]
    saved = f"{figures.usd(sum(savings))} saved, net of writes" if savings else ""
    cost = now["cost_usd"]
    return [
        Stat(
            name="Spend",
            value=figures.usd(cost),
            exact=None if cost is None else format(cost, "f"),
            hint=_change(cost, now["earlier_cost_usd"], span),
            explained="List prices in USD of every priced call in the range.",
        ),
        Stat(
            name="Calls",
            value=figures.count(now["calls"]),
            hint=_change(now["calls"], now["earlier_calls"], span),
            explained="Replies recorded, each once.",
        ),
        Stat(
            name="Cache hit rate",
            value=figures.share(hit),
            hint=saved,
            explained="Share of input tokens that were read from a prompt cache.",
        ),
        Stat(
            name="Unpriced",
            value=figures.share(_ratio(now["unpriced_calls"], now["calls"])),
            hint=f"{figures.count(now['unpriced_calls'])} calls",
            explained="Share of calls whose cost is unknown; they are not in the spend.",
        ),
        Stat(
            name="Tagged",
            value=figures.share(None if tagged is None else float(tagged)),
            hint="by feature()",
            explained="Share of calls whose feature the app named; others show their call site.",
        ),
    ]


def _change(now: Decimal | int | None, earlier: Decimal | int | None, span: Span) -> str:
    if now is None or not earlier:
        return ""
    change = float(now) / float(earlier) - 1
    if abs(change) < 0.005:
        return f"as in the {span.name} before"
    size = f"{change:+.0%}" if change < 10 else f"{change + 1:.0f}x"
    return f"{size} vs the {span.name} before"
