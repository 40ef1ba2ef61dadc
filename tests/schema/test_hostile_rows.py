# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""No attribute value, id or time makes an INSERT into a raw table fail."""

from __future__ import annotations

import datetime as dt
import re
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otel_llmcost import schema
from otel_llmcost.store import Store
from tests.schema.parameters import PARAMETERS
from tests.support.hostile import HOSTILE
from tests.support.otlp_rows import event, record_attributes, send, span

pytestmark = pytest.mark.slow

READ = sorted(
    set(
        re.findall(
            r"\b(?:a|SpanAttributes|LogAttributes)\['([\w.]+)'\]",
            "".join(item.sql for item in schema.objects()),
        )
    )
)
GROUPS = 4
"""Rows of one value: each has it in every fourth attribute."""
TEXT = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.floats().map(repr),
    st.integers(-(2**70), 2**70).map(str),
)
ATTRIBUTES = st.dictionaries(
    st.one_of(
        st.sampled_from(READ),
        st.sampled_from(
            ["llmcost.usage.", "llmcost.usage.é", "llmcost.allocation.", "llmcost.allocation.x"]
        ),
    ),
    TEXT,
    max_size=30,
)
TIMES = st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2262, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001 - bounds must be naive
IDS = st.one_of(
    st.sampled_from(["", "zz", "\x00", "0" * 32]),
    st.text(max_size=40).map(lambda t: t.encode("utf-8", "ignore").decode()),
)
SCOPES = st.sampled_from(
    [
        "otel_llmcost",
        "",
        "opentelemetry.instrumentation.genai.openai",
        "ai",
        "litellm",
        "logfire.openai",
        "com.anthropic.claude_code.events",
    ]
)
ROWS = st.lists(
    st.one_of(
        st.builds(
            span,
            ATTRIBUTES,
            start=TIMES,
            scope=SCOPES,
            trace=IDS,
            span_id=IDS,
            milliseconds=st.integers(0, 2**43),
            status=TEXT,
        ),
        st.builds(event, ATTRIBUTES, start=TIMES, scope=SCOPES),
        st.builds(event, ATTRIBUTES, start=st.none(), scope=SCOPES),
    ),
    min_size=1,
    max_size=20,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(ROWS)
def test_any_rows_are_stored_and_every_view_still_answers(
    embedded_store: Store, rows: list[dict[str, object]]
):
    send(embedded_store, rows)
    assert embedded_store.query("SELECT count() >= 0 FROM llmcost.calls").rows == [(1,)]


def test_after_hostile_rows_the_views_and_the_refresh_still_work(embedded_store: Store):
    # Every value in every attribute, most of the others being as they should be.
    sent = [
        {
            **record_attributes(turn * GROUPS + group),
            **{
                name: HOSTILE[(turn + at) % len(HOSTILE)]
                for at, name in enumerate(READ)
                if at % GROUPS == group
            },
        }
        for turn, group in product(range(len(HOSTILE)), range(GROUPS))
    ]
    send(embedded_store, [span(attributes) for attributes in sent])
    send(embedded_store, [event(attributes) for attributes in sent])
    send(
        embedded_store,
        [
            span({**attributes, "llmcost.record.id": ""}, scope="other", span_id=f"{n:016x}")
            for n, attributes in enumerate(sent)
        ],
    )
    send(
        embedded_store,
        [
            {
                **event(attributes, scope="com.anthropic.claude_code.events"),
                "EventName": "api_request",
            }
            for attributes in sent
        ],
    )
    embedded_store.refresh()
    for view in schema.views():
        read_all(embedded_store, f"{view.path}{PARAMETERS.get(view.name, '')}")


def read_all(store: Store, view: str) -> None:
    """Every column; sketches, which no client reads, as the quantiles they come to."""
    columns = [
        f"finalizeAggregation({name})" if kind.startswith("AggregateFunction") else f"`{name}`"
        for name, kind, *_ in store.query(f"DESCRIBE (SELECT * FROM {view})").rows
    ]
    store.query(f"SELECT {', '.join(columns)} FROM {view} LIMIT 1000")


@pytest.mark.parametrize("value", HOSTILE)
def test_a_cost_that_is_no_amount_is_unknown_not_zero(embedded_store: Store, value: str):
    send(embedded_store, [span(record_attributes(1, gen_ai__usage__cost__amount=value))])
    ((cost, status, reason),) = embedded_store.query(
        "SELECT cost_usd, cost_status, cost_reason FROM llmcost.calls"
    ).rows
    if cost is None:
        assert (status, reason) == ("unpriced", "no_cost")
    else:
        assert float(cost) == pytest.approx(float(value), abs=1e-12)


def test_clocks_that_scatter_records_over_years_stop_neither_inserts_nor_refresh(
    embedded_store: Store,
):
    first = dt.datetime.now(dt.UTC)
    months = [first + dt.timedelta(days=32 * n) for n in range(120)]
    send(embedded_store, [span(record_attributes(n), start=at) for n, at in enumerate(months)])
    embedded_store.refresh()
    assert embedded_store.query("SELECT sum(calls) FROM llmcost.hourly_spend").rows == [(120,)]
