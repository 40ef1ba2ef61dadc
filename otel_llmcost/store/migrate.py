# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Brings a database to this package's schema: idempotent, resumable, the same on every engine.

The engine is two callables, so that whoever owns one can bring it up to date. A daemon on chDB:

    session = chdb.session.Session(path)
    migrate.apply(session.query, lambda sql: rows_of(session.query(sql, "JSONCompactEachRow")))

`query` returns rows as sequences; only strings and integers are read. Every statement can be
repeated. An object is noted after it was made: whatever a killed run left undone, the next one
does. Tables change by migrations; everything else is replaced when its text changed, when it is
missing, or when something it reads was made anew.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from otel_llmcost import schema
from otel_llmcost.errors import SchemaError
from otel_llmcost.schema.files import statement
from otel_llmcost.store import retention
from otel_llmcost.store.retention import Execute, Query

__all__ = ["Execute", "ObjectStatus", "Query", "State", "apply", "status"]

State = Literal["applied", "pending", "missing", "changed", "outdated"]

OLDEST_ENGINE = (26, 3)
"""Defaults of insert de-duplication changed in 26.2; the schema is tested with 26.9."""

JOURNAL = """
-- Grain: one row per object or migration and run that applied it; the newest applied_at counts.
CREATE TABLE IF NOT EXISTS llmcost.schema_journal ${on_cluster}
(
    kind LowCardinality(String) COMMENT 'table, migration, dictionary, pipeline, view or schedule',
    name String,
    checksum String,
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(applied_at)
ORDER BY (kind, name)
"""
_OLD_JOURNAL = "llmcost_migrations"
"""Of the versions before 0.1.0."""


class ObjectStatus(NamedTuple):
    """How one object of the schema, or one migration of a table, stands in a store."""

    kind: schema.Kind
    name: str
    state: State
    """`applied`; `pending` = not yet run; `missing` = run, but the object is gone;
    `changed` = run from another text than this package's; `outdated` = older than something it
    reads, or than a migration that waits: applying brings it up to date."""


def apply(
    execute: Execute,
    query: Query,
    options: schema.Options | None = None,
    *,
    scheduled: bool = False,
) -> None:
    """Create what is missing, replace what changed. Safe to repeat and to interrupt.

    Retention that the options leave open stays as it is, also in tables that are made now.
    `scheduled` lets the engine refresh itself, for servers that no process of ours looks after.

    Raises SchemaError when the engine is too old, when a version before 0.1.0 made the store, or
    when a table was made from another text and no migration leads to this one.
    """
    options = retention.kept(query, options or schema.Options())
    _check_engine(query)
    present = _present(query)
    _check_version(present)
    journal = schema.Object("table", "schema_journal", JOURNAL)
    for text in schema.databases(options) + schema.create(journal, options):
        execute(text)
    found = {(item.kind, item.name): item for item in status(query)}
    _check_unchanged(list(found.values()))
    for item in schema.objects():
        if found[item.kind, item.name].state != "applied":
            made = schema.replace if item.name in present else schema.create
            for text in made(item, options):
                execute(text)
            execute(_noted(item))
    if scheduled:
        _schedule(execute, query, options)
    retention.enforce(execute, query, options)


def _schedule(execute: Execute, query: Query, options: schema.Options) -> None:
    """Let a server refresh itself; a schedule whose text changed is made anew."""
    present = _present(query)
    noted = _journal(query, present)[0]
    for item in schema.schedules():
        same = noted.get((item.kind, item.name)) == _checksum(item)
        if item.name in present and not same:
            execute(f"DROP VIEW {schema.DATABASE}.{item.name} SYNC")
        for text in schema.create(item, options):
            execute(text)
        if not same:
            execute(_noted(item))


def status(query: Query) -> list[ObjectStatus]:
    """How every object stands, in the order of `schema.objects`; all pending without a database."""
    present = _present(query)
    noted, made = _journal(query, present)
    waiting = {
        _altered(item)
        for item in schema.migrations()
        if noted.get((item.kind, item.name)) != _checksum(item)
    }
    found: list[ObjectStatus] = []
    anew: set[str] = set()
    for item in schema.objects():
        state = _state(item, noted.get((item.kind, item.name)), present)
        if item.kind == "table":
            if state == "changed" and item.name in waiting:
                state = "outdated"
        elif item.kind != "migration" and state == "applied":
            # A view keeps the columns of what it reads as they were when it was made.
            read = schema.reads(item)
            newer = any(made.get(name, 0) > made.get(item.name, 0) for name in read)
            state = "outdated" if newer or read & anew else state
        if state != "applied":
            anew.add(_altered(item) if item.kind == "migration" else item.name)
        found.append(ObjectStatus(item.kind, item.name, state))
    return found


_PRESENT = f"SELECT DISTINCT name FROM system.tables WHERE database IN {schema.DATABASES}"
_NOTED = (
    "SELECT kind, name, argMax(checksum, applied_at), toUnixTimestamp64Milli(max(applied_at)) "
    f"FROM {schema.DATABASE}.schema_journal GROUP BY kind, name ORDER BY kind, name"
)


def _journal(query: Query, present: set[str]) -> tuple[dict[tuple[str, str], str], dict[str, int]]:
    """The checksums that were noted, and when what has a name was last made."""
    noted: dict[tuple[str, str], str] = {}
    made: dict[str, int] = {}
    if "schema_journal" in present:
        for kind, name, checksum, at in query(_NOTED):
            noted[str(kind), str(name)] = str(checksum)
            made[str(name)] = int(str(at))
    return noted, made


def _present(query: Query) -> set[str]:
    return {str(name) for (name,) in query(_PRESENT)}


def _state(item: schema.Object, noted: str | None, present: set[str]) -> State:
    if noted is None:
        return "pending"
    if item.kind != "migration" and item.name not in present:
        return "missing"
    return "applied" if noted == _checksum(item) else "changed"


def _altered(migration: schema.Object) -> str:
    """The table that a migration changes."""
    found = re.search(rf"ALTER TABLE {schema.DATABASE}\.(\w+)", migration.sql)
    return found[1] if found else ""


def _noted(item: schema.Object) -> str:
    """The statement that notes an object as made."""
    return (
        f"INSERT INTO {schema.DATABASE}.schema_journal (kind, name, checksum) "
        f"VALUES ('{item.kind}', '{item.name}', '{_checksum(item)}')"
    )


def _checksum(item: schema.Object) -> str:
    """Of the statement as written, without its comment lines and whatever the options fill in."""
    return hashlib.sha256(statement(item.sql).encode()).hexdigest()


def _check_engine(query: Query) -> None:
    version = str(query("SELECT version()")[0][0])
    numbers = tuple(int(part) for part in version.split(".")[:2])
    if numbers < OLDEST_ENGINE:
        oldest = ".".join(str(part) for part in OLDEST_ENGINE)
        raise SchemaError(f"ClickHouse {version} is too old: upgrade it to {oldest} or newer")


def _check_version(present: set[str]) -> None:
    if _OLD_JOURNAL in present and "schema_journal" not in present:
        raise SchemaError(
            "a version before 0.1.0 made this store: write `otel-llmcost backup DIRECTORY` with "
            "that version, then `otel-llmcost restore DIRECTORY` into a new store with this one"
        )


def _check_unchanged(found: Sequence[ObjectStatus]) -> None:
    kinds = ("table", "migration")
    changed = [item.name for item in found if item.kind in kinds and item.state == "changed"]
    if changed:
        raise SchemaError(
            f"{', '.join(changed)} in this store differ from this version's schema: "
            "use the version of otel-llmcost that made the store, or start a new store"
        )
