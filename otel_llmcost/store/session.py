# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Sessions on the embedded engine, with the few of chDB's methods that are used here, typed.

One engine per process and per store; a session costs about 0.1 ms. Threads must not share one:
query parameters of a shared session leak between threads, and its queries run one by one.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Protocol, cast

from otel_llmcost.errors import MissingExtraError, StoreBusyError, StoreError
from otel_llmcost.store import rights


class Answer(Protocol):
    """What a query returned, in the format that was requested."""

    def bytes(self) -> bytes:
        """The formatted rows; empty when there are none."""
        ...

    def rows_read(self) -> int:
        """Rows the engine read to answer."""
        ...

    def bytes_read(self) -> int:
        """Bytes the engine read to answer."""
        ...


class Session(Protocol):
    """One connection to the engine; every method may raise RuntimeError with ClickHouse's text."""

    def query(
        self, sql: str, fmt: str = "CSV", *, params: Mapping[str, object] | None = None
    ) -> Answer:
        """Run statements and return the last one's rows."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


# chDB turns these into Python objects, which are no bytes to send.
_NO_FORMATS = frozenset({"dataframe", "datastore", "arrowtable"})


class _Text:
    """chDB's session, where every answer is bytes and every error a text.

    The engine quotes what it was given, and chDB fails to decode that when it is no UTF-8.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self.close = session.close

    def query(
        self, sql: str, fmt: str = "CSV", *, params: Mapping[str, object] | None = None
    ) -> Answer:
        if fmt.lower() in _NO_FORMATS:
            raise RuntimeError(f"Code: 73. DB::Exception: Unknown format {fmt}. (UNKNOWN_FORMAT)")
        try:
            return self._session.query(sql, fmt, params=params)
        except UnicodeDecodeError as error:
            self._drop_unfinished_answer()
            raise RuntimeError(error.object.decode("utf-8", "replace")) from None
        except RuntimeError:
            self._drop_unfinished_answer()
            raise

    def _drop_unfinished_answer(self) -> None:
        """Rows that a query wrote before it failed stand in front of the session's next answer."""
        with suppress(RuntimeError, UnicodeDecodeError):
            self._session.query("SELECT 1", "Null")


def open_session(data: Path) -> Session:
    """A new session on the store at `data`, with every right: `rights.drop_to` narrows it.

    Raises StoreBusyError when another process owns the store.
    """
    try:
        from chdb import session
    except ImportError as error:
        raise MissingExtraError("embedded", "the embedded store") from error
    try:
        where = f"{data}?config-file={rights.config_file()}"
        return _Text(cast(Any, session).Session(where))
    except RuntimeError as error:
        if "Cannot lock file" in str(error):
            raise StoreBusyError(f"another process owns the store at {data}", code=76) from error
        raise store_error(error) from error


def run(session: Session, sql: str, parameters: Mapping[str, object] | None = None) -> None:
    """Run a statement for its effect. Raises StoreError."""
    try:
        session.query(sql, params=parameters)
    except RuntimeError as error:
        raise store_error(error) from error


def fetch(session: Session, sql: str) -> list[list[object]]:
    """The rows of a query, numbers and texts as JSON has them. Raises StoreError."""
    try:
        answer = session.query(sql, "JSONCompactEachRow")
    except RuntimeError as error:
        raise store_error(error) from error
    return [json.loads(line) for line in (answer.bytes() or b"").splitlines()]


def insert(
    session: Session,
    head: str,
    form: str,
    rows: bytes,
    parameters: Mapping[str, object] | None = None,
) -> None:
    """Insert rows in a ClickHouse format: `head` is INSERT up to and with its SETTINGS.

    Raises StoreError unless all of it is committed. Read from a file in memory, because chDB's
    streaming insert reports success when the commit failed, for example on a full disk.
    """
    try:
        with _memory_file() as file:
            file.write(rows)
            file.flush()
            path = f"/proc/{os.getpid()}/fd/{file.fileno()}" if _IN_MEMORY else file.name
            source = f"file({literal(str(path))}, {literal(form)})"
            run(session, f"{head} SELECT * FROM {source}", parameters)
    except OSError as error:
        raise StoreError(f"cannot hand rows to the engine: {error}") from error


_IN_MEMORY = hasattr(os, "memfd_create")


def _memory_file() -> IO[bytes]:
    if _IN_MEMORY:
        return os.fdopen(os.memfd_create("llmcost-rows"), "wb")
    return cast("IO[bytes]", tempfile.NamedTemporaryFile("wb"))


def store_error(error: Exception) -> StoreError:
    """The engine's exception as ours, with ClickHouse's code when the text has one."""
    text = str(error)
    code = re.search(r"Code: (\d+)", text)
    return StoreError(text, code=int(code[1]) if code else None)


def literal(text: str) -> str:
    """A ClickHouse string literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\0", "\\0")
    return f"'{escaped}'"
