# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Runs one statement of an HTTP client on a session of its own, as the user it came from."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from otel_llmcost.errors import StoreError
from otel_llmcost.ingest import DiskGuard
from otel_llmcost.serve.clickhouse_http import allowed, sandbox
from otel_llmcost.serve.clickhouse_http.inserts import check_writable, split_insert
from otel_llmcost.serve.clickhouse_http.quoting import formatted
from otel_llmcost.store import rights
from otel_llmcost.store.session import Session, literal, open_session, run, store_error
from otel_llmcost.store.session import insert as insert_rows

User = Literal["reader", "writer", "admin"]

MAX_READ_S = 120
_INSERT = re.compile(rb"\s*INSERT\s+INTO\b", re.IGNORECASE)
_WRITER_SETTINGS = frozenset({"insert_deduplication_token", "max_insert_block_size"})
# Whoever inserts: durable when answered, retried inserts once only, wrong clocks are no error.
_INSERT_SETTINGS = {
    "async_insert": "0",
    "deduplicate_insert": "'enable'",
    "deduplicate_blocks_in_dependent_materialized_views": "1",
    "max_partitions_per_insert_block": "0",
    # Rows in the order they were sent, or a retried insert would not be recognised.
    "input_format_parallel_parsing": "0",
}
_READ_LIMITS = {
    "max_memory_usage": str(2 << 30),
    "max_result_bytes": str(512 << 20),
    "max_execution_time": str(MAX_READ_S),
    # Large sorts and groups go to the store's disk, which they must not fill.
    "max_temporary_data_on_disk_size_for_query": str(1 << 30),
}
# Rows in the format Values may else hold any expression, which nothing has looked at.
_NO_EXPRESSIONS = {
    "input_format_values_interpret_expressions": "0",
    "input_format_values_deduce_templates_of_expressions": "0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One request: the SQL, the rows that follow it, and what came with them."""

    user: User
    sql: bytes
    data: bytes = b""
    database: str = "llmcost"
    default_format: str = "TabSeparated"
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    limits: Mapping[str, str] = field(default_factory=dict[str, str])
    """For a reader: tighter ones than all readers have, which its settings cannot lift either."""
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    """Names the running query, so that it can be stopped."""


class Outcome(NamedTuple):
    """What the engine answered."""

    body: bytes
    format: str
    read_rows: int
    read_bytes: int


def execute(data: Path, statement: Statement, disk_guard: DiskGuard) -> Outcome:
    """Run it and return the whole answer. Raises StoreError."""
    session = open_session(data)
    try:
        _enter(session, statement)
        if _INSERT.match(statement.sql) and statement.user != "reader":
            with disk_guard.writing() as salt:
                return _insert(session, statement, salt)
        return _query(session, statement)
    finally:
        session.close()


def _enter(session: Session, statement: Statement) -> None:
    """A reader's or writer's statement runs in our database: in `default` every file is a table,
    and names without a database cannot be checked in `system`."""
    name = statement.database
    if statement.user != "admin" and name not in ("default", "llmcost"):
        why = f"Database {name} is not there for this user: write it before the table's name"
        raise StoreError(f"Code: 81. DB::Exception: {why}. (UNKNOWN_DATABASE)", code=81)
    if name != "default" or statement.user != "admin":
        run(session, "USE " + ("llmcost" if name == "default" else f"`{name.replace('`', '')}`"))


def stop(data: Path, statement: Statement) -> None:
    """Stop it, because its client is gone."""
    session = open_session(data)
    try:
        mark = literal(statement.mark)
        run(session, f"KILL QUERY WHERE Settings['log_comment'] = {mark} ASYNC")
    finally:
        session.close()


def _query(session: Session, statement: Statement) -> Outcome:
    run(session, rights.drop_to("owner" if statement.user == "admin" else "reader"))
    sql = statement.sql.decode("utf-8", "replace")
    set_all(session, {"session_timezone": "'UTC'", "log_comment": literal(statement.mark)})
    if statement.user == "admin":
        sql = formatted(session, sql)
        known = _known_settings(session, statement.settings)
        set_all(session, {**known, **_INSERT_SETTINGS})
    else:
        admitted = sandbox.admit(session, sql, statement.parameters)
        sql = admitted.sql
        requested = {n: v for n, v in statement.settings.items() if n in allowed.SETTINGS}
        requested.pop("additional_table_filters", None)  # checked in the statement only
        wanted = {**_known_settings(session, requested), **dict(admitted.settings)}
        limits = {**_READ_LIMITS, **statement.limits}
        set_all(session, {**limits, **_NO_EXPRESSIONS})
        set_all(session, {n: v for n, v in wanted.items() if not _is_looser(n, v, limits)})
        set_all(session, {"readonly": "1"})
    try:
        answer = session.query(sql, statement.default_format, params=statement.parameters)
    except RuntimeError as error:
        raise store_error(error) from error
    body = answer.bytes() or b""
    return Outcome(body, statement.default_format, answer.rows_read(), answer.bytes_read())


def _is_looser(name: str, value: str, limits: Mapping[str, str]) -> bool:
    """Whether a reader requests more than the limits allow: 0 is no limit to the engine, nor is a
    fraction that it rounds to 0."""
    if name not in limits:
        return False
    try:
        number = float(value.strip("'"))
    except ValueError:
        return True
    least = 0.001 if name == "max_execution_time" else 1
    return number < least or number > float(limits[name])


def _insert(session: Session, statement: Statement, salt: str) -> Outcome:
    head, form, data = split_insert(session, statement.sql, statement.data)
    may: rights.Role = "writer" if statement.user == "writer" else "owner"
    run(session, rights.drop_to(may, "rows") if form else rights.drop_to(may))
    if statement.user == "writer":
        check_writable(head, form)
        names = {n: v for n, v in statement.settings.items() if n in _WRITER_SETTINGS}
        set_all(session, _NO_EXPRESSIONS)
    else:
        names = dict(statement.settings)
    set_all(session, {**_known_settings(session, names), **_INSERT_SETTINGS})
    if salt:
        token = (
            names.get("insert_deduplication_token")
            or hashlib.sha256(head.encode() + data).hexdigest()
        )
        set_all(session, {"insert_deduplication_token": literal(salt + token)})
    if form:
        insert_rows(session, head, form, data, statement.parameters)
    else:
        run(session, head, statement.parameters)
    return Outcome(b"", "", 0, 0)


def set_all(session: Session, settings: Mapping[str, str]) -> None:
    """SET each name to its SQL literal. Raises StoreError."""
    if settings:
        run(session, "SET " + ", ".join(f"{name} = {value}" for name, value in settings.items()))


def _known_settings(session: Session, settings: Mapping[str, str]) -> dict[str, str]:
    """Those of a client's settings that the engine has; clients send others, and a server that
    ignores them keeps working."""
    names = [name for name in settings if re.fullmatch(r"\w+", name)]
    if not names:
        return {}
    wanted = ", ".join(literal(name) for name in names)
    found = session.query(f"SELECT name FROM system.settings WHERE name IN ({wanted})", "TSVRaw")
    known = found.bytes().decode().split()
    return {name: literal(settings[name]) for name in known}
