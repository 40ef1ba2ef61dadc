# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Usage in, money out: each line is rounded once, half-even, to 12 decimals, then summed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from otel_llmcost.pricing.book import PriceBook
from otel_llmcost.pricing.contract import contracted
from otel_llmcost.pricing.groups import BUCKETS, ONE, PROMPT
from otel_llmcost.pricing.tariff import Rate
from otel_llmcost.providers.anthropic.refusals import refusal_is_billed
from otel_llmcost.usage import EXACT, Cost, Line, Quantity, Status, Usage

_ZERO = Decimal(0)
_DIGITS = Decimal("1E-12")
_multiply, _add = EXACT.multiply, EXACT.add  # every line of every call goes through these


def rate(usage: Usage, at: dt.datetime, book: PriceBook | None = None) -> Cost:
    """List cost of one reply that was served at `at` (UTC when it has no zone).

    The total is None, never 0, when anything that was used has no known price on that day; the
    reason says what. Never raises for any `Usage` that `providers` can produce.
    """
    if book is None:
        book = PriceBook.default()
    if usage.status == "unpriced":
        return _unpriced(usage, usage.reason, book)
    if usage.status == "not_billed":
        return Cost(
            total=_ZERO,
            status="not_billed",
            reason=usage.reason,
            version=book.version,
            usage=usage,
        )
    day = (at if at.tzinfo is None or at.tzinfo is dt.UTC else at.astimezone(dt.UTC)).date()
    lines: list[Line] = []
    status: Status = usage.status
    reason = usage.reason
    context: str | None = None
    geo_factor = ONE
    total = _ZERO
    billed = False
    for charge in usage.charges:
        if charge.declined is not None and not refusal_is_billed(charge.declined, day):
            continue
        billed = True
        if charge.model is None:
            return _unpriced(usage, "unknown_model", book)
        provider, mode = charge.provider or usage.provider, charge.mode or usage.mode
        tariff = book.tariff(provider, charge.model, mode, usage.geo, day)
        if tariff.reason is not None:
            return _unpriced(usage, tariff.reason, book)
        rates = tariff.short
        if tariff.threshold is not None:
            # anthropic 9, 10, openai 4: strictly longer, and then the whole request is repriced.
            is_long = prompt_size(charge.buckets) > tariff.threshold
            if is_long and usage.sums_replies:
                is_long = False
                if status == "priced":
                    status, reason = "partial", "unknown_context"
            rates = tariff.long if is_long else rates
            context = "long" if is_long else context or "short"
        if tariff.geo_factor is not ONE:
            geo_factor = tariff.geo_factor
        for bucket, quantity in charge.buckets.items():
            price = rates.get(bucket)
            if price is None:
                return _unpriced(usage, _missing(bucket, rates, tariff.short), book)
            amount = _amount(price, quantity)
            total = _add(total, amount)
            group, unit_price, factors, _, _, _, announced, source, rule, component = price
            lines.append(
                Line(
                    bucket,
                    group,
                    charge.model,
                    quantity,
                    unit_price,
                    amount,
                    factors,
                    source,
                    rule,
                    component,
                )
            )
            if announced and status == "priced":
                status, reason = "estimated", "announced_price"
    if not billed and usage.charges:
        status, reason = "not_billed", "refusal"
    return Cost(
        total=total,
        status=status,
        reason=reason,
        lines=tuple(lines),
        version=book.version,
        context=context,
        geo_multiplier=geo_factor,
        contracted=contracted(book, usage, tuple(lines), day) if book.contract else None,
        usage=usage,
    )


def prompt_size(buckets: Mapping[str, Quantity]) -> Quantity:
    """Tokens of the whole prompt, cached and written ones included; output does not count."""
    size: Quantity = 0
    for bucket, quantity in buckets.items():
        if bucket in PROMPT:
            size += quantity
    return size


def _amount(price: Rate, quantity: Quantity) -> Decimal:
    if price.whole_units:
        quantity = Decimal(quantity).quantize(ONE, rounding=ROUND_HALF_UP, context=EXACT)
    exact = _multiply(price.product, quantity)
    if price.divisor is not None:
        exact = EXACT.divide(exact, price.divisor)
    return exact.quantize(_DIGITS, None, EXACT)


def _missing(bucket: str, rates: Mapping[str, Rate], short: Mapping[str, Rate]) -> str:
    """Why a bucket has no price: it is not sold, or not in this mode and context."""
    if bucket in BUCKETS and bucket in short and bucket not in rates:
        return "unknown_tier"
    return "unknown_bucket"


def _unpriced(usage: Usage, reason: str | None, book: PriceBook) -> Cost:
    return Cost(total=None, status="unpriced", reason=reason, version=book.version, usage=usage)
