# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Feature: why does this feature cost that, and what does one unit of it cost?"""

from __future__ import annotations

from otel_llmcost.dashboards.boards import board
from otel_llmcost.dashboards.panels import (
    COUNT,
    HOURS,
    LIST_PRICE,
    RATIO,
    TO_TRACE,
    TOKEN_COLORS,
    USD,
    Column,
    Json,
    over_time,
    ranking,
    stat,
    table,
)


def feature() -> Json:
    """The board."""
    return board(
        "feature",
        "LLM cost: feature",
        "Why the chosen features cost what they cost, and what one run, session, user or outcome "
        "does.",
        [*_numbers(), *_charts(), *_units(), *_details()],
    )


def _numbers() -> list[Json]:
    return [
        stat(
            "shared/cost",
            "Spend",
            f"What did it cost? sum(cost_usd) of hourly_spend. {LIST_PRICE} {HOURS}",
            at=(0, 0, 5, 4),
            unit=USD,
            decimals=2,
            empty="nothing priced",
        ),
        stat(
            "feature/calls",
            "Calls",
            f"How often was a model called? sum(calls) of hourly_spend. {HOURS}",
            at=(5, 0, 5, 4),
            unit=COUNT,
            decimals=1,
        ),
        stat(
            "feature/cost_per_call",
            "Per call",
            f"What does a call cost on average? sum(cost_usd) / sum(priced_calls) of hourly_spend. "
            f"{HOURS}",
            at=(10, 0, 5, 4),
            unit=USD,
            decimals=5,
            empty="nothing priced",
        ),
        stat(
            "feature/tokens_per_call",
            "Tokens per call",
            "How long are calls? (input_tokens + output_tokens) / calls of hourly_spend; input "
            "includes what came from the cache.",
            at=(15, 0, 4, 4),
            unit=COUNT,
            decimals=1,
        ),
        stat(
            "feature/p95_cost",
            "p95 per call",
            "What does an expensive call cost? The 95 % quantile of cost_usd of priced calls "
            "(daily_calls), to within half a per cent.",
            at=(19, 0, 5, 4),
            unit=USD,
            decimals=5,
            empty="nothing priced",
        ),
    ]


def _charts() -> list[Json]:
    return [
        over_time(
            "shared/cost_by_model",
            "Cost by model",
            "Which models does it use, and when? sum(cost_usd) of hourly_spend per bucket; the "
            "seven "
            f"most expensive, the rest as other. {LIST_PRICE}",
            at=(0, 4, 12, 9),
            unit=USD,
            bars=True,
        ),
        over_time(
            "feature/tokens_over_time",
            "Tokens of a call",
            "Do prompts or answers grow? Tokens of each kind / calls of hourly_spend per bucket. "
            "Output is shown without reasoning; emitters that do not report reasoning have it in "
            "output.",
            at=(12, 4, 12, 9),
            unit=COUNT,
            bars=True,
            colors=TOKEN_COLORS,
        ),
        over_time(
            "feature/cost_per_call_over_time",
            "Cost of a call",
            "Does a typical or an expensive call cost more? Median and 95 % quantile of cost_usd "
            "(calls) per bucket; from seven days on of a day (daily_calls). Priced calls only.",
            at=(0, 13, 12, 8),
            unit=USD,
            bars=False,
            decimals=4,
        ),
        ranking(
            "feature/cost_classes",
            "Calls by cost",
            "Is it many cheap calls or few expensive ones? Calls per power of ten of cost_usd "
            "(daily_calls); unknown = no price, which is not free.",
            at=(12, 13, 12, 8),
            unit=COUNT,
        ),
    ]


def _units() -> list[Json]:
    return [
        table(
            "feature/units",
            "Unit economics",
            "What does one run of a feature, session, user or customer cost on a day? Sums of "
            "calls per id and UTC day (daily_units), then mean, median, p95. run = a scope, "
            "customer = the allocation key of that name; who comes on two days counts twice. "
            "Ranges of a week and more begin with a whole day. Model does not apply.",
            at=(0, 21, 13, 7),
            columns={
                "unit": Column("Unit", width=90),
                "units": Column("How many", COUNT, width=90),
                "mean_usd": Column("Mean", USD, 4, 90),
                "median_usd": Column("Median", USD, 4, 90),
                "p95_usd": Column("p95", USD, 4, 90),
                "highest_usd": Column("Highest", USD, 4, 90),
                "total_usd": Column("In all", USD, 2, 90),
                "calls_per_unit": Column("Calls each", COUNT, 1, 90),
                "unknown_units": Column("Cost unknown", COUNT),
            },
        ),
        table(
            "feature/outcomes",
            "Cost per outcome",
            "What does a result cost? outcome_costs: the calls of the outcome's scope, else "
            "session, else trace; outcomes that share one share its cost. Outcomes come from "
            "llmcost.outcome(). Model does not apply.",
            at=(13, 21, 11, 7),
            columns={
                "outcome": Column("Outcome"),
                "outcomes": Column("How many", COUNT, width=90),
                "total_usd": Column("In all", USD, 2, 90),
                "usd_per_outcome": Column("Each", USD, 4, 90),
                "usd_per_value": Column("Per value", USD, 4, 90),
                "calls_per_outcome": Column("Calls each", COUNT, 1, 90),
                "unknown_outcomes": Column("Cost unknown", COUNT),
            },
        ),
    ]


def _details() -> list[Json]:
    return [
        table(
            "feature/economics",
            "Models and operations",
            "What does each model of it cost a call? Sums of hourly_spend by feature, model and "
            f"operation. {LIST_PRICE} {HOURS}",
            at=(0, 28, 24, 8),
            columns={
                "feature": Column("Feature"),
                "model": Column("Model"),
                "operation": Column("Operation", width=110),
                "call_count": Column("Calls", COUNT, width=80),
                "total_usd": Column("Cost", USD, 2, 90),
                "usd_per_call": Column("Per call", USD, 5, 100),
                "input_per_call": Column("Input a call", COUNT, 0, 105),
                "output_per_call": Column("Output a call", COUNT, 0, 110),
                "hit_share": Column("Cached", RATIO, 0, 80),
                "error_share": Column("Errors", RATIO, 1, 80),
                "highest_usd": Column("Highest", USD, 4, 90),
            },
        ),
        table(
            "feature/top_users",
            "Users",
            "Who uses it most? Sums of daily_users, the 15 most expensive. (none) = calls "
            "without a "
            "user. Model does not apply.",
            at=(0, 36, 9, 9),
            columns={
                "who": Column("User"),
                "call_count": Column("Calls", COUNT, width=80),
                "input_count": Column("Input", COUNT, width=90),
                "output_count": Column("Output", COUNT, width=90),
                "total_usd": Column("Cost", USD, 4, 100),
            },
        ),
        table(
            "feature/top_traces",
            "Most expensive traces",
            "Which requests of your own cost most? Sums by trace, the 15 that cost most of those "
            "of each day (daily_units); Trace leads to the explorer. Model does not apply.",
            at=(9, 36, 15, 9),
            columns={
                "trace_id": Column("Trace", link=TO_TRACE),
                "began_at": Column("Began", width=165),
                "feature_name": Column("Feature"),
                "call_count": Column("Calls", COUNT, width=70),
                "total_usd": Column("Cost", USD, 4, 90),
                "unpriced_count": Column("Unpriced", COUNT, width=85),
                "input_count": Column("Input", COUNT, width=80),
                "output_count": Column("Output", COUNT, width=80),
            },
        ),
    ]
