# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Models: is it the right model for the work, and does it do the work?"""

from __future__ import annotations

from otel_llmcost.dashboards.boards import board, candidate_model
from otel_llmcost.dashboards.panels import (
    COUNT,
    LIST_PRICE,
    MILLISECONDS,
    RATIO,
    TO_CALL,
    USD,
    Column,
    Json,
    over_time,
    stat,
    table,
)


def models() -> Json:
    """The board."""
    return board(
        "models",
        "LLM cost: models",
        "What each model costs, how fast it answers and how often in vain; and what another would "
        "cost.",
        [*_numbers(), *_charts(), *_details()],
        variables=[candidate_model()],
    )


def _numbers() -> list[Json]:
    return [
        stat(
            "models/blended",
            "Per million tokens",
            "What does a token cost, in and out together? sum(cost_usd) / tokens of groups without "
            "unpriced calls * 1,000,000 (hourly_spend). Falls when caching or input grows.",
            at=(0, 0, 5, 4),
            unit=USD,
            decimals=3,
            empty="nothing priced",
        ),
        stat(
            "models/top_share",
            "Top model's share",
            "Does one model take it all? Its part of sum(cost_usd) of hourly_spend.",
            at=(5, 0, 5, 4),
            unit=RATIO,
            decimals=0,
            empty="nothing priced",
        ),
        stat(
            "models/errors",
            "Errors",
            "How many calls end in an error? errors / calls of hourly_spend. What was billed "
            "all the "
            "same is in Waste.",
            at=(10, 0, 4, 4),
            unit=RATIO,
            decimals=2,
            steps=[(None, "text"), (0.05, "red")],
        ),
        stat(
            "models/waste",
            "Waste",
            "What part of spend bought nothing? cost_usd of calls that failed, were abandoned or "
            "cut off at the token limit / all (daily_calls). A cut answer can still be of use.",
            at=(14, 0, 5, 4),
            unit=RATIO,
            decimals=2,
            empty="nothing priced",
            steps=[(None, "text"), (0.1, "red")],
        ),
        stat(
            "models/p95_latency",
            "p95 latency",
            "How long do slow calls take? The 95 % quantile of duration_ms (daily_calls), to "
            "within half a per cent; streams to their end.",
            at=(19, 0, 5, 4),
            unit=MILLISECONDS,
            decimals=1,
        ),
    ]


def _charts() -> list[Json]:
    return [
        over_time(
            "shared/cost_by_model",
            "Cost by model",
            "Which models drive spend, and when? sum(cost_usd) of hourly_spend per bucket; the "
            "seven "
            f"most expensive of the range, the rest as other. {LIST_PRICE}",
            at=(0, 4, 12, 9),
            unit=USD,
            bars=True,
        ),
        over_time(
            "models/mix",
            "Share of calls",
            "Did the mix of models change? calls of hourly_spend per bucket, drawn as shares. A "
            "silent "
            "upgrade shows as one colour that takes over.",
            at=(12, 4, 12, 9),
            unit=COUNT,
            bars=True,
            share=True,
        ),
    ]


def _details() -> list[Json]:
    return [
        table(
            "models/models",
            "Models",
            "What does each model cost, and how does it do? Sums and quantiles of daily_calls by "
            "provider and model. Per million: effective, of priced calls; first token: streams "
            "only.",
            at=(0, 13, 24, 8),
            columns={
                "provider": Column("Provider", width=110),
                "model": Column("Model"),
                "calls": Column("Calls", COUNT, width=80),
                "total_usd": Column("Cost", USD, 2, 90),
                "usd_per_million_in": Column("Per M in", USD, 2, 90),
                "usd_per_million_out": Column("Per M out", USD, 2, 90),
                "median_ms": Column("Median", MILLISECONDS, width=85),
                "p95_ms": Column("p95", MILLISECONDS, width=85),
                "first_token_ms": Column("First token", MILLISECONDS, width=95),
                "error_share": Column("Errors", RATIO, 1, 80),
                "retried_share": Column("Retried", RATIO, 1, 80),
                "unpriced_share": Column("Unpriced", RATIO, 1, 90),
            },
        ),
        over_time(
            "models/finish_reasons",
            "How calls end",
            "Are answers cut off, refused or abandoned? Calls by finish reason (finish_reasons) "
            "per "
            "bucket, from seven days on per day; error and abandoned come first.",
            at=(0, 21, 12, 8),
            unit=COUNT,
            bars=True,
            colors={"error": "#f2495c", "abandoned": "#ff9830"},
        ),
        table(
            "models/what_if",
            "What if all ran on ${candidate}",
            "What would the same tokens cost on another model? what_if_model at list prices, whole "
            "UTC days. No claim on quality: it may need more tokens, and answer worse. Unknown "
            "where the candidate does not sell what was used.",
            at=(12, 21, 12, 8),
            columns={
                "feature": Column("Feature"),
                "model": Column("Runs on"),
                "call_count": Column("Calls", COUNT, width=80),
                "total_usd": Column("Cost", USD, 2, 90),
                "candidate_usd": Column("Would cost", USD, 2, 100),
                "changed_usd": Column("Change", USD, 2, 100),
            },
        ),
        table(
            "models/other_model",
            "Requested one, served by another",
            "Does the provider answer with another model? finish_reasons whose replies name a "
            "model "
            "that does not begin with the one requested. Aliases such as -latest are listed too.",
            at=(0, 29, 12, 7),
            columns={
                "request_model": Column("Requested"),
                "model": Column("Served by"),
                "calls": Column("Calls", COUNT, width=80),
                "total_usd": Column("Cost", USD, 4, 90),
                "first_seen": Column("First seen", width=165),
                "record_id": Column("One of them", link=TO_CALL),
            },
        ),
        table(
            "models/unpriced",
            "Without a price",
            "Whose cost is unknown, and why? finish_reasons without cost by provider, model, "
            "reason. "
            "Unknown is not zero: an overlay of the price book or LLMCOST_HOSTS prices them.",
            at=(12, 29, 12, 7),
            columns={
                "provider": Column("Provider", width=110),
                "model": Column("Model"),
                "cost_reason": Column("Reason"),
                "calls": Column("Calls", COUNT, width=80),
                "input_count": Column("Input", COUNT, width=80),
                "output_count": Column("Output", COUNT, width=80),
                "last_seen": Column("Last seen", width=165),
            },
        ),
    ]
