# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Invalid items are left out, reported, counted; wrong clocks within reason are stored and seen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otel_llmcost import schema
from otel_llmcost.ingest import Ingestor, decode
from otel_llmcost.store import Store
from tests.ingest.bodies import START, logs, record, traces
from tests.support.embedded import shared_store, store_directory

pytestmark = pytest.mark.slow

HOUR = 3600 * 10**9
REJECTED = "SELECT signal, reason, records, service FROM llmcost.rejected ORDER BY reason"
CALLS = "SELECT count(), toString(sum(cost_usd)) FROM llmcost.calls"


@pytest.fixture(scope="module")
def ingestor() -> Iterator[Ingestor]:
    shared_store()
    found = Ingestor(store_directory(), linger_s=0)
    yield found
    found.close()


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("start_time_unix_nano", 0, "no_time"),
        ("start_time_unix_nano", 10**9, "time_before_2020"),
        ("start_time_unix_nano", 4_102_444_800 * 10**9, "time_in_the_future"),
        ("start_time_unix_nano", 2**64 - 1, "time_in_the_future"),
        ("trace_id", b"", "broken_id"),
        ("trace_id", bytes(16), "broken_id"),
        ("span_id", b"1234567", "broken_id"),
        ("span_id", bytes(8), "broken_id"),
    ],
)
def test_a_span_that_cannot_be_used_is_left_out_with_its_reason(
    field: str, value: int | bytes, reason: str
) -> None:
    request = traces(record(1), record(2), record(3))
    setattr(request.resource_spans[0].scope_spans[0].spans[1], field, value)
    body = decode.from_protobuf("traces", request.SerializeToString())
    assert [(part.reason, part.items, part.service) for part in body.rejected] == [
        (reason, 1, "shop")
    ]
    kept = type(request).FromString(body.data).resource_spans[0].scope_spans[0].spans
    assert [span.span_id[-1] for span in kept] == [1, 3]


def test_an_event_needs_a_time_but_no_ids() -> None:
    request = logs("llmcost.call", {"a": 1})
    assert decode.from_protobuf("logs", request.SerializeToString()).rejected == ()
    log = request.resource_logs[0].scope_logs[0].log_records[0]
    log.trace_id = b"12"
    assert (
        decode.from_protobuf("logs", request.SerializeToString()).rejected[0].reason == "broken_id"
    )
    log.trace_id, log.observed_time_unix_nano = b"", 0
    assert decode.from_protobuf("logs", request.SerializeToString()).rejected[0].reason == "no_time"


def test_a_broken_id_in_json_costs_its_span_only() -> None:
    span = '{"traceId":"%s","spanId":"eee19b7ec3c1b174","startTimeUnixNano":"%d"}'
    good, bad = span % ("5b8efff798038103d269b633813fc60c", START), span % ("xyz", START)
    text = f'{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{good},{bad}]}}]}}]}}'
    body = decode.from_json("traces", text.encode())
    assert (body.items, [part.reason for part in body.rejected]) == (2, ["broken_id"])


def test_what_was_left_out_is_noted_once_however_often_it_is_sent(
    embedded_store: Store, ingestor: Ingestor
) -> None:
    service = "it's \\ \0 ü\n"
    request = traces(record(1), record(2))
    request.resource_spans[0].resource.attributes[0].value.string_value = service
    request.resource_spans[0].scope_spans[0].spans[0].start_time_unix_nano = 0
    for _ in range(3):
        ingestor.ingest("traces", request.SerializeToString())
    assert embedded_store.query(REJECTED).rows == [("traces", "no_time", 1, service)]
    assert embedded_store.query(CALLS).rows == [(1, "0.0045")]
    day = "SELECT sum(rejected), sum(calls) FROM llmcost.trust"
    assert embedded_store.query(day).rows == [(1, 1)]


def test_a_long_service_of_what_was_left_out_is_bounded_as_that_of_its_calls(
    ingestor: Ingestor, embedded_store: Store
) -> None:
    request = traces(record(1), record(2))
    request.resource_spans[0].resource.attributes[0].value.string_value = "é" * 5000
    request.resource_spans[0].scope_spans[0].spans[0].start_time_unix_nano = 0
    ingestor.ingest("traces", request.SerializeToString())
    (rejected,) = embedded_store.query("SELECT service FROM llmcost.rejected").rows
    (stored,) = embedded_store.query("SELECT service FROM llmcost.llm_calls").rows
    assert rejected == stored
    assert len(stored[0]) == 256


def test_a_clock_hours_ahead_and_records_days_late_are_stored_summed_and_seen(
    embedded_store: Store, ingestor: Ingestor
) -> None:
    now = time.time_ns()
    offsets = (5 * HOUR, 2 * 24 * HOUR, -3 * 24 * HOUR, -40 * 24 * HOUR, -HOUR // 60)
    for number, offset in enumerate(offsets):
        body = traces(record(number), start=now + offset, first=number)
        assert ingestor.ingest("traces", body.SerializeToString()).rejected == ()
    embedded_store.refresh()
    embedded_store.refresh()
    sums = "SELECT toUInt64(sum(calls)), toString(sum(cost_usd)), uniqExact(hour) FROM llmcost.{}"
    for table in ("hourly_spend", "hourly_spend__rows FINAL WHERE is_marker = 0"):
        assert embedded_store.query(sums.format(table)).rows == [(5, "0.0225", 5)]
    seen = "SELECT sum(early_records), sum(late_records), sum(calls) FROM llmcost.trust"
    assert embedded_store.query(seen).rows == [(2, 2, 5)]


VIEWS = [view.path for view in schema.views() if "{" not in view.sql]
TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", "-1", "1e400", "NaN", "inf", "9" * 20, "\0", "[", "{", "[1"]),
)
VALUES = st.one_of(
    TEXTS,
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.binary(max_size=4),
    st.lists(TEXTS, max_size=2),
)
KEYS = [
    *record(0),
    "gen_ai.response.time_to_first_chunk",
    "gen_ai.usage.raw",
    "llmcost.replies",
    "llmcost.start_time_unix_nano",
    "llmcost.usage.items",
    "llmcost.usage.output",
    "user.id",
]


CHANGES = st.lists(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8), max_size=6)


def test_no_value_of_any_attribute_makes_an_insert_a_rebuild_or_a_view_fail(
    embedded_store: Store, ingestor: Ingestor
) -> None:
    @settings(max_examples=20)
    @given(CHANGES)
    def ingest(changes: list[dict[str, Any]]) -> None:
        ours = traces(*(record(n) | change for n, change in enumerate(changes)))
        foreign = type(ours).FromString(ours.SerializeToString())
        foreign.resource_spans[0].scope_spans[0].scope.name = "elsewhere"
        for request in (ours, foreign):
            ingestor.ingest("traces", request.SerializeToString())
        for change in changes:
            event = logs("llmcost.call", record(7) | change, scope="otel_llmcost")
            ingestor.ingest("logs", event.SerializeToString())
        embedded_store.refresh()

    ingest()
    for view in VIEWS:
        embedded_store.query(f"SELECT * FROM {view} FORMAT Null")
