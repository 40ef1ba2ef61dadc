# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Anomalies, for who is on call: which incidents are there, and what is the story of one?"""

from __future__ import annotations

from otel_llmcost.dashboards.boards import board, one_of
from otel_llmcost.dashboards.panels import (
    COUNT,
    GOOD,
    GREEN,
    KIND_COLORS,
    MILLISECONDS,
    MINUTE,
    RATIO,
    RED,
    SECOND,
    SECONDS,
    STATE_COLORS,
    TO_CALL,
    TO_FEATURE,
    TO_INCIDENT,
    TO_MODEL,
    TO_SESSION,
    TO_TRACE,
    TO_USER,
    USD,
    Column,
    Json,
    over_time,
    ranking,
    table,
)

SINCE_IT_BEGAN = "All calls of its feature and environment from its start to its end."
NONE_CHOSEN = "none, good: no incident is chosen"


def anomalies() -> Json:
    """The board. `Incidents` is the panel that the alert on incidents links to."""
    return board(
        "anomalies",
        "LLM cost: anomalies",
        "For who is on call: what costs more than it used to; then the story of the incident that "
        "is chosen above.",
        [_incidents(), *_story(), *_calls()],
        variables=[one_of("incident", "Incident", "anomalies/choices")],
    )


def _incidents() -> Json:
    return table(
        "anomalies/incidents",
        "Incidents",
        "What costs more than it should? incidents of the range, open and expensive ones first: "
        "one row per feature and environment until 24 hours were quiet; excess = list price beyond "
        "the feature's own norm. Incident chooses one. A feature without six hours and twenty "
        "calls of past is never called unusual. Service and Team do not apply.",
        at=(0, 0, 24, 7),
        columns={
            "began_at": Column("Since", MINUTE, width=140),
            "state": Column("State", width=105, colors=STATE_COLORS),
            "kind": Column("Kind", width=140, colors=KIND_COLORS),
            "environment": Column("Environment", width=105),
            "feature": Column("Feature", link=TO_FEATURE, width=140),
            "model": Column("Model", link=TO_MODEL, width=140),
            "excess": Column("Excess", USD, 2, 80),
            "per_day": Column("A day", USD, 2, 75),
            "share": Column("Of the bill", RATIO, 1, 85),
            "evidence": Column("Evidence"),
            "incident_id": Column("Incident", link=TO_INCIDENT, width=110),
        },
        empty=GOOD,
    )


def _story() -> list[Json]:
    return [
        over_time(
            "anomalies/usual",
            "What it costs an hour, and usually does",
            "When did it begin, and how far is it from usual? sum(cost_usd) of hourly_spend of the "
            "incident's feature and environment. Usual: the median, and the band that holds eight "
            "of ten, of hours at that time of day in the 7 days before it began, of all "
            "environments where its own has no past. Marks: incidents, versions, price changes. Of "
            "the pickers only Incident applies.",
            at=(0, 7, 15, 11),
            unit=USD,
            bars=False,
            decimals=3,
            colors={
                "actual": RED,
                "usual": GREEN,
                "usual, low": "#56a64b",
                "usual, high": "#37872d",
            },
            band=("usual, low", "usual, high"),
            empty=NONE_CHOSEN,
        ),
        table(
            "anomalies/story",
            "The incident",
            "What happened, to whom, and how do I say that I know? incidents: the row of the "
            "incident that is chosen, in words, with the commands that acknowledge it.",
            at=(15, 7, 9, 11),
            columns={"name": Column("What", width=130), "content": Column("Is")},
            empty=NONE_CHOSEN,
        ),
        ranking(
            "anomalies/parts",
            "Why: parts of the excess",
            "What is the excess made of? parts of incidents: they add up to it; those under half "
            "a cent are left out. Negative ones made it cheaper, and have no bar.",
            at=(0, 18, 12, 7),
            unit=USD,
            decimals=2,
            empty=NONE_CHOSEN,
        ),
        table(
            "anomalies/before_and_after",
            "Cost of a call, before and since",
            "Did all calls change, or a few? Share of the priced calls by what they cost, four "
            "classes to a power of ten, of the 7 days before it began and since (calls).",
            at=(12, 18, 12, 7),
            columns={
                "class": Column("A call costs", width=130),
                "share_before": Column("Before", RATIO, 0, is_bar=True),
                "share_since": Column("Since", RATIO, 0, is_bar=True),
            },
            empty=NONE_CHOSEN,
        ),
        table(
            "anomalies/lines",
            "Its lines",
            "Which detectors saw it? anomalies of the incident, the most expensive first; Call "
            "leads to the bill of the worst one.",
            at=(0, 25, 24, 5),
            columns={
                "began_at": Column("Since", MINUTE, width=135),
                "kind": Column("Kind", width=130, colors=KIND_COLORS),
                "level": Column("Level", width=65),
                "model": Column("Model", link=TO_MODEL, width=130),
                "excess": Column("Excess", USD, 2, 75),
                "cause": Column("Cause", width=100),
                "evidence": Column("Evidence"),
                "record_id": Column("Call", link=TO_CALL, width=90),
            },
            empty=NONE_CHOSEN,
        ),
    ]


