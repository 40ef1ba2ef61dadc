# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Overview, for who pays: what do we spend, does it change, will it hold, what can be saved?"""

from __future__ import annotations

from otel_llmcost.dashboards.boards import board, choice
from otel_llmcost.dashboards.panels import (
    BLUE,
    COUNT,
    GOOD,
    GREEN,
    GREY,
    KIND_COLORS,
    LIST_PRICE,
    ORANGE,
    RANGE,
    RATIO,
    RED,
    STATE_COLORS,
    TO_CALL,
    TO_FEATURE,
    TO_INCIDENT,
    TO_MODEL,
    USD,
    Column,
    Json,
    over_time,
    stat,
    table,
)

GROUPS = ["feature", "model", "team", "service", "environment", "provider"]
NO_PICKERS = "The pickers do not apply."


def overview() -> Json:
    """The board. `Budgets` is the panel that the budget alerts link to."""
    return board(
        "overview",
        "LLM cost: overview",
        "For who pays: what LLM calls cost, whether it changes and why, whether budgets will hold, "
        f"and what can be saved. {RANGE}",
        [*_numbers(), *_charts(), *_details()],
        variables=[choice("group_by", "Group by", GROUPS)],
    )


def _numbers() -> list[Json]:
    return [
        stat(
            "shared/cost",
            "Spend",
            f"What did LLM calls cost in this range? sum(cost_usd) of hourly_spend. {LIST_PRICE} "
            f"{RANGE}",
            at=(0, 0, 4, 5),
            unit=USD,
            decimals=2,
            empty="nothing priced",
            trend=True,
        ),
        stat(
            "overview/change",
            "Change",
            "Is spend changing? Complete hours of this range / as many hours before them - 1 "
            "(hourly_spend). Orange from half as much again: see What changed, and why.",
            at=(4, 0, 4, 5),
            unit=RATIO,
            decimals=1,
            empty="nothing to compare",
            steps=((None, "text"), (0.5, "orange")),
        ),
        stat(
            "overview/forecast",
            "Month forecast",
            "What will this UTC month cost? Spent so far, and for the days left the mean of the "
            "last 7 whole days with spend (hourly_spend). Unknown before the first whole day; a "
            "straight line, which has no weekends.",
            at=(8, 0, 4, 5),
            unit=USD,
            decimals=2,
            empty="unknown yet",
        ),
        stat(
            "overview/budget_used",
            "Budget used",
            "How far is the budget that is used up most? max(used_share) of budget_status, each "
            f"in its own period. {NO_PICKERS}",
            at=(12, 0, 4, 5),
            unit=RATIO,
            decimals=0,
            empty="no budgets",
            steps=((None, "text"), (0.8, "orange"), (1.0, "red")),
        ),
        stat(
            "overview/cost_per_1k_calls",
            "Per 1,000 calls",
            "What does a call cost on average? sum(cost_usd) / sum(priced_calls) * 1,000 of "
            f"hourly_spend. {LIST_PRICE}",
            at=(16, 0, 4, 5),
            unit=USD,
            decimals=2,
            empty="nothing priced",
            compared=True,
        ),
        stat(
            "overview/unpriced_share",
            "Unpriced",
            "How much is missing from the dollars? unpriced_calls / calls of hourly_spend: unknown "
            "model, tier or host. Their cost is unknown, not zero; the CLI's doctor names the fix.",
            at=(20, 0, 4, 5),
            unit=RATIO,
            decimals=2,
            compared=True,
            steps=((None, "text"), (0.01, "red")),
        ),
    ]


def _charts() -> list[Json]:
    return [
        over_time(
            "overview/cost_by_group",
            "Cost by ${group_by}",
            "What drives spend, and when? sum(cost_usd) of hourly_spend per bucket; the seven most "
            f"expensive of the range, the rest as other. {LIST_PRICE}",
            at=(0, 5, 16, 10),
            unit=USD,
            bars=True,
            decimals=2,
            empty="nothing priced",
        ),
        over_time(
            "overview/cumulative",
            "Month so far",
            "Are we ahead of last month, and of the budget's pace? Running sum(cost_usd) of "
            "hourly_spend by UTC day; budget pace = a monthly total budget (budget_status), evenly "
            "spread. The UTC month that goes on.",
            at=(16, 5, 8, 10),
            unit=USD,
            bars=False,
            decimals=2,
            interval="1d",
            days=31,
            colors={"this month": BLUE, "last month": GREY, "budget pace": ORANGE},
            empty="nothing priced",
        ),
    ]


