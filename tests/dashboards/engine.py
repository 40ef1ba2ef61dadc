# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""An engine with our schema, and answers as Grafana's plugin would type them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from otel_llmcost.store import Store
from tests.support.embedded import empty, shared_store


@dataclass(frozen=True)
class Answer:
    """Columns, their ClickHouse types, rows as dicts."""

    columns: list[str]
    types: list[str]
    rows: list[dict[str, Any]]


@dataclass(frozen=True)
class Engine:
    """A store one can fill and query."""

    store: Store

    def insert_calls(self, records: list[dict[str, Any]]) -> None:
        """Adds records and rolls them up; columns a record leaves out keep their default."""
        groups: dict[tuple[str, ...], list[list[Any]]] = {}
        for record in records:
            groups.setdefault(tuple(record), []).append(list(record.values()))
        for names, rows in groups.items():
            self.store.insert("llm_calls", rows, names)
        self.store.refresh()

    def query(self, sql: str) -> Answer:
        """Runs one statement."""
        result = self.store.query(sql)
        rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows]
        return Answer(list(result.columns), list(result.types), rows)


def engine() -> Engine:
    """The store of the test process, emptied."""
    store = shared_store()
    empty(store)
    return Engine(store)


def kind_of(clickhouse_type: str) -> str:
    """What Grafana makes of a column: time, text, number or other."""
    bare = re.sub(r"^(?:LowCardinality|Nullable)\((.*)\)$", r"\1", clickhouse_type)
    if bare != clickhouse_type:
        return kind_of(bare)
    if bare.startswith("Date"):
        return "time"
    if bare.startswith(("String", "FixedString", "Enum")):
        return "text"
    return "number" if re.match(r"U?Int|Float|Decimal", bare) else "other"
