# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from otel_llmcost import schema
from otel_llmcost.errors import SchemaError
from otel_llmcost.schema import catalog
from otel_llmcost.store import Store, migrate
from tests.store.emptied import dropped, rebuilt


class Notebook:
    """An engine that remembers what it ran, and fails on request."""

    def __init__(self, version: str = "26.9.2.1") -> None:
        self.version = version
        self.ran: list[str] = []
        self.noted: dict[tuple[str, str], str] = {}
        self.at: dict[tuple[str, str], int] = {}
        self.fail_after: int | None = None

    def execute(self, sql: str) -> None:
        if self.fail_after is not None and len(self.ran) >= self.fail_after:
            raise ConnectionError("killed")
        self.ran.append(sql)
        if sql.startswith("INSERT"):
            kind, name, checksum = re.findall(r"'([^']*)'", sql)
            self.noted[kind, name] = checksum
            self.at[kind, name] = len(self.ran)

    def query(self, sql: str) -> Sequence[Sequence[object]]:
        if "version()" in sql:
            return [(self.version,)]
        if "engine_full" in sql:
            return []
        if "system.tables" in sql:
            return [("schema_journal",)] + [(name,) for _, name in self.noted]
        return [(*key, checksum, self.at[key]) for key, checksum in sorted(self.noted.items())]


def everything() -> int:
    return len(schema.objects())


def test_applying_again_does_nothing_new(embedded_store: Store):
    count = "SELECT count() FROM llmcost.schema_journal"
    before = embedded_store.query(count).rows
    embedded_store.apply_schema()
    assert embedded_store.query(count).rows == before == [(everything(),)]
    assert {item.state for item in embedded_store.schema_status()} == {"applied"}


def test_an_interrupted_run_is_completed_by_the_next():
    engine = Notebook()
    engine.fail_after = 11
    with pytest.raises(ConnectionError):
        migrate.apply(engine.execute, engine.query)
    assert 0 < len(engine.noted) < everything()
    engine.fail_after = None
    migrate.apply(engine.execute, engine.query)
    assert len(engine.noted) == everything()
    assert {item.state for item in migrate.status(engine.query)} == {"applied"}


@pytest.mark.parametrize("version", ["26.2.9.9", "25.12.1.1", "9.9"])
def test_an_engine_with_other_defaults_is_refused(version: str):
    with pytest.raises(SchemaError, match=r"too old: upgrade it to 26\.3"):
        migrate.apply(Notebook(version).execute, Notebook(version).query)


def test_26_3_is_new_enough():
    engine = Notebook("26.3.1.1")
    migrate.apply(engine.execute, engine.query)
    assert len(engine.noted) == everything()


def test_a_table_made_from_another_text_is_refused_and_shown():
    engine = Notebook()
    migrate.apply(engine.execute, engine.query)
    engine.noted["table", "llm_calls"] = "other"
    assert ("llm_calls", "changed") in [(s.name, s.state) for s in migrate.status(engine.query)]
    ran = len(engine.ran)
    with pytest.raises(SchemaError, match="llm_calls in this store differ"):
        migrate.apply(engine.execute, engine.query)
    assert not [sql for sql in engine.ran[ran:] if "llm_calls" in sql]


def test_a_view_made_from_another_text_is_replaced_and_so_is_what_reads_it():
    engine = Notebook()
    migrate.apply(engine.execute, engine.query)
    engine.noted["view", "calls"] = "other"
    ran = len(engine.ran)
    migrate.apply(engine.execute, engine.query)
    replaced = [sql for sql in engine.ran[ran:] if "CREATE OR REPLACE VIEW" in sql]
    names = [re.findall(r"VIEW llmcost(?:_internal)?\.(\w+)", sql)[0] for sql in replaced]
    assert names[0] == "calls"
    assert {"hourly_spend", "hourly_spend__live"} <= set(names)
    assert not {"stale_hours", "budgets", "price_models"} & set(names)


def test_a_pipeline_made_from_another_text_is_altered_while_it_works(embedded_store: Store):
    text = "SELECT as_select, uuid FROM system.tables WHERE name = 'llm_calls_from_records'"
    before = embedded_store.query(text).rows
    embedded_store.command(
        "ALTER TABLE llmcost.llm_calls_from_records MODIFY QUERY "
        "SELECT start AS ts FROM llmcost.llm_records"
    )
    embedded_store.command(
        "INSERT INTO llmcost.schema_journal (kind, name, checksum) "
        "VALUES ('pipeline', 'llm_calls_from_records', 'other')"
    )
    assert [s.name for s in embedded_store.schema_status() if s.state == "changed"] == [
        "llm_calls_from_records"
    ]
    embedded_store.apply_schema()
    assert embedded_store.query(text).rows == before
    assert {item.state for item in embedded_store.schema_status()} == {"applied"}


def test_a_dropped_pipeline_comes_back(embedded_store: Store):
    text = "SELECT as_select FROM system.tables WHERE name = 'llm_calls_from_records'"
    before = embedded_store.query(text).rows
    embedded_store.command("DROP VIEW llmcost.llm_calls_from_records")
    embedded_store.apply_schema()
    assert embedded_store.query(text).rows == before
    assert {item.state for item in embedded_store.schema_status()} == {"applied"}


