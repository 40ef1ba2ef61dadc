# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""An apply that dies anywhere is completed by the next; a store of any age ends up the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from otel_llmcost import schema
from otel_llmcost.store import Store, migrate
from tests.store.emptied import OPTIONS, dropped, rebuilt
from tests.support import otlp_rows
from tests.support.otlp_rows import event, record_attributes, span

FIRST = 6
"""The oldest schema that takes a span."""
AGES = (FIRST, 13, 23, 29, 60)


@pytest.fixture
def store(embedded_store: Store) -> Iterator[Store]:
    dropped(embedded_store)
    yield embedded_store
    rebuilt(embedded_store)


class Killed(Exception):
    pass


class Limited:
    """Runs so many statements on the engine, and dies at the next."""

    def __init__(self, store: Store, limit: int) -> None:
        self.store = store
        self.left = limit

    def execute(self, sql: str) -> None:
        if self.left == 0:
            raise Killed
        self.left -= 1
        self.store.command(sql)


def tables(store: Store) -> list[tuple[Any, ...]]:
    return store.query(
        "SELECT name, engine_full, as_select FROM system.tables "
        "WHERE database = 'llmcost' ORDER BY name"
    ).rows


def test_an_apply_killed_at_every_statement_is_completed_by_the_next(store: Store):
    """Two statements come first each time. Three more runs are enough for one object: killed
    before it is made, killed before it is noted, killed before the one after it."""
    store.apply_schema(OPTIONS)
    complete = tables(store)
    dropped(store)
    runs, finished = 0, False
    while not finished:
        # 3: its object is made, not noted; 4: made again, noted, and the next one not begun.
        limited = Limited(store, 3 + runs % 2)
        runs += 1
        try:
            migrate.apply(limited.execute, lambda sql: store.query(sql).rows, OPTIONS)
            finished = True
        except Killed:
            continue
    assert runs > 2 * len(schema.migrations())
    assert tables(store) == complete
    assert store.schema_drift() == []


def answers(store: Store) -> list[list[tuple[Any, ...]]]:
    store.refresh()
    return [
        store.query(sql).rows
        for sql in (
            "SELECT * EXCEPT ingested_at FROM llmcost.calls ORDER BY record_id",
            "SELECT * FROM llmcost.spend_1h ORDER BY ALL",
            "SELECT name, feature, value FROM llmcost.outcomes ORDER BY ALL",
        )
    ]


def send(store: Store, numbers: range) -> None:
    for number in numbers:
        attributes = record_attributes(number)
        sent = [span(attributes, trace=f"{number:032x}")]
        if number % 2:
            sent.append(event(attributes) | {"TraceId": f"{number:032x}"})
        otlp_rows.send(store, sent)


def test_a_store_of_any_age_answers_as_a_new_one(store: Store):
    store.apply_schema(OPTIONS)
    send(store, range(20))
    wanted = answers(store)
    assert len(wanted[0]) == 20
    for age in AGES:
        dropped(store)
        store.command("CREATE DATABASE llmcost")
        store.command(schema.render(migrate.JOURNAL, OPTIONS))
        for migration in schema.migrations():
            if migration.number <= age:
                migrate.run(store.command, migration.number, migration.name, migration.sql, OPTIONS)
        send(store, range(10))
        store.apply_schema(OPTIONS)
        send(store, range(10, 20))
        assert answers(store) == wanted, age
        assert store.schema_drift() == []
