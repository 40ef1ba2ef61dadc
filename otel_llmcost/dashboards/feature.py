# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Feature, for its owner: why does it cost that, on which model, and what does one unit cost?"""

from __future__ import annotations

from otel_llmcost.dashboards.boards import board, one_of
from otel_llmcost.dashboards.panels import (
    BLUE,
    COUNT,
    GREEN,
    GREY,
    LIST_PRICE,
    MILLISECONDS,
    ORANGE,
    RANGE,
    RATIO,
    RED,
    SECOND,
    TO_CALL,
    TO_FEATURE,
    TO_MODEL,
    TO_TRACE,
    TO_USER,
    TOKEN_COLORS,
    USD,
    Column,
    Json,
    over_time,
    stat,
    table,
)

# Finish reasons of the providers, and what this package says where there is none.
ENDINGS = {
    "error": RED,
    "abandoned": ORANGE,
    "length": "#fade2a",
    "max_tokens": "#fade2a",
    "max_output_tokens": "#fade2a",
    "content_filter": "#e0699a",
    "refusal": "#e0699a",
    "stop": GREEN,
    "end_turn": GREEN,
    "completed": GREEN,
    "stop_sequence": "#37872d",
    "tool_calls": BLUE,
    "tool_use": BLUE,
    "(none)": GREY,
}
# Below zero; what is unknown has the first color.
LOSS = ((None, "text"), (-1e12, RED), (0, "text"))
VERDICTS = {
    "pays off": GREEN,
    "costs more than it saves": RED,
    "written, never read": RED,
    "little of the input": ORANGE,
    "not cached": GREY,
}


def feature() -> Json:
    """The board."""
    return board(
        "feature",
        "LLM cost: feature",
        "For a feature's owner: why the chosen features cost what they cost, on which models, and "
        f"what one run, session, user or outcome costs. {RANGE}",
        [*_numbers(), *_charts(), *_units(), *_models(), *_details()],
        variables=[one_of("candidate", "What if all ran on", "feature/candidates")],
    )


def _numbers() -> list[Json]:
    return [
        stat(
            "shared/cost",
            "Spend",
            f"What did it cost? sum(cost_usd) of hourly_spend. {LIST_PRICE} {RANGE}",
            at=(0, 0, 4, 5),
            unit=USD,
            decimals=2,
            empty="nothing priced",
            trend=True,
        ),
        stat(
            "feature/calls",
            "Calls",
            f"How often was a model called? sum(calls) of hourly_spend. {RANGE}",
            at=(4, 0, 4, 5),
            unit=COUNT,
            decimals=1,
            trend=True,
        ),
        stat(
            "feature/cost_per_call",
            "Per call",
            "What does a call cost on average? sum(cost_usd) / sum(priced_calls) of hourly_spend.",
            at=(8, 0, 4, 5),
            unit=USD,
            decimals=4,
            empty="nothing priced",
            compared=True,
        ),
        stat(
            "feature/p95_cost",
            "p95 per call",
            "What does an expensive call cost? 95 of 100 priced calls cost no more (calls). Beyond "
            "100,000 calls to within half a per cent (daily_calls).",
            at=(12, 0, 4, 5),
            unit=USD,
            decimals=4,
            empty="nothing priced",
        ),
        stat(
            "feature/cache_hit",
            "Cache hit",
            "How much of the input came from the prompt cache? cache_read_tokens / input_tokens of "
            "hourly_spend; input includes cached and written tokens. A share of tokens, not calls.",
            at=(16, 0, 4, 5),
            unit=RATIO,
            decimals=1,
            compared=True,
        ),
        stat(
            "feature/waste",
            "Waste",
            "What part of spend bought nothing? cost_usd of calls that failed, were abandoned or "
            "cut off at the token limit / all (daily_calls). A cut answer can still be of use.",
            at=(20, 0, 4, 5),
            unit=RATIO,
            decimals=1,
            empty="nothing priced",
            compared=True,
            steps=((None, "text"), (0.05, "orange"), (0.1, "red")),
        ),
    ]


