# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Sums of the costs of many replies with the same model and price."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

from otel_llmcost.usage import EXACT, Charge, Cost, Line, Quantity, Usage

_COUNTS = (
    *("input_tokens", "cache_read_tokens", "cache_write_tokens", "cache_write_long_tokens"),
    *("output_tokens", "reasoning_tokens"),
)


class CostSum:
    """Adds up costs one by one; memory does not grow with their number."""

    def __init__(self) -> None:
        self.replies = 0
        self.partial: str | None = None
        """How the download broke off, when it did."""
        self._like: Cost | None = None
        self._total = Decimal(0)
        self._contracted: Decimal | None = None
        self._counts: dict[str, int] = {}
        self._lines: dict[tuple[str, str | None, Decimal], Line] = {}
        self._charges: dict[tuple[str | None, ...], dict[str, Quantity]] = {}

    def add(self, cost: Cost) -> None:
        """Add one reply. All must agree in model, mode, status and reason."""
        self.replies += 1
        self._like = cost
        self._total = EXACT.add(self._total, cost.total or 0)
        if cost.contracted is not None:
            self._contracted = EXACT.add(self._contracted or 0, cost.contracted)
        for line in cost.lines:
            self._add_line(line)
        if cost.usage is not None:
            self._add_usage(cost.usage)

    def cost(self) -> Cost:
        """The sum; None stays None where no reply knew a value."""
        like = self._like
        if like is None:
            return Cost(total=Decimal(0), status="not_billed")
        usage = like.usage and dataclasses.replace(
            like.usage,
            response_id=None,
            finish_reasons=(),
            charges=tuple(
                Charge(
                    model=model, provider=provider, mode=mode, declined=declined, buckets=buckets
                )
                for (model, provider, mode, declined), buckets in self._charges.items()
            ),
            **{name: self._counts.get(name) for name in _COUNTS},
        )
        summed = dataclasses.replace(
            like,
            total=None if like.total is None else self._total,
            contracted=self._contracted,
            lines=tuple(self._lines.values()),
            usage=usage,
        )
        if self.partial is None:
            return summed
        return dataclasses.replace(summed, status="partial", reason=f"stream_{self.partial}")

    def _add_line(self, line: Line) -> None:
        key = (line.bucket, line.model, line.unit_price)
        before = self._lines.get(key)
        self._lines[key] = line if before is None else _added(before, line)

    def _add_usage(self, usage: Usage) -> None:
        for name in _COUNTS:
            if (count := getattr(usage, name)) is not None:
                self._counts[name] = self._counts.get(name, 0) + count
        for charge in usage.charges:
            terms = (charge.model, charge.provider, charge.mode, charge.declined)
            buckets = self._charges.setdefault(terms, {})
            for bucket, quantity in charge.buckets.items():
                buckets[bucket] = _plus(buckets.get(bucket, 0), quantity)


def _added(one: Line, other: Line) -> Line:
    return one._replace(
        quantity=_plus(one.quantity, other.quantity), amount=EXACT.add(one.amount, other.amount)
    )


def _plus(one: Quantity, other: Quantity) -> Quantity:
    """The exact sum, whatever the application did to its own decimal context."""
    if isinstance(one, int) and isinstance(other, int):
        return one + other
    return EXACT.add(one, other)
