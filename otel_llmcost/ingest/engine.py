# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Inserts OTLP bodies into the embedded engine, which decodes the protobuf itself."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.resources import files

from otel_llmcost.errors import StoreError
from otel_llmcost.ingest import content
from otel_llmcost.ingest.decode import Body, MalformedBody, Signal
from otel_llmcost.store.session import Session, literal, run
from otel_llmcost.store.session import insert as insert_rows

_TABLES: dict[Signal, tuple[str, str]] = {
    "traces": ("llmcost.otlp_traces_in", "Traces"),
    "logs": ("llmcost.otlp_logs_in", "Logs"),
}
# By path: passed as text, the engine would keep a copy in `__cache__/` of the working directory.
_PROTO = files("otel_llmcost.ingest") / "otlp.proto"
# The engine's defaults would refuse a body whose spans lie on more than 100 days (wrong clocks do
# that), and would gather small inserts in memory, where a kill loses what was acknowledged. Groups
# are too small for a second thread to pay.
_SETTINGS = (
    "async_insert=0, deduplicate_insert='enable', "
    "deduplicate_blocks_in_dependent_materialized_views=1, "
    "max_partitions_per_insert_block=0, max_threads=1, "
    "input_format_protobuf_flatten_google_wrappers=0"
)


# UNKNOWN_PROTOBUF_FORMAT, PROTOBUF_BAD_CAST: what upb still accepts, such as a bool of 1000.
_UNREADABLE = (436, 444)


INPUT_TABLES = tuple(f"otlp_{signal}_{kind}" for signal in _TABLES for kind in ("in", "mv"))
"""What turns OTLP bodies into rows; each table before the view that reads it."""


def create_input_tables(session: Session) -> None:
    """(Re)create the tables and views that turn OTLP bodies into rows; they hold no data.

    Needs otel_traces and otel_logs. Raises StoreError.
    """
    for name in reversed(INPUT_TABLES):
        run(session, f"DROP TABLE IF EXISTS llmcost.{name}")
    for name in INPUT_TABLES:
        run(session, _sql(name))


def insert(session: Session, signal: Signal, bodies: Sequence[Body], salt: str = "") -> None:
    """Store these bodies in one insert; returns when they are durable. Raises StoreError, or
    MalformedBody when the engine cannot read one of them, which no retry would change.

    The same set of bodies, in whatever order, is inserted once only for the same `salt`.
    """
    table, message = _TABLES[signal]
    token = _token(bodies)
    statement = (
        f"INSERT INTO {table} SETTINGS {_SETTINGS}, "
        f"format_schema={literal(f'{_PROTO}:{message}')}, "
        f"insert_deduplication_token='{salt}{token}'"
    )
    rows = b"".join(_varint(len(body)) + body.data for body in bodies)
    try:
        insert_rows(session, statement, "Protobuf", rows)
    except StoreError as error:
        if error.code in _UNREADABLE:
            raise MalformedBody(f"not an OTLP {signal} request: {error}") from error
        raise


def insert_rejected(
    session: Session, signal: Signal, bodies: Sequence[Body], salt: str = ""
) -> None:
    """Store which items of these bodies were invalid. Raises StoreError."""
    rows = ", ".join(
        f"({literal(signal)}, '{part.reason}', {part.items}, {len(body)}, "
        f"{_bounded(part.service)}, {_bounded(part.environment)})"
        for body in bodies
        for part in body.rejected
    )
    if rows:
        run(
            session,
            "INSERT INTO llmcost.rejected (signal, reason, records, bytes, service, environment) "
            "SETTINGS async_insert=0, deduplicate_insert='enable', "
            f"insert_deduplication_token='{salt}{_token(bodies)}' VALUES {rows}",
        )


def _bounded(name: str) -> str:
    """As the name becomes a column of llm_calls, which this table is joined with."""
    if len(name) <= 256:
        return literal(name)
    return f"concat({literal(name[:223] + '…')}, lower(hex(sipHash128({literal(name)}))))"


def _token(bodies: Sequence[Body]) -> str:
    return hashlib.sha256(b"".join(sorted(body.digest for body in bodies))).hexdigest()


def _sql(name: str) -> str:
    text = (files("otel_llmcost") / "schema" / "ingest" / f"{name}.sql").read_text("utf-8")
    for parameter, events in (("content_keys", False), ("event_content_keys", True)):
        text = text.replace(f"{{{parameter}:String}}", literal(content.pattern(events=events)))
    return text


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)
