# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What a user really pays: private rates and discounts of their overlays, beside the list cost."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from otel_llmcost.pricing.entries import ANY_MODEL, Entry, matches
from otel_llmcost.pricing.groups import BUCKETS, ONE
from otel_llmcost.providers.ids import canonical
from otel_llmcost.usage import EXACT, Line, Usage

if TYPE_CHECKING:
    from otel_llmcost.pricing.book import PriceBook

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


def _under_contract(
    contract: tuple[Entry, ...], usage: Usage, line: Line, day: dt.date
) -> Decimal | None:
    applying = [entry for entry in contract if _applies(entry, usage.provider, line.model, day)]
    quantity = EXACT.multiply(Decimal(line.quantity), ONE)
    for _, factor in line.multipliers:
        quantity = EXACT.multiply(quantity, factor)
    for entry in reversed(applying):
        listed = entry.prices.get(line.component or line.bucket)
        if entry.kind == "rate" and listed is not None:
            cost = EXACT.multiply(quantity, Decimal(listed))
            return _rounded(EXACT.divide(cost, BUCKETS[line.bucket].per))
    for entry in reversed(applying):
        if entry.kind == "discount":
            for name in (line.bucket, line.group, ANY_MODEL):
                if name in entry.prices:
                    price = EXACT.multiply(line.unit_price, Decimal(entry.prices[name]))
                    return _rounded(EXACT.multiply(quantity, price))
    return None


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(_DIGITS, context=EXACT)


def _applies(entry: Entry, provider: str, model: str | None, day: dt.date) -> bool:
    if entry.provider != provider or model is None or not entry.holds_on(day):
        return False
    name = canonical(provider, model)
    return any(matches(pattern, name) for pattern in entry.models)
