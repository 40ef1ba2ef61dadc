# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Overview: what do we spend, is it changing, what drives it, can I trust it?"""

from __future__ import annotations

from otel_llmcost.dashboards.boards import board, choice
from otel_llmcost.dashboards.panels import (
    COUNT,
    HOURS,
    LIST_PRICE,
    MILLISECONDS,
    RATIO,
    SECONDS,
    TO_CALL,
    TO_FEATURE,
    USD,
    Column,
    Json,
    over_time,
    ranking,
    stat,
    table,
)

GROUPS = ["feature", "model", "team", "service", "environment", "provider"]


def overview() -> Json:
    """The board."""
    return board(
        "overview",
        "LLM cost: overview",
        "What LLM calls cost, whether it changes and why, and how far the numbers can be trusted.",
        [*_money(), *_trust(), *_charts(), *_details()],
        variables=[choice("group_by", "Group by", GROUPS)],
    )


def _money() -> list[Json]:
    return [
        stat(
            "shared/cost",
            "Spend",
            "What did LLM calls cost in this range? sum(cost_usd) of hourly_spend. "
            f"{LIST_PRICE} {HOURS}",
            at=(0, 0, 4, 4),
            unit=USD,
            decimals=2,
            empty="nothing priced",
        ),
        stat(
            "overview/change",
            "Change",
            "Is spend changing? Complete hours of this range / as many hours before them - 1 "
            "(hourly_spend). Needs one complete hour and spend before it.",
            at=(4, 0, 4, 4),
            unit=RATIO,
            decimals=1,
            empty="nothing to compare",
        ),
        stat(
            "overview/forecast",
            "Month forecast",
            "What will this UTC month cost? Spent so far, and for the days left the mean of the "
            "last 7 whole days with spend (hourly_spend). Unknown before the first whole day; a "
            "straight line, which has no weekends.",
            at=(8, 0, 4, 4),
            unit=USD,
            decimals=2,
            empty="unknown yet",
        ),
        stat(
            "overview/budget_used",
            "Budget used",
            "How far is the budget that is used up most? max(used_share) of budget_status, each "
            "in its own period. The pickers do not apply.",
            at=(12, 0, 4, 4),
            unit=RATIO,
            decimals=0,
            empty="no budgets",
            steps=[(None, "text"), (0.8, "orange"), (1.0, "red")],
        ),
        stat(
            "overview/cost_per_1k_calls",
            "Per 1,000 calls",
            "What does a call cost on average? sum(cost_usd) / sum(priced_calls) * 1,000 of "
            f"hourly_spend. {LIST_PRICE} {HOURS}",
            at=(16, 0, 4, 4),
            unit=USD,
            decimals=2,
            empty="nothing priced",
        ),
        stat(
            "overview/cache_hit",
            "Cache hit",
            "How much of the input came from the prompt cache? cache_read_tokens / input_tokens "
            "of hourly_spend; input includes cached and written tokens. A share of tokens, not "
            "calls.",
            at=(20, 0, 4, 4),
            unit=RATIO,
            decimals=1,
        ),
    ]


def _trust() -> list[Json]:
    return [
        stat(
            "overview/unpriced",
            "Unpriced",
            "How much is missing from the dollars? unpriced_calls / calls of hourly_spend: unknown "
            "model, tier or host. Their cost is unknown, not zero; the CLI's doctor names the fix.",
            at=(0, 4, 8, 3),
            unit=RATIO,
            decimals=2,
            steps=[(None, "text"), (0.01, "red")],
        ),
        stat(
            "overview/tagged",
            "Tagged",
            "How much can be put to a feature by its own tag? tagged_share of trust, weighted by "
            "calls. Whole UTC days; only Environment and Service apply.",
            at=(8, 4, 8, 3),
            unit=RATIO,
            decimals=1,
            steps=[(None, "red"), (0.95, "text")],
        ),
        stat(
            "overview/last_call",
            "Last call",
            "Is anything still arriving? Seconds since the newest start of a call (calls), within "
            "a day. Quiet nights look the same as a broken exporter: see the pipeline board.",
            at=(16, 4, 8, 3),
            unit=SECONDS,
            decimals=0,
            empty="none for a day",
        ),
    ]


