# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Budgets inside the application (`LLMCOST_BUDGETS=1`): checked before a request is sent.

A thread queries the store every ten seconds; a call only compares. Before a call its estimate
is reserved, so that a hundred calls at once cannot all fit the last dollar; after it, what it
really cost takes the estimate's place. Without an answer of the store for a minute every call is
let through: budgets fail open.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from datetime import UTC, tzinfo
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from otel_llmcost import providers, semconv
from otel_llmcost.config import Config
from otel_llmcost.errors import BudgetExceeded
from otel_llmcost.guard import guard
from otel_llmcost.instrumentation.budgets.ledger import BudgetLedger, Reservation
from otel_llmcost.instrumentation.budgets.store import Budget, BudgetStore
from otel_llmcost.instrumentation.budgets.worst_case import worst_case
from otel_llmcost.instrumentation.calls.call import Call, Reply
from otel_llmcost.instrumentation.records import ids
from otel_llmcost.instrumentation.records.emitter import Emitter

_log = logging.getLogger(__name__)
_EVERY = 10.0
_STALE_AFTER = 60.0
_NORMS_EVERY = 600.0
_WARN_EVERY = 60.0


class Budgets:
    """The budgets of one process, for all SDKs in it."""

    def __init__(self, url: str, zone: tzinfo = UTC) -> None:
        self._store = BudgetStore(url, zone)
        self._begin_anew()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._begin_anew)

    def _begin_anew(self) -> None:
        self._ledger = BudgetLedger()
        self._norms: dict[tuple[str, str], Decimal] = {}
        self._norms_at = -_NORMS_EVERY
        self._answers: dict[str, str] = {}
        self._warned: dict[str, float] = {}
        self._fresh_at: float | None = None
        self._away = False
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def watch(self) -> None:
        """Start querying the store, once per process."""
        with self._starting:
            if self._thread is None:
                thread = threading.Thread(target=self._poll, name="llmcost-budgets", daemon=True)
                # Since Python 3.12 none can start once the main thread has ended.
                with contextlib.suppress(RuntimeError):
                    thread.start()
                    self._thread = thread

    def close(self) -> None:
        """Stop querying."""
        self._stop.set()

    def _poll(self) -> None:
        stop = self._stop
        while not stop.is_set():
            self.refresh()
            stop.wait(_EVERY)

    def refresh(self) -> None:
        """Query the store now. A store that is away is no error: it is said once and left out."""
        now = time.monotonic()
        try:
            snapshot = self._store.snapshot(ids.nonce())
            if now - self._norms_at >= _NORMS_EVERY:
                self._norms, self._norms_at = self._store.norms(), now
        except Exception as error:  # noqa: BLE001 - another process, over a network
            if not self._away:
                _log.warning("budgets cannot be read, so none is enforced: %s", error)
            self._away = True
            return
        self._ledger.update(snapshot, now)
        self._fresh_at, self._away = now, False

    def admit(self, call: Call, emitter: Emitter) -> None:
        """Reserve what `call` may cost; `BudgetExceeded` when a blocking budget has no room."""
        if self._thread is None:
            self.watch()
        if providers.paid_by_customer(call.provider, call.body):
            return
        now = time.monotonic()
        if self._fresh_at is None or now - self._fresh_at > _STALE_AFTER:
            return
        if self._ledger.is_empty:
            return
        dimensions = self._dimensions(call, emitter)
        most = self._worst_case(call)
        usual = self._norms.get((dimensions.get("feature", ""), dimensions.get("model", "")))
        likely = most if usual is None or most is None else min(most, usual)
        verdicts: list[_Verdict] = []

        def judge(concerned: list[tuple[Budget, Decimal]]) -> bool:
            verdicts.extend(
                _verdict(budget, committed, most, likely) for budget, committed in concerned
            )
            return not any(verdict.decision == "blocked" for verdict in verdicts)

        # What cannot be estimated reserves nothing; it counts when it is known.
        call.reservation = self._ledger.admit(
            dimensions, judge, likely or Decimal(0), now, time.time()
        )
        for verdict in verdicts:
            self._follow(verdict, call, emitter)

    @guard("budget.worst_case")
    def _worst_case(self, call: Call) -> Decimal | None:
        requested = str(call.attributes.get(semconv.REQUEST_MODEL, ""))
        return worst_case(call, self._answers.get(requested))

    def _follow(self, verdict: _Verdict, call: Call, emitter: Emitter) -> None:
        decision, budget, before, expected = verdict
        if decision == "blocked":
            self._report("blocked", budget, before, expected, call, emitter)
            raise BudgetExceeded(_refusal(budget, before, expected))
        if decision == "warned":
            self._warn(budget, before, expected, call, emitter)

    def _warn(
        self,
        budget: Budget,
        before: Decimal,
        expected: Decimal | None,
        call: Call,
        emitter: Emitter,
    ) -> None:
        now = time.monotonic()
        if now - self._warned.get(budget.name, -_WARN_EVERY) < _WARN_EVERY:
            return
        self._warned[budget.name] = now
        _log.warning("%s", _state(budget, before))
        self._report("warned", budget, before, expected, call, emitter)

    @guard("budget.report")
    def _report(
        self,
        decision: str,
        budget: Budget,
        before: Decimal,
        expected: Decimal | None,
        call: Call,
        emitter: Emitter,
    ) -> None:
        attributes: dict[str, Any] = {
            **call.allocation,
            semconv.PROVIDER: call.provider,
            semconv.REQUEST_MODEL: call.attributes.get(semconv.REQUEST_MODEL, ""),
            semconv.BUDGET_DECISION: decision,
            semconv.BUDGET_DECISION_ID: os.urandom(16).hex(),
            semconv.BUDGET_NAME: budget.name,
            semconv.BUDGET_AMOUNT: str(budget.amount),
            semconv.BUDGET_COMMITTED: str(before),
        }
        if expected is not None:
            attributes[semconv.BUDGET_ESTIMATE] = str(expected)
        emitter.event(semconv.EVENT_BUDGET, attributes, call.context)

    @guard("budget.settle")
    def settle(self, reply: Reply, record_id: str, emitter: Emitter) -> None:
        """A reply of a call was recorded: what it cost takes the place of what was reserved."""
        cost = reply.cost
        if cost is None or cost.total is None:
            self.release(reply.call)
            return
        requested = reply.call.attributes.get(semconv.REQUEST_MODEL)
        if requested and cost.usage is not None and cost.usage.model and len(self._answers) < 1000:
            self._answers[requested] = cost.usage.model
        dimensions = self._dimensions(reply.call, emitter)
        reservation, reply.call.reservation = self._reservation_of(reply.call), None
        self._ledger.settle(reservation, record_id, cost.total, time.monotonic(), dimensions)

    def release(self, call: Call) -> None:
        """A call ended, whatever came of it."""
        reservation, call.reservation = self._reservation_of(call), None
        if reservation is not None:
            self._ledger.release(reservation)

    @staticmethod
    def _reservation_of(call: Call) -> Reservation | None:
        return call.reservation if isinstance(call.reservation, Reservation) else None

    def _dimensions(self, call: Call, emitter: Emitter) -> dict[str, str]:
        attributes, resource = call.attributes, emitter.resource()
        requested = str(attributes.get(semconv.REQUEST_MODEL, ""))
        found = {
            "environment": resource.get("deployment.environment.name")
            or resource.get("deployment.environment"),
            "service": resource.get("service.name"),
            # As view `calls` names a feature, as far as an application can know it.
            "feature": attributes.get(semconv.FEATURE)
            or attributes.get(semconv.WORKFLOW_NAME)
            or attributes.get(semconv.AGENT_NAME),
            "team": attributes.get(semconv.ALLOCATION_PREFIX + "team"),
            "model": self._answers.get(requested, requested),
            "user": attributes.get(semconv.USER_ID),
        }
        return {"total": ""} | {scope: str(value) for scope, value in found.items() if value}


