# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Budgets: what was allowed, what was spent of it, and when it will be gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any

from otel_llmcost import schema
from otel_llmcost.reports.formatting import calls, count
from otel_llmcost.reports.report import Column, Query, Report, pick, records
from otel_llmcost.reports.window import Window, sql_time
from otel_llmcost.timezones import name_of

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
    Column("calls", "count", detail=True),
    Column("calls_over_limit", "count", detail=True),
    Column("over_limit", "figure", people=True, spare=3),
)
_REFUSALS = (
    Column("budget"),
    Column("feature"),
    Column("model"),
    Column("refused", "count"),
    Column("estimate_usd", "usd"),
    Column("last_ts", "time"),
    Column("first_ts", "time", detail=True),
    Column("environment", detail=True),
    Column("unknown_estimates", "count", detail=True),
)
_OF_A_PERIOD = ("spent_usd", "used_share", "burn_usd_per_day", "forecast_usd")


def budgets(query: Query, zone: tzinfo = UTC) -> Report:
    """Every budget with its current period in that zone, the most used first.

    `forecast_usd` is what the period ends with at the burn of the last seven days.
    `days_to_exhaustion` is None unless the budget ends before its period. A budget per call has
    neither: of the `calls` of the last 24 hours that it covers, `calls_over_limit` cost more, and
    `spent_usd` is the most expensive one.
    """
    held = records(query(schema.query("budget_status"), {"timezone": name_of(zone)}))
    found = [_with_calls(query, one) for one in held]
    return Report(
        title="Budgets",
        columns=_COLUMNS,
        rows=[pick(record, _COLUMNS) for record in found],
        note=_note(found) if found else "No budgets: set one with `otel-llmcost budgets set`.",
    )


def cards(query: Query, zone: tzinfo = UTC) -> list[dict[str, Any]]:
    """Every budget with its current period in that zone and its forecast, the most used first."""
    return records(query(schema.query("budget_cards"), {"timezone": name_of(zone)}))


def hours(
    query: Query, scope: str, value: str, since: datetime, until: datetime, zone: tzinfo = UTC
) -> dict[datetime, Decimal]:
    """What was spent hour by hour of what a budget is for; hours without spend are absent."""
    window = Window(since, until, zone=zone).parameters(scope=scope, value=value)
    found = records(query(schema.query("budget_hours"), window))
    return {row["hour"]: row["cost_usd"] for row in found}


def refusals(query: Query, since: datetime, limit: int = 50) -> Report:
    """Calls that budgets with the action `block` refused since a moment."""
    found = records(
        query(schema.query("budget_refusals"), {"since": sql_time(since), "limit": limit})
    )
    return Report(
        title="Refused calls",
        columns=_REFUSALS,
        rows=[pick(record, _REFUSALS) for record in found],
        note=None if found else "No call was refused.",
    )


def _note(found: list[dict[str, object]]) -> str | None:
    soon = [b for b in found if b["days_to_exhaustion"] is not None]
    lines = [
        f"{b['name']} will be used up in {b['days_to_exhaustion']:.1f} days at this rate."
        for b in soon
    ]
    return "\n".join(lines) or None


def _with_calls(query: Query, budget: dict[str, Any]) -> dict[str, Any]:
    if budget["period"] != "call":
        return {**budget, "calls": None, "calls_over_limit": None, "over_limit": ""}
    parameters = {
        "scope": budget["scope"],
        "value": budget["scope_value"],
        "amount": budget["amount_usd"],
    }
    (counted,) = records(query(schema.query("budget_calls"), parameters))
    over = f"{count(counted['calls_over_limit'])} of {calls(counted['calls'])}"
    return {**budget, **counted, "over_limit": over}


def for_people(report: Report) -> Report:
    """The same, without figures of a period where a budget is per call and has none."""
    names = [column.name for column in report.columns]
    blank = {n for n, name in enumerate(names) if name in _OF_A_PERIOD}
    period = names.index("period")
    rows = [
        tuple("" if n in blank else value for n, value in enumerate(row))
        if row[period] == "call"
        else row
        for row in report.rows
    ]
    return replace(report, rows=rows)
