# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Calls that belong together, one row a run: traces, sessions, conversations, feature() scopes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from otel_llmcost.reports import Query
from otel_llmcost.reports.query_log import RecordingQuery
from otel_llmcost.reports.runs import KINDS, SORTS, WantedRuns, run_page
from otel_llmcost.serve.web.page import Field, Page, run_link, spend_stats, totals
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Dress, Link, Record, table

PARAMETERS = ("kind", "sort", "after")
_HEADINGS = {"first_ts": "Began (UTC)", "duration_ms": "Took", "features": "Features"}


def runs(query: Query, span: Span, wanted: Mapping[str, str]) -> Page:
    """The list, a page at a time."""
    chosen = WantedRuns.of(wanted)
    recorded = RecordingQuery(query)
    found = run_page(recorded, span.window, span.selection, chosen)
    statements = tuple(reversed(recorded.drain()))  # the last has the figures
    own = {"kind": chosen.kind, "sort": chosen.sort}
    more = ("Next page", span.href("/runs", **own, after=found.next)) if found.next else None
    listed = table(
        "After the page before" if chosen.after else f"{chosen.kind.capitalize()}s",
        found.report,
        Dress(
            links=_links(span, chosen.kind),
            headings={"run_id": chosen.kind.capitalize(), **_HEADINGS},
            next=more,
        ),
    )
    return Page(
        path="/runs",
        title="Runs",
        span=span,
        stats=spend_stats(*totals(query, span), span),
        fields=[
            Field(name="kind", label="One row a", value=chosen.kind, choices=tuple(KINDS)),
            Field(name="sort", label="Sort by", value=chosen.sort, choices=tuple(SORTS)),
        ],
        tables=[replace(listed, sql=statements)],
    )


def _links(span: Span, kind: str) -> dict[str, Link]:
    def narrowing(name: str) -> Link:
        def link(record: Record) -> str | None:
            value = record.get(name)
            own = {"kind": kind}
            return span.adding(name, str(value)).href("/runs", **own) if value else None

        return link

    def opened(record: Record) -> str:
        return run_link(span, kind, str(record["run_id"]))

    return {"run_id": opened, "feature": narrowing("feature"), "user": narrowing("user")}
