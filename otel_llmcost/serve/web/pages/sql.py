# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A console that reads: one statement, its answer, and the views and columns beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from otel_llmcost import schema
from otel_llmcost.reports import Query
from otel_llmcost.reports.report import records
from otel_llmcost.schema import meanings
from otel_llmcost.serve.web.answers import Answer, Problem
from otel_llmcost.serve.web.page import Page
from otel_llmcost.serve.web.span import Span

MOST_ROWS, MOST_CSV_ROWS = 1_000, 100_000
MOST_TEXT = 20_000
"""Characters of a statement, and of an answer in a format of its own."""
EXAMPLES = {
    "What each feature cost this month": (
        "SELECT feature, sum(cost_usd) AS usd, sum(calls) AS n\n"
        "FROM hourly_spend\nWHERE hour >= toStartOfMonth(now())\n"
        "GROUP BY feature\nORDER BY usd DESC NULLS LAST"
    ),
    "Spend by day and model": (
        "SELECT toDate(hour) AS day, model, sum(cost_usd) AS usd\n"
        "FROM hourly_spend\nWHERE hour >= now() - INTERVAL 30 DAY\n"
        "GROUP BY day, model\nORDER BY day, usd DESC NULLS LAST"
    ),
    "The most expensive calls of a day": (
        "SELECT ts, feature, model, user_id, cost_usd, trace_id\nFROM calls\n"
        "WHERE ts >= now() - INTERVAL 1 DAY\nORDER BY cost_usd DESC NULLS LAST\nLIMIT 20"
    ),
    "Why calls have no price": (
        "SELECT cost_reason, model, count() AS n\nFROM calls\n"
        "WHERE ts >= now() - INTERVAL 7 DAY AND cost_usd IS NULL\n"
        "GROUP BY cost_reason, model\nORDER BY n DESC"
    ),
    "The lines of one day's bill": (
        "SELECT bucket, sum(quantity) AS sold, sum(amount_usd) AS usd\nFROM bill_lines\n"
        "WHERE ts >= now() - INTERVAL 1 DAY\nGROUP BY bucket\nORDER BY usd DESC NULLS LAST"
    ),
}
"""Statements to begin with, by what they answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A public view, as the console lists it."""

    name: str
    about: str
    parameters: Sequence[str]
    columns: Sequence[tuple[str, str, str]]
    """Name, type and meaning; none of a view with parameters, which the engine does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What became of a statement; one of the three is there."""

    answer: Answer | None = None
    text: str = ""
    """The answer, of a statement that names a format of its own."""
    problem: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlPage(Page):
    """The console."""

    template: ClassVar[str] = "sql.html"

    statement: str = ""
    ran: Ran | None = None
    facts: str = ""
    """Time, rows and bytes of the answer."""
    views: Sequence[View] = field(default_factory=list[View])
    examples: Sequence[tuple[str, str]] = ()
    """Names and addresses."""


def sql(
    query: Query,
    span: Span,
    wanted: Mapping[str, str],
    ran: Ran | None = None,
    *,
    note: str = "",
    most: int = MOST_ROWS,
) -> SqlPage:
    """The page with a statement, and what became of it; None where it was not run. `most` rows of
    an answer are kept."""
    page = SqlPage(
        path="/sql",
        title="SQL",
        span=span,
        timeless=True,
        statement=wanted.get("q", ""),
        ran=ran,
        notes=[note] if note else [],
        views=_views(query),
        examples=[(name, span.href("/sql", q=text)) for name, text in EXAMPLES.items()],
    )
    answer = ran.answer if ran else None
    if answer is None:
        return page
    chart = answer.chart()
    return replace(
        page,
        facts=_facts(answer),
        charts=[chart] if chart else [],
        tables=[answer.table(most)],
    )


def _facts(answer: Answer) -> str:
    shown = min(len(answer.rows), MOST_ROWS)
    more = f"the first {shown:,} rows" if len(answer.rows) > MOST_ROWS else f"{shown:,} rows"
    return (
        f"{more} in {answer.seconds * 1000:,.0f} ms; "
        f"{answer.read_rows:,} rows and {answer.read_bytes / 1e6:,.1f} MB were read"
    )


def _views(query: Query) -> list[View]:
    names = schema.public_views()
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for row in records(query(schema.query("public_columns"), {"views": names})):
        found[row["view"]].append(row)
    return [
        View(
            name=name,
            about=meanings.about_views()[name],
            parameters=meanings.parameters_of(name),
            columns=[
                (row["name"], row["type"], meanings.meaning(name, row["name"])) for row in rows
            ],
        )
        for name, rows in found.items()
    ]
