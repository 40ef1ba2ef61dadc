# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""An INSERT of a client, cut into its statement and its rows."""

from __future__ import annotations

import re

from otel_llmcost.errors import StoreError
from otel_llmcost.serve.clickhouse_http.quoting import formatted, refused
from otel_llmcost.store.session import Session

_SEARCHED = 1 << 16
_FORMAT = re.compile(rb"\bFORMAT\s+(\w+)[ \t]*(?:\r?\n|;|$|[ \t])", re.IGNORECASE)
_VALUES = re.compile(rb"\bVALUES\b", re.IGNORECASE)
_TAIL = re.compile(r"\s+FORMAT `?Values`?$")
# The only two tables a writer may fill, as the formatter writes them; never from a SELECT.
_WRITABLE = re.compile(
    r"INSERT INTO (?:llmcost\.)?otel_(?:traces|logs)(?: \([\w\s,.`]*\))?"
    r"(?:\s+SETTINGS async_insert = [01])?"
)


def split_insert(session: Session, sql: bytes, data: bytes) -> tuple[str, str, bytes]:
    """An INSERT's statement, the format of its rows ('' for INSERT SELECT), and the rows.

    Rows are never left in the statement, and the statement is formatted, because the engine would
    run whatever came behind a semicolon. Raises StoreError.
    """
    found = _FORMAT.search(sql, 0, _SEARCHED)
    if found is not None:
        head = _head(session, sql[: found.start()])
        if head:
            return head, found[1].decode(), sql[found.end() :] + data
    for found in _VALUES.finditer(sql, 0, _SEARCHED):
        head = _head(session, sql[: found.start()])
        if head:
            return head, "Values", sql[found.end() :] + data
    return formatted(session, (sql + data).decode("utf-8", "replace")), "", b""


def _head(session: Session, sql: bytes) -> str:
    """The formatted INSERT in front of its rows; empty unless that is what the text is."""
    try:
        text = formatted(session, sql.decode("utf-8", "replace") + " FORMAT Values")
    except StoreError:
        return ""
    return _TAIL.sub("", text) if _TAIL.search(text) else ""


def check_writable(head: str, form: str) -> None:
    """Raises StoreError unless it only appends rows to the two raw tables."""
    if form.lower() in ("", "values") or _WRITABLE.fullmatch(head) is None:
        raise refused("writer may only insert rows into otel_traces and otel_logs")
