# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Spans of other emitters have a doorway of their own, which our own spans do not open."""

from __future__ import annotations

from otel_llmcost.store import Store
from tests.support.embedded import embedded_store

__all__ = ["embedded_store"]

_INSERT = """
INSERT INTO llmcost.otel_traces (Timestamp, TraceId, SpanId, ServiceName, ScopeName, SpanAttributes)
VALUES (now64(9), '{id:032x}', '{id:016x}', 'shop', '{scope}', map(
    'gen_ai.operation.name', 'chat', 'gen_ai.request.model', 'm', 'llmcost.record.id', '{record}'))
"""


def test_every_span_goes_through_one_doorway(embedded_store: Store) -> None:
    for number, (scope, record) in enumerate((("otel_llmcost", "r1"), ("elsewhere", ""))):
        embedded_store.command(_INSERT.format(id=number + 1, scope=scope, record=record))
    found = "SELECT source, record_id FROM llmcost.llm_calls ORDER BY source"
    ids = f"{2:032x}:{2:016x}"
    assert embedded_store.query(found).rows == [("elsewhere", ids), ("otel_llmcost", "r1")]


def test_the_long_query_for_foreign_spans_no_longer_hangs_on_the_raw_table(
    embedded_store: Store,
) -> None:
    views = embedded_store.query(
        "SELECT name FROM system.tables WHERE database = 'llmcost' AND engine = 'MaterializedView' "
        "AND create_table_query LIKE '%FROM llmcost.otel_traces%' ORDER BY name"
    )
    assert views.rows == [("foreign_spans_from_traces",), ("llm_records_from_traces",)]
