# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A record in its small form and the same record with every attribute are the same row."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from otel_llmcost.store import Store
from otel_llmcost.usage import Cost
from tests.pricing.billing_cases import load, price
from tests.support.full_records import as_text, full, small
from tests.support.hostile import HOSTILE
from tests.support.otlp_rows import NOON, event, record_attributes, send, span

STREAMS = (None, "complete", "abandoned")


def _costs() -> list[Cost]:
    cases: list[Any] = [case.values[0] for case in load()]
    return [price(case)[0] for case in cases]


@pytest.mark.parametrize("sent", [span, event], ids=["span", "event"])
def test_every_worked_bill_is_the_same_row_in_both_forms(embedded_store: Store, sent: Any) -> None:
    costs = list(product(_costs(), STREAMS))
    rows: list[list[tuple[Any, ...]]] = []
    for form in (small, full):
        records = [form(cost, number, stream) for number, (cost, stream) in enumerate(costs)]
        send(embedded_store, [sent(as_text(record), start=NOON) for record in records])
        columns = "* EXCEPT (ingested_at, version) REPLACE (mapSort(other_usage) AS other_usage)"
        found = embedded_store.query(f"SELECT {columns} FROM llmcost.llm_calls ORDER BY record_id")
        rows.append(found.rows)
        for table in ("llm_calls", "otel_traces", "otel_logs"):
            embedded_store.command(f"TRUNCATE TABLE llmcost.{table}")
    assert len(rows[0]) == len(costs)
    for as_small, as_full in zip(*rows, strict=True):
        assert as_small == as_full


def test_no_text_in_the_details_makes_an_insert_fail(embedded_store: Store) -> None:
    names = [
        *("version", "mode", "context", "geo", "stream", "request", "prefix"),
        *("cost.input", "cost.cache_read", "cost.output", "usage.input", "usage.é", "usage."),
    ]
    texts = [f"{name}={value}" for name in names for value in HOSTILE if len(value) < 1000]
    texts += [f'{name}="{value}"' for name in names for value in HOSTILE]
    texts += [*HOSTILE, "=", "==", '"', '="', " ", "a=b=c", "cost.input=999999 cost.tools=-999999"]
    sent = [
        {**record_attributes(number), "llmcost.details": text} for number, text in enumerate(texts)
    ]
    send(embedded_store, [span(attributes) for attributes in sent])
    assert embedded_store.query("SELECT count() FROM llmcost.calls").rows == [(len(sent),)]
