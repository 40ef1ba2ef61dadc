# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Copies a store, from another store or from a backup, without adding anything twice.

A partition is staged aside, what the target has already is taken out of the stage, and the rest is
attached as a whole: raw rows are not typed a second time, and a copy that was interrupted is simply
made again. Derived tables are copied before what they derive from, and the rollup of every copied
hour is rebuilt at the end, so the source may go on receiving: what it had acknowledged when the
copy began is in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from otel_llmcost import schema
from otel_llmcost.errors import StoreError
from otel_llmcost.schema import expected
from otel_llmcost.store import retention
from otel_llmcost.store.repricing import REBUILD_HOURS
from otel_llmcost.store.store import Store

_ROWS_AT_ONCE = 50_000
_ROLLUPS = {f"{name}__rows": name for name in schema.rollups()}
_FIRST = (*_ROLLUPS, "feature_hours", "duplicate_calls")
_LAST = ("llm_calls", "otel_logs", "otel_traces")
_DERIVED = ("rollup_builds", "llm_calls_repriced")
"""Follows from the rows of rollups; the work table of `reprice`."""
# What distinguishes rows of a large table well enough to read it in pieces.
_PIECES = {
    "llm_calls": "record_id",
    "otel_traces": "TraceId, SpanId, Timestamp",
    "otel_logs": "TraceId, SpanId, Timestamp",
}


class Partition(NamedTuple):
    """A part of a table that is copied as a whole."""

    table: str
    columns: tuple[str, ...]
    id: str
    """As system.parts names it; the same in every store."""


class Source(Protocol):
    """A store or a backup that rows are copied from."""

    def partitions(self) -> Iterator[Partition]:
        """In the order they have to be copied."""
        ...

    def pieces(self, partition: Partition) -> Iterator[bytes]:
        """The rows of one, in ClickHouse's Native format."""
        ...

    def left_out(self, partition: Partition) -> str:
        """The condition of rows that are not taken; empty when all are."""
        ...


class StoreSource:
    """The rows of an open store; a daemon may own it and go on writing."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def partitions(self) -> Iterator[Partition]:
        """In the order they have to be copied."""
        for table in _tables():
            for name in _partition_ids(self.store, table.name):
                yield Partition(table.name, tuple(table.columns), name)

    def pieces(self, partition: Partition) -> Iterator[bytes]:
        """The rows of one, in ClickHouse's Native format."""
        where = f"WHERE _partition_id = '{partition.id}'"
        table = f"{schema.DATABASE}.{partition.table}"
        key = _PIECES.get(partition.table)
        [(rows,)] = self.store.query(f"SELECT count() FROM {table} {where}").rows
        number = -(-rows // _ROWS_AT_ONCE) if key else 1
        for piece in range(number):
            only = f"AND cityHash64({key}) % {number} = {piece}" if number > 1 else ""
            found = self.store.read_native(
                f"SELECT {_listed(partition.columns)} FROM {table} {where} {only}"
            )
            if found:
                yield found

    def left_out(self, partition: Partition) -> str:
        """Every row is taken."""
        return ""


def receive(target: Store, source: Source) -> Iterator[Partition]:
    """Copy everything into a store that has the schema; yields each partition that is in place.

    Raises StoreError, also for a cluster: partitions cannot be attached across shards.
    """
    _check_single_server(target)
    for partition in source.partitions():
        _copy(target, source, partition)
        yield partition
    for table, name in _ROLLUPS.items():
        bucket = schema.rollups()[name].bucket
        target.command(
            "INSERT INTO llmcost.rollup_builds (rollup, bucket, built_at) "
            f"SELECT '{name}', toDateTime({bucket}, 'UTC'), max(built_at) "
            f"FROM llmcost.{table} GROUP BY {bucket}"
        )
    days = "SELECT DISTINCT toStartOfDay(ts) FROM llmcost.llm_calls ORDER BY 1"
    for (day,) in target.query(days).rows:
        since = day.replace(hour=0, minute=0, second=0, microsecond=0)
        until = since.replace(hour=23, minute=59, second=59, microsecond=999_000)
        target.command(REBUILD_HOURS, {"since": since, "until": until})
    target.command("SYSTEM RELOAD DICTIONARY llmcost.rate_dict")


def _tables() -> list[expected.Table]:
    def place(table: expected.Table) -> tuple[int, str]:
        return ((table.name not in _FIRST) + 2 * (table.name in _LAST), table.name)

    found = expected.tables().values()
    kept = (t for t in found if t.engine.endswith("MergeTree") and t.name not in _DERIVED)
    return sorted(kept, key=place)


def _partition_ids(store: Store, table: str) -> list[str]:
    found = store.query(
        "SELECT DISTINCT partition_id FROM system.parts WHERE active "
        "AND database = {database:String} AND table = {table:String} ORDER BY partition_id",
        {"database": schema.DATABASE, "table": table},
    )
    return [str(name) for (name,) in found.rows]


def _copy(target: Store, source: Source, partition: Partition) -> None:
    table = f"{schema.DATABASE}.{partition.table}"
    stage = f"{schema.DATABASE}.incoming_{partition.table}"
    target.command(f"DROP TABLE IF EXISTS {stage} SYNC")
    target.command(f"CREATE TABLE {stage} AS {table}")
    try:
        for piece in source.pieces(partition):
            target.write_native(stage, partition.columns, piece)
        if condition := source.left_out(partition):
            target.command(
                f"ALTER TABLE {stage} DELETE WHERE {condition} SETTINGS mutations_sync = 1"
            )
        where = f"_partition_id = '{partition.id}'"
        row = f"cityHash64(toString(tuple({_listed(partition.columns)})))"
        [(there,)] = target.query(f"SELECT count() FROM {table} WHERE {where}").rows
        if there:
            target.command(
                f"ALTER TABLE {stage} DELETE WHERE {row} IN "
                f"(SELECT {row} FROM {table} WHERE {where}) SETTINGS mutations_sync = 1"
            )
        if target.query(f"SELECT count() FROM {stage}").rows != [(0,)]:
            target.command(f"ALTER TABLE {table} ATTACH PARTITION ID '{partition.id}' FROM {stage}")
    finally:
        target.command(f"DROP TABLE IF EXISTS {stage} SYNC")


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(f"`{column}`" for column in columns)


def _check_single_server(target: Store) -> None:
    kept = retention.found(lambda sql: target.query(sql).rows)
    if any(there.database == schema.LOCAL_DATABASE for there in kept.values()):
        raise StoreError("rows cannot be copied into a cluster: name one server")
