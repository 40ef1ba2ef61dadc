# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""OTLP bytes become the rows the Collector would have written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from otel_llmcost.ingest import Ingestor, MalformedBody
from otel_llmcost.store import Store
from tests.ingest.bodies import START, logs, record, records, traces
from tests.schema.foreign_dumps import load
from tests.support.embedded import store_directory


@pytest.fixture
def ingestor(embedded_store: Store) -> Iterator[Ingestor]:
    found = Ingestor(store_directory(), linger_s=0.05)
    yield found
    found.close()


def rows(store: Store, sql: str) -> list[tuple[Any, ...]]:
    return store.query(sql).rows


def test_values_are_stored_as_text_as_the_collector_writes_it(
    embedded_store: Store, ingestor: Ingestor
) -> None:
    values = {
        "string": "é'\\",
        "true": True,
        "false": False,
        "int": -5,
        "zero": 0,
        "one": 1.0,
        "sum": 0.1 + 0.2,
        "small": 1e-7,
        "large": 1e20,
        "huge": 1e21,
        "nan": float("nan"),
        "bytes": b"\x00\xff",
        "strings": ["a/b", 'q"<&>'],
        "numbers": [1, 2.5],
        "map": {"b": [1, {"c": True}], "a": ""},
    }
    ingestor.ingest("traces", traces(values).SerializeToString())
    assert rows(embedded_store, "SELECT SpanAttributes FROM llmcost.otel_traces")[0][0] == {
        "string": "é'\\",
        "true": "true",
        "false": "false",
        "int": "-5",
        "zero": "0",
        "one": "1",
        "sum": "0.30000000000000004",
        "small": "1e-7",
        "large": "100000000000000000000",
        "huge": "1e+21",
        "nan": "json: unsupported value: NaN",
        "bytes": "AP8=",
        "strings": r'["a/b","q\"\u003c\u0026\u003e"]',
        "numbers": "[1,2.5]",
        "map": '{"a":"","b":[1,{"c":true}]}',
    }


def test_a_span_keeps_its_ids_times_status_events_and_links(
    embedded_store: Store, ingestor: Ingestor
) -> None:
    request = traces({"a": 1})
    span = request.resource_spans[0].scope_spans[0].spans[0]
    span.parent_span_id = b"\xab" * 8
    span.status.code = 2
    span.status.message = "timeout"
    span.events.add(name="exception", time_unix_nano=START)
    span.links.add(trace_id=b"\xcd" * 16, span_id=b"\xef" * 8)
    ingestor.ingest("traces", request.SerializeToString())
    assert rows(
        embedded_store,
        "SELECT toUnixTimestamp64Nano(Timestamp), TraceId, SpanId, ParentSpanId, SpanKind,"
        " Duration, ServiceName, ScopeName, StatusCode, StatusMessage, Events.Name, Links.TraceId"
        " FROM llmcost.otel_traces",
    ) == [
        (
            *(START, f"{1:032x}", f"{1:016x}", "ab" * 8, "Client", 900_000_000),
            *("shop", "otel_llmcost", "Error", "timeout", ["exception"], ["cd" * 16]),
        )
    ]


def test_an_event_keeps_its_name_and_attributes_but_no_body(
    embedded_store: Store, ingestor: Ingestor
) -> None:
    values = {"gen_ai.usage.input_tokens": 3, "content": "secret"}
    request = logs("gen_ai.user.message", values, body="secret")
    ingestor.ingest("logs", request.SerializeToString())
    assert rows(
        embedded_store,
        "SELECT EventName, Body, LogAttributes, toUnixTimestamp64Nano(Timestamp)"
        " FROM llmcost.otel_logs",
    ) == [("gen_ai.user.message", "", {"gen_ai.usage.input_tokens": "3"}, START)]


def test_a_plain_log_line_is_not_stored(embedded_store: Store, ingestor: Ingestor) -> None:
    ingestor.ingest("logs", logs("", {"a": 1}, body="user said …").SerializeToString())
    ours = logs("", {"llmcost.record.id": "x"}, scope="otel_llmcost")
    ingestor.ingest("logs", ours.SerializeToString())
    assert rows(embedded_store, "SELECT ScopeName FROM llmcost.otel_logs") == [("otel_llmcost",)]


