# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""An engine with our schema, and answers as Grafana's plugin would type them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from clickhouse_connect import get_client
from clickhouse_connect.driver.client import Client

from otel_llmcost import schema


@dataclass(frozen=True)
class Answer:
    """Columns, their ClickHouse types, rows as dicts."""

    columns: list[str]
    types: list[str]
    rows: list[dict[str, Any]]


@dataclass(frozen=True)
class Engine:
    """A schema one can fill and ask."""

    client: Client

    def insert_calls(self, rows: list[dict[str, Any]]) -> None:
        """Adds records; columns a record leaves out keep their default."""
        groups: dict[tuple[str, ...], list[list[Any]]] = {}
        for row in rows:
            groups.setdefault(tuple(row), []).append(list(row.values()))
        for names, values in groups.items():
            self.client.insert("llmcost.llm_calls", values, column_names=list(names))

    def ask(self, sql: str) -> Answer:
        result = self.client.query(sql)
        columns = list(result.column_names)
        return Answer(
            columns,
            [column.name for column in result.column_types],
            [dict(zip(columns, row, strict=True)) for row in result.result_rows],
        )


@contextmanager
def engine() -> Iterator[Engine]:
    """A fresh in-memory chDB with the schema."""
    client = get_client(interface="chdb")
    try:
        client.command("DROP DATABASE IF EXISTS llmcost")
        client.command("CREATE DATABASE llmcost")
        for step in (*schema.migrations(), *schema.views()):
            client.command(schema.render(step.sql))
        yield Engine(client)
    finally:
        client.close()


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