def _charts() -> list[Json]:
    return [
        over_time(
            "shared/cost_by_model",
            "Cost by model",
            "Which models does it use, and when? sum(cost_usd) of hourly_spend per bucket; the "
            f"seven most expensive, the rest as other. {LIST_PRICE}",
            at=(0, 5, 12, 9),
            unit=USD,
            bars=True,
            decimals=2,
            empty="nothing priced",
        ),
        over_time(
            "feature/tokens_over_time",
            "Tokens of a call",
            "Do prompts or answers grow? Tokens of each kind / calls of hourly_spend per bucket. "
            "Output is shown without reasoning; emitters that do not report reasoning have it in "
            "output.",
            at=(12, 5, 12, 9),
            unit=COUNT,
            bars=True,
            decimals=0,
            colors=TOKEN_COLORS,
        ),
        over_time(
            "feature/cost_per_call_over_time",
            "Cost of a call",
            "Does a typical or an expensive call cost more? Median and 95 % quantile of cost_usd "
            "(calls) per bucket. Priced calls only. A week and more of over 100,000 calls: by day, "
            "to within half a per cent (daily_calls).",
            at=(0, 14, 12, 8),
            unit=USD,
            bars=False,
            decimals=4,
            colors={"median": BLUE, "p95": ORANGE},
            empty="nothing priced",
        ),
        over_time(
            "feature/cache_hit_over_time",
            "Cache hit by feature",
            "Does caching hold? cache_read_tokens / input_tokens of hourly_spend per bucket; the "
            "seven features with most input. A drop to 0 is often a changed prompt prefix.",
            at=(12, 14, 12, 8),
            unit=RATIO,
            bars=False,
            maximum=1,
            decimals=0,
        ),
    ]


def _units() -> list[Json]:
    return [
        table(
            "feature/units",
            "Unit economics",
            "What does one run of a feature, session, user or customer cost? Sums of calls by id "
            "over the whole range, then mean, median, p95. run = a scope, customer = the "
            "allocation key of that name.",
            at=(0, 22, 13, 7),
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
            empty="no scope, session or user in these calls",
        ),
        over_time(
            "feature/unit_trend",
            "Unit costs",
            "Does a unit get cheaper? Dollars per run, session, user and customer of each UTC day "
            "(daily_units), on a scale of powers of ten. Model does not apply.",
            at=(13, 22, 11, 7),
            unit=USD,
            bars=False,
            decimals=4,
            interval="1d",
            logarithmic=True,
            colors={
                "per run": ORANGE,
                "per session": GREEN,
                "per user": "#b877d9",
                "per customer": "#fade2a",
            },
            empty="nothing priced",
        ),
        table(
            "feature/outcomes",
            "Cost per outcome",
            "What does a result cost? outcome_costs: the calls of the outcome's scope, else "
            "session, else trace; outcomes that share one share its cost. Outcomes come from "
            "llmcost.outcome(). Model does not apply.",
            at=(0, 29, 11, 7),
            columns={
                "outcome": Column("Outcome"),
                "outcomes": Column("How many", COUNT, width=90),
                "total_usd": Column("In all", USD, 2, 90),
                "usd_per_outcome": Column("Each", USD, 4, 90),
                "usd_per_value": Column("Per value", USD, 4, 90),
                "calls_per_outcome": Column("Calls each", COUNT, 1, 85),
                "unknown_outcomes": Column("Cost unknown", COUNT),
            },
            empty="no outcomes: llmcost.outcome()",
        ),
        table(
            "feature/caching",
            "Caching",
            "Where does caching pay off, and where is it left? Sums of cache_efficiency, losses "
            "first; net saving = what cached and written tokens would have cost as plain input, "
            "minus what they did cost. The verdict is a rule of thumb. Team does not apply.",
            at=(11, 29, 13, 7),
            columns={
                "feature": Column("Feature", link=TO_FEATURE, width=130),
                "model": Column("Model", link=TO_MODEL, width=130),
                "input_count": Column("Input", COUNT, width=75),
                "hit_share": Column("Cached", RATIO, 0, 75),
                "reads_per_write": Column("Reads a write", COUNT, 1, 105),
                "write_usd": Column("Writing", USD, 2, 80, hide_zero=True),
                "saved_usd": Column("Net saving", USD, 2, 95, steps=LOSS, hide_zero=True),
                "verdict": Column("Verdict", colors=VERDICTS),
            },
        ),
    ]


