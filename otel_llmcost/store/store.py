# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The store as other layers see it: SQL in, typed rows out, over a clickhouse-connect client.

Threads may share a Store. Over HTTP their statements run side by side; on an embedded engine they
wait for each other, because clickhouse-connect locks its one chDB handle: give each busy thread a
Store of its own (opening a second one on the same path costs about a millisecond). One process can
open one embedded path, and a child must not use a Store that was opened before `fork()`.
"""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

from clickhouse_connect.driver.exceptions import ClickHouseError

from otel_llmcost import schema
from otel_llmcost.errors import SchemaError, StoreError
from otel_llmcost.store import drift, migrate, refresh
from otel_llmcost.store.error_message import error_message
from otel_llmcost.store.result import Result

_UNKNOWN_FUNCTION = 46  # a view that takes parameters
_UNKNOWN_TABLE = 60
_UNKNOWN_DATABASE = 81
_READONLY, _ACCESS_DENIED = 164, 497


class Client(Protocol):
    """What a Store needs of a clickhouse-connect client, whose signatures are not fully typed."""

    database: str | None

    def query(self, query: str, parameters: dict[str, Any] | None = None) -> Any:
        """Run a SELECT."""
        ...

    def command(self, cmd: str, parameters: dict[str, Any] | None = None) -> Any:
        """Run a statement without rows."""
        ...

    def insert(self, table: str, data: Any, column_names: Any, database: str | None = None) -> Any:
        """Append rows."""
        ...

    def raw_query(self, query: str, *, fmt: str | None = None) -> bytes:
        """Run a SELECT; its rows in a ClickHouse format."""
        ...

    def raw_insert(
        self, table: str, column_names: Sequence[str], insert_block: bytes, *, fmt: str
    ) -> Any:
        """Append rows that are in a ClickHouse format."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


class Store:
    """An open store; see `open_store`. Every method raises StoreError with ClickHouse's `code`."""

    def __init__(self, reader: Client, open_writer: Callable[[], Client], url: str) -> None:
        self._reader = reader
        self._open_writer = open_writer
        self._writer: Client | None = None
        self._opening = threading.Lock()
        self.url = url
        """Where it is, without a password."""

    def __repr__(self) -> str:
        return f"<Store {self.url}>"

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def query(
        self, sql: str, parameters: Mapping[str, Any] | None = None, *, write: bool = False
    ) -> Result:
        """Run a SELECT; values travel as ClickHouse parameters: `{name:Type}` in the SQL.

        It may only read, whatever the SQL says, unless `write` is on. `INTO OUTFILE` is refused.
        """
        client = self._write() if write else self._reader
        try:
            _refuse_outfile(client, sql)
            found = client.query(sql, parameters=_bound(parameters))
            rows = [tuple(_utc(value) for value in row) for row in found.result_rows]
        except ClickHouseError as error:
            self._drop_unfinished_answer(client)
            raise _store_error(error) from error
        return Result(list(found.column_names), [t.name for t in found.column_types], rows)

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run a statement that returns no rows."""
        try:
            _refuse_outfile(self._write(), sql)
            self._write().command(sql, parameters=_bound(parameters))
        except ClickHouseError as error:
            raise _write_error(error) from error

    def insert(self, table: str, rows: Sequence[Sequence[Any]], columns: Sequence[str]) -> None:
        """Append rows to a table of the database; columns not named take their defaults."""
        if not rows:
            return
        try:
            self._write().insert(table, rows, columns, database=schema.DATABASE)
        except ClickHouseError as error:
            raise _write_error(error) from error

    def read_native(self, sql: str) -> bytes:
        """Rows of a SELECT in ClickHouse's Native format; empty when there are none."""
        try:
            # With the rights to write: a reader's answers are bounded, and a copy must be whole.
            return self._write().raw_query(sql, fmt="Native")
        except ClickHouseError as error:
            self._drop_unfinished_answer(self._write())
            raise _store_error(error) from error

    def write_native(self, table: str, columns: Sequence[str], rows: bytes) -> None:
        """Append what `read_native` gave."""
        try:
            self._write().raw_insert(table, list(columns), rows, fmt="Native")
        except ClickHouseError as error:
            raise _store_error(error) from error

    def apply_schema(self, options: schema.Options | None = None) -> None:
        """Create or complete the schema; see `migrate.apply`. A server then refreshes itself."""
        migrate.apply(self.command, self._rows, options, scheduled=self._is_server())
        self.enter_database()

    def planned_schema(self, options: schema.Options | None = None) -> list[str]:
        """The statements that `apply_schema` would run now. Changes nothing."""
        planned: list[str] = []
        migrate.apply(planned.append, self._rows, options, scheduled=self._is_server())
        return planned

    def schema_drift(self) -> list[drift.Drift]:
        """Where the store differs from this version's schema, and what to do about it."""
        return drift.found(self._rows)

    def enter_database(self) -> None:
        """Let SQL name views without their database, as soon as that exists."""
        try:
            if self._reader.command(f"EXISTS DATABASE {schema.DATABASE}") != 1:
                return
        except ClickHouseError as error:
            raise _store_error(error) from error
        for client in (self._reader, self._writer):
            if client is not None:
                client.database = schema.DATABASE

    def schema_status(self) -> list[migrate.ObjectStatus]:
        """How every object and migration stands; never creates anything."""
        return migrate.status(self._rows)

    def refresh(self, *, days: bool = True) -> None:
        """Rebuild rollup hours touched since the last pass, and one more day that is over unless
        `days` is off; load prices when the book is newer."""
        refresh.load_prices(self.command, self._rows, self.insert)
        refresh.load_hosts(self._rows, self.insert)
        refresh.refresh(self.command, self._rows)
        if days:
            refresh.close_days(self.command, self._rows)

    def refresh_savings(self) -> None:
        """Roll up the levers of some hours and of a day that are over, the newest first."""
        refresh.refresh_savings(self.command, self._rows)

    def close(self) -> None:
        """Let go of the engine or connection. Harmless when repeated."""
        self._reader.close()
        if self._writer is not None:
            self._writer.close()

    def _write(self) -> Client:
        """The connection that may change the store, opened when it is first needed."""
        with self._opening:
            if self._writer is None:
                self._writer = self._open_writer()
                self._writer.database = self._reader.database
            return self._writer

    def _is_server(self) -> bool:
        """Whether the engine runs on its own; chDB has no port, also behind a daemon's HTTP."""
        try:
            self.query("SELECT getServerPort('tcp_port')")
        except StoreError:
            return False
        return True

    def _drop_unfinished_answer(self, client: Client) -> None:
        """Take what the embedded engine left of a query that failed, as sessions do too: see
        `session`. It would stand in front of the client's next answer."""
        if self.url.startswith("chdb:"):
            with suppress(ClickHouseError):
                client.raw_query("SELECT 1", fmt="Null")

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.query(sql).rows


