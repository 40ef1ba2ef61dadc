# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a price book is consistent in itself, and where it differs from other public catalogues.

A catalogue is a function from provider and model to USD per million tokens by component, or None
for a model it does not know. `genai-prices` and LiteLLM's map are read where they are installed.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from otel_llmcost.pricing import Entry, PriceBook
from otel_llmcost.pricing.entries import matches
from otel_llmcost.providers import PROVIDERS, provider_named
from otel_llmcost.usage import EXACT

Catalogue = Callable[[str, str, dt.datetime], Mapping[str, Decimal] | None]

CALLS = 1_000_000
MIX = {"input": 1_000, "cache_read": 3_000, "output": 300}
"""Tokens of the call that differences are weighed by."""

_MILLION = Decimal(1_000_000)
_FIRST_PARTIES = tuple(provider.name for provider in PROVIDERS if provider.api is not None)
_LITELLM_MAP = "model_prices_and_context_window_backup.json"
_LITELLM_NAMES = {
    "input": "input_cost_per_token",
    "cache_read": "cache_read_input_token_cost",
    "output": "output_cost_per_token",
}


class Problem(NamedTuple):
    """Something in the data that leaves a call with two prices, with none, or with a wrong one."""

    provider: str
    model: str
    component: str
    what: str


class Difference(NamedTuple):
    """One price that another catalogue gives otherwise; both in USD per million tokens."""

    catalogue: str
    provider: str
    model: str
    component: str
    ours: Decimal
    theirs: Decimal
    effect_usd: Decimal
    """What the typical mix would cost more at their price; negative when it would cost less."""


def problems(book: PriceBook) -> list[Problem]:
    """Overlaps, gaps and derived prices that disagree, in the shipped entries and overlays."""
    found: list[Problem] = []
    for provider in book.providers():
        entries = book.entries(provider)
        found += _overlaps(provider, entries)
        found += _gaps(provider, entries)
        api = provider_named(provider).api
        if api is not None:
            found += _wrongly_derived(provider, entries, api.derived_prices)
    return found


def _overlaps(provider: str, entries: tuple[Entry, ...]) -> Iterator[Problem]:
    for one, other in itertools.combinations(entries, 2):
        shared = one.prices.keys() & other.prices.keys()
        if not shared or not _on_one_day(one, other):
            continue
        for model in one.models:
            if any(matches(model, name) or matches(name, model) for name in other.models):
                day = max(one.valid_from, other.valid_from)
                for component in sorted(shared):
                    yield Problem(provider, model, component, f"two prices on {day}")


def _on_one_day(one: Entry, other: Entry) -> bool:
    return (other.valid_to is None or one.valid_from < other.valid_to) and (
        one.valid_to is None or other.valid_from < one.valid_to
    )


def _gaps(provider: str, entries: tuple[Entry, ...]) -> Iterator[Problem]:
    """Days inside a model's life without a price: calls of those days would be unpriced."""
    periods: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        for model, component in itertools.product(entry.models, ("input", "output")):
            if component in entry.prices and not entry.replaces:
                periods.setdefault((model, component), []).append(entry)
    for (model, component), parts in periods.items():
        parts.sort(key=lambda entry: entry.valid_from)
        for one, following in itertools.pairwise(parts):
            if one.valid_to is not None and one.valid_to < following.valid_from:
                what = f"no price from {one.valid_to} to {following.valid_from}"
                yield Problem(provider, model, component, what)


def _wrongly_derived(
    provider: str, entries: tuple[Entry, ...], derived: Mapping[str, Decimal]
) -> Iterator[Problem]:
    for entry in entries:
        if entry.kind != "list" or "input" not in entry.prices:
            continue
        for component, factor in derived.items():
            if component in entry.prices:
                expected = EXACT.multiply(Decimal(entry.prices["input"]), factor).normalize()
                stated = Decimal(entry.prices[component]).normalize()
                # Lists round: a derived price holds to the digits that the list shows.
                if expected.quantize(stated, context=EXACT) != stated:
                    what = f"{stated:f} is not {factor} x input = {expected:f}"
                    yield Problem(provider, entry.models[0], component, what)