def _charts() -> list[Json]:
    return [
        over_time(
            "overview/cost_by_group",
            "Cost by ${group_by}",
            "What drives spend, and when? sum(cost_usd) of hourly_spend per bucket; the seven most "
            f"expensive of the range, the rest as other. {LIST_PRICE}",
            at=(0, 7, 12, 9),
            unit=USD,
            bars=True,
        ),
        over_time(
            "shared/cost_by_model",
            "Cost by model",
            "Which models drive spend, and when? sum(cost_usd) of hourly_spend per bucket; the "
            "seven "
            f"most expensive of the range, the rest as other. {LIST_PRICE}",
            at=(12, 7, 12, 9),
            unit=USD,
            bars=True,
        ),
    ]


def _details() -> list[Json]:

    def part(name: str) -> Column:
        return Column(name, USD, 2, 88)

    return [
        ranking(
            "overview/top_features",
            "Top features",
            "Where does the money go? sum(cost_usd) of hourly_spend, the ten most expensive; a bar "
            f"leads to the feature's board. {LIST_PRICE} {HOURS}",
            at=(0, 16, 7, 10),
            unit=USD,
            link=TO_FEATURE,
        ),
        table(
            "overview/movers",
            "What changed, and why",
            "Why is spend different from the same number of hours before? change_between: volume + "
            "models + prompt + cache + output + price + new or gone + rest = change, to the last "
            "digit. Whole hours; only Feature and Model apply.",
            at=(7, 16, 17, 10),
            columns={
                "feature": Column("Feature", link=TO_FEATURE, width=135),
                "before_usd": part("Before"),
                "now_usd": part("Now"),
                "changed_usd": part("Change"),
                "by_volume": part("Volume"),
                "by_model": part("Models"),
                "by_prompt": part("Prompt"),
                "by_cache": part("Cache"),
                "by_output": part("Output"),
                "by_price": part("Price"),
                "by_new": Column("New or gone", USD, 2, 105),
                "by_rest": part("Rest"),
            },
        ),
        table(
            "overview/anomalies",
            "What blew up",
            "What costs more than it should, and why? anomalies: the ten of the range that cost "
            "most beyond their feature's own norm, open ones first; Worst call leads to its bill. "
            "Service and Team do not apply.",
            at=(0, 26, 24, 7),
            columns={
                "state": Column("State", width=80),
                "kind": Column("Kind", width=130),
                "feature": Column("Feature", link=TO_FEATURE, width=150),
                "model": Column("Model", width=150),
                "excess": Column("Excess", USD, 4, 90),
                "cause": Column("Cause", width=90),
                "evidence": Column("Evidence"),
                "record_id": Column("Worst call", link=TO_CALL, width=130),
            },
        ),
        table(
            "overview/top_calls",
            "Most expensive calls",
            "Which single calls cost most? The 20 highest cost_usd of this range, of the 20 "
            "most expensive of each day, feature and model (daily_calls); Record leads to the "
            "bill of the call. Costs of abandoned streams are lower bounds.",
            at=(0, 33, 24, 9),
            columns={
                "called_at": Column("Time", width=165),
                "feature": Column("Feature", link=TO_FEATURE),
                "model": Column("Model"),
                "cost_usd": Column("Cost", USD, 4, 90),
                "input_tokens": Column("Input", COUNT, width=80),
                "cache_read_tokens": Column("Cached", COUNT, width=80),
                "output_tokens": Column("Output", COUNT, width=80),
                "duration_ms": Column("Took", MILLISECONDS, width=80),
                "user_id": Column("User"),
                "call_site": Column("Called from"),
                "record_id": Column("Record", link=TO_CALL),
            },
        ),
    ]
