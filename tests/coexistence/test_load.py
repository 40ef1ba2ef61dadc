# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Threads, cancelled tasks and processes: what was billed is what was recorded."""

from __future__ import annotations

import pytest

from otel_llmcost.demo.emulator import Emulator
from tests.coexistence.conftest import RunApp
from tests.coexistence.sink import Sink


@pytest.mark.parametrize("way", ["thread_pool", "fork", "spawn"])
def test_calls_side_by_side_add_up_to_the_bill(
    run: RunApp, emulator: Emulator, sink: Sink, way: str
) -> None:
    run(f"load.{way}", "ours", LLMCOST_OTLP_ENDPOINT=sink.url)
    billed = {entry.response_id: entry.usd for entry in emulator.ledger.entries}
    told = [(told.attributes["gen_ai.response.id"], told.cost) for told in sink.records]
    assert len(billed) >= 15
    assert sorted(told) == sorted(billed.items())


def test_cancelled_streams_are_partial_and_the_others_exact(
    run: RunApp, emulator: Emulator, sink: Sink
) -> None:
    run("load.cancelled_tasks", "ours")
    complete = {e.response_id: e.usd for e in emulator.ledger.entries if e.outcome == "complete"}
    priced = [told for told in sink.records if told.attributes["llmcost.cost.status"] == "priced"]
    exact = {told.attributes["gen_ai.response.id"]: told.cost for told in priced}
    assert exact.items() <= complete.items()
    rest = {
        told.attributes["llmcost.cost.status"]
        for told in sink.records
        if told.attributes["llmcost.cost.status"] != "priced"
    }
    assert "partial" in rest
    assert rest <= {"partial", "not_billed", "unpriced"}
    assert len(sink.records) == 200
