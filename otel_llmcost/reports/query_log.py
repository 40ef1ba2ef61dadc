# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Records the statements of a report, so that a figure can show its SQL, ready to be run again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from otel_llmcost.reports.report import Query, Result

_PARAMETER = re.compile(r"\{(\w+):(\w+(?:\([^()]*\))?)\}")


class RecordingQuery:
    """A query function that keeps the statements that went through it."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._statements: list[str] = []

    def __call__(self, sql: str, parameters: Mapping[str, Any] | None = None, /) -> Result:
        """Run the statement, and record it."""
        self._statements.append(with_values(sql, parameters or {}))
        return self._query(sql, parameters)

    def drain(self) -> tuple[str, ...]:
        """The statements since the last drain; each once."""
        statements, self._statements = tuple(dict.fromkeys(self._statements)), []
        return statements


def with_values(sql: str, parameters: Mapping[str, Any]) -> str:
    """The statement with its values in it, for `otel-llmcost query`."""
    return _PARAMETER.sub(lambda found: _literal(parameters[found[1]], found[2]), sql).strip()


def _literal(value: Any, kind: str) -> str:
    if kind.startswith("Array("):
        return f"[{', '.join(_literal(one, kind[len('Array(') : -1]) for one in value)}]"
    if kind.startswith(("UInt", "Int", "Float")):
        return str(value)
    quoted = str(value).replace("\\", "\\\\").replace("'", "\\'")
    return f"toDateTime64('{quoted}', 3, 'UTC')" if kind.startswith("DateTime") else f"'{quoted}'"
