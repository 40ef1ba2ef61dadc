# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator

import pytest

from otel_llmcost.schema import expected
from otel_llmcost.store import Store
from tests.store.emptied import rebuilt

pytestmark = pytest.mark.slow


@pytest.fixture
def store(embedded_store: Store) -> Iterator[Store]:
    yield embedded_store
    if embedded_store.schema_drift():
        rebuilt(embedded_store)


def problems(store: Store) -> list[str]:
    return [f"{drift.name} {drift.problem}" for drift in store.schema_drift()]


def test_a_store_of_this_version_has_no_drift(store: Store):
    assert store.schema_drift() == []


def test_the_columns_read_from_the_tables_texts_are_the_engines(store: Store):
    tables = expected.tables()
    assert len(tables) >= 20
    for name, table in tables.items():
        there = store.query(
            "SELECT name, type FROM system.columns WHERE database = 'llmcost' "
            "AND table = {table:String}",
            {"table": name},
        )
        assert dict(there.rows) == table.columns, name


@pytest.mark.parametrize(
    ("statement", "problem", "fix"),
    [
        (
            "ALTER TABLE llmcost.budgets DROP COLUMN soft_percent",
            "budgets lacks the column soft_percent",
            "`ALTER TABLE llmcost.budgets ADD COLUMN soft_percent UInt8`",
        ),
        (
            "ALTER TABLE llmcost.budgets MODIFY COLUMN soft_percent UInt16",
            "budgets has soft_percent as UInt16, not UInt8",
            "`ALTER TABLE llmcost.budgets MODIFY COLUMN soft_percent UInt8`",
        ),
        (
            "ALTER TABLE llmcost.budgets ADD COLUMN ours String",
            "budgets has a column of its own, ours",
            "`ALTER TABLE llmcost.budgets DROP COLUMN ours`, if unwanted",
        ),
        (
            "ALTER TABLE llmcost.otel_logs MODIFY TTL toDateTime(Timestamp) + INTERVAL 3 DAY",
            "otel_logs keeps rows 3 days, not 10000 days",
            "run `otel-llmcost schema apply`",
        ),
        (
            "DROP VIEW llmcost.trust",
            "trust was applied, but is gone: somebody dropped it",
            "run `otel-llmcost schema apply`",
        ),
        (
            "INSERT INTO llmcost.schema_journal (kind, name, checksum) "
            "VALUES ('table', 'outcomes', 'x')",
            "outcomes was applied from another text than this version's",
            "use the version of otel-llmcost that made the store, or start a new store",
        ),
    ],
)
def test_what_differs_is_reported_with_its_fix(
    store: Store, statement: str, problem: str, fix: str
):
    store.command(statement)
    [drift] = store.schema_drift()
    assert f"{drift.name} {drift.problem}" == problem
    assert drift.fix == fix


def test_another_engine_is_reported(store: Store):
    store.command("DROP TABLE llmcost.rejected")
    columns = expected.tables()["rejected"].columns
    written = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    store.command(f"CREATE TABLE llmcost.rejected ({written}) ENGINE = Memory")
    assert problems(store) == ["rejected is a Memory, not a MergeTree"]


def test_the_fix_of_a_lacking_column_is_enough(store: Store):
    store.command("ALTER TABLE llmcost.incident_acks DROP COLUMN note")
    [drift] = store.schema_drift()
    store.command(drift.fix.strip("`"))
    assert store.schema_drift() == []


def test_an_empty_database_lacks_everything(store: Store):
    store.command("DROP DATABASE llmcost SYNC")
    reported = {drift.problem for drift in store.schema_drift()}
    assert reported == {"not applied yet"}
    rebuilt(store)
