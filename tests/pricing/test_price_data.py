# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The shipped prices are the facts, and no call can find two prices or a guessed one."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
from decimal import Decimal
from pathlib import Path

import pytest

from otel_llmcost.pricing import PriceBook
from otel_llmcost.pricing import book as book_module
from otel_llmcost.pricing.entries import Entry, matches
from otel_llmcost.pricing.groups import split
from tools import pin

FACTS = Path(__file__).parent.parent / "data" / "prices_facts.csv"
BOOK = PriceBook()

# The facts describe some groups of models in words or with wildcards; these are their members.
GROUPS = {
    "*": ["any-model-at-all"],
    "gpt-6.2-astra|gpt-6.2-sol|other models listed as supporting background windows": [
        "gpt-6.2-astra",
        "gpt-6.2-sol",
    ],
    "models released on/after 2026-03-05 via regional hosts": ["gpt-5.4", "gpt-6-sol", "gpt-5.5"],
    "claude (all other models)": ["claude-3-7-sonnet-20250219", "claude-opus-4-1"],
    "claude-*": ["claude-sonnet-5"],
    "claude-* (US Data Zone)": ["claude-sonnet-5"],
    "Data Zone deployments": ["gpt-4.1"],
    "gpt-5.6-luna (Global Standard)": ["gpt-5.6-luna"],
    "gpt-5.6-terra (Global Standard)": ["gpt-5.6-terra"],
    "gpt-5.6-sol (Global Standard)": ["gpt-5.6-sol", "gpt-5.6"],
    "gpt-4o*|gpt-4.1*": ["gpt-4o", "gpt-4o-mini-2024-07-18", "gpt-4.1-nano"],
    "gpt-5*|o3*|o4*": ["gpt-5", "gpt-5.4-2026-03-05", "o3", "o4-mini-2025-04-16"],
    "openai.gpt-5.4*|openai.gpt-5.5*|*.openai.gpt-5.6*|*.openai.gpt-6*": [
        "us.openai.gpt-5.4",
        "openai.gpt-5.5",
        "eu.openai.gpt-5.6-sol",
        "us.openai.gpt-6.1-terra",
    ],
}


def facts() -> list[dict[str, str]]:
    with FACTS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def models_of(pattern: str) -> list[str]:
    if pattern in GROUPS:
        return GROUPS[pattern]
    ids: list[str] = []
    for model in pattern.split("|"):
        if model.endswith(":*"):
            ids.append(model.replace("*:*", "-0125:*").replace(":*", ":acme::Ab1"))
        else:
            ids.append(model.replace("text-moderation-*", "text-moderation-latest").rstrip("*"))
    return ids


def test_every_price_of_the_facts_is_in_the_book() -> None:
    wrong: list[str] = []
    for row in facts():
        start = dt.date.fromisoformat(row["effective_from"])
        end = row["effective_to"] and dt.date.fromisoformat(row["effective_to"])
        days = [start, end - dt.timedelta(days=1) if end else dt.date(2027, 6, 1)]
        for model, day in itertools.product(models_of(row["model_pattern"]), days):
            found = BOOK.prices(row["provider"], model, day).get(row["component"])
            if found != Decimal(row["usd_per_million_or_unit"]):
                wrong.append(f"{row['provider']} {model} {row['component']} {day}: {found}")
    assert wrong == []


def test_a_price_ends_on_the_day_the_facts_say() -> None:
    after = BOOK.prices("anthropic", "claude-opus-4-1", dt.date(2026, 8, 5))
    assert "input" not in after
    assert "input" in BOOK.prices("anthropic", "claude-opus-4-1", dt.date(2026, 8, 4))


def overlap(one: Entry, other: Entry) -> bool:
    starts_before_end = other.valid_to is None or one.valid_from < other.valid_to
    return starts_before_end and (one.valid_to is None or other.valid_from < one.valid_to)


