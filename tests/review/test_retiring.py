# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A model that will be switched off is named where people look, with its successor's price."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest

from otel_llmcost.detection.notices import Notice, notices
from otel_llmcost.pricing import PriceBook, retirements
from otel_llmcost.pricing.retirements import Retirement
from otel_llmcost.reports import Window
from otel_llmcost.reports.retiring import retiring
from otel_llmcost.store import Store
from tests.cli.calls import add, call
from tests.cli.conftest import Command, rows

pytestmark = pytest.mark.slow

NOW = dt.datetime.now(dt.UTC)
OLD, NEW = "claude-sonnet-4-5", "claude-sonnet-5-5"
TOKENS = {"input": Decimal(1_000_000), "output": Decimal(100_000)}


def used(feature: str, **more: Any) -> dict[str, Any]:
    """A million tokens in, a tenth of that out, at $3 and $15 a million."""
    tokens = {"input_tokens": 1_000_000, "uncached_input_tokens": 1_000_000}
    return call(
        30,
        "4.5",
        **{"feature": feature, "model": OLD, "cache_read_tokens": 0, "output_tokens": 100_000}
        | {"other_usage": TOKENS, **tokens, **more},
    )


@pytest.fixture
def store(embedded_store: Store) -> Store:
    add(
        embedded_store,
        used("search"),
        used("search"),
        used("chat", model=f"{OLD}-20250929"),
        used("chat", provider="aws.bedrock", model="us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        call(30, "1", feature="new", model=NEW),
    )
    return embedded_store


def at_successor() -> Decimal:
    prices = PriceBook().prices("anthropic", NEW, (NOW - dt.timedelta(hours=30)).date())
    return sum((prices[bucket] * TOKENS[bucket] for bucket in TOKENS), Decimal(0)) / 1_000_000


def test_features_are_named_with_the_price_of_the_same_tokens(store: Store) -> None:
    found = retiring(store.query, Window(NOW - dt.timedelta(days=7), NOW)).records()
    assert {(row["feature"], row["model"], row["calls"]) for row in found} == {
        ("search", OLD, 2),
        ("chat", f"{OLD}-20250929", 1),
    }
    search = next(row for row in found if row["feature"] == "search")
    assert (search["retires_on"], search["successor"]) == (dt.date(2026, 11, 30), NEW)
    assert search["cost_usd"] == Decimal("9")
    assert search["successor_usd"] == 2 * at_successor()


def of_kind(store: Store, reported: frozenset[str] = frozenset()) -> list[Notice]:
    found = notices(store.query, NOW, reported)
    return [notice for notice in found if notice.kind == "model_retirement"]


def retires_in(days: int, monkeypatch: pytest.MonkeyPatch) -> None:
    day = NOW.date() + dt.timedelta(days=days)
    monkeypatch.setitem(retirements.RETIREMENTS, OLD, Retirement(OLD, day, NEW))
    for other in set(retirements.RETIREMENTS) - {OLD}:
        monkeypatch.delitem(retirements.RETIREMENTS, other)


def test_a_notice_comes_again_as_the_day_comes_nearer(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: frozenset[str] = frozenset()
    heard: list[str] = []
    for days in (91, 90, 60, 31, 30, 8, 7, 1, 0):
        retires_in(days, monkeypatch)
        found = of_kind(store, reported)
        reported |= {notice.notice_id for notice in found}
        heard += [f"{days}: {notice.notice_id.rpartition(':')[2]}" for notice in found]
    assert heard == ["90: 90", "30: 30", "7: 7", "0: 0"]


def test_a_notice_says_who_uses_it_and_what_is_next(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    retires_in(12, monkeypatch)
    (notice,) = of_kind(store)
    assert "(in 12 days) and is used by search: $9.00" in notice.text
    assert NEW in notice.text
    assert notice.facts["features"][0]["feature"] == "search"
    assert notice.facts["successor"] == NEW


def test_nothing_is_said_of_models_that_are_not_used(
    embedded_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(embedded_store, call(30, "1", feature="new", model=NEW))
    retires_in(1, monkeypatch)
    assert of_kind(embedded_store) == []


def test_doctor_review_and_prices_name_it(cli: Command, store: Store) -> None:
    doctor = json.loads(cli("doctor", "--format", "json").stdout)
    found = [row for row in doctor if row["check"] == "retiring model"]
    assert {row["state"] for row in found} == {"warn"}
    assert any("search" in row["found"] and NEW in row["fix"] for row in found)
    month = (NOW - dt.timedelta(hours=30)).strftime("%Y-%m")
    (page,) = rows(cli("review", "--month", month, "--format", "json"))
    section = next(one for one in page["sections"] if one["key"] == "retiring")
    assert {row["feature"] for row in section["rows"]} == {"search", "chat"}
    prices = rows(cli("price-book", "show", OLD, "--format", "json"))
    assert {row["retires_on"] for row in prices if row["provider"] == "anthropic"} == {"2026-11-30"}
    assert {row["retires_on"] for row in prices if row["provider"] == "aws.bedrock"} == {None}
    assert "switched off on 2026-11-30" in cli("price-book", "show", OLD).output
