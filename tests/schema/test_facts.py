# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""SQL gets its facts about providers from Python, and no file has one of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import otel_llmcost.schema
from otel_llmcost import providers
from otel_llmcost.providers import APIS, PROVIDERS
from otel_llmcost.providers.anthropic import refusals
from otel_llmcost.schema import facts, files
from otel_llmcost.store import Store
from tests.support.embedded import embedded_store

__all__ = ["embedded_store"]

SCHEMA = Path(otel_llmcost.schema.__file__).parent
OF_OTHERS = {
    "pipelines/llm_records_from_foreign_events.sql": "how other emitters write what they record",
    "pipelines/llm_records_from_foreign_spans.sql": "how other emitters write what they record",
    "views/internal/model_facts.sql": "a table of models, which is nowhere else",
}
WORDS = {
    *(provider.name for provider in PROVIDERS),
    *(api.model_word for api in APIS if api.model_word),
    *(f"{api.model_word}-" for api in APIS if api.model_word),
    *(reason for api in APIS for reason in (*api.cut_reasons, *api.window_reasons)),
    *(bucket for api in APIS for bucket in api.write_buckets),
    *refusals.BILLED,
    str(refusals.FREE_FROM),
    str(refusals.SOME_BILLED_FROM),
}


def texts() -> Iterator[tuple[str, str]]:
    """Every file of SQL as it is written, without its comments."""
    for path in sorted(SCHEMA.rglob("*.sql")):
        text = re.sub(r"--.*", "", path.read_text(encoding="utf-8"))
        yield path.relative_to(SCHEMA).as_posix(), text


def typed_facts(sql: str) -> set[str]:
    """Facts that stand in a text as literals of their own."""
    literals = re.findall(r"'((?:[^'\\]|\\.)*)'", sql)
    found = {literal for literal in literals if literal in WORDS or _has_host(literal)}
    alternatives = (literal for literal in literals if "|" in literal)
    found |= {one for one in alternatives if not WORDS.isdisjoint(re.split(r"\W+", one))}
    found |= {
        step for step in re.findall(r"\d+", facts.prompt_steps()) if re.search(rf"\b{step}\b", sql)
    }
    return found


def _has_host(literal: str) -> bool:
    return any(re.fullmatch(form, literal) for one in PROVIDERS for form in one.hosts)


def test_no_file_of_sql_has_a_fact_of_its_own() -> None:
    typed = {name: typed_facts(sql) for name, sql in texts() if name not in OF_OTHERS}
    assert {name: found for name, found in typed.items() if found} == {}


def test_a_typed_fact_is_noticed() -> None:
    for sql in (
        "position(model, 'claude') > 0",
        "[100000, 200000, 272000]",
        "match(reason, '(^|,)(length|max_tokens)(,|$)')",
        "ts >= '2026-09-24'",
        "host = 'api.openai.com'",
    ):
        assert typed_facts(sql), sql


def test_every_fact_is_used() -> None:
    named = {name for _, sql in texts() for name in re.findall(r"\$\{(\w+)", sql)}
    assert facts.FACTS.keys() - named == set()


def test_an_unknown_fact_is_an_error_and_a_clause_of_the_engine_stays() -> None:
    with pytest.raises(KeyError, match="colour"):
        facts.fill("SELECT ${colour(model)}")
    assert facts.fill("ENGINE = ${replicated}MergeTree") == "ENGINE = ${replicated}MergeTree"


def test_a_fact_of_several_lines_keeps_its_indentation() -> None:
    filled = facts.fill("multiIf(\n    ${host_branches}\n    '')")
    assert {line[:4] for line in filled.splitlines()[1:]} == {"    "}


def test_a_changed_fact_changes_the_objects_that_use_it(monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict(files.read("views/internal"))
    monkeypatch.setitem(facts.FACTS, "prompt_steps", lambda: "[7]")
    files.read.cache_clear()
    try:
        after = files.read("views/internal")
        changed = {name for name, sql in after.items() if sql != before[name]}
    finally:
        files.read.cache_clear()
    assert "levers_cached_between" in changed
    assert "price_models" not in changed


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
    found = embedded_store.query(
        f"SELECT {facts.price_name('provider')} AS name "
        f"FROM values('provider String, model String', {values})"
    )
    assert [name for (name,) in found.rows] == [
        providers.canonical(who, model) for who, model in MODELS
    ]
