# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What arrives, what is missing, and whether the figures can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from otel_llmcost import reports
from otel_llmcost.reports import Query, Report, formatting, pipeline
from otel_llmcost.reports.query_log import RecordingQuery
from otel_llmcost.reports.selection import ALL
from otel_llmcost.serve.web.charts import SLOTS, Chart, Series
from otel_llmcost.serve.web.colours import colours
from otel_llmcost.serve.web.page import Page, Stat, not_narrowed, noted, with_sql
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Dress, Record, Table, table

_ROWS = 50
_OLD_BOOK_DAYS = 60


def pipeline_page(query: Query, span: Span, _: Mapping[str, str]) -> Page:
    """Records by emitter over time, and one table for each thing that can go wrong."""
    recorded = RecordingQuery(query)
    found = pipeline.arrivals(recorded, span.window, span.selection, span.buckets)
    arrived = recorded.drain()
    emitters = pipeline.emitters(found, span.window)
    unpriced = sum(row["unpriced_calls"] for row in found)

    def listed(title: str, make: Callable[[Query], Report], dress: Dress | None = None) -> Table:
        return with_sql(query, lambda traced: table(title, make(traced), dress))

    def reasons(traced: Query) -> Report:
        if unpriced:
            return pipeline.unpriced(traced, span.window, span.selection)
        return Report(title="", columns=(), rows=[], note="Every call has a price.")

    def only(record: Record) -> str:
        return span.adding("source", str(record["source"])).href("/calls")

    def of_status(_: Record) -> str:
        return span.adding("status", "unpriced").href("/calls")

    served = span.selection.narrowing(("environment", "service"))

    complete = listed(
        "How complete it is",
        lambda traced: noted(
            reports.trust(traced, span.window, _ROWS, served), not_narrowed(span, served)
        ),
        Dress(headings={"max_lag_s": "Longest lag"}),
    )
    rollups = listed("Rollups", pipeline.rollups, Dress(headings={"newest_bucket": "Up to (UTC)"}))
    books = listed(
        "Price books", pipeline.books, Dress(headings={"newest_price": "Newest price from"})
    )
    return Page(
        path="/pipeline",
        title="Pipeline",
        span=span,
        stats=_stats(query, span, emitters, complete.report, books.report, rollups.report),
        notes=_old(books.report, span),
        charts=[replace(_chart(query, span, found), sql=arrived)] if found else [],
        tables=[
            replace(table("What arrives", emitters, Dress(links={"source": only})), sql=arrived),
            listed("What has no price, and its fix", reasons, Dress(links={"reason": of_status})),
            complete,
            listed(
                "What was refused",
                lambda traced: noted(
                    pipeline.refused(traced, span.window), not_narrowed(span, ALL)
                ),
            ),
            listed(
                "What two emitters reported",
                lambda traced: noted(
                    pipeline.doubles(traced, span.window), not_narrowed(span, ALL)
                ),
                Dress(headings={"source": "Left out", "kept_source": "Counted"}),
            ),
            rollups,
            books,
        ],
    )


def _chart(query: Query, span: Span, found: Sequence[Mapping[str, Any]]) -> Chart:
    totals: dict[str, int] = {}
    cells: dict[tuple[str, datetime], int] = {}
    for row in found:
        totals[row["source"]] = totals.get(row["source"], 0) + row["calls"]
        cells[row["source"], row["bucket"]] = row["calls"]
    names = sorted(totals, key=lambda name: (-totals[name], name))[:SLOTS]
    colour = colours(query, ["source"])
    return Chart.over(
        span,
        title="Calls by emitter",
        label=f"Stacked bars: calls by emitter, {span.name}. The figures follow.",
        kind="bar",
        unit="count",
        series=[
            Series(
                name=name,
                colour=colour.of(name),
                texture=colour.textures(names)[name],
                href=span.adding("source", name).href("/pipeline"),
                values=[_float(cells.get((name, bucket))) for bucket in span.buckets],
                total=formatting.count(totals[name]),
            )
            for name in names
        ],
    )


def _float(value: int | None) -> float | None:
    return None if value is None else float(value)


def _stats(
    query: Query, span: Span, emitters: Report, trust: Report, books: Report, rollups: Report
) -> list[Stat]:
    # The newest are near the end of the range: its last day says when, if anything came then.
    end = min(span.until, span.now)
    recent = replace(span.window, since=max(span.since, end - timedelta(days=1)))
    arrived = pipeline.newest(query, recent)["arrived_at"]
    rows = trust.records()
    lost = sum(row["lost_records"] for row in rows)
    doubled = sum(row["duplicate_records"] for row in rows)
    lags = [row["max_lag_s"] for row in rows if row["max_lag_s"] is not None]
    behind = sum(row["hours_behind"] or 0 for row in rollups.records())
    calls = sum(row["calls"] for row in emitters.records())
    version = books.rows[0][0] if books.rows else ""
    age = pipeline.age_days(version, span.now)
    return [
        Stat(
            name="Calls",
            value=formatting.count(calls),
            hint="" if arrived is None else f"last arrived {formatting.when(arrived)} UTC",
        ),
        Stat(
            name="Lost records",
            value=formatting.count(lost),
            hint="whole days",
            explained="Gaps in the numbers that our own records carry, on the days of the range.",
        ),
        Stat(
            name="Duplicates",
            value=formatting.count(doubled),
            hint="left out",
            explained="Records of replies that are counted already, on the days of the range.",
        ),
        Stat(
            name="Longest lag",
            value=formatting.duration(max(lags) * 1000) if lags else formatting.UNKNOWN,
            explained="From the end of a call to its arrival.",
        ),
        Stat(
            name="Hours behind",
            value=formatting.count(behind),
            hint="computed from records" if behind else "rollups are up to date",
        ),
        Stat(
            name="Price book",
            value=version or formatting.UNKNOWN,
            hint="" if age is None else f"{age} days old" if age != 1 else "1 day old",
        ),
    ]


def _old(books: Report, span: Span) -> list[str]:
    age = pipeline.age_days(books.rows[0][0], span.now) if books.rows else None
    if age is None or age <= _OLD_BOOK_DAYS:
        return []
    return [
        f"The price book is {age} days old: newer models have no price. Upgrade otel-llmcost, or "
        "name a file of your own in LLMCOST_PRICES."
    ]
