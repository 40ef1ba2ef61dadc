# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What an outcome costs: the calls that led to it, by scope, session or trace."""

from __future__ import annotations

from otel_llmcost import schema
from otel_llmcost.reports.report import Column, Query, Report, pick, records
from otel_llmcost.reports.window import Window

_COLUMNS = (
    Column("outcome"),
    Column("feature", spare=1),
    Column("outcomes", "count"),
    Column("value", "ratio", detail=True),
    Column("calls", "count", spare=3),
    Column("unknown_outcomes", "count", spare=4),
    Column("cost_usd", "usd", spare=2),
    Column("cost_per_outcome_usd", "usd"),
    Column("cost_per_value_usd", "usd", detail=True),
)


def outcomes(query: Query, window: Window, limit: int = 50) -> Report:
    """Cost per outcome, by its name and feature.

    An outcome's cost is None when no call of it is priced, or no call could be linked to it; such
    outcomes are counted in `unknown_outcomes` and left out of the cost per outcome.
    """
    found = records(query(schema.query("spend_by_outcome"), window.parameters(limit=limit)))
    return Report(
        title=f"Cost per outcome, {window}",
        columns=_COLUMNS,
        rows=[pick(record, _COLUMNS) for record in found],
        note=None
        if found
        else "No outcomes in this time range: note one in the app with "
        'llmcost.outcome("ticket_resolved"), inside a feature() or allocate() scope.',
    )
