# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import pytest

from otel_llmcost.attribution.price_volume_mix import PARTS, Four, Key, Used, split
from otel_llmcost.store import Store
from tests.review.traffic import DAY, A, B, Call, fill, priced, unpriced

pytestmark = pytest.mark.slow

QUERIED = """
SELECT * FROM llmcost.change_between(
    a_since = {a:DateTime64(3)}, a_until = {a_end:DateTime64(3)},
    b_since = {b:DateTime64(3)}, b_until = {b_end:DateTime64(3)},
    a_environment = '', b_environment = '', a_version = '', b_version = '', service = '')
ORDER BY feature, provider, model
"""
USED = """
SELECT * FROM llmcost_internal.usage_between(
    since = {a:DateTime64(3)}, until = {a_end:DateTime64(3)},
    environment = '', service = '', version = '')
"""


def _text(at: dt.datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def _times(shift: dt.timedelta = dt.timedelta(0)) -> dict[str, str]:
    times = {"a": A - DAY, "a_end": A + DAY, "b": B - DAY, "b_end": B + DAY}
    return {name: _text(at + shift) for name, at in times.items()}


def changes(store: Store, shift: dt.timedelta = dt.timedelta(0)) -> list[dict[str, Any]]:
    """Rows of the view for the days around A and B; each adds up to its change."""
    found = store.query(QUERIED, _times(shift))
    rows = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
    for row in rows:
        assert sum(row[f"{part}_usd"] for part in PARTS) == row["change_usd"]
        assert row["change_usd"] == (row["b_usd"] or 0) - (row["a_usd"] or 0)
    return rows


def parts(store: Store) -> dict[str, Decimal]:
    """The parts that are not nothing, over all rows."""
    rows = changes(store)
    sums = {part: sum((row[f"{part}_usd"] for row in rows), Decimal(0)) for part in PARTS}
    return {part: usd for part, usd in sums.items() if usd}


def test_more_calls_are_volume(embedded_store: Store) -> None:
    one = priced(A)["cost_usd"]
    fill(embedded_store, [priced(A), *(priced(B) for _ in range(3))])
    assert parts(embedded_store) == {"volume": 2 * Decimal(one)}


def test_longer_prompts_and_answers_are_distinguished(embedded_store: Store) -> None:
    usual, long = {"input": 1000, "output": 200}, {"input": 5000, "output": 700}
    fill(embedded_store, [priced(A, buckets=usual), priced(B, buckets=long)])
    assert parts(embedded_store) == {"prompt": Decimal("0.02"), "output": Decimal("0.0125")}


def test_a_lost_cache_is_not_a_longer_prompt(embedded_store: Store) -> None:
    hit, miss = {"input": 100, "cache_read": 9900}, {"input": 10_000}
    fill(embedded_store, [priced(A, buckets=hit), priced(B, buckets=miss)])
    assert parts(embedded_store) == {"cache": Decimal("0.04455")}


def test_a_cache_switched_on_saves_what_reads_are_cheaper_by(embedded_store: Store) -> None:
    hit, miss = {"input": 100, "cache_read": 9900}, {"input": 10_000}
    fill(embedded_store, [priced(A, buckets=miss), priced(B, buckets=hit)])
    assert parts(embedded_store) == {"cache": Decimal("-0.04455")}


def test_a_lower_list_price_is_price_and_nothing_else(embedded_store: Store) -> None:
    used = {"input": 1000, "cache_read": 4000, "output": 100}
    model: dict[str, Any] = {"model": "gpt-5.6-sol", "provider": "openai", "buckets": used}
    fill(embedded_store, [priced(A, **model), priced(B, **model), priced(B, **model)])
    found = parts(embedded_store)
    assert set(found) == {"volume", "price"}
    # 5 -> 4, 0.5 -> 0.4 and 30 -> 20 USD/MTok, twice.
    assert found["price"] == -2 * Decimal("0.0024")


def test_a_price_that_fell_inside_a_window_counts_from_that_day_on(embedded_store: Store) -> None:
    used = {"input": 1_000}
    model: dict[str, Any] = {"model": "gpt-5.6-sol", "provider": "openai", "buckets": used}
    change = dt.datetime(2026, 8, 21, tzinfo=dt.UTC)
    fill(
        embedded_store, [priced(A, **model), priced(change - DAY, **model), priced(change, **model)]
    )
    found = embedded_store.query(
        QUERIED, {**_times(), "b": _text(change - DAY), "b_end": _text(change + DAY)}
    )
    (row,) = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
    assert (row["volume_usd"], row["price_usd"]) == (Decimal("0.005"), Decimal("-0.001"))
    assert row["rates_usd"] == 0


def test_a_region_or_a_long_context_is_no_price_change(embedded_store: Store) -> None:
    fill(embedded_store, [priced(A), priced(B, geo="us")])
    assert parts(embedded_store) == {"rates": Decimal("0.001")}


def test_another_model_is_distinguished_from_the_tokens_it_used(embedded_store: Store) -> None:
    before = priced(A, buckets={"input": 1000, "output": 100})
    after = priced(B, model="claude-sonnet-5", buckets={"input": 3000, "output": 100})
    fill(embedded_store, [before, after])
    rates = {"in": Decimal("2E-6"), "out": Decimal("10E-6")}
    assert parts(embedded_store) == {
        "model": 1000 * rates["in"] + 100 * rates["out"] - Decimal(before["cost_usd"]),
        "prompt": 2000 * rates["in"],
    }


def test_batch_is_another_mode_of_the_same_model(embedded_store: Store) -> None:
    fill(embedded_store, [priced(A), priced(A), priced(B), priced(B, mode="batch")])
    assert parts(embedded_store) == {"mode": -Decimal(priced(A)["cost_usd"]) / 2}


def test_tools_are_apart(embedded_store: Store) -> None:
    searched = {"input": 1000, "output": 200, "web_search_call": 3}
    fill(embedded_store, [priced(A), priced(B, buckets=searched)])
    assert parts(embedded_store) == {"tools": Decimal("0.03")}


def test_new_and_gone_features_are_shown_as_such(embedded_store: Store) -> None:
    fill(embedded_store, [priced(A, feature="old"), priced(B, feature="fresh"), priced(B)])
    one = Decimal(priced(A)["cost_usd"])
    assert parts(embedded_store) == {"new": 2 * one, "gone": -one}


def test_calls_that_were_unpriced_before_are_neither_new_nor_free(embedded_store: Store) -> None:
    fill(embedded_store, [unpriced(A), priced(B), unpriced(B)])
    (row,) = changes(embedded_store)
    assert row["coverage_usd"] == row["change_usd"] == Decimal(priced(B)["cost_usd"])
    assert row["a_usd"] is None
    assert (row["a_unpriced_calls"], row["b_unpriced_calls"]) == (1, 1)


def test_tokens_of_unpriced_calls_are_no_longer_prompt(embedded_store: Store) -> None:
    fill(embedded_store, [priced(A), priced(B), unpriced(B, input_tokens=90_000)])
    assert parts(embedded_store) == {}


def test_calls_that_cost_nothing_do_not_dilute_the_others(embedded_store: Store) -> None:
    failed: dict[str, Any] = {
        "cost_usd": 0,
        "replies": 0,
        "input_tokens": 0,
        "cost_status": "not_billed",
    }
    fill(embedded_store, [priced(A), priced(B), *(priced(B, buckets={}, **failed) for _ in "12")])
    assert parts(embedded_store) == {}


def test_nothing_changed_is_nothing(embedded_store: Store) -> None:
    fill(embedded_store, [priced(A), priced(B)])
    assert parts(embedded_store) == {}


MODELS = [
    ("anthropic", "claude-opus-5"),
    ("anthropic", "claude-sonnet-5"),
    ("openai", "gpt-5.6-sol"),
    ("openai", "gpt-5.6-terra"),
]


def _any_call(dice: random.Random, at: dt.datetime, features: int) -> Call:
    provider, model = dice.choice(MODELS)
    where: dict[str, Any] = {"feature": f"f{dice.randrange(features)}", "team": dice.choice("xy")}
    if dice.random() < 0.1:
        return unpriced(
            at, model=model, provider=provider, input_tokens=dice.randrange(9999), **where
        )
    names = [
        "input",
        "cache_read",
        "output",
        *(["cache_write_5m"] if provider == "anthropic" else []),
    ]
    used = {
        name: dice.randrange(1, 10 ** dice.randrange(1, 6)) for name in names if dice.random() < 0.7
    }
    return priced(
        at + dt.timedelta(minutes=dice.randrange(60)), model=model, provider=provider, buckets=used,
        mode=dice.choice(["standard", "standard", "batch"]), **where,
    )  # fmt: skip


def _cells(store: Store, times: dict[str, str]) -> dict[Key, Used]:
    found = store.query(USED, times)
    cells: dict[Key, Used] = {}
    for values in found.rows:
        row = dict(zip(found.columns, values, strict=True))
        calls = row["priced_replies"]
        cells[row["feature"], row["provider"], row["model"], row["mode"]] = Used(
            replies=calls, unpriced=row["unpriced_calls"], usd=row["cost_usd"] or Decimal(0),
            tokens=_floats(row["tokens"]), token_usd=_floats(row["usd"]),
            neutral=_floats(row["neutral"]),
            listed=_floats(price / calls if calls else 0 for price in row["listed"]),
        )  # fmt: skip
    return cells


def _floats(values: Any) -> Four:
    one, two, three, four = (float(value) for value in values)
    return one, two, three, four


@pytest.mark.parametrize("seed", range(3))
def test_the_parts_always_add_up_and_python_agrees(embedded_store: Store, seed: int) -> None:
    dice = random.Random(seed)
    features, calls = 3 + 12 * seed, 20 + 60 * seed
    fill(embedded_store, [_any_call(dice, dice.choice([A, B]), features) for _ in range(calls)])
    for shift in (dt.timedelta(0), dt.timedelta(minutes=1)):  # the second one is read from calls
        rows, times = changes(embedded_store, shift), _times(shift)
        earlier = _cells(embedded_store, times)
        later = _cells(embedded_store, {"a": times["b"], "a_end": times["b_end"]})
        expected = split(earlier, later)
        assert len(rows) == len(expected)
        for row in rows:
            reported = expected[row["feature"], row["provider"], row["model"]]
            assert sum(reported.values()) == row["change_usd"]
            for part in PARTS:
                assert float(row[f"{part}_usd"]) == pytest.approx(
                    float(reported[part]), abs=1e-9
                ), part