def _models() -> list[Json]:
    return [
        table(
            "feature/models",
            "Models",
            "What does each model cost, and how does it do? Sums of daily_calls by provider and "
            "model. Per million: effective, of priced calls; first token: streams only.",
            at=(0, 36, 24, 8),
            columns={
                "provider": Column("Provider", width=110),
                "model": Column("Model", link=TO_MODEL),
                "calls": Column("Calls", COUNT, width=80),
                "total_usd": Column("Cost", USD, 2, 90),
                "usd_per_call": Column("Per call", USD, 5, 90),
                "usd_per_million_in": Column("Per M in", USD, 2, 85),
                "usd_per_million_out": Column("Per M out", USD, 2, 90),
                "median_ms": Column("Median", MILLISECONDS, 1, 85),
                "p95_ms": Column("p95", MILLISECONDS, 1, 85),
                "first_token_ms": Column("First token", MILLISECONDS, 1, 95),
                "error_share": Column("Errors", RATIO, 1, 80, steps=((None, "text"), (0.05, RED))),
                "retried_share": Column("Retried", RATIO, 1, 80),
                "unpriced_share": Column(
                    "Unpriced", RATIO, 1, 90, steps=((None, "text"), (0.01, RED))
                ),
            },
        ),
        table(
            "feature/what_if",
            "What if all ran on ${candidate}",
            "What would the same tokens cost on another model? what_if_model at list prices, of "
            "priced calls, whole UTC days. No claim on quality: it may need more tokens, and "
            "answer worse. Unknown where the candidate does not sell what was used.",
            at=(0, 44, 12, 8),
            columns={
                "feature": Column("Feature", link=TO_FEATURE),
                "model": Column("Runs on", link=TO_MODEL),
                "call_count": Column("Calls", COUNT, width=80),
                "total_usd": Column("Cost of whole days", USD, 2, 140),
                "candidate_usd": Column("Would cost", USD, 2, 100),
                "changed_usd": Column("Change", USD, 2, 100),
            },
            empty="nothing priced",
        ),
        over_time(
            "feature/finish_reasons",
            "How calls end",
            "Are answers cut off, refused or abandoned? Calls by finish reason (finish_reasons) "
            "per bucket, from seven days on per day; error and abandoned come first.",
            at=(12, 44, 12, 8),
            unit=COUNT,
            bars=True,
            decimals=0,
            colors=ENDINGS,
        ),
    ]


def _details() -> list[Json]:
    return [
        table(
            "feature/top_calls",
            "Most expensive calls",
            "Which single calls cost most? The 20 highest cost_usd of this range, of the 20 "
            "most expensive of each day, feature and model (daily_calls); Record leads to the "
            "bill of the call. Costs of abandoned streams are lower bounds.",
            at=(0, 52, 24, 9),
            columns={
                "called_at": Column("Time", SECOND, width=150),
                "feature": Column("Feature", link=TO_FEATURE),
                "model": Column("Model", link=TO_MODEL),
                "cost_usd": Column("Cost", USD, 4, 90),
                "input_tokens": Column("Input", COUNT, width=80),
                "cache_read_tokens": Column("Cached", COUNT, width=80),
                "output_tokens": Column("Output", COUNT, width=80),
                "duration_ms": Column("Took", MILLISECONDS, 1, 80),
                "user_id": Column("User", link=TO_USER),
                "call_site": Column("Called from"),
                "record_id": Column("Record", link=TO_CALL),
            },
        ),
        table(
            "feature/top_users",
            "Users",
            "Who uses it most? Sums of daily_users, the 15 most expensive. (none) = calls "
            "without a user. Model does not apply.",
            at=(0, 61, 9, 9),
            columns={
                "user_id": Column("User", link=TO_USER, empty="(none)"),
                "call_count": Column("Calls", COUNT, width=80),
                "input_count": Column("Input", COUNT, width=90),
                "output_count": Column("Output", COUNT, width=90),
                "total_usd": Column("Cost", USD, 4, 100),
            },
        ),
        table(
            "feature/top_traces",
            "Most expensive traces",
            "Which requests of your own cost most? Sums of calls by trace, the 15 that cost most "
            "of those of each day (daily_units); Trace leads to the explorer. Model does not "
            "apply to which they are.",
            at=(9, 61, 15, 9),
            columns={
                "trace_id": Column("Trace", link=TO_TRACE),
                "began_at": Column("Began", SECOND, width=150),
                "feature_name": Column("Feature"),
                "call_count": Column("Calls", COUNT, width=70),
                "total_usd": Column("Cost", USD, 4, 90),
                "unpriced_count": Column("Unpriced", COUNT, width=85),
                "input_count": Column("Input", COUNT, width=80),
                "output_count": Column("Output", COUNT, width=80),
            },
            empty="no traces in these calls",
        ),
    ]
