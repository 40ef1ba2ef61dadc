# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Budgets: what was allowed, what was spent of it, and when it will be gone."""

from __future__ import annotations

from otel_llmcost import schema
from otel_llmcost.analysis.report import Column, Query, Report, pick, records

SCOPES = ("total", "environment", "service", "feature", "team", "model", "user")
PERIODS = ("call", "day", "week", "month")

_COLUMNS = (
    Column("name"),
    Column("scope", spare=9),
    Column("scope_value", spare=8),
    Column("period", spare=7),
    Column("amount_usd", "usd"),
    Column("spent_usd", "usd"),
    Column("used_share", "share", spare=2),
    Column("state", spare=1),
    Column("action", detail=True),
    Column("burn_usd_per_day", "usd", spare=6),
    Column("forecast_usd", "usd", spare=5),
    Column("forecast_low_usd", "usd", detail=True),
    Column("forecast_high_usd", "usd", detail=True),
    Column("days_to_exhaustion", "ratio", detail=True),
)


def budgets(query: Query) -> Report:
    """Every budget with its current period, the most used first.

    `forecast_usd` is what the period ends with at the burn of the last seven days; None for
    budgets per call. `days_to_exhaustion` is None unless the budget ends before its period.
    """
    found = records(query(schema.query("budget_status")))
    return Report(
        title="Budgets",
        columns=_COLUMNS,
        rows=[pick(record, _COLUMNS) for record in found],
        note=_note(found) if found else "No budgets: set one with `otel-llmcost budgets set`.",
    )


def _note(found: list[dict[str, object]]) -> str | None:
    soon = [b for b in found if b["days_to_exhaustion"] is not None]
    lines = [
        f"{b['name']} will be used up in {b['days_to_exhaustion']:.1f} days at this rate."
        for b in soon
    ]
    return "\n".join(lines) or None
