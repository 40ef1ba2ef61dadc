# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A name or id of any length becomes a column of at most 256 characters, and stays itself."""

from __future__ import annotations

import pytest

from otel_llmcost.store import Store
from tests.support.otlp_rows import event, record_attributes, send, span

LONGEST = 256
TABLES = ("llm_calls", "outcomes", "budget_decisions")
NAMES = (
    "llmcost.feature", "llmcost.scope.id", "llmcost.allocation.team", "user.id", "session.id",
    "gen_ai.conversation.id", "gen_ai.agent.name", "gen_ai.workflow.name", "gen_ai.operation.name",
    "gen_ai.provider.name", "gen_ai.request.model", "gen_ai.response.model", "gen_ai.response.id",
    "gen_ai.response.finish_reasons", "error.type", "llmcost.price.mode", "llmcost.price.context",
    "llmcost.price.geo", "llmcost.price.version", "llmcost.cost.reason", "llmcost.stream.outcome",
    "llmcost.batch.id", "llmcost.fingerprint.request", "llmcost.fingerprint.prefix",
    "code.function.name", "server.address", "llmcost.record.id", "llmcost.outcome.id",
    "llmcost.outcome.name", "llmcost.budget.name", "llmcost.budget.decision",
    "llmcost.budget.decision.id",
)  # fmt: skip


def long(text: str, last: str) -> dict[str, str]:
    """Every name as one that differs from another only at its end."""
    names = dict.fromkeys(NAMES, text * 50_000 + last)
    return names | {f"llmcost.allocation.{text * 50_000}{last}": text * 50_000 + last}


def lengths(store: Store, table: str) -> dict[str, int]:
    """The longest text of each column, also as key or value of a map."""
    columns = store.query(
        "SELECT name, type FROM system.columns WHERE database = 'llmcost' "
        f"AND table = '{table}' AND type LIKE '%String%' AND name != 'usage_items'"
    ).rows
    found: dict[str, int] = {}
    for name, kind in columns:
        parts = [name]
        if kind.startswith("Map"):
            parts = [f"arrayStringConcat(arraySlice(mapKeys({name}), -1))"]
            if kind.endswith("String)"):
                parts.append(f"arrayStringConcat(arraySlice(mapValues({name}), -1))")
        for part in parts:
            sql = f"SELECT max(lengthUTF8({part})) FROM llmcost.{table}"
            found[part] = int(store.query(sql).rows[0][0])
    return found


@pytest.mark.parametrize("text", ["x", "é", "漢", "😀"])
@pytest.mark.parametrize("scope", ["otel_llmcost", "opentelemetry.instrumentation.openai"])
def test_no_column_holds_a_longer_text_and_texts_that_differ_stay_different(
    embedded_store: Store, text: str, scope: str
) -> None:
    for last in "ab":
        given = long(text, last)
        outcome = {k: v for k, v in given.items() if k != "llmcost.record.id"}
        if scope != "otel_llmcost":
            # A foreign span that names a record of ours is a picture of it, and no call.
            given = {**outcome, "gen_ai.operation.name": "chat"}
        name = text * 50_000 + last
        send(
            embedded_store,
            [
                span(given, scope=scope, service=name, trace=name)
                | {"SpanId": name, "ParentSpanId": name},
                event(outcome, service=name),
            ],
        )
    for table in TABLES:
        found = lengths(embedded_store, table)
        assert found
        assert {k: v for k, v in found.items() if v > LONGEST} == {}, table
    counted = "feature user_id session_id conversation_id scope_id trace_id span_id model service"
    for column in counted.split():
        rows = embedded_store.query(
            f"SELECT {column} FROM llmcost.llm_calls WHERE source = '{scope}' GROUP BY {column}"
        ).rows
        assert len(rows) == 2, column
        for (value,) in rows:
            assert value.startswith(text * 200), column
            assert "…" in value, column


def test_a_name_of_256_characters_is_kept_complete(embedded_store: Store) -> None:
    for text in ("x", "漢", "😀"):
        name = text * LONGEST
        send(embedded_store, [span(record_attributes(ord(text), llmcost__feature=name))])
        found = embedded_store.query(
            "SELECT count() FROM llmcost.llm_calls WHERE feature = {name:String}", {"name": name}
        )
        assert found.rows == [(1,)]


def test_bytes_that_are_no_text_are_bounded_too(embedded_store: Store) -> None:
    embedded_store.command(
        "INSERT INTO llmcost.otel_traces (Timestamp, ScopeName, SpanAttributes) "
        "SELECT now(), 'otel_llmcost', map('llmcost.record.id', 'r1', 'llmcost.feature', "
        "repeat(unhex('80'), 100000))"
    )
    found = embedded_store.query("SELECT max(length(feature)) FROM llmcost.llm_calls")
    assert 0 < found.rows[0][0] <= 4 * LONGEST


def test_an_outcome_finds_the_calls_of_its_long_scope_and_session(embedded_store: Store) -> None:
    long_id = "s" * 5000
    send(
        embedded_store,
        [
            span(record_attributes(1, llmcost__scope__id=long_id, session__id=long_id)),
            event({"llmcost.outcome.name": "done", "llmcost.scope.id": long_id}),
        ],
    )
    joined = "SELECT count() FROM llmcost.outcomes AS o JOIN llmcost.llm_calls AS c USING scope_id"
    assert embedded_store.query(joined).rows == [(1,)]
