# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""All about one user, one team or one value of an allocation key, such as a customer.

Who it is, is a condition like any other: the page shows the calls that are selected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from otel_llmcost.reports import Query, formatting
from otel_llmcost.reports.call_list import USUAL, Wanted, call_page
from otel_llmcost.reports.entity import entity_in, outcomes_of
from otel_llmcost.reports.explore import breakdown
from otel_llmcost.reports.runs import WantedRuns, run_page
from otel_llmcost.serve.web.charts import Chart
from otel_llmcost.serve.web.colours import colours
from otel_llmcost.serve.web.page import (
    Page,
    Stat,
    call_links,
    deeper,
    measured,
    run_link,
    spend_stats,
    totals,
    unpriced,
    with_sql,
)
from otel_llmcost.serve.web.pages.overview import hit_chart, hit_rate
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Dress, Record, Table, table

_ROWS, _RUNS, _CALLS = 15, 10, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityPage(Page):
    """One of them."""

    under: ClassVar[str] = "/calls"


def _table(span: Span, by: str, query: Query) -> Table:
    found = breakdown(query, span.window, span.selection, by, _ROWS)
    return table(f"By {by}", found, Dress(links=deeper(span, by)))


def _spend(query: Query, span: Span, by: str) -> Chart:
    colour = colours(query, [by])
    return with_sql(
        query,
        lambda traced: measured(
            traced, span, [by], "cost_usd", colour, lambda other: other.href("/entity")
        ),
    )


def entity(query: Query, span: Span, _: Mapping[str, str]) -> Page:
    """Spend over time, models, features, runs, calls and outcomes of the one that a condition
    names."""
    who = entity_in(span.selection)
    if who is None:
        name = (
            "This page is about one of them: name it as user=ada, team=search or tag.customer=acme."
        )
        return EntityPage(path="/entity", title="A user, team or customer", span=span, notes=[name])
    title = f"{who.label.capitalize()} {who.values[0]}"
    now, earlier = totals(query, span, "cache_hit_rate", "errors")
    if not now["calls"]:
        empty = f"No call of this {who.label} in this time."
        return EntityPage(path="/entity", title=title, span=span, empty=empty)
    kind = "session"
    runs = run_page(query, span.window, span.selection, WantedRuns(kind=kind), _RUNS)
    if not runs.report.rows:
        kind = "trace"
        runs = run_page(query, span.window, span.selection, WantedRuns(kind=kind), _RUNS)
    calls = call_page(query, span.window, span.selection, Wanted(sort="cost"), _CALLS)

    def opened(record: Record) -> str:
        return run_link(span, kind, str(record["run_id"]))

    return EntityPage(
        path="/entity",
        title=title,
        span=span,
        stats=[
            *spend_stats(now, earlier, span),
            hit_rate(now, earlier, span),
            Stat(
                name="Errors",
                value=formatting.count(now["errors"]),
                explained="Calls that failed.",
            ),
        ],
        notes=unpriced(query, span, now),
        charts=[
            *(_spend(query, span, by) for by in ("model", "feature")),
            hit_chart(query, span),
        ],
        tables=[
            *(with_sql(query, partial(_table, span, by)) for by in ("model", "feature")),
            table(
                f"Newest {kind}s",
                runs.report,
                Dress(
                    links={"run_id": opened},
                    headings={"run_id": kind.capitalize(), "first_ts": "Began (UTC)"},
                    more=("All of them", span.href("/runs", kind=kind)),
                ),
            ),
            table(
                "Most expensive calls",
                calls.report,
                Dress(
                    links=call_links(span),
                    only=USUAL,
                    more=("All calls", span.href("/calls", sort="cost")),
                ),
            ),
            table("Outcomes", outcomes_of(query, span.window, who, now["cost_usd"])),
        ],
    )