class _Verdict(NamedTuple):
    """What one budget says to a call."""

    decision: Literal["blocked", "warned", "fits"]
    budget: Budget
    before: Decimal
    """USD spent and reserved"""
    expected: Decimal | None
    """USD of this call; None = unknown"""


def _verdict(
    budget: Budget, committed: Decimal, most: Decimal | None, likely: Decimal | None
) -> _Verdict:
    per_call = budget.period == "call"
    before, expected = (Decimal(0), most) if per_call else (committed, likely)
    after = before + (expected or 0)
    # A budget that is used up blocks even a call of unknown price.
    used_up = after > budget.amount or (not per_call and before >= budget.amount)
    if used_up and budget.blocks:
        return _Verdict("blocked", budget, before, expected)
    warned = used_up or after >= budget.warn_at
    return _Verdict("warned" if warned else "fits", budget, before, expected)


def _state(budget: Budget, before: Decimal) -> str:
    if budget.period == "call":
        return f"budget {budget.name!r} allows ${budget.amount:f} per call"
    return (
        f"budget {budget.name!r}: ${before:.4f} of ${budget.amount:f} "
        f"this {budget.period} are spent or reserved"
    )


def _refusal(budget: Budget, before: Decimal, expected: Decimal | None) -> str:
    may = "an unknown amount" if expected is None else f"${expected:.4f}"
    return (
        f"{_state(budget, before)}, and this call may cost {may}: "
        "not sent. Raise it with `otel-llmcost budgets set`, or unset LLMCOST_BUDGETS"
    )


_shared: Budgets | None = None


def of_process(config: Config) -> Budgets | None:
    """The budgets of this process; None unless it opted in."""
    global _shared
    if not config.budgets:
        return None
    if _shared is None:
        _shared = Budgets(config.budgets_url, config.timezone)
        _shared.watch()
    return _shared


def forget() -> None:
    """Stop watching; the next process-wide use starts anew."""
    global _shared
    if _shared is not None:
        _shared.close()
    _shared = None
