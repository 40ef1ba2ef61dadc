# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The billing rules that turn dated prices into a rate per bucket.

Numbers in comments are rules of the billing facts: A = Anthropic, O = OpenAI, C = clouds.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from otel_llmcost.pricing.entries import Entry
from otel_llmcost.pricing.groups import BUCKETS, COMPONENT, MODES, ONE, split
from otel_llmcost.usage import EXACT, Group

Found = dict[str, Entry]
"""The entry that sets each component of one model on one day."""

# The factor a geography multiplies token prices with, and whether it must be listed for the model:
# a first party's older models keep their price (A11, O11); on a cloud, silence means unknown (C).
_GEO_FACTORS: dict[tuple[str, str], tuple[str, bool]] = {
    ("anthropic", "us"): ("inference_geo_us_multiplier", False),  # A11
    ("openai", "regional"): ("regional_processing_multiplier", False),  # O11
    ("aws.bedrock", "regional"): ("regional_endpoint_multiplier", True),
    ("gcp.vertex_ai", "regional"): ("regional_endpoint_multiplier", True),
    ("azure.ai.openai", "data_zone"): ("data_zone_multiplier", True),
    ("azure.ai.foundry", "us"): ("inference_geo_us_multiplier", True),
    ("azure.ai.foundry", "data_zone"): ("inference_geo_us_multiplier", True),
}
_BY_TIME_OR_LENGTH = ("audio_minute", "paused_minute", "characters")
_WINDOWS = {  # O7
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
    """Prompts longer than this use `long` for the whole request (A9, A10, O4)."""
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
    family = "anthropic" if model.startswith("claude") else "openai"
    short = _rates(found, family, mode, False, factor)
    if not any(rate.component in own for rate in short.values()):
        return Tariff("unknown_tier")  # this model is not sold in this mode on this day
    threshold = found.get("long_context_threshold")
    if threshold is None:
        return Tariff(None, None, short, {}, factor)
    limit = int(threshold.prices["long_context_threshold"])
    long = _rates(found, family, mode, True, factor)
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
        places = [place for who, place in _GEO_FACTORS if who == provider]
        factors = {_geo_factor(found, provider, place) for place in places}
        return ONE if factors == {ONE} else None
    name, must_be_listed = _GEO_FACTORS.get((provider, geo), ("", True))
    entry = found.get(name)
    if entry is not None:
        return Decimal(entry.prices[name])
    return None if must_be_listed else ONE


def geo_factors(found: Found, provider: str) -> dict[str, Decimal]:
    """Factor of every geography that a provider's replies can be served in, where it is known."""
    places = [place for who, place in _GEO_FACTORS if who == provider]
    factors = {place: _geo_factor(found, provider, place) for place in [*places, "unknown"]}
    return {place: factor for place, factor in factors.items() if factor is not None}


def _rates(found: Found, family: str, mode: str, long: bool, geo: Decimal) -> dict[str, Rate]:
    """A rate for every bucket that is sold in this mode and context."""
    rates: dict[str, Rate] = {}
    for bucket, about in BUCKETS.items():
        name = COMPONENT.get(bucket, bucket)
        if not about.is_token:
            # Fees, characters and minutes know no modes, context or geography (A6, A11, A12).
            if name in found and (mode == "standard" or about.group == "tools"):
                rates[bucket] = _rate(found, bucket, name, (), family)
            continue
        name = _without_write_price(found, family, name)
        component, factors = _component(found, name, mode, long)
        if component in found:
            if geo != ONE:
                factors = (*factors, ("geo", geo))
            rates[bucket] = _rate(found, bucket, component, factors, family)
    return rates


def _without_write_price(found: Found, family: str, name: str) -> str:
    """O3: before GPT-5.6 cache writes are free, so what is written costs as plain input."""
    written = ("cache_write_30m", "cache_write_12h")
    if family == "openai" and name in written and found.keys().isdisjoint(written):
        return "input"
    return name


def _component(
    found: Found, name: str, mode: str, long: bool
) -> tuple[str, tuple[tuple[str, Decimal], ...]]:
    """Component that prices a bucket in a mode, and the mode's factor where it has one."""
    name = f"long_{name}" if long else name
    if mode in _WINDOWS:
        factor = found.get(_WINDOWS[mode])
        if factor is None:  # O7: offered for listed models only
            return "", ()
        return name, ((mode, Decimal(factor.prices[_WINDOWS[mode]])),)
    if mode == "standard":
        return name, ()
    listed = f"{mode}_{name}"  # a listed price beats a ratio (A4, A8, O5, O6, O8, O9)
    if listed not in found and mode == "batch" and "batch_multiplier" in found:  # A6
        factor = Decimal(found["batch_multiplier"].prices["batch_multiplier"])
        return name, (("batch", factor),)
    return listed, ()


def _rate(
    found: Found,
    bucket: str,
    component: str,
    factors: tuple[tuple[str, Decimal], ...],
    family: str,
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
        whole_units=unit == "minute_rounded_to_second",  # O17
        announced=entry.status == "announced",
        source=entry.source,
        rule=_rules(found, family, component, factors),
        component=component,
    )


def _rules(
    found: Found, family: str, component: str, factors: tuple[tuple[str, Decimal], ...]
) -> str | None:
    """The rules behind a line, for `explain`: its bucket's first, then what raises or lowers it."""
    mode, long, bucket = split(component)
    names = {mode, *(name for name, _ in factors)}
    group = BUCKETS[bucket].group if bucket in BUCKETS else "input"
    threshold = found.get("long_context_threshold")
    own_step = threshold and threshold.prices["long_context_threshold"] == "100000"
    candidates = (
        (bucket == "input", 1, 1),
        (group == "cache_read", 2, 2),
        (group == "cache_write", 2, 3),
        (group == "output", 13, 12),
        (group == "tools", 12, 14 if bucket == "file_search_call" else 13),
        (bucket.endswith("_image"), None, 16),
        (bucket.endswith("_audio") or bucket in _BY_TIME_OR_LENGTH, None, 17),
        (bucket == "managed_agent_session_hour", 12, None),
        (bucket == "request", None, 18),
        (long, 10 if own_step else 9, 4),
        ("batch" in names, 6, 5),
        ("flex" in names, None, 6),
        (not names.isdisjoint(_WINDOWS), None, 7),
        ("fast" in names, 8, 8),
        ("ultrafast" in names, None, 9),
        ("geo" in names, 11, 11),
    )
    column = 1 if family == "anthropic" else 2
    numbers = [str(rule[column]) for rule in candidates if rule[0] and rule[column] is not None]
    return f"{family} {', '.join(numbers)}" if numbers else None
