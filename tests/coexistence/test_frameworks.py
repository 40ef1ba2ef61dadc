# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Frameworks on the two SDKs: what they were billed, with the feature around them."""

from __future__ import annotations

import pytest

from otel_llmcost.demo.emulator import Emulator
from tests.coexistence.conftest import RunApp
from tests.coexistence.sink import Sink


@pytest.mark.parametrize("framework", ["langchain", "instructor", "openai_agents", "llm"])
def test_every_call_inside_a_framework_is_recorded_with_its_feature(
    run: RunApp, emulator: Emulator, sink: Sink, framework: str
) -> None:
    run(f"frameworks.{framework}", "ours")
    billed = [(entry.response_id, entry.usd) for entry in emulator.ledger.entries]
    told = [(told.attributes.get("gen_ai.response.id"), told.cost) for told in sink.records]
    assert billed
    assert sorted(told, key=str) == sorted(billed, key=str)
    assert {told.attributes.get("llmcost.feature") for told in sink.records} == {framework}
