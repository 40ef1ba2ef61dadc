# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Overview: what do we spend, is it changing, what drives it, can I trust it?"""

from __future__ import annotations

from boards import board
from panels import (
    COUNT,
    MILLISECONDS,
    RATIO,
    USD,
    Column,
    Json,
    over_time,
    ranking,
    stat,
    table,
)

HOURS = "Whole hours: the range is widened to the start of its first hour."
LIST_PRICE = "List prices; unpriced calls are not in it (see Unpriced)."


def overview() -> Json:
    """The board. `blowups` is the panel the token blow-up alert links to."""
    return board(
        "overview",
        "LLM cost: overview",
        "What LLM calls cost, by feature and model, and how far the numbers can be trusted.",
        [*_numbers(), *_charts(), *_details()],
    )


def _numbers() -> list[Json]:
    return [
        stat(
            "overview/spend",
            "Spend",
            "What did LLM calls cost in this range? sum(cost_usd) of spend_1h. "
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
            "(spend_1h). Needs one complete hour and spend before it.",
            at=(4, 0, 4, 4),
            unit=RATIO,
            decimals=1,
            empty="nothing to compare",
        ),
        stat(
            "overview/cost_per_1k_calls",
            "Per 1,000 calls",
            "What does a call cost on average? sum(cost_usd) / sum(priced_calls) * 1,000 of "
            f"spend_1h. {LIST_PRICE} {HOURS}",
            at=(8, 0, 4, 4),
            unit=USD,
            decimals=4,
            empty="nothing priced",
        ),
        stat(
            "overview/cache_hit",
            "Cache hit",
            "How much of the input came from the prompt cache? cache_read_tokens / input_tokens "
            "of spend_1h; input includes cached and written tokens. A share of tokens, not calls.",
            at=(12, 0, 4, 4),
            unit=RATIO,
            decimals=1,
        ),
        stat(
            "overview/unpriced",
            "Unpriced",
            "How much is missing from the dollars? unpriced_calls / calls of spend_1h: unknown "
            "model, tier or host. Their cost is unknown, not zero; the CLI's doctor names the fix.",
            at=(16, 0, 4, 4),
            unit=RATIO,
            decimals=2,
            steps=[(None, "text"), (0.01, "red")],
        ),
        stat(
            "overview/tagged",
            "Tagged",
            "How much can be put to a feature by its own tag? tagged_share of trust, weighted by "
            "calls. Whole UTC days; the Feature filter does not apply.",
            at=(20, 0, 4, 4),
            unit=RATIO,
            decimals=1,
            steps=[(None, "red"), (0.95, "text")],
        ),
    ]


def _charts() -> list[Json]:
    return [
        over_time(
            "overview/cost_by_feature",
            "Cost by feature",
            "Which features drive spend, and when? sum(cost_usd) of spend_1h per bucket; the seven "
            f"dearest of the range, the rest as other. {LIST_PRICE}",
            at=(0, 4, 12, 9),
            unit=USD,
            bars=True,
        ),
        over_time(
            "overview/cost_by_model",
            "Cost by model",
            "Which models drive spend, and when? sum(cost_usd) of spend_1h per bucket; the seven "
            f"dearest of the range, the rest as other. {LIST_PRICE}",
            at=(12, 4, 12, 9),
            unit=USD,
            bars=True,
        ),
    ]


def _details() -> list[Json]:
    return [
        ranking(
            "overview/top_features",
            "Top features",
            "Where does the money go? sum(cost_usd) of spend_1h, the ten dearest. "
            f"{LIST_PRICE} {HOURS}",
            at=(0, 13, 8, 10),
            unit=USD,
        ),
        table(
            "overview/top_calls",
            "Dearest calls",
            "Which single calls were dearest? The 20 highest cost_usd of spend_top_calls, in "
            "exactly this range. Costs of abandoned streams are lower bounds.",
            at=(8, 13, 16, 10),
            columns={
                "called_at": Column("Time", width=165),
                "feature": Column("Feature"),
                "model": Column("Model"),
                "cost_usd": Column("Cost", USD, 4, 90),
                "input_tokens": Column("Input", COUNT, width=80),
                "cache_read_tokens": Column("Cached", COUNT, width=80),
                "output_tokens": Column("Output", COUNT, width=80),
                "duration_ms": Column("Took", MILLISECONDS, width=80),
                "user_id": Column("User"),
                "call_site": Column("Called from"),
                "trace_id": Column("Trace"),
            },
        ),
        over_time(
            "overview/cache_hit_over_time",
            "Cache hit over time",
            "Does caching hold? cache_read_tokens / input_tokens of cache_efficiency per bucket; "
            "the seven features with most input. A drop to 0 is often a changed prompt prefix.",
            at=(0, 23, 8, 9),
            unit=RATIO,
            bars=False,
            maximum=1,
        ),
        table(
            "overview/blowups",
            "Token blow-ups",
            "What used far more tokens than it used to? anomalies_token_blowup: a call or an hour "
            "at 3 times or more the norm of its feature and model; excess = cost above that norm. "
            "A call inside such an hour is not listed again.",
            at=(8, 23, 16, 9),
            columns={
                "detected_at": Column("Time", width=165),
                "kind": Column("Kind", width=60),
                "feature": Column("Feature"),
                "model": Column("Model"),
                "ratio": Column("Times norm", COUNT, 1, 100),
                "tokens_per_call": Column("Tokens per call", COUNT, width=120),
                "expected_tokens_per_call": Column("Norm", COUNT, width=80),
                "calls": Column("Calls", COUNT, width=70),
                "excess_usd": Column("Excess", USD, 4, 90),
                "worst_trace_id": Column("Worst trace"),
            },
        ),
    ]
