# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The benchmark's made-up calls fit the schema, and questions can be put to them."""

from __future__ import annotations

import datetime as dt

import pytest

from benchmarks import generator, pages, queries
from otel_llmcost.store import Store

pytestmark = pytest.mark.slow


def test_made_up_calls_are_rolled_up_and_are_raw_spans_too(embedded_store: Store):
    day = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    day -= dt.timedelta(days=2)
    generator.one_day(embedded_store, day, first=0, count=400)
    generator.raw_spans(embedded_store, calls=400, spans=100)
    [(calls, rolled_up, spans)] = embedded_store.query(
        "SELECT (SELECT count() FROM llmcost.calls), "
        "(SELECT sum(calls) FROM llmcost.hourly_spend__rows), "
        "(SELECT count() FROM llmcost.otel_traces)"
    ).rows
    assert (calls, rolled_up) == (400, 400)
    assert 50 < spans <= 100
    requested = queries.questions(embedded_store)
    assert len(requested) > len(queries.PANELS)
    for name in ("overview: Spend", "feature: Users", "detection pass"):
        requested[name][1]()
    answers, visit = pages.measured(embedded_store, "", 1, ["range=7d"]).renderables
    names, middle = (list(column.cells) for column in answers.columns[:2])
    assert "/calls?range=7d" in names
    assert [one for one in middle if "answers" in str(one)] == []
    assert visit.row_count > 3