class Comparison(NamedTuple):
    """What came of comparing with catalogues."""

    models: Mapping[str, int]
    """Models that both sides know, by catalogue."""
    differences: list[Difference]


def compare(book: PriceBook, catalogues: Mapping[str, Catalogue], at: dt.datetime) -> Comparison:
    """Standard list prices that a catalogue gives otherwise at `at`, largest effect first.

    Compared are the exact model ids of both providers that both sides know; a component that one
    side does not list says nothing about the other.
    """
    found: list[Difference] = []
    models = dict.fromkeys(catalogues, 0)
    for provider, model in _models(book, at.date()):
        ours = book.prices(provider, model, at.date())
        for name, catalogue in catalogues.items():
            theirs = catalogue(provider, model, at)
            if theirs is None:
                continue
            models[name] += 1
            for component, tokens in MIX.items():
                mine, other = ours.get(component), theirs.get(component)
                if mine is None or other is None or mine == other:
                    continue
                effect = (other - mine) * tokens * CALLS / _MILLION
                found.append(Difference(name, provider, model, component, mine, other, effect))
    found.sort(key=lambda one: (-abs(one.effect_usd), one))
    return Comparison(models, found)


def _models(book: PriceBook, day: dt.date) -> list[tuple[str, str]]:
    return sorted(
        {
            (provider, model)
            for provider in _FIRST_PARTIES
            for entry in book.entries(provider)
            if entry.holds_on(day) and "input" in entry.prices
            for model in entry.models
            if "*" not in model
        }
    )


def installed() -> tuple[dict[str, Catalogue], list[str]]:
    """Catalogues that can be read here, and the distributions of those that cannot."""
    found: dict[str, Catalogue] = {}
    missing: list[str] = []
    for name, opened in (("genai-prices", _genai_prices()), ("litellm", _litellm())):
        if opened is None:
            missing.append(name)
        else:
            found[name] = opened
    return found, missing


def _genai_prices() -> Catalogue | None:
    if find_spec("genai_prices") is None:
        return None
    package: Any = import_module("genai_prices")

    def cost(provider: str, model: str, at: dt.datetime, **tokens: int) -> Decimal:
        usage = package.Usage(**tokens)
        priced = package.calc_price(usage, model, provider_id=provider, genai_request_timestamp=at)
        return Decimal(priced.total_price)

    def prices(provider: str, model: str, at: dt.datetime) -> Mapping[str, Decimal] | None:
        # A thousand tokens stay below every long-context threshold.
        try:
            found = {
                "input": cost(provider, model, at, input_tokens=1000),
                "cache_read": cost(provider, model, at, input_tokens=1000, cache_read_tokens=1000),
                "output": cost(provider, model, at, output_tokens=1000),
            }
        except (LookupError, ValueError):
            return None
        # It charges components that it has no price for as 0, or as plain input.
        if found["cache_read"] == found["input"]:
            del found["cache_read"]
        return {name: usd * 1000 for name, usd in found.items() if usd}

    return prices


def _litellm() -> Catalogue | None:
    """LiteLLM's map, from its file: importing the package takes seconds."""
    package = find_spec("litellm")
    if package is None or not package.submodule_search_locations:
        return None
    path = Path(package.submodule_search_locations[0]) / _LITELLM_MAP
    if not path.is_file():
        return None
    models: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))

    def prices(provider: str, model: str, at: dt.datetime) -> Mapping[str, Decimal] | None:
        listed = models.get(model)
        if listed is None or listed.get("litellm_provider") != provider:
            return None
        return {
            name: Decimal(repr(listed[key])) * _MILLION
            for name, key in _LITELLM_NAMES.items()
            if listed.get(key)
        }

    return prices
