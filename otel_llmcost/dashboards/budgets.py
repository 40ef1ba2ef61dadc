# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Budgets and the monthly review: will we land inside, and what do we change next month?"""

from __future__ import annotations

from otel_llmcost.dashboards.boards import board
from otel_llmcost.dashboards.panels import (
    COUNT,
    HOURS,
    LIST_PRICE,
    RATIO,
    TO_FEATURE,
    USD,
    Column,
    Json,
    over_time,
    stat,
    table,
    text,
)

REVIEW = """\
1. Did we land where the forecast said? If not: volume, prompts, models or prices (overview)?
2. Which three features took most of the change, and did anybody intend it?
3. Is a budget missing, too tight or never near its limit?
4. Does a session, a user, an outcome cost more than a month ago?
5. Which lever of the savings table is decided, by whom, until when?
6. Are untagged and unpriced calls few enough to believe all of the above?
"""
NO_PICKERS = "The pickers do not apply."


def budgets() -> Json:
    """The board. `Budgets` is the panel the budget alerts link to."""
    return board(
        "budgets",
        "LLM cost: budgets and monthly review",
        "Whether budgets will hold, and the month in review.",
        [*_numbers(), *_status(), *_month()],
        since="now/M",
        refresh="",
    )


def _numbers() -> list[Json]:
    return [
        stat(
            "budgets/month_to_date",
            "Month to date",
            "What was spent since the first of the UTC month? sum(cost_usd) of hourly_spend, to "
            "the "
            f"end of the range. {LIST_PRICE}",
            at=(0, 0, 5, 4),
            unit=USD,
            decimals=2,
            empty="nothing priced",
        ),
        stat(
            "overview/forecast",
            "Month forecast",
            "What will this UTC month cost? Spent so far, and for the days left the mean of the "
            "last 7 whole days with spend (hourly_spend). Unknown before the first whole day.",
            at=(5, 0, 5, 4),
            unit=USD,
            decimals=2,
            empty="unknown yet",
        ),
        stat(
            "overview/budget_used",
            "Budget used",
            "How far is the budget that is used up most? max(used_share) of budget_status, each in "
            f"its own period. {NO_PICKERS}",
            at=(10, 0, 5, 4),
            unit=RATIO,
            decimals=0,
            empty="no budgets",
            steps=[(None, "text"), (0.8, "orange"), (1.0, "red")],
        ),
        stat(
            "budgets/exhausted",
            "First to run out",
            "When is the first budget used up? min(days_to_exhaustion) of budget_status at the "
            f"burn of the last 7 days. Empty when all will hold. {NO_PICKERS}",
            at=(15, 0, 5, 4),
            unit="d",
            decimals=1,
            empty="none",
        ),
        stat(
            "budgets/over",
            "Used up",
            f"How many budgets are used up? budget_status with state exceeded. {NO_PICKERS}",
            at=(20, 0, 4, 4),
            unit=COUNT,
            decimals=0,
            empty="no budgets",
            steps=[(None, "text"), (1.0, "red")],
        ),
    ]


def _status() -> list[Json]:
    return [
        table(
            "budgets/status",
            "Budgets",
            "How does each budget stand, and where will it end? budget_status: spent in the "
            "current UTC period, burn = mean of the last 7 whole days, forecast with the range "
            "that holds 8 times of 10. A budget per call shows the most expensive call of "
            f"24 hours. {NO_PICKERS}",
            at=(0, 4, 24, 7),
            columns={
                "name": Column("Budget"),
                "scope": Column("Of", width=90),
                "scope_value": Column("Value"),
                "period": Column("Per", width=70),
                "amount_usd": Column("Amount", USD, 2, 90),
                "spent_usd": Column("Spent", USD, 2, 90),
                "used_share": Column("Used", RATIO, 0, 75),
                "state": Column("State", width=90),
                "burn_usd_per_day": Column("Burn a day", USD, 2, 95),
                "forecast_usd": Column("Forecast", USD, 2, 90),
                "forecast_low_usd": Column("Low", USD, 2, 90),
                "forecast_high_usd": Column("High", USD, 2, 90),
                "days_to_exhaustion": Column("Days left at this rate", "none", 1),
            },
        ),
        over_time(
            "budgets/cumulative",
            "Month so far",
            "Are we ahead of last month, and of the budget's pace? Running sum(cost_usd) of "
            "hourly_spend by UTC day; budget pace = a monthly total budget (budget_status), evenly "
            "spread.",
            at=(0, 11, 12, 9),
            unit=USD,
            bars=False,
            interval="1d",
            colors={"this month": "#5794f2", "last month": "#8e8e8e", "budget pace": "#ff9830"},
        ),
        over_time(
            "budgets/daily",
            "Daily cost by team",
            "Which team spends, on which day? sum(cost_usd) of hourly_spend by UTC day; the seven "
            f"most expensive, the rest as other. {LIST_PRICE} {HOURS}",
            at=(12, 11, 12, 9),
            unit=USD,
            bars=True,
            interval="1d",
        ),
    ]


def _month() -> list[Json]:
    return [
        table(
            "budgets/months",
            "This month against last",
            "What changed since last month? sum(cost_usd) of hourly_spend of this UTC month "
            "against "
            f"the same days and hours of the month before, the ten most expensive. {LIST_PRICE}",
            at=(0, 20, 13, 9),
            columns={
                "feature": Column("Feature", link=TO_FEATURE),
                "last_usd": Column("Last month", USD, 2, 100),
                "this_usd": Column("This month", USD, 2, 100),
                "changed_usd": Column("Change", USD, 2, 90),
                "changed_share": Column("Change", RATIO, 0, 80),
                "call_count": Column("Calls", COUNT, width=80),
                "usd_per_call": Column("Per call", USD, 5, 95),
            },
        ),
        over_time(
            "budgets/unit_trend",
            "Unit costs",
            "Does a unit get cheaper? Dollars per 1,000 calls (hourly_spend), and per run, "
            "session, "
            "user and customer of each UTC day (daily_units).",
            at=(13, 20, 11, 9),
            unit=USD,
            bars=False,
            decimals=3,
            interval="1d",
        ),
        table(
            "budgets/savings",
            "Next savings",
            "What could the last 30 days have cost? savings: these calls replayed with one lever "
            "pulled. The best lever of each feature and model is in the plan, whose sum counts no "
            "dollar twice; the others are instead of it. The range does not apply.",
            at=(0, 29, 24, 9),
            columns={
                "feature": Column("Feature", link=TO_FEATURE, width=150),
                "model": Column("Model", width=150),
                "lever": Column("Lever", width=140),
                "change": Column("Change", width=200),
                "calls": Column("Calls", COUNT, width=75),
                "cost_usd": Column("Cost", USD, 2, 85),
                "saving_low_usd": Column("At least", USD, 2, 85),
                "saving_usd": Column("Saving", USD, 2, 85),
                "plan": Column("Plan", width=90),
                "confidence": Column("Confidence", width=100),
                "quality_check": Column("Quality check", width=110),
                "assumption": Column("If"),
            },
        ),
        over_time(
            "budgets/untagged",
            "Untagged calls",
            "How much cannot be put to a feature by its tag? 1 - tagged_share of trust by UTC day. "
            "Only Environment and Service apply.",
            at=(16, 38, 8, 7),
            unit=RATIO,
            bars=False,
            maximum=1,
            interval="1d",
        ),
        text("Questions for the review", REVIEW, at=(0, 38, 16, 7)),
    ]
