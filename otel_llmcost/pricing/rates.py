# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The book with its rules applied, as rows: what SQL multiplies quantities with.

One row says what a bucket of a model costs in one mode and context during one interval, so that SQL
needs no billing rule besides looking up and multiplying. Rows without a mode state facts of the
model itself: that it is known, its long-context threshold, and the factor of each geography.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from otel_llmcost.pricing.book import PriceBook, PriceRow
from otel_llmcost.pricing.contract import contracted_product
from otel_llmcost.pricing.entries import ANY_MODEL, matches
from otel_llmcost.pricing.groups import BUCKETS, MODES, ONE
from otel_llmcost.pricing.tariff import Rate, Tariff, geo_factors
from otel_llmcost.usage import EXACT

KNOWN_MODEL = "model"
THRESHOLD = "long_context_threshold"
GEO_PREFIX = "geo:"

_DIGITS = Decimal("1E-24")


class RateRow(NamedTuple):
    """One rate as the SQL table `rates` stores it."""

    provider: str
    model: str
    """Canonical id, or `prefix:*`."""
    mode: str
    """Empty for a fact about the model."""
    context: str
    bucket: str
    valid_from: dt.date
    valid_to: dt.date | None
    cost_group: str
    component: str
    usd_per_unit: Decimal
    """Before multipliers, for showing; a fact's own number where there is no price."""
    mode_multiplier: Decimal
    product_usd: Decimal
    """USD of `divisor` units, multiplied by mode: amount = quantity x this x geo / divisor."""
    divisor: int
    contracted_usd: Decimal | None
    """The same under the user's contract; None where it says nothing."""
    in_geography: bool
    """Whether the geography's factor applies."""
    in_prompt: bool
    whole_units: bool
    announced: bool
    rule: str
    source: str


def rates(book: PriceBook) -> Iterator[RateRow]:
    """Every rate of the book, model by model; neighbouring intervals that agree are one row."""
    by_provider: dict[str, list[PriceRow]] = {}
    for row in book.rows():
        by_provider.setdefault(row.provider, []).append(row)
    for provider, rows in by_provider.items():
        shared = [row for row in rows if row.model == ANY_MODEL]
        models: dict[str, list[PriceRow]] = {}
        for row in rows:
            if row.model != ANY_MODEL:
                models.setdefault(row.model, []).append(row)
        for model, own in models.items():
            patterns = [
                row
                for name, listed in models.items()
                if name != model and name.endswith("*") and matches(name, _example(model))
                for row in listed
            ]
            yield from _of_model(book, provider, model, [*own, *patterns, *shared])


def _of_model(
    book: PriceBook, provider: str, model: str, rows: Iterable[PriceRow]
) -> Iterator[RateRow]:
    merged: dict[tuple[str, str, str], RateRow] = {}
    for start, end in _intervals(book, provider, model, rows):
        for row in _on_day(book, provider, model, start, end):
            key = (row.mode, row.context, row.bucket)
            last = merged.get(key)
            if last is not None and last.valid_to == start and _same(last, row):
                merged[key] = last._replace(valid_to=end)
                continue
            if last is not None:
                yield last
            merged[key] = row
    yield from merged.values()


def _intervals(
    book: PriceBook, provider: str, model: str, rows: Iterable[PriceRow]
) -> list[tuple[dt.date, dt.date | None]]:
    """Stretches of days in which nothing about a model changes."""
    days: set[dt.date] = set()
    ends: set[dt.date | None] = set()
    for row in rows:
        days.add(row.valid_from)
        ends.add(row.valid_to)
    for entry in book.contract:
        if entry.provider == provider and any(matches(p, _example(model)) for p in entry.models):
            days.add(entry.valid_from)
            ends.add(entry.valid_to)
    edges = sorted(days | {end for end in ends if end is not None})
    return [*pairwise(edges), (edges[-1], None)]


def _on_day(
    book: PriceBook, provider: str, model: str, day: dt.date, until: dt.date | None
) -> Iterator[RateRow]:
    child = _example(model)
    known = False
    for mode in MODES:
        tariff = book.tariff_of(provider, child, mode, None, day)
        if tariff.reason is not None:
            continue
        if not known:
            known = True
            found = book.find(provider, child, day)
            yield from _facts(provider, model, day, until, tariff, geo_factors(found, provider))
        for context, table in (("short", tariff.short), ("long", tariff.long)):
            for bucket, rate in table.items():
                price = contracted_product(book.contract, provider, child, day, bucket, rate)
                yield _row(provider, model, mode, context, bucket, day, until, rate, price)


def _example(model: str) -> str:
    """A model id that a pattern names."""
    return f"{model[:-1]}any" if model.endswith(":*") else model


def _facts(
    provider: str,
    model: str,
    day: dt.date,
    until: dt.date | None,
    tariff: Tariff,
    geographies: Mapping[str, Decimal],
) -> Iterator[RateRow]:
    facts = {KNOWN_MODEL: ONE}
    if tariff.threshold is not None:
        facts[THRESHOLD] = Decimal(tariff.threshold)
    facts |= {GEO_PREFIX + place: factor for place, factor in geographies.items()}
    for name, value in facts.items():
        yield RateRow(
            *(provider, model, "", "", name, day, until, "", "", value, ONE, value, 1),
            *(None, False, False, False, False, "", ""),
        )


def _row(
    provider: str,
    model: str,
    mode: str,
    context: str,
    bucket: str,
    day: dt.date,
    until: dt.date | None,
    rate: Rate,
    contracted: Decimal | None,
) -> RateRow:
    about = BUCKETS[bucket]
    multiplier = ONE
    for _, factor in rate.factors:
        multiplier = EXACT.multiply(multiplier, factor)
    return RateRow(
        provider=provider,
        model=model,
        mode=mode,
        context=context,
        bucket=bucket,
        valid_from=day,
        valid_to=until,
        cost_group=rate.group,
        component=rate.component,
        usd_per_unit=rate.unit_price.quantize(_DIGITS, context=EXACT),
        mode_multiplier=multiplier,
        product_usd=rate.product,
        divisor=1 if rate.divisor is None else int(rate.divisor),
        contracted_usd=contracted,
        in_geography=about.is_token,
        in_prompt=about.is_token and about.group in ("input", "cache_read", "cache_write"),
        whole_units=rate.whole_units,
        announced=rate.announced,
        rule=rate.rule or "",
        source=rate.source,
    )


def _same(one: RateRow, other: RateRow) -> bool:
    days = {"valid_from": one.valid_from, "valid_to": one.valid_to}
    return one == other._replace(**days)
