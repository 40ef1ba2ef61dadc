# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What of each budget is spent and reserved: the store's view plus what it cannot have seen yet."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from otel_llmcost.instrumentation.budgets.store import Budget, Snapshot

_ZERO = Decimal(0)
_FORGET_AFTER = 3600.0
"""Seconds: a record that is not stored by then is lost, a call not settled by then will not be."""

Dimensions = Mapping[str, str]
"""Scope of a budget to this call's value: `{"total": "", "feature": "search", …}`."""


Judge = Callable[[list[tuple[Budget, Decimal]]], bool]


class Reservation(NamedTuple):
    """USD put aside for a call until it is known what it cost."""

    number: int
    at: float
    """Monotonic seconds."""
    dimensions: Dimensions
    amount: Decimal


@dataclass(frozen=True, slots=True)
class _Spent:
    record_id: str
    at: float
    dimensions: Dimensions
    amount: Decimal


class BudgetLedger:
    """Thread-safe sums of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._budgets: tuple[Budget, ...] = ()
        self._own: deque[_Spent] = deque()
        self._reserved: dict[int, Reservation] = {}
        self._numbers = 0
        self._committed: dict[tuple[str, str], Decimal] = {}

    def update(self, snapshot: Snapshot, at: float) -> None:
        """Take a newer view of the store: own records that are part of it no longer count twice."""
        with self._lock:
            self._budgets = snapshot.budgets
            # Ids of a process ascend, and so does their order in its exporter's queue.
            self._own = deque(
                spent
                for spent in self._own
                if spent.record_id > snapshot.newest_own and spent.at > at - _FORGET_AFTER
            )
            for late in [r for r in self._reserved.values() if r.at <= at - _FORGET_AFTER]:
                del self._reserved[late.number]
            self._committed = {}
            for entry in (*self._own, *self._reserved.values()):
                self._add(entry.dimensions, entry.amount)

    def admit(
        self, dimensions: Dimensions, judge: Judge, amount: Decimal, at: float, now: float
    ) -> Reservation | None:
        """Put `amount` aside for a call, unless `judge` refuses it; one atomic step.

        `judge` is given every budget that the call counts towards, with the USD spent and reserved
        of it, and says whether the call may be made; it must not call back. A budget whose period
        has ended (`now`: Unix time) is left out until the store was queried again: what
        its next period has seen is unknown. None = refused, or no budget is concerned.
        """
        with self._lock:
            concerned = [
                (budget, budget.spent + self._committed.get((budget.scope, budget.value), _ZERO))
                for budget in self._budgets
                if dimensions.get(budget.scope) == budget.value
                and (budget.period == "call" or now < budget.ends_at)
            ]
            if not concerned or not judge(concerned):
                return None
            self._numbers += 1
            made = Reservation(self._numbers, at, dimensions, amount)
            self._reserved[made.number] = made
            self._add(dimensions, amount)
            return made

    @property
    def is_empty(self) -> bool:
        """Whether there is no budget at all."""
        return not self._budgets

    def release(self, reservation: Reservation) -> None:
        """The call ended; a second time does nothing."""
        with self._lock:
            self._release(reservation)

    def settle(
        self,
        reservation: Reservation | None,
        record_id: str,
        spent: Decimal,
        at: float,
        dimensions: Dimensions,
    ) -> None:
        """A record says that `spent` was spent: it takes the reservation's place, in one step."""
        with self._lock:
            if reservation is not None:
                self._release(reservation)
            self._own.append(_Spent(record_id, at, dimensions, spent))
            self._add(dimensions, spent)

    def _release(self, reservation: Reservation) -> None:
        if self._reserved.pop(reservation.number, None) is not None:
            self._add(reservation.dimensions, -reservation.amount)

    def _add(self, dimensions: Dimensions, amount: Decimal) -> None:
        for scope, value in dimensions.items():
            key = (scope, value)
            self._committed[key] = self._committed.get(key, _ZERO) + amount