@pytest.mark.parametrize("provider", BOOK.providers())
def test_no_model_has_two_prices_for_one_component_on_one_day(provider: str) -> None:
    wrong: list[str] = []
    for one, other in itertools.combinations(BOOK.entries(provider), 2):
        shared = one.prices.keys() & other.prices.keys()
        named = {
            model
            for model in one.models
            if any(matches(model, m) or matches(m, model) for m in other.models)
        }
        if shared and named and overlap(one, other):
            wrong.append(f"{sorted(named)} {sorted(shared)} {one.valid_from}")
    assert wrong == []


def test_no_pattern_is_a_bare_prefix() -> None:
    patterns = {model for entry in BOOK.entries() for model in entry.models}
    wild = {pattern for pattern in patterns if "*" in pattern}
    assert all(p == "*" or (p.endswith(":*") and p.count("*") == 1) for p in wild)


def test_every_entry_says_where_and_when_it_was_read() -> None:
    for entry in BOOK.entries():
        assert entry.source
        assert entry.checked_on
        assert entry.status in ("actual", "announced", "promo")
        assert entry.valid_to is None or entry.valid_from < entry.valid_to
        for value in entry.prices.values():
            assert Decimal(value) >= 0


def test_a_day_in_the_future_is_only_ever_announced() -> None:
    checked = dt.date.fromisoformat(BOOK.version)
    future = [entry for entry in BOOK.entries() if entry.valid_from > checked]
    assert future
    assert all(entry.status == "announced" for entry in future)


@pytest.mark.parametrize("prefix", ["", "long_"])
def test_anthropic_batches_cost_half_in_every_class(prefix: str) -> None:
    for entry in BOOK.entries("anthropic"):
        for component, value in entry.prices.items():
            if component.startswith(f"batch_{prefix}") and component != "batch_multiplier":
                complete = entry.prices[component.removeprefix("batch_")]
                assert Decimal(value) * 2 == Decimal(complete), (entry.models, component)


def test_openai_long_context_doubles_the_input_and_adds_half_to_the_output() -> None:
    for entry in BOOK.entries("openai"):
        for component, value in entry.prices.items():
            mode, long, bucket = split(component)
            short = component.replace("long_", "")
            # 5.4 rounds its halved cached price to the cent, the long one it does not.
            if not long or (mode in ("batch", "flex") and "gpt-5.4" in entry.models):
                continue
            ratio = Decimal("1.5") if bucket == "output" else Decimal(2)
            assert Decimal(value) == ratio * Decimal(entry.prices[short]), (entry.models, component)


def test_a_changed_price_is_a_new_version() -> None:
    # Records say which book priced them. `make prices` pins what you changed.
    assert pin.pinned()[book_module.VERSION] == pin.digest()


def test_rows_say_what_the_book_says() -> None:
    rows = list(BOOK.rows())
    keys = [(r.provider, r.model, r.component, r.valid_from) for r in rows]
    assert len(keys) == len(set(keys))
    by_key = {
        (r.provider, r.model, r.component, r.valid_from): r.usd_per_unit
        for r in rows
        if r.model != "*"
    }
    million = Decimal(1_000_000)
    day = dt.date(2026, 9, 22)
    assert by_key["anthropic", "claude-opus-5-5", "input", day] * million == 4
    assert by_key["gcp.vertex_ai", "claude-opus-5-5", "output", day] * million == 20
    assert by_key["openai", "whisper-1", "audio_second", dt.date(2023, 3, 1)] == Decimal("0.0001")


def test_rows_of_a_cloud_leave_out_the_days_it_charged_otherwise() -> None:
    rows = [
        (r.valid_from, r.valid_to, r.usd_per_unit * 1_000_000)
        for r in BOOK.rows()
        if (r.provider, r.model, r.component) == ("azure.ai.openai", "gpt-5.6-luna", "input")
    ]
    assert sorted(rows) == [
        (dt.date(2026, 7, 9), dt.date(2026, 10, 3), Decimal(1)),
        (dt.date(2026, 10, 3), None, Decimal("0.2")),
    ]