def _calls() -> list[Json]:
    return [
        table(
            "anomalies/worst_calls",
            "Worst calls",
            f"Which calls should I look at? The 15 most expensive (calls). {SINCE_IT_BEGAN}",
            at=(0, 30, 24, 8),
            columns={
                "called_at": Column("Time", SECOND, width=150),
                "model": Column("Model", link=TO_MODEL),
                "cost_usd": Column("Cost", USD, 4, 90),
                "input_tokens": Column("Input", COUNT, width=80),
                "cache_read_tokens": Column("Cached", COUNT, width=80),
                "output_tokens": Column("Output", COUNT, width=80),
                "duration_ms": Column("Took", MILLISECONDS, 1, 80),
                "finish_reason": Column("End", width=90),
                "user_id": Column("User", link=TO_USER),
                "session_id": Column("Session", link=TO_SESSION),
                "trace_id": Column("Trace", link=TO_TRACE),
                "record_id": Column("Record", link=TO_CALL),
            },
            empty=NONE_CHOSEN,
        ),
        table(
            "anomalies/busiest",
            "Busiest traces and sessions",
            "Does something loop? The 15 traces and sessions with most calls, two or more (calls). "
            f"An agent may well need many. {SINCE_IT_BEGAN}",
            at=(0, 38, 12, 7),
            columns={
                "unit": Column("Unit", width=70),
                "trace_id": Column("Trace", link=TO_TRACE),
                "session_id": Column("Session", link=TO_SESSION),
                "began_at": Column("Began", SECOND, width=150),
                "call_count": Column("Calls", COUNT, 0, 65),
                "seconds": Column("Lasted", SECONDS, 1, 85),
                "total_usd": Column("Cost", USD, 4, 90),
            },
            empty="none has two calls",
        ),
        table(
            "anomalies/users",
            "Users of the incident",
            f"Whom does it concern? The ten most expensive (calls). {SINCE_IT_BEGAN}",
            at=(12, 38, 5, 7),
            columns={
                "user_id": Column("User", link=TO_USER),
                "call_count": Column("Calls", COUNT, width=65),
                "total_usd": Column("Cost", USD, 2, 75),
            },
            empty=NONE_CHOSEN,
        ),
        table(
            "anomalies/call_sites",
            "Call sites",
            f"Which code, of which version? The ten most expensive (calls). {SINCE_IT_BEGAN}",
            at=(17, 38, 7, 7),
            columns={
                "site": Column("Called from"),
                "version": Column("Version", width=80),
                "call_count": Column("Calls", COUNT, width=65),
                "total_usd": Column("Cost", USD, 2, 75),
            },
            empty=NONE_CHOSEN,
        ),
    ]
