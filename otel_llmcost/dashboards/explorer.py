# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Explorer: show me the call, its bill, its trace, its session."""

from __future__ import annotations

from otel_llmcost.dashboards.boards import ad_hoc, board, box
from otel_llmcost.dashboards.panels import (
    COUNT,
    MILLISECONDS,
    SECOND,
    TO_CALL,
    TO_FEATURE,
    TO_MODEL,
    TO_SESSION,
    TO_TRACE,
    TO_USER,
    USD,
    Column,
    Json,
    link_to,
    ranking,
    table,
    trace,
)


def explorer() -> Json:
    """The board other boards lead to."""
    return board(
        "explorer",
        "LLM cost: explorer",
        "Single calls: what each cost and why, line by line.",
        [_bill(), _facts(), _calls(), _trace_calls(), _sessions(), _trace()],
        variables=[
            box("record_id", "Record"),
            box("trace_id", "Trace"),
            box("session_id", "Session"),
            box("user_id", "User"),
            *ad_hoc("llmcost.calls"),
        ],
        since="now-24h",
        refresh="",
    )


def _bill() -> Json:
    return table(
        "explorer/bill",
        "Bill of the record",
        "Why did this call cost that? bill_lines: quantity x unit price x multipliers = amount, "
        "under the newest price book. Empty until Record is filled in; unknown with its reason "
        "where no exact price is known.",
        at=(0, 0, 15, 7),
        columns={
            "bucket": Column("Line"),
            "quantity": Column("Quantity", "none", 0, 95),
            "unit_price_usd": Column("Unit price", USD, 8, 115),
            "mode_multiplier": Column("Mode", "none", 2, 65),
            "geo_multiplier": Column("Region", "none", 2, 70),
            "amount_usd": Column("Amount", USD, 8, 115),
            "reason": Column("Reason"),
            "rule": Column("Rule"),
            "book_version": Column("Price book", width=110),
        },
        empty="fill in Record",
    )


def _facts() -> Json:
    return table(
        "explorer/facts",
        "About the record",
        "Where does it come from? What calls holds of the record beyond the table below. Empty "
        "until Record is filled in.",
        at=(15, 0, 9, 7),
        columns={"name": Column("What", width=180), "content": Column("Is")},
        empty="fill in Record",
    )


def _calls() -> Json:
    return table(
        "explorer/calls",
        "Calls",
        "Which calls were these? calls, the newest 200 that fit the boxes and pickers. A record, a "
        "trace and a session are found whenever they were, whatever the range.",
        at=(0, 7, 24, 8),
        columns={
            "called_at": Column("Time", SECOND, width=150),
            "environment": Column("Environment", width=110),
            "feature": Column("Feature", link=TO_FEATURE),
            "model": Column("Model", link=TO_MODEL),
            "cost_usd": Column("Cost", USD, 6, 100),
            "input_tokens": Column("Input", COUNT, width=75),
            "cache_read_tokens": Column("Read", COUNT, width=75),
            "cache_write_tokens": Column("Written", COUNT, width=75),
            "output_tokens": Column("Output", COUNT, width=75),
            "reasoning_tokens": Column("Reasoning", COUNT, width=90),
            "duration_ms": Column("Took", MILLISECONDS, 1, 80),
            "finish_reason": Column("End", width=90),
            "error_type": Column("Error"),
            "user_id": Column("User", link=TO_USER),
            "session_id": Column("Session", link=TO_SESSION),
            "trace_id": Column("Trace", link=TO_TRACE),
            "record_id": Column("Record", link=TO_CALL),
        },
    )


def _trace_calls() -> Json:
    return ranking(
        "explorer/trace_calls",
        "Cost by call of the trace",
        "Which call of this trace costs? cost_usd of calls in their order, the first 40. Empty "
        "until Trace is filled in; unpriced calls have no bar.",
        at=(0, 15, 10, 8),
        unit=USD,
        limit=40,
        decimals=4,
        empty="fill in Trace",
    )


def _sessions() -> Json:
    return table(
        "explorer/sessions",
        "Sessions",
        "Which sessions cost most? Sums by session, the 20 that cost most of those of each day "
        "(daily_units), or of the user requested (calls). Without a user, model does not apply.",
        at=(10, 15, 14, 8),
        columns={
            "session_id": Column("Session", link=TO_SESSION),
            "who": Column("User", link=link_to("explorer", "user_id", "who")),
            "began_at": Column("Began", SECOND, width=150),
            "call_count": Column("Calls", COUNT, width=75),
            "total_usd": Column("Cost", USD, 4, 90),
            "unpriced_count": Column("Unpriced", COUNT, width=90),
        },
        empty="no sessions in these calls",
    )


def _trace() -> Json:
    return trace(
        "explorer/trace",
        "Trace",
        "What else happened around the calls? Spans of otel_traces with the id in Trace. Only what "
        "was exported to this store, and only while raw spans are kept.",
        at=(0, 23, 24, 9),
    )
