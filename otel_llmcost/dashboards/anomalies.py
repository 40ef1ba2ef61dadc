# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Anomalies: what blew up, for how much, and which call?"""

from __future__ import annotations

from otel_llmcost.dashboards.boards import board
from otel_llmcost.dashboards.panels import (
    COUNT,
    MINUTE,
    SECONDS,
    TO_CALL,
    TO_FEATURE,
    TO_TRACE,
    USD,
    Column,
    Json,
    over_time,
    ranking,
    table,
)


def anomalies() -> Json:
    """The board. `Token spikes` is the panel the spike alert links to."""
    return board(
        "anomalies",
        "LLM cost: anomalies",
        "What used more than it used to, what that cost, and the call to look at.",
        [*_found(), *_token_spikes(), *_loops(), *_drift()],
    )


def _found() -> list[Json]:
    return [
        table(
            "anomalies/found",
            "Anomalies",
            "What costs more than it should, and why? anomalies: one row per feature and kind; "
            "excess = list price beyond the feature's own norm, cause = its largest part. A "
            "feature without six hours and twenty calls of past is never called unusual. Service "
            "and Team do not apply.",
            at=(0, 0, 24, 9),
            columns={
                "began_at": Column("Since", MINUTE, width=140),
                "state": Column("State", width=80),
                "kind": Column("Kind", width=130),
                "environment": Column("Environment", width=115),
                "feature": Column("Feature", link=TO_FEATURE, width=150),
                "model": Column("Model", width=150),
                "excess": Column("Excess", USD, 4, 90),
                "cause": Column("Cause", width=120),
                "evidence": Column("Evidence"),
                "record_id": Column("Worst call", link=TO_CALL, width=130),
            },
        ),
    ]


def _token_spikes() -> list[Json]:
    return [
        table(
            "anomalies/token_spikes",
            "Token spikes",
            "What used far more tokens than it used to? token_spikes: an hour at 3 times "
            "or more the norm of its feature and model, else its longest call if that was; excess "
            "= cost above that norm. Service and Team do not apply.",
            at=(0, 9, 24, 6),
            columns={
                "detected_at": Column("Time", MINUTE, width=140),
                "kind": Column("Kind", width=60),
                "feature": Column("Feature", link=TO_FEATURE),
                "model": Column("Model"),
                "ratio": Column("Times norm", COUNT, 1, 100),
                "tokens_per_call": Column("Tokens per call", COUNT, width=120),
                "expected_tokens_per_call": Column("Norm", COUNT, width=80),
                "calls": Column("Calls", COUNT, width=70),
                "excess_usd": Column("Excess", USD, 4, 90),
                "record_id": Column("Worst call", link=TO_CALL),
            },
        ),
    ]


def _loops() -> list[Json]:
    return [
        table(
            "anomalies/busiest_traces",
            "Busiest traces",
            "Does something loop? Calls by trace, the 15 with most of them, of the busiest of each "
            "day (daily_units). An agent may well need many calls: compare with its usual number. "
            "Model does not apply.",
            at=(0, 15, 12, 9),
            columns={
                "trace_id": Column("Trace", link=TO_TRACE),
                "began_at": Column("Began", width=165),
                "feature_name": Column("Feature"),
                "call_count": Column("Calls", COUNT, width=70),
                "seconds": Column("Lasted", SECONDS, width=85),
                "total_usd": Column("Cost", USD, 4, 90),
                "max_input_tokens": Column("Longest prompt", COUNT, width=120),
            },
        ),
        table(
            "anomalies/longest_prompts",
            "Longest prompts",
            "Which call had most input? The 15 with most input_tokens, of the 20 longest of each "
            "day, feature and model (daily_calls); Record leads to the bill. Cached tokens count.",
            at=(12, 15, 12, 9),
            columns={
                "called_at": Column("Time", width=165),
                "feature": Column("Feature"),
                "model": Column("Model"),
                "input_tokens": Column("Input", COUNT, width=80),
                "cache_read_tokens": Column("Cached", COUNT, width=80),
                "output_tokens": Column("Output", COUNT, width=80),
                "cost_usd": Column("Cost", USD, 4, 90),
                "record_id": Column("Record", link=TO_CALL, width=90),
            },
        ),
        over_time(
            "anomalies/retries",
            "Attempts beyond the first",
            "Is there a retry storm? sum(resends) of finish_reasons per bucket; the seven features "
            "with most, the rest as other. Most retries are not billed, timed-out ones may be.",
            at=(0, 24, 12, 9),
            unit=COUNT,
            bars=True,
        ),
        ranking(
            "anomalies/context_growth",
            "Input by turn",
            "Do conversations drag their history along? Mean input_tokens of the first twelve "
            "calls of a session, else of a trace (the newest 300,000 calls). One that began before "
            "them starts at 1.",
            at=(12, 24, 12, 9),
            unit=COUNT,
            limit=12,
        ),
    ]


def _drift() -> list[Json]:
    return [
        table(
            "anomalies/gradual_drift",
            "Gradual drift",
            "What gets more expensive day by day? Dollars per priced call of the last 24 hours of "
            "the range / of the 7 days before (hourly_spend), above 1.1 and with 5 calls; "
            "excess = the "
            "difference times the calls. A price change or another model also drifts: see the "
            "annotations.",
            at=(0, 33, 24, 7),
            columns={
                "environment": Column("Environment", width=130),
                "feature": Column("Feature", link=TO_FEATURE),
                "model": Column("Model"),
                "week_usd": Column("A call, 7 days", USD, 5, 120),
                "day_usd": Column("A call, 24 hours", USD, 5, 130),
                "times_week": Column("Times", COUNT, 2, 80),
                "call_count": Column("Calls", COUNT, width=80),
                "excess": Column("Excess", USD, 4, 100),
            },
        ),
    ]