def test_a_request_of_claude_code_arrives_as_a_call(
    embedded_store: Store, ingestor: Ingestor
) -> None:
    (reported, _) = load("claude_code")["events"]
    request = logs("", reported["attributes"], body=reported["body"], scope=reported["scope"])
    ingestor.ingest("logs", request.SerializeToString())
    found = rows(
        embedded_store,
        "SELECT model, input_tokens, output_tokens, duration_ms, toString(reported_cost_usd)"
        " FROM llmcost.calls",
    )
    assert found == [("claude-opus-5-5", 25612, 322, 2841, "0.0313008")]


def test_no_content_of_other_emitters_is_stored(embedded_store: Store, ingestor: Ingestor) -> None:
    keys = [
        "gen_ai.input.messages",
        "gen_ai.output.messages",
        "gen_ai.system_instructions",
        "gen_ai.tool.definitions",
        "gen_ai.prompt",
        "gen_ai.prompt.0.content",
        "gen_ai.completion.0.content",
        "gen_ai.completion.0.function_call.arguments",
        "llm.input_messages.0.message.content",
        "llm.output_messages",
        "llm.invocation_parameters",
        "input.value",
        "output.value",
        "traceloop.entity.input",
        "ai.prompt.messages",
        "retrieval.documents.3.document.content",
        "langfuse.observation.output",
        "llm.anthropic.messages",
        "llm.anthropic.content",
        "llm.openai.choices",
        "llm.vertex_ai.system_instruction",
    ]
    kept = {"gen_ai.completion.0.finish_reason": "stop", "llm.model_name": "m", "prompt_id": "7"}
    kept |= {"llm.token_count.prompt": "5", "llm.anthropic.usage": "{}"}
    request = traces(dict.fromkeys(keys, "SECRET") | kept)
    span = request.resource_spans[0].scope_spans[0].spans[0]
    event = span.events.add(name="gen_ai.choice")
    for key in [*keys, "content", "message"]:
        event.attributes.add(key=key).value.string_value = "SECRET"
    ingestor.ingest("traces", request.SerializeToString())
    found = rows(
        embedded_store, "SELECT SpanAttributes, Events.Attributes FROM llmcost.otel_traces"
    )
    assert found == [(kept, [{}])]


def test_a_malformed_body_stores_nothing(embedded_store: Store, ingestor: Ingestor) -> None:
    with pytest.raises(MalformedBody):
        ingestor.ingest("traces", records(5)[:-1])
    assert rows(embedded_store, "SELECT count() FROM llmcost.otel_traces") == [(0,)]
    assert ingestor.stats.count("bodies_malformed", "traces") == 1


@pytest.mark.parametrize("start", [0, 1, 2**63, 2**64 - 10**10, 10**18 * 4])
def test_an_absurd_clock_is_no_error(embedded_store: Store, ingestor: Ingestor, start: int) -> None:
    kept = ingestor.ingest("traces", traces(record(1), start=start).SerializeToString())
    assert (kept.items, kept.rejected_items) == (1, 1)


def test_a_span_on_each_of_150_days_is_one_body(embedded_store: Store, ingestor: Ingestor) -> None:
    request = traces(*(record(i) for i in range(150)))
    for day, span in enumerate(request.resource_spans[0].scope_spans[0].spans):
        span.start_time_unix_nano -= day * 86_150 * 10**9
    ingestor.ingest("traces", request.SerializeToString())
    assert rows(embedded_store, "SELECT count() FROM llmcost.otel_traces") == [(150,)]


def test_replayed_and_regrouped_bodies_never_change_a_sum(
    embedded_store: Store, ingestor: Ingestor
) -> None:
    bodies = [records(4, first=4 * i) for i in range(6)]
    sums = "SELECT count(), sum(cost_usd), sum(input_tokens) FROM llmcost.calls"
    for future in [ingestor.submit("traces", body) for body in bodies]:
        future.result()
    once = rows(embedded_store, sums)
    assert once[0][0] == 24
    for body in bodies:
        ingestor.ingest("traces", body)
    for future in [ingestor.submit("traces", body) for body in reversed(bodies)]:
        future.result()
    ingestor.ingest("traces", records(7, first=3))
    assert rows(embedded_store, sums) == once


def test_metrics_are_accepted_and_dropped(embedded_store: Store, ingestor: Ingestor) -> None:
    body = b'{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"a"}]}]}]}'
    ingestor.ingest("metrics", body, "json")
    stats = ingestor.stats
    assert stats.count("bodies_accepted", "metrics") == 1
    assert stats.count("records_received", "metrics") == 1
