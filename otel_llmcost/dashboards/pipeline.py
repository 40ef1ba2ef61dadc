# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Pipeline, for the platform team: does everything arrive, once, in time, with a price?"""

from __future__ import annotations

from otel_llmcost.dashboards.boards import board
from otel_llmcost.dashboards.panels import (
    BLUE,
    COUNT,
    GOOD,
    ORANGE,
    RANGE,
    RATIO,
    RED,
    SECOND,
    SECONDS,
    TO_MODEL,
    TO_SERVICE,
    Column,
    Json,
    over_time,
    stat,
    table,
)

DAYS = "Whole UTC days; only Environment and Service apply."


def pipeline() -> Json:
    """The board. `Services`, `Without a price` and `Lag` are the panels that alerts link to."""
    return board(
        "pipeline",
        "LLM cost: pipeline",
        "For the platform team: whether records arrive, once, in time and with a price; and what "
        f"they take up. {RANGE}",
        [*_numbers(), *_charts(), *_details()],
        since="now-24h",
    )


def _numbers() -> list[Json]:
    return [
        stat(
            "pipeline/last_call",
            "Last call",
            "Is anything still arriving? Seconds since the newest start of a call (calls), within "
            "a day. Quiet nights look the same as a broken exporter: orange from an hour on.",
            at=(0, 0, 4, 5),
            unit=SECONDS,
            decimals=0,
            empty="none for a day",
            steps=((None, "text"), (3600, "orange")),
        ),
        stat(
            "pipeline/lag",
            "p95 lag",
            "How late do calls get here? The 95 % quantile of ingested_at - end of the call "
            "(calls) in the last hour of the range. Clocks that differ count as lag; replays count "
            "too.",
            at=(4, 0, 4, 5),
            unit=SECONDS,
            decimals=1,
            steps=((None, "text"), (300, "red")),
        ),
        stat(
            "pipeline/lost",
            "Lost records",
            "Did records vanish on the way? Gaps in the sequence numbers of the processes that "
            f"record: lost_records of trust. Other emitters do not number theirs. {DAYS}",
            at=(8, 0, 4, 5),
            unit=COUNT,
            decimals=0,
            empty="no records",
            steps=((None, "text"), (1.0, "red")),
        ),
        stat(
            "pipeline/refused",
            "Refused",
            "Was anything sent that could not be taken? rejected of trust. Whole UTC days; the "
            "pickers do not apply.",
            at=(12, 0, 4, 5),
            unit=COUNT,
            decimals=0,
            empty="no records",
            steps=((None, "text"), (1.0, "red")),
        ),
        stat(
            "overview/unpriced_share",
            "Unpriced",
            "How much is missing from the dollars? unpriced_calls / calls of hourly_spend. Their "
            "cost is unknown, not zero: see Without a price.",
            at=(16, 0, 4, 5),
            unit=RATIO,
            decimals=2,
            compared=True,
            steps=((None, "text"), (0.01, "red")),
        ),
        stat(
            "pipeline/tagged",
            "Tagged",
            "How much can be put to a feature by its own tag? tagged_share of trust, weighted by "
            f"calls. {DAYS}",
            at=(20, 0, 4, 5),
            unit=RATIO,
            decimals=1,
            steps=((None, "red"), (0.95, "text")),
        ),
    ]


def _charts() -> list[Json]:
    return [
        over_time(
            "pipeline/calls_by_service",
            "Calls by service",
            "Did a service fall silent? calls of hourly_spend per bucket; the seven busiest, "
            "the rest as other.",
            at=(0, 5, 12, 8),
            unit=COUNT,
            bars=True,
            decimals=0,
        ),
        over_time(
            "pipeline/lag_over_time",
            "Lag",
            "When did it pile up? ingested_at - end of the call (finish_reasons) per bucket, from "
            "seven days on per day: the median and the worst. A replay of old spans shows as hours "
            "of lag.",
            at=(12, 5, 12, 8),
            unit=SECONDS,
            bars=False,
            decimals=1,
            colors={"median": BLUE, "worst": ORANGE},
        ),
    ]


