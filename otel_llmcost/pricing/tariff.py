# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The billing rules that turn dated prices into a rate per bucket.

Numbers in comments are those of docs/explanation/pricing-rules.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from otel_llmcost.pricing.entries import Entry
from otel_llmcost.pricing.groups import BUCKETS, COMPONENT, MODES, ONE, split
from otel_llmcost.providers import Api, api_of_model, provider_named
from otel_llmcost.providers.registry import DEFAULT_API
from otel_llmcost.usage import EXACT, Group

Found = dict[str, Entry]
"""The entry that sets each component of one model on one day."""

_BY_TIME_OR_LENGTH = ("audio_minute", "paused_minute", "characters")
_WINDOWS = {  # openai 7
    "window_2h": "background_completion_window_2h_multiplier",
    "window_8h": "background_completion_window_8h_multiplier",
}


class Rate(NamedTuple):
    """Price of one bucket, ready to multiply: amount = quantity x product / divisor."""

    group: Group
    unit_price: Decimal
    """USD per single unit, before factors."""
    factors: tuple[tuple[str, Decimal], ...]
    product: Decimal
    """Price per unit x factors, exact."""
    divisor: Decimal | None
    """What a product that has no exact price per unit is divided by, after multiplying."""
    whole_units: bool
    """Quantities are rounded before they are billed."""
    announced: bool
    source: str
    rule: str | None
    component: str


class Tariff(NamedTuple):
    """All rates of one model on one day, in one mode and one geography."""

    reason: str | None
    """Why nothing can be priced; None when something can."""
    threshold: int | None = None
    """Prompts longer than this use `long` for the whole request (anthropic 9, 10, openai 4)."""
    short: Mapping[str, Rate] = {}
    long: Mapping[str, Rate] = {}
    geo_factor: Decimal = ONE


def tariff(found: Found, provider: str, model: str, mode: str, geo: str | None) -> Tariff:
    """Apply the rules to the prices found for a model on a day."""
    own = {name for name, entry in found.items() if _is_own_price(name, entry)}
    if not own:
        return Tariff("unknown_model")
    if mode not in MODES:
        return Tariff("unknown_tier")
    factor = _geo_factor(found, provider, geo)
    if factor is None:
        return Tariff("unknown_region")
    api = api_of_model(model) or DEFAULT_API
    short = _rates(found, api, mode, False, factor)
    if not any(rate.component in own for rate in short.values()):
        return Tariff("unknown_tier")  # this model is not sold in this mode on this day
    threshold = found.get("long_context_threshold")
    if threshold is None:
        return Tariff(None, None, short, {}, factor)
    limit = int(threshold.prices["long_context_threshold"])
    long = _rates(found, api, mode, True, factor)
    return Tariff(None, limit, short, long, factor)


def _is_own_price(component: str, entry: Entry) -> bool:
    """Whether this prices the model itself, not a fee or factor that happens to name it."""
    bucket = split(component)[2]
    known = BUCKETS.get(bucket)
    sold = known.group != "tools" if known else bucket in COMPONENT.values()
    return sold and not entry.for_any_model


def _geo_factor(found: Found, provider: str, geo: str | None) -> Decimal | None:
    """Factor of a geography; None when it cannot be known."""
    if geo is None:
        return ONE
    if geo == "unknown":  # matters only to models that cost more somewhere
        places = provider_named(provider).geo_factors
        factors = {_geo_factor(found, provider, place) for place in places}
        return ONE if factors == {ONE} else None
    factor = provider_named(provider).geo_factors.get(geo)
    if factor is None:
        return None
    entry = found.get(factor.component)
    if entry is not None:
        return Decimal(entry.prices[factor.component])
    # Older models of a first party keep their price; on a cloud, silence means unknown (clouds 10).
    return None if factor.must_be_listed else ONE


def geo_factors(found: Found, provider: str) -> dict[str, Decimal]:
    """Factor of every geography that a provider's replies can be served in, where it is known."""
    places = (*provider_named(provider).geo_factors, "unknown")
    factors = {place: _geo_factor(found, provider, place) for place in places}
    return {place: factor for place, factor in factors.items() if factor is not None}