def _bound(parameters: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """clickhouse-connect would drop the fraction of a second of a plain datetime parameter."""
    if not parameters:
        return None
    return {
        name: value.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        if isinstance(value, dt.datetime)
        else value
        for name, value in parameters.items()
    }


def _refuse_outfile(client: Client, sql: str) -> None:
    """`INTO OUTFILE` writes a file of this machine, which no role of the embedded engine forbids.

    In formatted SQL the clause begins a line, and text in quotes has no line breaks.
    """
    if "outfile" not in sql.lower():
        return
    ((text,),) = client.query(
        "SELECT formatQuery({sql:String})", parameters={"sql": sql}
    ).result_rows
    if re.search(r"^INTO OUTFILE\b", str(text), re.MULTILINE):
        raise StoreError("INTO OUTFILE is not allowed", code=_ACCESS_DENIED)


def _utc(value: Any) -> Any:
    """chDB drops the zone of DateTime('UTC') columns; all times of the schema are UTC."""
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)
    return value


def _store_error(error: ClickHouseError) -> StoreError:
    code = getattr(error, "code", None)
    message = error_message(error)
    lacks = code in (_UNKNOWN_FUNCTION, _UNKNOWN_TABLE, _UNKNOWN_DATABASE)
    if lacks and schema.DATABASE in message:
        return SchemaError(
            f"the store lacks a table or view: run `otel-llmcost schema apply` ({message})",
            code=code,
        )
    return StoreError(message, code=code)


def _write_error(error: ClickHouseError) -> StoreError:
    """With the users that may write, where this one may not."""
    found = _store_error(error)
    if found.code not in (_READONLY, _ACCESS_DENIED):
        return found
    return StoreError(
        "this user may not write that: connect as one that may, `finance` for budgets, invoices "
        f"and acknowledgements, `detector` for watch, `admin` for the rest ({found})",
        code=found.code,
    )
