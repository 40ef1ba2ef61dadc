# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""One line of a provider's export of costs or usage, and what the readers of exports share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from otel_llmcost.providers.fields import JSON

_MAX = Decimal("1E15")


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """What a provider charged or counted for one day, model and kind of use."""

    provider: str
    kind: str
    """`cost` or `usage`."""
    day: date
    model: str = ""
    line: str = ""
    """In the provider's words."""
    project: str = ""
    bucket: str = ""
    """Our name of the quantity; empty when it has none."""
    amount_usd: Decimal | None = None
    list_amount_usd: Decimal | None = None
    quantity: Decimal | None = None

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes it one line."""
        kind = (self.provider, self.kind, self.day, self.model)
        return (*kind, self.line, self.project, self.bucket)

    def replaced(self, **values: Any) -> InvoiceLine:
        """The same line with other figures."""
        return replace(self, **values)


def amount(value: Any) -> Decimal:
    """A finite number that the store can hold; raises ValueError."""
    number = Decimal(str(value))
    if not number.is_finite() or abs(number) >= _MAX:
        raise ValueError(f"{value!r} is no amount")
    return number


def dollars(currency: Any) -> None:
    """Raise ValueError for another currency: nothing here converts."""
    if str(currency or "USD").upper() != "USD":
        raise ValueError(f"amounts in {currency}: only USD can be compared")


def usage_lines(
    provider: str, day: date, result: JSON, quantities: Mapping[str, int], project: str
) -> Iterator[InvoiceLine]:
    """One line per bucket that was used; `project` is the field that names the project."""
    for bucket, quantity in quantities.items():
        if quantity:
            yield InvoiceLine(
                provider=provider,
                kind="usage",
                day=day,
                model=str(result.get("model") or ""),
                line=bucket,
                project=str(result.get(project) or ""),
                bucket=bucket,
                quantity=amount(quantity),
            )


def whole_count(result: JSON, name: str) -> int:
    """A count of a usage report; 0 when absent."""
    return int(result.get(name) or 0)
