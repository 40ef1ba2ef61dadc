# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Anomalies, for who is on call: what blew up, for how much, and which call?"""

from __future__ import annotations

from otel_llmcost.dashboards.boards import board
from otel_llmcost.dashboards.panels import (
    COUNT,
    GOOD,
    MINUTE,
    RANGE,
    SECONDS,
    TO_CALL,
    TO_FEATURE,
    TO_TRACE,
    USD,
    Column,
    Json,
    table,
)


def anomalies() -> Json:
    """The board."""
    return board(
        "anomalies",
        "LLM cost: anomalies",
        "For who is on call: what costs more than it used to, why, and the call to look at. "
        f"{RANGE}",
        [*_found(), *_loops()],
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
                "excess": Column("Excess", USD, 2, 90),
                "cause": Column("Cause", width=120),
                "evidence": Column("Evidence"),
                "record_id": Column("Worst call", link=TO_CALL, width=130),
            },
            empty=GOOD,
        ),
    ]


def _loops() -> list[Json]:
    return [
        table(
            "anomalies/busiest_traces",
            "Busiest traces",
            "Does something loop? Calls by trace, the 15 with most of them, of the busiest of each "
            "day (daily_units). An agent may well need many calls: compare with its usual number. "
            "Model does not apply to which they are.",
            at=(0, 9, 24, 9),
            columns={
                "trace_id": Column("Trace", link=TO_TRACE),
                "began_at": Column("Began", width=165),
                "feature_name": Column("Feature"),
                "call_count": Column("Calls", COUNT, width=70),
                "seconds": Column("Lasted", SECONDS, width=85),
                "total_usd": Column("Cost", USD, 4, 90),
                "max_input_tokens": Column("Longest prompt", COUNT, width=120),
            },
            empty=GOOD,
        ),
    ]
