# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Cache: what does caching earn, and where is it left on the table?"""

from __future__ import annotations

from otel_llmcost.dashboards.boards import board
from otel_llmcost.dashboards.panels import (
    COUNT,
    HOURS,
    RATIO,
    TO_FEATURE,
    TOKEN_COLORS,
    USD,
    Column,
    Json,
    over_time,
    stat,
    table,
)

NO_TEAM = "Team does not apply."


def cache() -> Json:
    """The board. `Cache hit by feature` is the panel the cache alert links to."""
    return board(
        "cache",
        "LLM cost: cache",
        "What prompt caching earns after what it costs, and where it could earn more.",
        [*_numbers(), *_charts(), *_details()],
    )


def _numbers() -> list[Json]:
    return [
        stat(
            "overview/cache_hit",
            "Cache hit",
            "How much of the input came from the prompt cache? cache_read_tokens / input_tokens of "
            "hourly_spend; input includes cached and written tokens. A share of tokens, not calls.",
            at=(0, 0, 6, 4),
            unit=RATIO,
            decimals=1,
        ),
        stat(
            "cache/net_saving",
            "Net saving",
            "What did caching save? Cached and written tokens at the price of plain input, minus "
            f"what they did cost: net_saving_usd of cache_efficiency. Negative: a loss. {NO_TEAM}",
            at=(6, 0, 6, 4),
            unit=USD,
            decimals=2,
            empty="unknown",
        ),
        stat(
            "cache/write_cost",
            "Spent on writing",
            f"What did filling the cache cost? cost_cache_write_usd of cache_efficiency. {NO_TEAM}",
            at=(12, 0, 6, 4),
            unit=USD,
            decimals=2,
            empty="nothing priced",
        ),
        stat(
            "cache/reads_per_write",
            "Reads per write",
            "How often is a written token read? cache_read_tokens / cache_write_tokens of "
            f"cache_efficiency. Automatic caches are not written by you: then unknown. {NO_TEAM}",
            at=(18, 0, 6, 4),
            unit=COUNT,
            decimals=1,
            empty="none written",
        ),
    ]


def _charts() -> list[Json]:
    return [
        over_time(
            "cache/hit_over_time",
            "Cache hit by feature",
            "Does caching hold? cache_read_tokens / input_tokens of cache_efficiency per bucket; "
            "the seven features with most input. A drop to 0 is often a changed prompt prefix.",
            at=(0, 4, 12, 9),
            unit=RATIO,
            bars=False,
            maximum=1,
        ),
        over_time(
            "cache/tokens_over_time",
            "Input tokens by kind",
            "How much input is read, written, plain? Sums of cache_efficiency per bucket. Written "
            f"and never read is money lost. {NO_TEAM}",
            at=(12, 4, 12, 9),
            unit=COUNT,
            bars=True,
            colors=TOKEN_COLORS,
        ),
        over_time(
            "cache/saving_over_time",
            "Net saving by feature",
            "Where and when does caching pay? net_saving_usd of cache_efficiency per bucket; below "
            f"zero it cost more than it saved. Unknown where no plain input is priced. {NO_TEAM}",
            at=(0, 13, 24, 8),
            unit=USD,
            bars=True,
            below_zero=True,
        ),
    ]


def _details() -> list[Json]:
    return [
        table(
            "cache/features",
            "By feature and model",
            "Where does caching pay off, and where is it left? Sums of cache_efficiency; the "
            f"verdict is a rule of thumb over the columns before it. {NO_TEAM} {HOURS}",
            at=(0, 21, 16, 10),
            columns={
                "feature": Column("Feature", link=TO_FEATURE),
                "model": Column("Model"),
                "input_count": Column("Input", COUNT, width=90),
                "hit_share": Column("From cache", RATIO, 0, 100),
                "reads_per_write": Column("Reads a write", COUNT, 1, 110),
                "write_usd": Column("Writing", USD, 2, 90),
                "saved_usd": Column("Net saving", USD, 2, 100),
                "verdict": Column("Verdict"),
            },
        ),
        table(
            "cache/pauses",
            "Pauses between calls",
            "Do entries live long enough? Calls that use the cache by the pause since the last one "
            "with the same prefix, feature and model (cache_reuse_between), no batches. Five "
            "minutes is Anthropic's usual life of an entry, half an hour OpenAI's; the long ones "
            "are an hour and twelve. Services and teams are not distinguished.",
            at=(16, 21, 8, 10),
            columns={
                "pause": Column("Pause"),
                "call_count": Column("Calls", COUNT, width=90),
                "read_share": Column("Read", RATIO, 0, 100),
            },
        ),
    ]