def _details() -> list[Json]:

    def part(name: str, width: int = 88) -> Column:
        return Column(name, USD, 2, width, hide_zero=True)

    return [
        table(
            "overview/movers",
            "What changed, and why",
            "Why is spend different from the same number of hours before? change_between: volume + "
            "models + prompt + cache + output + price + new or gone + rest = change, to the last "
            "digit. Complete hours; parts under half a cent are left out; only Feature and Model "
            "apply.",
            at=(0, 15, 24, 9),
            columns={
                "feature": Column("Feature", link=TO_FEATURE),
                "before_usd": Column("Before", USD, 2, 88),
                "now_usd": Column("Now", USD, 2, 88),
                "changed_usd": Column("Change", USD, 2, 88),
                "by_volume": part("Volume"),
                "by_model": part("Models"),
                "by_prompt": part("Prompt"),
                "by_cache": part("Cache"),
                "by_output": part("Output"),
                "by_price": part("Price"),
                "by_new": part("New or gone", 105),
                "by_rest": part("Rest"),
            },
            empty="no change",
        ),
        table(
            "overview/incidents",
            "Most expensive incidents",
            "What costs more than it should, and why? incidents: the ten of the range that cost "
            "most beyond their feature's own norm, open ones first, without what is expected or "
            "muted; Incident leads to its story. Service and Team do not apply.",
            at=(0, 24, 24, 7),
            columns={
                "state": Column("State", width=105, colors=STATE_COLORS),
                "kind": Column("Kind", width=140, colors=KIND_COLORS),
                "environment": Column("Environment", width=105),
                "feature": Column("Feature", link=TO_FEATURE, width=150),
                "model": Column("Model", link=TO_MODEL, width=150),
                "excess": Column("Excess", USD, 2, 85),
                "per_day": Column("A day", USD, 2, 80),
                "share": Column("Of the bill", RATIO, 1, 85),
                "evidence": Column("Evidence"),
                "record_id": Column("Worst call", link=TO_CALL, width=110),
                "incident_id": Column("Incident", link=TO_INCIDENT, width=110),
            },
            empty=GOOD,
        ),
        table(
            "overview/budgets",
            "Budgets",
            "How does each budget stand, and where will it end? budget_status: spent in the "
            "current UTC period, burn = mean of the last 7 whole days, forecast with the range "
            "that holds 8 times of 10. A budget per call shows the most expensive call of "
            f"24 hours. {NO_PICKERS}",
            at=(0, 31, 24, 5),
            columns={
                "name": Column("Budget"),
                "scope": Column("Of", width=90),
                "scope_value": Column("Value"),
                "period": Column("Per", width=70),
                "amount_usd": Column("Amount", USD, 2, 90),
                "spent_usd": Column("Spent", USD, 2, 90),
                "used_share": Column("Used", RATIO, 0, 75),
                "state": Column("State", width=90, colors=BUDGET_COLORS),
                "burn_usd_per_day": Column("Burn a day", USD, 2, 95),
                "forecast_usd": Column("Forecast", USD, 2, 90),
                "forecast_low_usd": Column("Low", USD, 2, 90),
                "forecast_high_usd": Column("High", USD, 2, 90),
                "days_to_exhaustion": Column("Days left at this rate", "none", 1),
            },
            empty="no budgets: otel-llmcost budgets set",
        ),
        table(
            "overview/savings",
            "Next savings",
            "What could the last 30 days have cost? savings: these calls replayed with one lever "
            "pulled. The best lever of each feature and model is in the plan, whose sum counts no "
            "dollar twice; the others are instead of it. The range does not apply.",
            at=(0, 36, 24, 10),
            columns={
                "feature": Column("Feature", link=TO_FEATURE, width=150),
                "model": Column("Model", link=TO_MODEL, width=150),
                "lever": Column("Lever", width=140),
                "change": Column("Change", width=200),
                "calls": Column("Calls", COUNT, width=75),
                "cost_usd": Column("Cost", USD, 2, 85),
                "saving_low_usd": Column("At least", USD, 2, 85),
                "saving_usd": Column("Saving", USD, 2, 85),
                "plan": Column("Plan", width=90, colors={"in the plan": GREEN, "instead": GREY}),
                "confidence": Column("Confidence", width=100),
                "quality_check": Column("Quality check", width=110),
                "assumption": Column("If"),
            },
            empty="none found",
        ),
    ]


BUDGET_COLORS = {"ok": GREEN, "warning": ORANGE, "exceeded": RED}
