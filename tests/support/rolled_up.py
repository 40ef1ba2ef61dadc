# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Hours and days rolled up as if the store had done it at the time."""

from __future__ import annotations

from collections.abc import Iterable

from otel_llmcost import schema
from otel_llmcost.schema import expected
from otel_llmcost.store import Store


def roll_up_hours(store: Store, names: Iterable[str] = schema.rollups()) -> None:
    """Build every hour with calls a day after it, what follows spend an hour later. Nothing of them
    is behind then, if their calls arrived when they were made."""
    for name, rollup in schema.rollups().items():
        if rollup.bucket == "hour" and name in names:
            columns = ", ".join(rollup.columns)
            lag = 25 if rollup.follows else 24
            store.command(
                f"INSERT INTO {rollup.table} ({columns}, built_at) "
                f"SELECT {columns}, hour + INTERVAL {lag} HOUR "
                f"FROM llmcost_internal.{name}__live"
            )
            # A build of the store also counts where an hour has nothing for this rollup.
            store.command(
                "INSERT INTO llmcost.rollup_builds (rollup, bucket, built_at) "
                f"SELECT '{name}', bucket, built_at + INTERVAL 1 HOUR FROM llmcost.rollup_builds "
                "WHERE rollup = 'hourly_spend' AND bucket NOT IN "
                f"(SELECT bucket FROM llmcost.rollup_builds WHERE rollup = '{name}')"
            )


def roll_up_days(store: Store, names: Iterable[str] = schema.rollups(), days: int = 5) -> None:
    """Build days of rollups that have any due, the newest first."""
    for name, rollup in schema.rollups().items():
        if rollup.bucket == "day" and name in names:
            for _ in range(days):
                if store.query(rollup.is_due).rows:
                    store.command(rollup.insert)


def rolled_up(store: Store, name: str) -> list[str]:
    """The buckets that count as built, in order."""
    found = store.query(
        "SELECT DISTINCT toString(toDate(bucket)) FROM llmcost.rollup_builds "
        "WHERE rollup = {rollup:String} ORDER BY 1",
        {"rollup": name},
    )
    return [day for (day,) in found.rows]


def read(name: str) -> str:
    """Every row of a rollup's view, to be compared; takes since and until when it is bounded."""
    rollup = schema.rollups()[name]
    types = expected.tables()[f"{name}__rows"].columns
    columns = ", ".join(
        f"arrayMap(q -> if(isNaN(q), -1, q), finalizeAggregation({column})) AS {column}"
        if types[column].startswith("AggregateFunction")
        else column
        for column in rollup.columns
    )
    bounds = "(since = {since:DateTime64(3)}, until = {until:DateTime64(3)})"
    given = bounds if rollup.is_bounded else ""
    return f"SELECT {columns} FROM {rollup.database}.{name}{given} ORDER BY ALL"