def test_a_migration_leads_a_table_to_its_new_text(monkeypatch: pytest.MonkeyPatch):
    engine = Notebook()
    migrate.apply(engine.execute, engine.query)
    engine.noted["table", "budgets"] = "of the version before"
    added = schema.Object(
        "migration",
        "0001_budgets_more",
        "-- Grain: as before.\n-- Source: as before.\n"
        "ALTER TABLE llmcost.budgets ${on_cluster} ADD COLUMN IF NOT EXISTS more UInt8",
    )
    for module in (schema, catalog):
        monkeypatch.setattr(module, "migrations", lambda: [added])
    behind = {s.name: s.state for s in migrate.status(engine.query) if s.state != "applied"}
    assert behind["budgets"] == "outdated"
    assert behind["0001_budgets_more"] == "pending"
    assert behind["budget_status"] == "outdated"
    ran = len(engine.ran)
    migrate.apply(engine.execute, engine.query)
    altered = [sql for sql in engine.ran[ran:] if "ALTER TABLE llmcost.budgets" in sql]
    assert len(altered) == 1
    assert {item.state for item in migrate.status(engine.query)} == {"applied"}


def test_a_store_of_a_version_before_0_1_0_is_refused_with_the_way_to_move_it(
    embedded_store: Store,
):
    dropped(embedded_store)
    try:
        embedded_store.command("CREATE DATABASE llmcost")
        embedded_store.command(
            "CREATE TABLE llmcost.llmcost_migrations (number UInt32) ENGINE = MergeTree ORDER BY ()"
        )
        with pytest.raises(SchemaError, match=r"`otel-llmcost restore DIRECTORY` into a new store"):
            embedded_store.apply_schema()
        sql = "SELECT count() FROM system.tables WHERE database = 'llmcost'"
        assert embedded_store.query(sql).rows == [(1,)]
    finally:
        rebuilt(embedded_store)


def test_a_dropped_view_is_missing_and_comes_back(embedded_store: Store):
    embedded_store.command("DROP VIEW llmcost.trust")
    assert [s.name for s in embedded_store.schema_status() if s.state == "missing"] == ["trust"]
    embedded_store.apply_schema()
    assert {item.state for item in embedded_store.schema_status()} == {"applied"}


def test_a_server_gets_schedules_an_embedded_engine_none(embedded_store: Store):
    engine = Notebook()
    migrate.apply(engine.execute, engine.query)
    assert not [sql for sql in engine.ran if "REFRESH EVERY" in sql]
    migrate.apply(engine.execute, engine.query, scheduled=True)
    assert (
        len([sql for sql in engine.ran if "REFRESH EVERY" in sql]) == len(schema.schedules()) == 16
    )
    sql = "SELECT count() FROM system.tables WHERE database = 'llmcost' AND name LIKE 'refresh%'"
    assert embedded_store.query(sql).rows == [(0,)]


def test_schedules_do_what_a_refresh_does(embedded_store: Store):
    try:
        for schedule in schema.schedules():
            embedded_store.command(schema.render(schedule.sql))
        embedded_store.command(
            "INSERT INTO llmcost.llm_calls (ts, record_id, source, version) "
            "VALUES ('2026-11-20 12:00:00', 'x', 'otel_llmcost', 1)"
        )
        for schedule in schema.schedules():
            embedded_store.command(f"SYSTEM REFRESH VIEW llmcost.{schedule.name}")
            embedded_store.command(f"SYSTEM WAIT VIEW llmcost.{schedule.name}")
        found = embedded_store.query(
            "SELECT sum(calls), count() > 1 FROM llmcost.hourly_spend__rows FINAL"
        )
        assert found.rows == [(1, 1)]
    finally:
        for schedule in schema.schedules():
            embedded_store.command(f"DROP VIEW IF EXISTS llmcost.{schedule.name}")


def test_without_a_database_all_is_pending():
    engine = Notebook()
    found = migrate.status(lambda sql: [] if "system.tables" in sql else engine.query(sql))
    assert {item.state for item in found} == {"pending"}
    assert len(found) == everything()


def test_a_cluster_gets_replicated_engines_and_its_own_dedup_window():
    options = schema.Options(cluster="main", raw_ttl_days=3)
    texts = [schema.render(item.sql, options) for item in schema.objects()]
    made = [text for text in texts if "INSERT INTO llmcost" not in text]
    assert all("ON CLUSTER `main`" in text for text in made)
    tables = [text for text in texts if "ENGINE = " in text and "= Null" not in text]
    assert all("ENGINE = Replicated" in text for text in tables)
    assert all(" replicated_deduplication_window = 10000" in text for text in tables)
    assert [text for text in texts if "INTERVAL 3 DAY" in text and "otel_traces" in text]


def test_every_table_of_the_chain_remembers_its_blocks():
    for table in schema.tables():
        text = schema.render(table.sql)
        if "MergeTree" in text:
            assert "non_replicated_deduplication_window = 10000" in text, table.name


def test_views_come_after_the_views_they_read():
    order = [view.name for view in schema.views()]
    assert order.index("calls") < order.index("hourly_spend__live") < order.index("hourly_spend")
    assert order.index("stale_hours") < order.index("hourly_spend") < order.index("budget_status")


def test_an_unknown_query_is_a_key_error():
    with pytest.raises(KeyError):
        schema.query("no_such_query")
