# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""An apply that dies anywhere is completed by the next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from otel_llmcost import schema
from otel_llmcost.store import Store, migrate
from tests.store.emptied import OPTIONS, dropped, rebuilt

pytestmark = pytest.mark.slow


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
        f"WHERE database IN {schema.DATABASES} ORDER BY database, name"
    ).rows


def test_an_apply_killed_at_every_statement_is_completed_by_the_next(store: Store):
    """Three statements come first each time, then two an object. It takes two runs: one is killed
    before it is noted, one before the next object is made."""
    store.apply_schema(OPTIONS)
    complete = tables(store)
    dropped(store)
    runs, finished = 0, False
    while not finished:
        # 4: its object is made, not noted; 5: made again, noted, and the next one not begun.
        limited = Limited(store, 4 + runs % 2)
        runs += 1
        try:
            migrate.apply(limited.execute, lambda sql: store.query(sql).rows, OPTIONS)
            finished = True
        except Killed:
            continue
    assert runs == 2 * len(schema.objects())
    assert tables(store) == complete
    assert store.schema_drift() == []
