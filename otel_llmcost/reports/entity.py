# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Who a page is about: one user, one team, or one value of an allocation key."""

from __future__ import annotations

from decimal import Decimal

from otel_llmcost import schema
from otel_llmcost.reports.report import Column, Query, Report, marked, records
from otel_llmcost.reports.selection import TAG, Condition, Selection
from otel_llmcost.reports.window import Window

WHO = ("user", "team")
"""Dimensions whose values have a page of their own; so have those of allocation keys."""
_COLUMNS = (
    *(Column("outcome"), Column("outcomes", "count"), Column("value", "ratio")),
    *(Column("spend_per_outcome_usd", "usd"), Column("newest", "time")),
)


def entity_in(selection: Selection) -> Condition | None:
    """The first condition that names one user, team or value of an allocation key."""
    return next((one for one in selection.conditions if is_entity(one)), None)


def is_entity(one: Condition) -> bool:
    """Whether it keeps the calls of one of them."""
    named = one.name in WHO or one.name.startswith(TAG)
    return named and not one.excluded and len(one.values) == 1


def outcomes_of(
    query: Query, window: Window, who: Condition, spent: Decimal | None, limit: int = 20
) -> Report:
    """Outcomes by name, and what was spent for each: all of the spend over each of the names, as
    no call says which outcome it was for. None where no spend is known."""
    chosen = Selection((who,))
    sql = marked(schema.query("entity_outcomes"), "only", chosen.where("c"))
    found = records(query(sql, window.parameters(limit=limit, **chosen.parameters)))
    return Report(
        title=f"Outcomes, {window}",
        columns=_COLUMNS,
        rows=[
            (
                *(row["outcome"], row["outcomes"], row["value"]),
                None if spent is None else spent / row["outcomes"],
                row["newest"],
            )
            for row in found
        ],
        note=None if found else "No outcomes: note one with llmcost.outcome(…) in its scope.",
    )
