# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What the demo proves: the store holds what the providers billed, to the last digit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from otel_llmcost.demo import http
from otel_llmcost.emulator.ledger import plain

ENVIRONMENT = "demo"
_CALLS = """
    SELECT response_id, model, cost_usd
    FROM calls
    WHERE environment = {environment:String} AND ts >= {since:DateTime64(6, 'UTC')}
        AND cost_status != 'not_billed'
"""
_ROLLUP = """
    SELECT sum(cost_usd) FROM llmcost.hourly_spend WHERE environment = {environment:String}
"""
_EXACT = re.compile(r'<dt>(?:<a [^>]*>)?Spend(?:</a>)?</dt>\s*<dd>\s*<data value="([0-9.]+)"')


class Rows(Protocol):
    """As much of a query's result as is needed here."""

    @property
    def rows(self) -> Sequence[Sequence[Any]]:
        """The rows, values typed."""
        ...


Query = Callable[[str, Mapping[str, Any] | None], Rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What the emulated providers billed for one run of the app."""

    replies: int
    total: Decimal
    refused: int
    by_reply: dict[str, Decimal]
    """USD by response id; replies without an id (embeddings) are summed up by model."""

    @classmethod
    def of(cls, ledger: Mapping[str, Any]) -> Bill:
        """Read `GET /ledger`."""
        by_reply: dict[str, Decimal] = {}
        for entry in ledger["entries"]:
            _add(by_reply, entry["response_id"], entry["model"], Decimal(entry["usd"]))
        return cls(
            replies=len(ledger["entries"]),
            total=sum(by_reply.values(), Decimal(0)),
            refused=int(ledger["refused"]),
            by_reply=by_reply,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What the store says about the same run, read in three places."""

    replies: int
    calls: Decimal
    rollup: Decimal
    page: Decimal | None
    """None when the page could not be read."""
    by_reply: dict[str, Decimal] = field(repr=False)

    def agrees(self, bill: Bill) -> bool:
        """Whether every place shows exactly what was billed, each reply once."""
        if self.replies != bill.replies or self.by_reply != bill.by_reply:
            return False
        totals = {self.calls, self.rollup, bill.total if self.page is None else self.page}
        return totals == {bill.total}

    def differences(self, bill: Bill) -> list[str]:
        """One line for each reply or total that is not as billed."""
        lines: list[str] = []
        for name in sorted(bill.by_reply.keys() | self.by_reply.keys()):
            billed, stored = bill.by_reply.get(name), self.by_reply.get(name)
            if billed != stored:
                lines.append(f"{name}: billed {_said(billed)}, stored {_said(stored)}")
        if self.replies != bill.replies:
            lines.append(f"{self.replies} records of {bill.replies} billed replies")
        for name, total in (("rollup", self.rollup), ("page", self.page)):
            if total is not None and total != bill.total:
                lines.append(f"{name}: {plain(total)} instead of {plain(bill.total)}")
        return lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """Totals of earlier runs in the same store, to be taken off."""

    rollup: Decimal
    page: Decimal | None


def before(query: Query, page: str) -> Before:
    """The totals as they stand before the app runs."""
    return Before(rollup=_rollup(query), page=_page(page))


def stored(query: Query, page: str, since: datetime, earlier: Before) -> Stored:
    """What the store holds of the run that began at `since`."""
    rows = query(_CALLS, {"environment": ENVIRONMENT, "since": since}).rows
    by_reply: dict[str, Decimal] = {}
    for response_id, model, usd in rows:
        if usd is not None:
            _add(by_reply, response_id, model, Decimal(usd))
    shown = _page(page)
    return Stored(
        replies=len(rows),
        calls=sum(by_reply.values(), Decimal(0)),
        rollup=_rollup(query) - earlier.rollup,
        page=None if shown is None or earlier.page is None else shown - earlier.page,
        by_reply=by_reply,
    )


def _add(by_reply: dict[str, Decimal], response_id: str | None, model: str, usd: Decimal) -> None:
    name = response_id or f"all of {model}"
    by_reply[name] = by_reply.get(name, Decimal(0)) + usd


def _rollup(query: Query) -> Decimal:
    return Decimal(query(_ROLLUP, {"environment": ENVIRONMENT}).rows[0][0] or 0)


def _page(url: str) -> Decimal | None:
    """Spend as the page shows it, all digits; 0 while it has nothing to show."""
    try:
        html = http.get(f"{url.rstrip('/')}/?range=30d&environment={ENVIRONMENT}")
    except OSError:
        return None
    found = _EXACT.search(html)
    return Decimal(found[1]) if found else Decimal(0)


def _said(usd: Decimal | None) -> str:
    return "nothing" if usd is None else f"${plain(usd)}"
