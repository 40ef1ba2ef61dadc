# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What a user really pays: private rates and discounts of their overlays, beside the list cost."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from otel_llmcost.pricing.entries import ANY_MODEL, Entry, Kind, matches
from otel_llmcost.pricing.groups import BUCKETS
from otel_llmcost.providers import canonical
from otel_llmcost.usage import EXACT, Line, Usage

if TYPE_CHECKING:
    from otel_llmcost.pricing.book import PriceBook
    from otel_llmcost.pricing.tariff import Rate

_DIGITS = Decimal("1E-12")


def contracted(
    book: PriceBook, usage: Usage, lines: tuple[Line, ...], day: dt.date
) -> Decimal | None:
    """Cost of these lines under the user's contract; None when it says nothing about any of them.

    A private rate for a component wins over a discount; the last file that speaks wins.
    """
    spoke = False
    total = Decimal(0)
    for line in lines:
        amount = _under_contract(book.contract, usage, line, day)
        spoke = spoke or amount is not None
        total = EXACT.add(total, line.amount if amount is None else amount)
    return total if spoke else None


def contracted_product(
    contract: tuple[Entry, ...], provider: str, model: str, day: dt.date, bucket: str, rate: Rate
) -> Decimal | None:
    """What `Rate.product` is under the contract, for a canonical model; None when it is silent."""
    applying = [e for e in contract if _applies(e, provider, model, day)]
    terms = _terms(applying, bucket, rate.group, rate.component)
    if terms is None:
        return None
    kind, value = terms
    if kind == "discount":
        return EXACT.multiply(rate.product, value)
    product = value if rate.divisor is not None else EXACT.divide(value, BUCKETS[bucket].per)
    for _, factor in rate.factors:
        product = EXACT.multiply(product, factor)
    return product


def _under_contract(
    contract: tuple[Entry, ...], usage: Usage, line: Line, day: dt.date
) -> Decimal | None:
    if line.model is None:
        return None
    model = canonical(usage.provider, line.model)
    applying = [entry for entry in contract if _applies(entry, usage.provider, model, day)]
    terms = _terms(applying, line.bucket, line.group, line.component or line.bucket)
    if terms is None:
        return None
    kind, value = terms
    cost = EXACT.multiply(Decimal(line.quantity), value)
    for _, factor in line.multipliers:
        cost = EXACT.multiply(cost, factor)
    if kind == "discount":
        return _rounded(EXACT.multiply(cost, line.unit_price))
    return _rounded(EXACT.divide(cost, BUCKETS[line.bucket].per))


def _terms(
    applying: list[Entry], bucket: str, group: str, component: str
) -> tuple[Kind, Decimal] | None:
    """The last private rate of a component, else the last discount that covers its bucket."""
    for entry in reversed(applying):
        if entry.kind == "rate" and component in entry.prices:
            return "rate", Decimal(entry.prices[component])
    for entry in reversed(applying):
        if entry.kind == "discount":
            for name in (bucket, group, ANY_MODEL):
                if name in entry.prices:
                    return "discount", Decimal(entry.prices[name])
    return None


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(_DIGITS, context=EXACT)


def _applies(entry: Entry, provider: str, model: str, day: dt.date) -> bool:
    return (
        entry.provider == provider
        and entry.holds_on(day)
        and any(matches(pattern, model) for pattern in entry.models)
    )
