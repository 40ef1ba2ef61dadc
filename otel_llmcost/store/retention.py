# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""How long rows stay. The tables themselves remember it: what is not changed stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from otel_llmcost import schema
from otel_llmcost.schema import expected

Execute = Callable[[str], object]
Query = Callable[[str], Sequence[Sequence[object]]]

# The table of each retention that stands for the others.
_DECIDING_TABLES = {
    "raw_ttl_days": "otel_traces",
    "calls_ttl_days": "llm_calls",
    "rollup_ttl_days": "hourly_spend__rows",
}
_DAYS = re.compile(r" TTL .*? \+ toIntervalDay\((\d+)\)")
_FOUND = (
    "SELECT database, name, engine_full FROM system.tables "
    f"WHERE database IN ('{schema.DATABASE}', '{schema.LOCAL_DATABASE}') "
    "AND engine LIKE '%MergeTree'"
)


class Kept(NamedTuple):
    """One table of a store and how long it keeps its rows."""

    database: str
    days: int | None
    """None: for ever."""


def found(query: Query) -> dict[str, Kept]:
    """Every table of the store that keeps rows, by name."""
    kept: dict[str, Kept] = {}
    for database, name, engine in query(_FOUND):
        days = _DAYS.search(str(engine))
        kept[str(name)] = Kept(str(database), int(days[1]) if days else None)
    return kept


def kept(query: Query, options: schema.Options) -> schema.Options:
    """The options, and where they are silent what the store does already."""
    present = found(query)
    days = {
        name: present[table].days
        for name, table in _DECIDING_TABLES.items()
        if getattr(options, name) is None and table in present
    }
    return replace(options, **days)


def enforce(execute: Execute, query: Query, options: schema.Options) -> None:
    """Give every table the retention of the options, where it has another."""
    wanted = options.days()
    present = found(query)
    on_cluster = options.clauses()["on_cluster"]
    for table in expected.tables().values():
        there = present.get(table.name)
        if table.retention and there and there.days != wanted[table.retention]:
            execute(
                f"ALTER TABLE {there.database}.{table.name} {on_cluster} "
                f"MODIFY TTL {table.ttl} + INTERVAL {wanted[table.retention]} DAY"
            )
