# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What a public report is here: an input, what the provider bills for it, and our result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

MILLION = 1_000_000


@dataclass(frozen=True)
class Reply:
    """A reply for `price_response`."""

    provider: str
    request: Mapping[str, Any]
    response: Mapping[str, Any]
    day: str


@dataclass(frozen=True)
class Rows:
    """Rows of other emitters for the store."""

    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class RawHttp:
    """Answers of a stub server (status, body) to calls of an SDK (method, arguments)."""

    sdk: str
    answers: Sequence[tuple[int, Mapping[str, Any]]]
    sent: Sequence[tuple[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class Report:
    """One report.

    `bill` is what the provider bills, as far as that is known: units and USD per million of them.
    `over` is what our estimate has in addition, in the same form. `calls` is how many calls the
    input stands for. `fixed` says that the result was another one when it was first replayed.
    """

    where: str
    kind: str
    says: str
    replay: Reply | Rows | RawHttp
    bill: Sequence[tuple[int, float]] = ()
    over: Sequence[tuple[int, float]] = ()
    calls: int = 1
    status: str = "priced"
    reason: str = ""
    fixed: bool = False

    @property
    def billed(self) -> Decimal:
        return _sum(self.bill)

    @property
    def cost(self) -> Decimal | None:
        """Our amount; None when there is none."""
        return None if self.status == "unpriced" else self.billed + _sum(self.over)


def _sum(bill: Sequence[tuple[int, float]]) -> Decimal:
    return sum((units * Decimal(str(price)) for units, price in bill), Decimal()) / MILLION
