# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Threads, cancelled tasks and processes: what was billed is what was recorded."""

from __future__ import annotations

import pytest

from otel_llmcost.emulator import Emulator
from tests.coexistence.conftest import RunApp
from tests.coexistence.sink import Sink


@pytest.mark.parametrize("way", ["thread_pool", "fork", "spawn"])
def test_concurrent_calls_add_up_to_the_bill(
    run: RunApp, emulator: Emulator, sink: Sink, way: str
) -> None:
    run(f"load.{way}", "ours", LLMCOST_OTLP_ENDPOINT=sink.url)
    billed = {entry.response_id: entry.usd for entry in emulator.ledger.entries}
    reported = [
        (reported.attributes["gen_ai.response.id"], reported.cost) for reported in sink.records
    ]
    assert len(billed) >= 15
    assert sorted(reported) == sorted(billed.items())


def test_cancelled_calls_are_partial_or_of_unknown_cost_and_the_others_exact(
    run: RunApp, emulator: Emulator, sink: Sink
) -> None:
    run("load.cancelled_tasks", "ours")
    billed = {entry.response_id: entry for entry in emulator.ledger.entries}
    assert len(sink.records) == 200
    reported = {
        t.attributes["gen_ai.response.id"]: t
        for t in sink.records
        if "gen_ai.response.id" in t.attributes
    }
    assert reported.keys() <= billed.keys()
    for reply, record in reported.items():
        if record.attributes["llmcost.cost.status"] == "priced":
            assert record.cost == billed[reply].usd
        else:
            assert record.attributes["llmcost.cost.status"] == "partial"
            assert record.cost is None or record.cost <= billed[reply].usd
    # Cancelled before headers came: whether that one was billed is unknown here.
    unknown = [t for t in sink.records if t.attributes.get("llmcost.attempts_unmetered")]
    assert all(t.cost is None for t in unknown)
    unseen = billed.keys() - reported.keys()
    assert len(unseen) <= sum(t.attributes["llmcost.attempts_unmetered"] for t in unknown)
    assert any(t.attributes["llmcost.cost.status"] == "partial" for t in reported.values())
