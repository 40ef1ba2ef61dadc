# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Every model of the facts, on both sides of every day a price changes, in every mode and context.

What each reply costs is worked out by a second engine (`oracle.py`) that only looks up the facts.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.pricing.models import (
    ANTHROPIC,
    ON_CLOUDS,
    OPENAI,
    Priced,
    claudes,
    claudes_on_clouds,
    gpts,
)


def differences(priced: Iterator[Priced]) -> list[object]:
    reported = list(priced)
    assert len(reported) > 4
    return [case for case, cost, want in reported if cost.total != want]


@pytest.mark.parametrize("model", ANTHROPIC)
def test_every_claude_costs_what_the_facts_say(model: str) -> None:
    assert differences(claudes(model)) == []


@pytest.mark.parametrize("model", ON_CLOUDS)
def test_every_claude_costs_what_the_facts_say_on_the_clouds(model: str) -> None:
    assert differences(claudes_on_clouds(model)) == []


@pytest.mark.parametrize("model", OPENAI)
def test_every_gpt_costs_what_the_facts_say(model: str) -> None:
    assert differences(gpts(model)) == []
