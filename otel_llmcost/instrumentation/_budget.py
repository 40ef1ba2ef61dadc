# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Budgets inside the application (`LLMCOST_BUDGETS=1`): asked before a request is sent.

A thread asks the store every ten seconds; a call only compares numbers. Before a call its estimate
is reserved, so that a hundred calls at once cannot all fit the last dollar; after it, what it
really cost takes the estimate's place. Without an answer of the store for a minute every call is
let through: budgets fail open.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from otel_llmcost import pricing, providers, semconv
from otel_llmcost.config import Config
from otel_llmcost.errors import BudgetExceeded
from otel_llmcost.guard import guard
from otel_llmcost.instrumentation import _identity
from otel_llmcost.instrumentation._book import book
from otel_llmcost.instrumentation._budget_store import Budget, BudgetStore
from otel_llmcost.instrumentation._budget_tally import Reservation, Tally
from otel_llmcost.instrumentation._call import Call, Reply
from otel_llmcost.instrumentation._emit import Emitter
from otel_llmcost.usage import Charge, Usage

_log = logging.getLogger(__name__)
_EVERY = 10.0
_STALE_AFTER = 60.0
_NORMS_EVERY = 600.0
_WARN_EVERY = 60.0
_CHARACTERS_PER_TOKEN = 4
_UNLIMITED_OUTPUT = 4096
"""Output tokens assumed of a call without a limit, of a feature nobody has seen yet."""


class Budgets:
    """The budgets of one process, for all SDKs in it."""

    def __init__(self, url: str) -> None:
        self._store = BudgetStore(url)
        self._begin_anew()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._begin_anew)

    def _begin_anew(self) -> None:
        self._tally = Tally()
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
        """Start asking the store, once per process."""
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._poll, name="llmcost-budgets", daemon=True
                )
                self._thread.start()

    def close(self) -> None:
        """Stop asking."""
        self._stop.set()

    def _poll(self) -> None:
        stop = self._stop
        while not stop.is_set():
            self.refresh()
            stop.wait(_EVERY)

    def refresh(self) -> None:
        """Ask the store now. A store that is away is no error: it is said once, and counted out."""
        now = time.monotonic()
        try:
            snapshot = self._store.snapshot(_identity.nonce())
            if now - self._norms_at >= _NORMS_EVERY:
                self._norms, self._norms_at = self._store.norms(), now
        except Exception as error:  # noqa: BLE001 - another process, over a network
            if not self._away:
                _log.warning("budgets cannot be read, so none is enforced: %s", error)
            self._away = True
            return
        self._tally.update(snapshot, now)
        self._fresh_at, self._away = now, False

    def admit(self, call: Call, emitter: Emitter) -> None:
        """Reserve what `call` may cost; `BudgetExceeded` when a blocking budget has no room."""
        if self._thread is None:
            self.watch()
        if providers.paid_by_customer(call.body):
            return
        now = time.monotonic()
        if self._fresh_at is None or now - self._fresh_at > _STALE_AFTER:
            return
        dimensions = self._dimensions(call, emitter)
        concerned = self._tally.concerning(dimensions, time.time())
        if not concerned:
            return
        most = worst_case(call)
        usual = self._norms.get((dimensions.get("feature", ""), dimensions.get("model", "")))
        likely = most if usual is None or most is None else min(most, usual)
        for budget, committed in concerned:
            per_call = budget.period == "call"
            before = Decimal(0) if per_call else committed
            expected = most if per_call else likely
            self._hold(budget, before, expected, call, emitter)
        # What cannot be estimated reserves nothing; it counts when it is known.
        call.reservation = self._tally.reserve(dimensions, likely or Decimal(0), now)

    def _hold(
        self,
        budget: Budget,
        before: Decimal,
        expected: Decimal | None,
        call: Call,
        emitter: Emitter,
    ) -> None:
        after = before + (expected or 0)
        # A budget that is used up blocks even a call that nobody can price.
        used_up = after > budget.amount or (budget.period != "call" and before >= budget.amount)
        if used_up and budget.blocks:
            self._tell("blocked", budget, before, expected, call, emitter)
            raise BudgetExceeded(_refusal(budget, before, expected))
        if used_up or after >= budget.warn_at:
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
        self._tell("warned", budget, before, expected, call, emitter)

    @guard("budget.tell")
    def _tell(
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
        self.release(reply.call)
        cost = reply.cost
        if cost is None or cost.total is None:
            return
        requested = reply.call.attributes.get(semconv.REQUEST_MODEL)
        if requested and cost.usage is not None and cost.usage.model and len(self._answers) < 1000:
            self._answers[requested] = cost.usage.model
        dimensions = self._dimensions(reply.call, emitter)
        self._tally.spend(record_id, dimensions, cost.total, time.monotonic())

    def release(self, call: Call) -> None:
        """A call ended, whatever came of it."""
        reservation, call.reservation = call.reservation, None
        if isinstance(reservation, Reservation):
            self._tally.release(reservation)

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


def worst_case(call: Call) -> Decimal | None:
    """USD of a call whose reply is as long as it may be; None when its model has no price."""
    output = call.attributes.get(semconv.REQUEST_MAX_TOKENS, _UNLIMITED_OUTPUT)
    body = call.body
    model = body.get("model")
    buckets = {
        "input": _characters(body) // _CHARACTERS_PER_TOKEN + 1,
        "output": output if call.attributes.get(semconv.OPERATION) == "chat" else 0,
    }
    charge = Charge(model=model if isinstance(model, str) else None, buckets=buckets)
    usage = Usage(provider=call.provider, model=charge.model, charges=(charge,))
    return pricing.rate(usage, datetime.now(UTC), book()).total


def _characters(value: object) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        return sum(_characters(item) for item in value.values())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - any JSON
    if isinstance(value, list | tuple):
        return sum(_characters(item) for item in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - any JSON
    return 1


def _state(budget: Budget, before: Decimal) -> str:
    if budget.period == "call":
        return f"budget {budget.name!r} allows ${budget.amount:f} per call"
    return (
        f"budget {budget.name!r}: ${before:.4f} of ${budget.amount:f} "
        f"this {budget.period} are spent or reserved"
    )


def _refusal(budget: Budget, before: Decimal, expected: Decimal | None) -> str:
    may = "an amount nobody knows" if expected is None else f"${expected:.4f}"
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
        _shared = Budgets(config.budgets_url)
        _shared.watch()
    return _shared


def forget() -> None:
    """Stop watching; the next process-wide use starts anew."""
    global _shared
    if _shared is not None:
        _shared.close()
    _shared = None
