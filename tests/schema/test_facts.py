# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""SQL that repeats facts of Python is written from them."""

from __future__ import annotations

import pytest

from otel_llmcost import providers
from otel_llmcost.store import Store
from tests.schema import facts
from tests.support.embedded import embedded_store

__all__ = ["embedded_store"]


def test_no_sql_differs_from_the_facts_in_python() -> None:
    assert facts.outdated() == []


def test_a_changed_fact_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(facts.FACTS, "openai_regions", lambda: "'mars'")
    assert [path.name for path in facts.outdated()] == ["llm_records_from_foreign_spans.sql"]


MODELS = [
    ("anthropic", "anthropic/claude-opus-5.5"),
    ("anthropic", "openrouter/anthropic/claude-opus-4.5"),
    ("anthropic", "claude-2.1"),
    ("anthropic", "anthropic/claude-2.1"),
    ("anthropic", "openai/claude-opus-5"),
    ("openai", "openai/gpt-5.4"),
    ("openai", "azure/gpt-5.4"),
    ("openai", "gpt-5.4"),
    ("azure.ai.openai", "azure/gpt-5.4"),
    ("aws.bedrock", "bedrock/converse/us.anthropic.claude-opus-4-5-20251101-v1:0"),
    ("aws.bedrock", "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-x-v1:0"),
    ("aws.bedrock", "bedrock/arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-x-v1:0"),
    ("aws.bedrock", "arn:aws:bedrock:us-east-1:1:application-inference-profile/a1b2"),
    ("aws.bedrock", "nova-pro"),
    ("gcp.vertex_ai", "vertex_ai/claude-sonnet-4-5@20250929"),
    ("gcp.vertex_ai", "publishers/anthropic/models/claude-x@default"),
    ("mistral_ai", "mistral/large"),
    ("anthropic", ""),
]


def test_sql_and_python_find_the_same_name_for_a_model(embedded_store: Store) -> None:
    values = ", ".join(f"({facts.text(who)}, {facts.text(model)})" for who, model in MODELS)
    fact = facts.price_name("provider").removesuffix(",")
    found = embedded_store.query(
        f"SELECT {fact} FROM values('provider String, model String', {values})"
    )
    column = list(found.columns).index("name")
    assert [row[column] for row in found.rows] == [
        providers.canonical(who, model) for who, model in MODELS
    ]
