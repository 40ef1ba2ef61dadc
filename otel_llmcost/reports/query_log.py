# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Remembers what was asked, so that a figure can show its SQL, ready to be run again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from otel_llmcost.reports.report import Query, Result

_PARAMETER = re.compile(r"\{(\w+):(\w+(?:\([^()]*\))?)\}")


class Asking:
    """A query function that keeps the statements that went through it."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._asked: list[str] = []

    def __call__(self, sql: str, parameters: Mapping[str, Any] | None = None, /) -> Result:
        """Ask, and remember."""
        self._asked.append(written_out(sql, parameters or {}))
        return self._query(sql, parameters)

    def taken(self) -> tuple[str, ...]:
        """What was asked since the last time; every statement once."""
        asked, self._asked = tuple(dict.fromkeys(self._asked)), []
        return asked


def written_out(sql: str, parameters: Mapping[str, Any]) -> str:
    """The statement with its values in it, for `otel-llmcost query`."""
    return _PARAMETER.sub(lambda found: _literal(parameters[found[1]], found[2]), sql).strip()


def _literal(value: Any, kind: str) -> str:
    if kind.startswith("Array("):
        return f"[{', '.join(_literal(one, kind[len('Array(') : -1]) for one in value)}]"
    if kind.startswith(("UInt", "Int", "Float")):
        return str(value)
    quoted = str(value).replace("\\", "\\\\").replace("'", "\\'")
    return f"toDateTime64('{quoted}', 3, 'UTC')" if kind.startswith("DateTime") else f"'{quoted}'"
