# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A reply that two emitters reported counts once; calls that only look like it all count."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from benchmarks import duplicates
from otel_llmcost.store import Store
from tests.support.embedded import empty, shared_store
from tests.support.otlp_rows import NOON, event, record_attributes, send, span

Found = Mapping[str, tuple[int, int, int, int]]

# Two calls of a service at one time with one of Ollama's ids, model and tokens: nothing sets them
# apart from one call.
BY_CHANCE = {"once, Ollama, two processes of a service": 0.01}


@pytest.fixture(scope="module")
def found() -> Found:
    empty(shared_store())
    return duplicates.measure(shared_store())


@pytest.mark.parametrize("kind", duplicates.KINDS)
def test_no_call_vanishes_and_none_counts_twice(found: Found, kind: str):
    false, missed, *_ = found[kind]
    assert false <= BY_CHANCE.get(kind, 0) * duplicates.CALLS
    assert missed == 0


@pytest.mark.parametrize("ids", ["chatcmpl-1", "resp_0123456789abcdef0123456789abcdef", "{}"])
def test_calls_of_two_services_behind_a_relay_all_count(embedded_store: Store, ids: str):
    """One constant id, short or long, and Ollama's, which come again."""
    rows: list[dict[str, Any]] = []
    for number in range(100):
        at = NOON + dt.timedelta(seconds=number)
        reported = {
            "gen_ai.response.id": ids.format(f"chatcmpl-{number}"),
            "gen_ai.response.model": "llama3.2",
            "gen_ai.usage.input_tokens": "100",
            "gen_ai.usage.output_tokens": "20",
        }
        for service, scope, own in (
            ("one", "otel_llmcost", record_attributes(number)),
            ("two", "opentelemetry.instrumentation.openai_v2", {"gen_ai.operation.name": "chat"}),
        ):
            ids_of_span: dict[str, Any] = {
                "trace": f"{service}{number:029x}",
                "span_id": f"{service}{number:013x}",
            }
            rows.append(span(own | reported, start=at, scope=scope, service=service, **ids_of_span))
    send(embedded_store, rows)
    embedded_store.refresh()
    counted = embedded_store.query(
        "SELECT service, count() FROM llmcost.calls GROUP BY service ORDER BY service"
    ).rows
    assert counted == [("one", 100), ("two", 100)]


def test_a_constant_id_of_many_calls_is_looked_for_in_their_time_only(embedded_store: Store):
    """Every call beside every other of that id would be 400 million pairs."""
    embedded_store.command(
        "INSERT INTO llmcost.llm_calls (ts, record_id, service, response_id, model, source, "
        "input_tokens, output_tokens, duration_ms, version) "
        "SELECT {noon:DateTime64(3)} + INTERVAL number * 150 MILLISECOND, toString(number), "
        "'s', 'chatcmpl-1', 'm', number % 2 ? 'other' : 'otel_llmcost', number, 1, 100, 1 "
        "FROM numbers(20000)",
        {"noon": NOON},
    )
    embedded_store.refresh()
    assert embedded_store.query("SELECT count() FROM llmcost.calls").rows == [(20_000,)]


def test_a_parent_and_its_child_with_equal_tokens_and_model_are_one_call(embedded_store: Store):
    """A framework's span around the SDK's, neither of which names a reply."""
    usage = {
        "openinference.span.kind": "LLM",
        "llm.model_name": "gpt-5",
        "llm.token_count.prompt": "80",
        "llm.token_count.completion": "9",
    }
    outer = span(usage, scope="openinference.instrumentation.langchain", span_id="a" * 16)
    inner = span(
        usage,
        scope="openinference.instrumentation.openai",
        span_id="b" * 16,
        start=NOON + dt.timedelta(milliseconds=3),
        milliseconds=1400,
    )
    other = span(
        usage | {"llm.token_count.prompt": "81"},
        scope="openinference.instrumentation.openai",
        span_id="c" * 16,
    )
    inner["ParentSpanId"] = other["ParentSpanId"] = "a" * 16
    send(embedded_store, [outer, inner, other])
    embedded_store.refresh()
    left = embedded_store.query("SELECT span_id FROM llmcost.calls ORDER BY span_id").rows
    assert left == [("b" * 16,), ("c" * 16,)]


def nested(*reported: tuple[str, str, str, int, int]) -> list[dict[str, Any]]:
    """Spans without a reply id: place, parent's place, model, input, output."""
    rows: list[dict[str, Any]] = []
    for number, (place, parent, model, tokens, output) in enumerate(reported):
        usage = {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": model,
            "gen_ai.usage.input_tokens": str(tokens),
            "gen_ai.usage.output_tokens": str(output),
        }
        start = NOON + dt.timedelta(seconds=number)
        sent = span(usage, scope="gen_ai", span_id=place * 16, start=start, milliseconds=900)
        rows.append({**sent, "ParentSpanId": parent * 16})
    return rows


@pytest.mark.parametrize(
    ("reported", "left"),
    [
        ([("b", "a", "m", 28, 2), ("c", "a", "m", 32, 3)], "bc"),
        ([("b", "a", "m", 28, 2), ("c", "a", "m", 31, 3)], "abc"),
        ([("b", "a", "m", 28, 2), ("c", "a", "m", 32, 4)], "abc"),
        ([("b", "a", "m", 28, 2), ("c", "a", "n", 32, 3)], "abc"),
        ([("b", "a", "m", 28, 2), ("c", "b", "m", 32, 3)], "abc"),
    ],
    ids=["adds up", "other input", "other output", "other model", "other parent"],
)
def test_a_parent_that_adds_up_its_children_is_no_call(
    embedded_store: Store, reported: list[tuple[str, str, str, int, int]], left: str
):
    send(embedded_store, nested(("a", "0", "m", 60, 5), *reported))
    embedded_store.refresh()
    rows = embedded_store.query("SELECT span_id FROM llmcost.calls ORDER BY span_id").rows
    assert "".join(str(span_id)[0] for (span_id,) in rows) == left


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["given up first", "finished first"])
def test_a_finished_background_response_takes_the_place_of_one_given_up(
    embedded_store: Store, order: tuple[int, int]
):
    """Its starter ended before it; another process read it."""
    reported = record_attributes(1) | {"llmcost.record.id": "background-1"}
    finished = event(reported | {"llmcost.replies": "1"})
    unpriced = {"llmcost.cost.status": "unpriced", "llmcost.cost.reason": "background_pending"}
    kept = {key: value for key, value in reported.items() if not key.startswith("gen_ai.usage")}
    given_up = event(kept | unpriced)
    for number in order:
        send(embedded_store, [(given_up, finished)[number]])
    embedded_store.refresh()
    rows = embedded_store.query("SELECT cost_status, input_tokens FROM llmcost.calls").rows
    assert rows == [("priced", 100)]