def _details() -> list[Json]:
    return [
        table(
            "pipeline/services",
            "Services",
            "Who reports, with which emitter, and when last? finish_reasons by environment, "
            "service and source. otel_llmcost = this package; others are translated and priced "
            "here.",
            at=(0, 13, 14, 8),
            columns={
                "environment": Column("Environment", width=120),
                "service": Column("Service", link=TO_SERVICE),
                "source": Column("Emitter"),
                "last_call": Column("Last call", SECOND, width=150),
                "calls": Column("Calls", COUNT, width=75),
                "unpriced_share": Column(
                    "Unpriced", RATIO, 1, 85, steps=((None, "text"), (0.01, RED))
                ),
                "untagged_share": Column(
                    "Untagged", RATIO, 1, 90, steps=((None, "text"), (0.05, RED))
                ),
                "version": Column("Version", width=90),
            },
        ),
        table(
            "pipeline/unpriced",
            "Without a price",
            "Whose cost is unknown, and why? finish_reasons without cost by provider, model, "
            "reason. Unknown is not zero: an overlay of the price book or LLMCOST_HOSTS prices "
            "them.",
            at=(14, 13, 10, 8),
            columns={
                "provider": Column("Provider", width=100),
                "model": Column("Model", link=TO_MODEL),
                "cost_reason": Column("Reason"),
                "calls": Column("Calls", COUNT, width=70),
                "input_count": Column("Input", COUNT, width=70),
                "output_count": Column("Output", COUNT, width=70),
                "last_seen": Column("Last seen", SECOND, width=150),
            },
            empty=GOOD,
        ),
        table(
            "pipeline/trust",
            "Days",
            f"How complete is each day? trust, newest first. {DAYS}",
            at=(0, 21, 24, 8),
            columns={
                "day": Column("Day", "time:YYYY-MM-DD", width=110),
                "environment": Column("Environment", width=120),
                "service": Column("Service", link=TO_SERVICE),
                "records": Column("Records", COUNT, width=80),
                "calls": Column("Calls", COUNT, width=80),
                "priced_share": Column("Priced", RATIO, 1, 80),
                "tagged_share": Column("Tagged", RATIO, 1, 80),
                "partial_calls": Column("Lower bound", COUNT, width=100),
                "lost_records": Column("Lost", COUNT, 0, 70, steps=((None, "text"), (1, RED))),
                "duplicate_records": Column("Reported twice", COUNT, width=115),
                "foreign_records": Column("Other emitters", COUNT, width=115),
                "max_lag_s": Column("Worst lag", SECONDS, width=90),
                "rejected": Column("Refused", COUNT, width=80),
            },
        ),
        table(
            "pipeline/rejected",
            "Refused",
            "What could not be taken, and why? rejected by signal, reason and service. Nothing of "
            "the content is kept.",
            at=(0, 29, 9, 8),
            columns={
                "last_seen": Column("Last seen", SECOND, width=150),
                "signal": Column("Signal", width=70),
                "reason": Column("Reason"),
                "service": Column("Service"),
                "requests": Column("Times", COUNT, width=65),
                "record_count": Column("Records", COUNT, width=75),
                "byte_count": Column("Size", "bytes", width=75),
            },
            empty=GOOD,
        ),
        table(
            "pipeline/storage",
            "Storage",
            "What does it take up? Active parts of system.parts by table. Many parts mean merges "
            "cannot keep up. The range does not apply.",
            at=(9, 29, 8, 8),
            columns={
                "table": Column("Table"),
                "row_count": Column("Rows", COUNT, width=75),
                "disk_bytes": Column("On disk", "bytes", width=85),
                "bytes_per_row": Column("A row", "bytes", 0, 70),
                "parts": Column("Parts", COUNT, width=65),
            },
        ),
        table(
            "pipeline/price_books",
            "Price books",
            "How old are the prices? prices by book, newest first; only the newest counts. A list "
            "price that changed since is not in it: upgrade the package.",
            at=(17, 29, 7, 8),
            columns={
                "book_version": Column("Book", width=95),
                "newest_load": Column("Loaded", SECOND, width=150),
                "price_count": Column("Prices", COUNT, width=65),
                "newest_change": Column("Newest price", "time:YYYY-MM-DD", width=105),
            },
        ),
    ]
