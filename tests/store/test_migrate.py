# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from otel_llmcost import schema
from otel_llmcost.errors import SchemaError
from otel_llmcost.store import Store, migrate


class Notebook:
    """An engine that remembers what it ran, and fails on request."""

    def __init__(self, version: str = "26.9.2.1") -> None:
        self.version = version
        self.ran: list[str] = []
        self.noted: dict[tuple[int, str], str] = {}
        self.at: dict[tuple[int, str], int] = {}
        self.fail_after: int | None = None

    def execute(self, sql: str) -> None:
        if self.fail_after is not None and len(self.ran) >= self.fail_after:
            raise ConnectionError("killed")
        self.ran.append(sql)
        if sql.startswith("INSERT"):
            number, name, checksum = sql.partition("VALUES (")[2].strip(")").split(", ")
            self.noted[int(number), name.strip("'")] = checksum.strip("'")
            self.at[int(number), name.strip("'")] = len(self.ran)

    def query(self, sql: str) -> Sequence[Sequence[object]]:
        if "version()" in sql:
            return [(self.version,)]
        if "engine_full" in sql:
            return []
        if "system.tables" in sql:
            return [("llmcost_migrations",)] + [(name,) for _, name in self.noted]
        return [(*key, checksum, self.at[key]) for key, checksum in sorted(self.noted.items())]


def everything() -> int:
    return len(schema.migrations()) + len(schema.views())


def test_applying_again_does_nothing_new(embedded_store: Store):
    count = "SELECT count() FROM llmcost.llmcost_migrations"
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
    engine.noted[3, "llm_calls"] = "other"
    assert ("llm_calls", "changed") in [(s.name, s.state) for s in migrate.status(engine.query)]
    ran = len(engine.ran)
    with pytest.raises(SchemaError, match="llm_calls in this store differ"):
        migrate.apply(engine.execute, engine.query)
    assert not [sql for sql in engine.ran[ran:] if "llm_calls" in sql]


def test_a_view_made_from_another_text_is_replaced_and_so_is_what_reads_it():
    engine = Notebook()
    migrate.apply(engine.execute, engine.query)
    engine.noted[0, "calls"] = "other"
    ran = len(engine.ran)
    migrate.apply(engine.execute, engine.query)
    replaced = [sql for sql in engine.ran[ran:] if "CREATE OR REPLACE VIEW" in sql]
    names = [re.findall(r"VIEW llmcost\.(\w+)", sql)[0] for sql in replaced]
    assert names[0] == "calls"
    assert {"spend_1h", "hour_groups"} <= set(names)
    assert not {"rebuilt_hours", "budgets", "price_models"} & set(names)


def test_what_altered_an_object_is_done_again_after_the_object_was_made_anew():
    engine = Notebook()
    migrate.apply(engine.execute, engine.query)
    engine.at[5, "llm_calls_from_records"] = 10_000  # made anew; killed before the next statement
    pending = [s.number for s in migrate.status(engine.query) if s.state == "pending"]
    assert pending == [26, 142, 150, 160]
    ran = len(engine.ran)
    migrate.apply(engine.execute, engine.query)
    altered = [sql for sql in engine.ran[ran:] if "MODIFY QUERY" in sql]
    assert len(altered) == 4
    assert all(sql.startswith("-- Grain: one row of llm_calls") for sql in altered)


def test_a_dropped_materialized_view_comes_back_as_it_was_last_altered(embedded_store: Store):
    text = "SELECT as_select FROM system.tables WHERE name = 'llm_calls_from_records'"
    before = embedded_store.query(text).rows
    embedded_store.command("DROP VIEW llmcost.llm_calls_from_records")
    embedded_store.apply_schema()
    assert embedded_store.query(text).rows == before
    assert {item.state for item in embedded_store.schema_status()} == {"applied"}


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
        len([sql for sql in engine.ran if "REFRESH EVERY" in sql]) == len(schema.schedules()) == 14
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
            "SELECT sum(calls), count() > 1 FROM llmcost.llm_cost_1h FINAL"
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
    texts = [schema.render(m.sql, options) for m in schema.migrations()]
    assert all("ON CLUSTER `main`" in text for text in texts)
    tables = [text for text in texts if "MergeTree" in text]
    assert all("ENGINE = Replicated" in text for text in tables)
    assert all(" replicated_deduplication_window = 10000" in text for text in tables)
    assert "INTERVAL 3 DAY" in texts[0]


def test_every_table_of_the_chain_remembers_its_blocks():
    for migration in schema.migrations():
        text = schema.render(migration.sql)
        if "MergeTree" in text:
            assert "non_replicated_deduplication_window = 10000" in text, migration.name


def test_views_come_after_the_views_they_read():
    order = [view.name for view in schema.views()]
    assert order.index("calls") < order.index("hour_groups") < order.index("spend_1h")
    assert order.index("stale_hours") < order.index("spend_1h") < order.index("spend_1h_by_site")


def test_an_unknown_query_is_a_key_error():
    with pytest.raises(KeyError):
        schema.query("no_such_query")
