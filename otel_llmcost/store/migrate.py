# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Brings a database to this package's schema: idempotent, resumable, the same on every engine.

The engine is two callables, so that whoever owns one can bring it up to date. A daemon on chDB:

    session = chdb.session.Session(path)
    migrate.apply(session.query, lambda sql: rows_of(session.query(sql, "JSONCompactEachRow")))

`query` returns rows as sequences; only strings and integers are requested. Every migration is one
statement that can be repeated: it makes an object unless that exists, or alters the one its name
says. It is noted after it ran: whatever a killed run left undone, the next one does. Views are
replaced when their text changed or they are missing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from otel_llmcost import schema
from otel_llmcost.errors import SchemaError
from otel_llmcost.store import retention
from otel_llmcost.store.retention import Execute, Query

__all__ = ["Execute", "MigrationStatus", "Query", "State", "apply", "run", "status"]

State = Literal["applied", "pending", "missing", "changed", "outdated"]

OLDEST_ENGINE = (26, 3)
"""Defaults of insert de-duplication changed in 26.2; the schema is tested with 26.9."""

JOURNAL = """
-- Grain: one row per migration or view and run that applied it; the newest applied_at counts.
CREATE TABLE IF NOT EXISTS llmcost.llmcost_migrations ${on_cluster}
(
    number UInt32 COMMENT '0 for views',
    name String,
    checksum String,
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(applied_at)
ORDER BY (number, name)
"""


class MigrationStatus(NamedTuple):
    """How one object of the schema stands in a store."""

    number: int
    """Order of a migration; 0 for a view, which has no order of its own."""
    name: str
    state: State
    """`applied`; `pending` = not yet run; `missing` = run, but the object is gone;
    `changed` = run from another text than this package's; `outdated` = a view that is older than
    something it reads: applying makes it anew."""


def apply(
    execute: Execute,
    query: Query,
    options: schema.Options | None = None,
    *,
    scheduled: bool = False,
) -> None:
    """Create what is missing, replace views whose text changed. Safe to repeat and to interrupt.

    Retention that the options leave open stays as it is, also in tables that are made now.
    `scheduled` lets the engine refresh itself, for servers that no process of ours looks after.

    Raises SchemaError when the engine is too old, or a table was made by another text of its
    migration.
    """
    options = retention.kept(query, options or schema.Options())
    _check_engine(query)
    for statement in schema.databases(options) + schema.statements(JOURNAL, options):
        execute(statement)
    found = status(query)
    _check_unchanged(found)
    texts = {(m.number, m.name): m.sql for m in schema.migrations()}
    texts |= {(0, v.name): v.sql for v in schema.views()}
    for item in found:
        if item.state != "applied":
            text = texts[item.number, item.name]
            run(execute, item.number, item.name, text, options)
    for schedule in schema.schedules() if scheduled else ():
        for statement in schema.statements(schedule.sql, options):
            execute(statement)
    retention.enforce(execute, query, options)


def run(execute: Execute, number: int, name: str, text: str, options: schema.Options) -> None:
    """Run one migration or view, then record that it ran."""
    for statement in schema.statements(text, options):
        execute(statement)
    execute(
        f"INSERT INTO {schema.DATABASE}.llmcost_migrations (number, name, checksum) "
        f"VALUES ({number}, '{name}', '{_checksum(text)}')"
    )


def status(query: Query) -> list[MigrationStatus]:
    """How every migration, in order, and every view stands; all pending without a database."""
    present = {str(name) for (name,) in query(_PRESENT)}
    noted: dict[tuple[int, str], str] = {}
    made: dict[str, int] = {}
    if "llmcost_migrations" in present:
        for number, name, checksum, at in query(_NOTED):
            # What altered an object before it was made anew has to be done again.
            if int(str(at)) >= made.get(str(name), 0):
                noted[int(str(number)), str(name)] = str(checksum)
                made[str(name)] = int(str(at))
    tables = [
        MigrationStatus(
            m.number, m.name, _state(noted.get((m.number, m.name)), m.sql, m.name in present)
        )
        for m in schema.migrations()
    ]
    views: list[MigrationStatus] = []
    outdated = {item.name for item in tables if item.state != "applied"}
    for name, sql in schema.views():
        state = _state(noted.get((0, name)), sql, name in present)
        # A view keeps the columns of what it reads as they were when it was made.
        reads = set(re.findall(rf"\b{schema.DATABASE}\.(\w+)", sql)) - {name}
        newer = any(made.get(read, 0) > made.get(name, 0) for read in reads)
        if state == "applied" and (newer or reads & outdated):
            state = "outdated"
        if state != "applied":
            outdated.add(name)
        views.append(MigrationStatus(0, name, state))
    return tables + views


_PRESENT = (
    "SELECT DISTINCT name FROM system.tables "
    f"WHERE database IN ('{schema.DATABASE}', '{schema.LOCAL_DATABASE}')"
)
_NOTED = (
    "SELECT number, name, argMax(checksum, applied_at), toUnixTimestamp64Milli(max(applied_at)) "
    f"FROM {schema.DATABASE}.llmcost_migrations GROUP BY number, name ORDER BY number"
)


def _state(noted: str | None, sql: str, present: bool) -> State:
    if noted is None:
        return "pending"
    if not present:
        return "missing"
    return "applied" if noted == _checksum(sql) else "changed"


def _checksum(sql: str) -> str:
    """Of the statement as written, without its comment lines and whatever the options fill in."""
    statement = re.sub(r"^\s*--.*\n", "", sql, flags=re.MULTILINE)
    return hashlib.sha256(statement.strip().encode()).hexdigest()


def _check_engine(query: Query) -> None:
    version = str(query("SELECT version()")[0][0])
    numbers = tuple(int(part) for part in version.split(".")[:2])
    if numbers < OLDEST_ENGINE:
        oldest = ".".join(str(part) for part in OLDEST_ENGINE)
        raise SchemaError(f"ClickHouse {version} is too old: upgrade it to {oldest} or newer")


def _check_unchanged(found: Sequence[MigrationStatus]) -> None:
    changed = [item.name for item in found if item.number and item.state == "changed"]
    if changed:
        raise SchemaError(
            f"{', '.join(changed)} in this store differ from this version's schema: "
            "use the version of otel-llmcost that made the store, or start a new store"
        )
