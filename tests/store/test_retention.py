# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator

import pytest

from otel_llmcost import schema
from otel_llmcost.store import Store, retention
from tests.store.emptied import dropped, rebuilt

pytestmark = pytest.mark.slow


@pytest.fixture
def store(embedded_store: Store) -> Iterator[Store]:
    dropped(embedded_store)
    yield embedded_store
    rebuilt(embedded_store)


def days(store: Store) -> dict[str, int | None]:
    found = retention.found(lambda sql: store.query(sql).rows)
    names = (
        "otel_traces",
        "otel_logs",
        "llm_calls",
        "llm_calls_repriced",
        "hourly_spend__rows",
        "prices",
    )
    return {name: found[name].days for name in names}


def test_a_new_store_keeps_what_the_options_say(store: Store):
    store.apply_schema(schema.Options(raw_ttl_days=7, calls_ttl_days=90, rollup_ttl_days=700))
    assert days(store) == {
        "otel_traces": 7,
        "otel_logs": 7,
        "llm_calls": 90,
        "llm_calls_repriced": 90,
        "hourly_spend__rows": 700,
        "prices": None,
    }


def test_without_options_a_store_keeps_its_retention(store: Store):
    store.apply_schema(schema.Options(raw_ttl_days=7))
    before = days(store)
    store.apply_schema()
    assert days(store) == before
    assert before["llm_calls"] == 400


def test_retention_changes_by_applying_again_and_old_rows_go(store: Store):
    store.apply_schema()
    store.command(
        "INSERT INTO llmcost.llm_calls (ts, record_id) VALUES (now() - INTERVAL 30 DAY, 'old'), "
        "(now(), 'new')"
    )
    store.apply_schema(schema.Options(calls_ttl_days=10))
    assert days(store)["llm_calls"] == 10
    assert days(store)["llm_calls_repriced"] == 10
    assert days(store)["otel_traces"] == 14
    store.command("OPTIMIZE TABLE llmcost.llm_calls FINAL")
    assert store.query("SELECT record_id FROM llmcost.llm_calls").rows == [("new",)]
    assert store.schema_drift() == []


def test_a_table_that_is_made_later_gets_the_stores_retention(store: Store):
    store.apply_schema(schema.Options(calls_ttl_days=90))
    store.command("DROP TABLE llmcost.rejected")
    store.apply_schema()
    assert retention.found(lambda sql: store.query(sql).rows)["rejected"].days == 90
