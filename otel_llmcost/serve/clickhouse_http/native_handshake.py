# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The one answer that is made by hand: the handshake of clickhouse-go (Grafana, Collector).

The client sends `SELECT displayName(), version(), revision(), timezone()` and decodes the answer in
the layout of its own protocol revision. Answered with `revision()` 0 it reads every later block in
the revision-0 layout, which is what the engine writes.
"""

from __future__ import annotations

import re

_QUESTION = re.compile(
    rb"\s*SELECT\s+displayName\(\),\s*version\(\),\s*revision\(\),\s*timezone\(\)\s*;?\s*", re.I
)


def is_handshake(sql: bytes) -> bool:
    """Whether this is the driver's first question on a connection."""
    return _QUESTION.fullmatch(sql) is not None


def answer(version: str) -> bytes:
    """One row as a Native block of protocol revision 54460."""
    block_info = bytes([1, 0, 2, 255, 255, 255, 255, 0])
    columns = [
        _column("displayName()", "String", _string("otel-llmcost")),
        _column("version()", "String", _string(version)),
        _column("revision()", "UInt32", bytes(4)),
        _column("timezone()", "String", _string("UTC")),
    ]
    return block_info + bytes([len(columns), 1]) + b"".join(columns)


def _column(name: str, kind: str, value: bytes) -> bytes:
    return _string(name) + _string(kind) + b"\0" + value


def _string(text: str) -> bytes:
    data = text.encode()
    assert len(data) < 128, "lengths here fit one byte"
    return bytes([len(data)]) + data
