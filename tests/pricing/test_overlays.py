# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A user's own prices stand beside the list price and never replace it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from otel_llmcost.errors import ConfigError
from otel_llmcost.pricing import PriceBook
from otel_llmcost.pricing import book as book_module
from tests.pricing.bill import message, reply, usd


def overlay(tmp_path: Path, *entries: dict[str, Any], provider: str = "anthropic") -> PriceBook:
    return PriceBook.load([write(tmp_path, {"provider": provider, "entries": entries})])


def write(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "prices.json"
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8")
    return path


def entry(**changes: Any) -> dict[str, Any]:
    base = {"models": ["own-model"], "from": "2026-01-01", "prices": {"input": "1", "output": "2"}}
    return {**base, **changes}


DISCOUNT = {"kind": "discount", "models": ["*"], "prices": {"*": "0.8"}}


def test_an_own_model_is_priced_like_any_other(tmp_path: Path) -> None:
    book = overlay(tmp_path, entry())
    assert message("own-model", book=book).total == usd("0.003")
    assert message("own-model", book=book).contracted is None
    assert message("own-model-2", book=book).total is None
    assert message("own-model", book=book, day="2025-12-31").reason == "no_price_on_date"


def test_an_own_provider_is_priced_too(tmp_path: Path) -> None:
    book = overlay(tmp_path, entry(), provider="our-gateway")
    assert reply("own-model", provider="our-gateway", book=book).total == usd("0.003")


def test_a_discount_is_a_second_number(tmp_path: Path) -> None:
    cost = message(book=overlay(tmp_path, entry(**DISCOUNT)))
    assert cost.total == usd("0.024")
    assert cost.contracted == usd("0.0192")


def test_a_discount_can_be_for_some_models_buckets_and_days(tmp_path: Path) -> None:
    book = overlay(
        tmp_path,
        entry(
            kind="discount", models=["claude-opus-5-5"], prices={"output": "0.5"}, to="2026-11-01"
        ),
    )
    assert message(book=book, day="2026-10-31").contracted == usd("0.014")
    assert message(book=book, day="2026-11-01").contracted is None
    assert message("claude-opus-5", book=book, day="2026-10-31").contracted is None


def test_a_private_rate_wins_over_a_discount_and_keeps_the_geography(tmp_path: Path) -> None:
    rate = entry(kind="rate", models=["claude-opus-5-5"], prices={"input": "3"})
    book = overlay(tmp_path, rate, entry(**DISCOUNT))
    assert message(book=book).contracted == usd("0.003") + usd("0.016")
    us = message(book=book, inference_geo="us")
    assert us.contracted == usd("0.0033") + usd("0.0176")
    batch = message(book=book, service_tier="batch")
    assert batch.contracted == usd("0.0016") + usd("0.008")


def test_an_overlay_has_a_version_of_its_own(tmp_path: Path) -> None:
    book = overlay(tmp_path, entry())
    assert book.version.startswith(f"{PriceBook().version}+")


def test_a_list_price_cannot_be_overwritten(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='"kind": "rate"'):
        overlay(tmp_path, entry(models=["claude-opus-5-5"]))
    overlay(tmp_path, entry(models=["claude-opus-5-5"], to="2026-09-22"))


@pytest.mark.parametrize(
    ("provider", "models", "prices"),
    [
        ("azure.ai.openai", ["gpt-4o"], {"input": "1"}),  # inherited from OpenAI
        ("azure.ai.foundry", ["gpt-5.6-sol"], {"batch_input": "1"}),
        ("openai", ["*"], {"web_search_call": "0"}),
        ("openai", ["gpt-5"], {"file_search_call": "0"}),  # a fee of any model
        ("openai", ["*"], {"input": "1"}),
        ("openai", ["ft:gpt-4o:acme::1"], {"input": "1"}),
    ],
)
def test_no_other_way_overwrites_a_list_price(
    tmp_path: Path, provider: str, models: list[str], prices: dict[str, str]
) -> None:
    with pytest.raises(ConfigError, match='"kind": "rate"'):
        overlay(tmp_path, entry(models=models, prices=prices), provider=provider)


def test_a_cloud_can_be_given_a_price_that_it_does_not_inherit(tmp_path: Path) -> None:
    fast = {"fast_input": "9", "fast_output": "9"}
    book = overlay(tmp_path, entry(models=["claude-opus-5-5"], prices=fast), provider="aws.bedrock")
    model = "global.anthropic.claude-opus-5-5"
    cost = message(model, provider="aws.bedrock", book=book, speed="fast")
    assert cost.total == usd("0.018")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not JSON"),
        ([], "expected an object"),
        ({"entries": {}}, '"entries" must be a list'),
        ({"entries": [5]}, "entry 1: must be an object"),
        ({"entries": [entry()]}, 'no "provider"'),
        ({"provider": "x", "entries": [entry(models=[])]}, '"models"'),
        ({"provider": "x", "entries": [entry(models=["gpt-*"])]}, "exact id"),
        ({"provider": "x", "entries": [entry(models=[7])]}, "exact id"),
        ({"provider": "x", "entries": [entry(prices={"input": 1.5})]}, "decimal text"),
        ({"provider": "x", "entries": [entry(prices={"input": "-1"})]}, "decimal text"),
        ({"provider": "x", "entries": [entry(prices={"input": "NaN"})]}, "decimal text"),
        ({"provider": "x", "entries": [entry(prices={"input": "1e999999"})]}, "decimal text"),
        ({"provider": "x", "entries": [entry(prices={"input": "1_0"})]}, "decimal text"),
        ({"provider": "x", "entries": [entry(prices={"input": "\uff11"})]}, "decimal text"),
        ({"provider": "x", "entries": [entry(prices={"input": f"0.{'0' * 12}1"})]}, "12 decimals"),
        (
            {"provider": "x", "entries": [entry(prices={"long_context_threshold": "1.5"})]},
            "whole number",
        ),
        ({"provider": "x", "entries": [entry(prices={"imput": "1"})]}, "imput"),
        ({"provider": "x", "entries": [entry(models=[""])]}, "exact id"),
        ({"provider": "x", "entries": [entry(models=[":*"])]}, "exact id"),
        ({"provider": "x", "entries": [entry(until="2026-02-01")]}, "unknown 'until'"),
        ({"provider": "x", "entries": [entry(replaces=True)]}, "unknown 'replaces'"),
        ({"provider": "x", "entries": [entry(units=3)]}, '"units"'),
        ({"provider": "x", "entries": [entry(source=5)]}, '"source" must be text'),
        ({"provider": "x", "currency": "EUR", "entries": [entry()]}, "must be USD"),
        ("[" * 100_000, "not JSON"),
        ({"provider": "x", "entries": [entry(status="maybe")]}, '"status"'),
        ({"provider": "x", "entries": [entry(kind="gift")]}, '"kind"'),
        ({"provider": "x", "entries": [entry(**{"from": "soon"})]}, '"from" must be a date'),
        ({"provider": "x", "entries": [entry(to="2025-01-01")]}, "later than"),
    ],
)
def test_a_broken_overlay_names_its_mistake(tmp_path: Path, content: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as raised:
        PriceBook.load([write(tmp_path, content)])
    assert "prices.json" in str(raised.value)


def test_an_overlay_that_windows_saved_is_read(tmp_path: Path) -> None:
    text = json.dumps({"provider": "anthropic", "entries": [entry()]})
    assert message("own-model", book=PriceBook.load([write(tmp_path, "\ufeff" + text)])).total


def test_a_missing_overlay_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        PriceBook.load([tmp_path / "nowhere.json"])


def test_the_default_book_reads_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, {"provider": "anthropic", "entries": [entry()]})
    monkeypatch.setenv("LLMCOST_PRICES", str(path))
    book_module._default.cache_clear()
    try:
        assert message("own-model").total == usd("0.003")
    finally:
        book_module._default.cache_clear()


def test_a_broken_overlay_of_the_setting_names_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLMCOST_PRICES", str(write(tmp_path, "{")))
    book_module._default.cache_clear()
    try:
        with pytest.raises(ConfigError, match=r"LLMCOST_PRICES: .*prices\.json: not JSON"):
            PriceBook.default()
    finally:
        book_module._default.cache_clear()
