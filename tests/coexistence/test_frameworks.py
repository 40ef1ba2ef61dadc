# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Frameworks on the two SDKs: what they were billed, with the feature around them."""

from __future__ import annotations

from collections import Counter

import pytest

from otel_llmcost.emulator import Emulator
from tests.coexistence.conftest import RunApp
from tests.coexistence.sink import Sink

# Its HTTP client outlives the event loop: the first request of the next loop is sent on a dead
# connection, billed, never read, and sent again by the SDK. Once with each of its two models.
LOST_ATTEMPTS = {"pydantic_ai": 2}


@pytest.mark.parametrize(
    "framework", ["langchain", "pydantic_ai", "instructor", "openai_agents", "llm"]
)
def test_every_call_inside_a_framework_is_recorded_with_its_feature(
    run: RunApp, emulator: Emulator, sink: Sink, framework: str
) -> None:
    run(f"frameworks.{framework}", "ours")
    billed = Counter((entry.response_id, entry.usd) for entry in emulator.ledger.entries)
    reported = Counter((t.attributes.get("gen_ai.response.id"), t.cost) for t in sink.records)
    assert billed
    assert reported <= billed
    lost = LOST_ATTEMPTS.get(framework, 0)
    assert (billed - reported).total() == lost
    assert sum(t.attributes.get("llmcost.attempts_unmetered", 0) for t in sink.records) == lost
    assert {t.attributes.get("llmcost.feature") for t in sink.records} == {framework}
