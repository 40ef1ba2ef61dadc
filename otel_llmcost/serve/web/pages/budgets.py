# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Budgets: how they stand, how they will end, what they refused; set, changed and removed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from otel_llmcost.actions.audit import Author, Store
from otel_llmcost.actions.budgets import Budget, amount, remove_budget, set_budget, subject
from otel_llmcost.errors import ConfigError
from otel_llmcost.reports import Query, formatting
from otel_llmcost.reports import budgets as reports
from otel_llmcost.serve.web.drawing import Drawing
from otel_llmcost.serve.web.page import Page
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Dress, table
from otel_llmcost.serve.web.writes import Action, Form
from otel_llmcost.timezones import midnight

_HOUR = timedelta(hours=1)
_REFUSED = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetCard:
    """One budget in its current period."""

    key: Mapping[str, str]
    """What a form sends to name it."""
    name: str
    subject: str
    state: str
    action: str
    soft_percent: int
    amount: str
    amount_plain: str
    spent: str
    spent_exact: str
    used: float
    used_text: str
    outlook: str
    """How the period will end, in words."""
    drawing: Drawing | None
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetsPage(Page):
    """A card for each budget, and the form for another."""

    template: ClassVar[str] = "budgets.html"

    cards: Sequence[BudgetCard] = field(default_factory=list[BudgetCard])
    scopes: Sequence[str] = reports.SCOPES
    periods: Sequence[str] = reports.PERIODS


def budget_list(query: Query, span: Span, _: Mapping[str, str]) -> BudgetsPage:
    """Every budget, the most used first; what they refused in 30 days."""
    found = reports.cards(query, span.zone)
    return BudgetsPage(
        path="/budgets",
        title="Budgets",
        span=span,
        timeless=True,
        cards=[_card(query, row, span) for row in found],
        tables=[
            table(
                "Refused calls of 30 days",
                reports.refusals(query, span.now - _REFUSED),
                Dress(headings={"estimate_usd": "Would have cost", "last_ts": "Last (UTC)"}),
            ),
            table(
                "Budgets and how they stand",
                reports.for_people(reports.budgets(query, span.zone)),
                Dress(headings={"used_share": "Used"}),
            ),
        ],
    )


def _card(query: Query, row: Mapping[str, Any], span: Span) -> BudgetCard:
    drawing = None if row["period"] == "call" else _drawing(query, row, span)
    spent = row["spent_usd"]
    return BudgetCard(
        key={name: row[name] for name in ("scope", "scope_value", "period")},
        name=row["name"],
        subject=subject(row["scope"], row["scope_value"], row["period"]),
        state=row["state"],
        action=row["action"],
        soft_percent=row["soft_percent"],
        amount=formatting.usd(row["amount_usd"]),
        amount_plain=formatting.plain(row["amount_usd"]),
        spent=formatting.usd(spent),
        spent_exact=format(spent, "f"),
        used=min(float(row["used_share"]), 1.0),
        used_text=formatting.share(row["used_share"]),
        outlook=_outlook(row, span.now),
        drawing=drawing,
        caption="What is left of it; dashed: the forecast, 8 of 10 times within the band."
        if drawing
        else "",
    )


def _outlook(row: Mapping[str, Any], now: datetime) -> str:
    if row["period"] == "call":
        return "The most expensive call of the last 24 hours."
    if row["state"] == "exceeded":
        return f"It is used up; the {row['period']} ends in {row['days_left']:.1f} days."
    ends = f"The {row['period']} ends with {formatting.usd(row['forecast_usd'])} at this rate"
    if row["forecast_low_usd"] is not None:
        low, high = (formatting.usd(row[f"forecast_{end}_usd"]) for end in ("low", "high"))
        ends += f" ({low} to {high})"
    if row["days_to_exhaustion"] is not None:
        gone = now + timedelta(days=row["days_to_exhaustion"])
        return f"{ends}: it will be used up on {gone:%a %d %b %H:%M}."
    return f"{ends}: it will do."


def _drawing(query: Query, row: Mapping[str, Any], span: Span) -> Drawing:
    """What is left, hour by hour, and where it is going."""
    begin, end = (_midnight(row[name], span) for name in ("period_start", "period_end"))
    spent = reports.hours(query, row["scope"], row["scope_value"], begin, end, span.zone)
    amount_usd, hours = row["amount_usd"], (end - begin) / _HOUR
    gone = (span.now - begin) / _HOUR
    left, total = [(0.0, amount_usd)], Decimal(0)
    for hour, usd in sorted(spent.items()):
        total += usd
        left.append((min((hour + _HOUR - begin) / _HOUR, gone), max(amount_usd - total, 0)))
    left.append((gone, left[-1][1]))
    rest = formatting.usd(max(amount_usd - total, Decimal(0)))
    drawing = Drawing(
        label=f"What is left of {row['name']}: {rest} of {formatting.usd(amount_usd)}. "
        f"{_outlook(row, span.now)}",
        most_along=hours,
        most_up=float(amount_usd),
        height=120,
    )
    now_left = float(left[-1][1])

    def at_end(name: str) -> float:
        usd = row[name]
        return max(float(amount_usd) - float(usd if usd is not None else row["spent_usd"]), 0.0)

    if row["forecast_low_usd"] is not None:
        low = [(gone, now_left), (hours, at_end("forecast_high_usd"))]
        high = [(gone, now_left), (hours, at_end("forecast_low_usd"))]
        drawing.band(low, high, "band")
    drawing.area(left, "spent")
    drawing.line(left, "actual")
    if row["days_to_exhaustion"] is not None:
        empty = gone + 24 * row["days_to_exhaustion"]
        drawing.line([(gone, now_left), (empty, 0.0), (hours, 0.0)], "forecast")
        drawing.mark(empty, "mark")
    else:
        drawing.line([(gone, now_left), (hours, at_end("forecast_usd"))], "forecast")
    drawing.level(0, "limit")
    return drawing


def _midnight(day: date, span: Span) -> datetime:
    return midnight(day, span.zone).astimezone(span.now.tzinfo)


def _set(store: Store, author: Author, form: Form) -> None:
    percent = form.get("soft_percent", "80")
    if not (percent.isascii() and percent.isdigit()):
        raise ConfigError(f"warn at {percent!r} %: use 1 to 100")
    scope = form.get("scope", "")
    budget = Budget(
        scope=scope,
        scope_value="" if scope == "total" else form.get("scope_value", ""),
        period=form.get("period", ""),
        amount_usd=amount(form.get("amount", "")),
        soft_percent=int(percent[:4]),
        action=form.get("action", ""),
        name=form.get("name", ""),
    )
    set_budget(store, budget, author)


def _remove(store: Store, author: Author, form: Form) -> None:
    remove_budget(
        store, form.get("scope", ""), form.get("scope_value", ""), form.get("period", ""), author
    )


ACTIONS = [
    Action("/budgets/set", _set, then="/budgets"),
    Action("/budgets/remove", _remove, then="/budgets"),
]