def _rates(found: Found, api: Api, mode: str, long: bool, geo: Decimal) -> dict[str, Rate]:
    """A rate for every bucket that is sold in this mode and context."""
    rates: dict[str, Rate] = {}
    for bucket, about in BUCKETS.items():
        name = COMPONENT.get(bucket, bucket)
        if not about.is_token:
            # Fees, characters and minutes have no mode, context or geography (anthropic 6, 11, 12).
            if name in found and (mode == "standard" or about.group == "tools"):
                rates[bucket] = _rate(found, bucket, name, (), api)
            continue
        name = _without_write_price(found, api, name)
        component, factors = _component(found, name, mode, long)
        if component in found:
            if geo != ONE:
                factors = (*factors, ("geo", geo))
            rates[bucket] = _rate(found, bucket, component, factors, api)
    return rates


def _without_write_price(found: Found, api: Api, name: str) -> str:
    """openai 3: before GPT-5.6 cache writes are free, so what is written costs as plain input."""
    written = api.write_buckets
    if api.unlisted_writes_cost_input and name in written and found.keys().isdisjoint(written):
        return "input"
    return name


def _component(
    found: Found, name: str, mode: str, long: bool
) -> tuple[str, tuple[tuple[str, Decimal], ...]]:
    """Component that prices a bucket in a mode, and the mode's factor where it has one."""
    name = f"long_{name}" if long else name
    if mode in _WINDOWS:
        factor = found.get(_WINDOWS[mode])
        if factor is None:  # openai 7: offered for listed models only
            return "", ()
        return name, ((mode, Decimal(factor.prices[_WINDOWS[mode]])),)
    if mode == "standard":
        return name, ()
    listed = f"{mode}_{name}"  # a listed price beats a ratio (anthropic 4, 8, openai 5, 6, 8, 9)
    if listed not in found and mode == "batch" and "batch_multiplier" in found:  # anthropic 6
        factor = Decimal(found["batch_multiplier"].prices["batch_multiplier"])
        return name, (("batch", factor),)
    return listed, ()


def _rate(
    found: Found,
    bucket: str,
    component: str,
    factors: tuple[tuple[str, Decimal], ...],
    api: Api,
) -> Rate:
    entry = found[component]
    about = BUCKETS[bucket]
    price = Decimal(entry.prices[component])
    by_minute = about.unit == "second"  # a sixtieth has no exact decimal, a millionth has
    product = price if by_minute else EXACT.divide(price, about.per)
    for _, factor in factors:
        product = EXACT.multiply(product, factor)
    unit = (entry.units or {}).get(component)
    return Rate(
        group=about.group,
        unit_price=EXACT.divide(price, about.per),
        factors=factors,
        product=product,
        divisor=about.per if by_minute else None,
        whole_units=unit == "minute_rounded_to_second",  # openai 17
        announced=entry.status == "announced",
        source=entry.source,
        rule=_rules(found, api, component, factors),
        component=component,
    )


def _rules(
    found: Found, api: Api, component: str, factors: tuple[tuple[str, Decimal], ...]
) -> str | None:
    """The rules behind a line, for `explain`: its bucket's first, then what raises or lowers it."""
    mode, long, bucket = split(component)
    names = {mode, *(name for name, _ in factors)}
    group = BUCKETS[bucket].group if bucket in BUCKETS else "input"
    threshold = found.get("long_context_threshold")
    is_small = threshold and threshold.prices["long_context_threshold"] == "100000"
    kinds = (
        (bucket == "input", "input"),
        (group == "cache_read", "cache_read"),
        (group == "cache_write", "cache_write"),
        (group == "output", "output"),
        (group == "tools", "file_search_call" if bucket == "file_search_call" else "tools"),
        (bucket.endswith("_image"), "image"),
        (bucket.endswith("_audio") or bucket in _BY_TIME_OR_LENGTH, "audio"),
        (bucket == "managed_agent_session_hour", "managed_agent_session_hour"),
        (bucket == "request", "request"),
        (long, "long_small" if is_small else "long"),
        ("batch" in names, "batch"),
        ("flex" in names, "flex"),
        (not names.isdisjoint(_WINDOWS), "window"),
        ("fast" in names, "fast"),
        ("ultrafast" in names, "ultrafast"),
        ("geo" in names, "geo"),
    )
    numbers = [str(api.rules[kind]) for holds, kind in kinds if holds and kind in api.rules]
    return f"{api.name} {', '.join(numbers)}" if numbers else None
