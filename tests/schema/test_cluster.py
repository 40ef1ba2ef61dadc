# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re

import pytest

from otel_llmcost import schema
from otel_llmcost.schema import cluster
from otel_llmcost.store import Store

OPTIONS = schema.Options(cluster="main", raw_ttl_days=3)
SCRIPT = schema.script(OPTIONS, scheduled=True)


def test_the_engine_reads_every_statement(embedded_store: Store):
    for statement in SCRIPT:
        sql = "SELECT formatQuery({sql:String})"
        assert embedded_store.query(sql, {"sql": statement}).rows[0][0], statement


def test_the_engine_would_not_read_a_broken_one(embedded_store: Store):
    with pytest.raises(Exception, match="Syntax error"):
        embedded_store.query("SELECT formatQuery({sql:String})", {"sql": SCRIPT[2] + " ENGINE"})


SHARDED = {name: key for name, key in cluster.shard_keys().items() if key}


@pytest.mark.parametrize("table", SHARDED)
def test_a_sharded_table_is_replicated_below_and_distributed_above(table: str):
    local = [
        s for s in SCRIPT if s.startswith(f"CREATE TABLE IF NOT EXISTS llmcost_local.{table} ")
    ]
    above = [s for s in SCRIPT if s.startswith(f"CREATE TABLE IF NOT EXISTS llmcost.{table} ")]
    assert len(local) == len(above) == 1
    assert "ENGINE = Replicated" in local[0]
    assert f"Distributed('main', 'llmcost_local', '{table}', {SHARDED[table]})" in above[0]
    assert SCRIPT.index(local[0]) < SCRIPT.index(above[0])


@pytest.mark.parametrize("table", ["otel_traces", "otel_logs", "llm_calls", "outcomes"])
def test_records_of_one_trace_meet_on_one_shard(table: str):
    assert re.fullmatch(r"cityHash64\((TraceId|trace_id)\)", SHARDED[table])


def test_every_other_table_has_the_same_rows_on_every_node():
    here = [s for s in SCRIPT if re.match(r"CREATE TABLE IF NOT EXISTS llmcost\.", s)]
    small = [s for s in here if "Distributed(" not in s]
    assert len(small) > 5
    for statement in small:
        assert "('/clickhouse/tables/all/{database}/{table}', '{replica}'" in statement


def test_materialized_views_work_within_a_shard():
    made = [s for s in SCRIPT if s.startswith("CREATE MATERIALIZED VIEW")]
    within = [s for s in made if "REFRESH EVERY" not in s]
    assert len(within) > 5
    names = "|".join(cluster.shard_keys())
    for statement in within:
        assert "ON CLUSTER `main`" in statement
        assert not re.search(rf"\bllmcost\.({names})\b", statement), statement


def test_one_node_refreshes_for_all():
    refreshing = [s for s in SCRIPT if "REFRESH EVERY" in s]
    assert len(refreshing) == len(schema.schedules())
    assert not [s for s in refreshing if "ON CLUSTER" in s]


def test_a_column_is_added_below_and_above():
    sql = "ALTER TABLE llmcost.llm_calls ${on_cluster} ADD COLUMN IF NOT EXISTS more String"
    assert schema.create(schema.Object("migration", "0001_llm_calls_more", sql), OPTIONS) == [
        f"ALTER TABLE {database}.llm_calls ON CLUSTER `main` ADD COLUMN IF NOT EXISTS more String"
        for database in ("llmcost_local", "llmcost")
    ]


def test_one_server_runs_each_statement_as_it_is():
    for item in schema.objects():
        assert schema.create(item) == [schema.render(item.sql)]
