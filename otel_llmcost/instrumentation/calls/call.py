# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""State of one logical SDK call and of the billed replies it got."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.context import Context
from opentelemetry.trace import Span

from otel_llmcost.allocation import CostCounter
from otel_llmcost.instrumentation.calls.coverage import Emitter
from otel_llmcost.instrumentation.records.ids import RecordId
from otel_llmcost.usage import Cost


@dataclass(slots=True)
class Reply:
    """One HTTP reply that is billed, and what its record will say."""

    call: Call
    request: dict[str, Any]
    """The body that was sent, and under `client` what only the client has."""
    started: int
    """ns since the epoch"""
    span: Span | None = None
    """Our own span for it; None when another emitter covers the call."""
    foreign: Span | None = None
    """The other emitter's span, when it is current."""
    ids: Context | None = None
    """Context whose trace ids go on the event."""
    resend_count: int = 0
    later: bool = False
    """Whether it ends after the call: its body is read later, or it runs in the background."""
    summary: bool = False
    """Whether it is about earlier calls, as those of a batch: it has a time and no duration."""
    adds_cost: bool = True
    """Whether its cost goes into the cost metric."""
    cost: Cost | None = None
    unread: bytes | None = None
    """The body, where its cost is still to be read from it."""
    extra: dict[str, Any] = field(default_factory=dict[str, Any])
    """Attributes learnt on the way, such as the time to first chunk."""
    fingerprints: str = ""
    """Those of the request and its prefix, as they stand in the details of the record."""
    outcome: str | None = None
    """How a stream ended; None when it is none."""
    error_type: str | None = None
    request_id: str | None = None
    """The provider's id of the HTTP request, if it named one."""
    made_at: int | None = None
    """When the provider answered, in ns, if that is well before the request: a cache did now."""
    record: RecordId | None = None
    """Set before the end when another emitter's span shows it too, or when the reply decides it."""
    finished: bool = False


@dataclass(slots=True)
class Call:
    """One call of an SDK method, whatever HTTP traffic it causes."""

    sdk: str
    endpoint: str
    """As `providers.billable` names it, e.g. `/v1/messages`."""
    provider: str
    """`gen_ai.provider.name`: who bills, else whose SDK it is."""
    known_host: bool
    """False for an undeclared gateway: its billing provider is unknown."""
    base_url: str
    host: str
    body: Mapping[str, Any]
    """As far as known at the request; the reply's `request` is what was really sent."""
    stream: bool
    started: int
    attributes: dict[str, Any]
    """What every record of the call carries: allocation, call site, request facts."""
    allocation: Mapping[str, str]
    """The part of `attributes` that `feature()` and `allocate()` gave."""
    context: Context
    """Context of the caller."""
    emitter: Emitter | None
    """Who else covers the call; None = we own its span."""
    counters: tuple[CostCounter, ...] = ()
    """Of the `measure()` blocks that it was made in."""
    foreign: Span | None = None
    """The other emitter's span, when it was current at the request."""
    covered: Context | None = None
    """Context of an attempt, when another emitter's span was current there."""
    span: Span | None = None
    """Our own span until a reply takes it over."""
    inside: Context | None = None
    """The context that our own span was made current in."""
    options: Any = None
    """The SDK's options object, as the SDK got it from us; None before that."""
    inject: bool = False
    """Whether we requested usage on the application's behalf."""
    attempts: int = 0
    refused: int = 0
    """Attempts answered with an error status, or never sent: certainly not billed."""
    billed: int = 0
    """Attempts that were answered with a billed reply."""
    reservation: object = None
    """What budgets reserved for it; only they read it."""
    replies: list[Reply] = field(default_factory=list[Reply])
    """The replies so far; emptied when the call returns."""

    def forget_content(self) -> None:
        """Let go of what the application sent: the record may wait to be read."""
        self.body, self.options = {}, None


current: ContextVar[Call | None] = ContextVar("llmcost-call", default=None)


def is_open(options: Any) -> bool:
    """Whether the open call is the one with these options: a subclass handed it to its base."""
    call = current.get()
    return call is not None and call.options is options
