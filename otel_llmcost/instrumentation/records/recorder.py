# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Finishes records: what a reply cost, and the one place from which every record leaves."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from opentelemetry.trace import Span, set_span_in_context

from otel_llmcost import semconv
from otel_llmcost.guard import guard
from otel_llmcost.instrumentation.bodies.readers import parse_object
from otel_llmcost.instrumentation.calls import attempts, costing, coverage
from otel_llmcost.instrumentation.calls.call import Call, Reply
from otel_llmcost.instrumentation.calls.hosts import Hosts
from otel_llmcost.instrumentation.records import record_attributes
from otel_llmcost.instrumentation.records.emitter import Emitter
from otel_llmcost.instrumentation.records.ids import RecordId, next_record_id
from otel_llmcost.usage import Cost

if TYPE_CHECKING:
    from otel_llmcost.instrumentation.budgets.gate import Budgets

_MEASURED = (None, "native")
"""Who else may cover a call whose duration and tokens we measure; else they would double."""

_NOTHING = Decimal(0)
_MOST_ATTRIBUTES = 60
"""More than a record has besides what its call and its reply have already."""


def _count(call: Call, cost: Cost, *, failed: bool) -> None:
    """For the `measure()` blocks that the call was made in."""
    for counter in call.counters:
        counter.add(cost, failed=failed)


class Recorder:
    """Prices the replies of one SDK and finishes their records, each once.

    HTTP replies, batches, sessions and WebSockets all end in `finish`.
    """

    def __init__(self, emitter: Emitter, hosts: Hosts, budgets: Budgets | None) -> None:
        self._emitter = emitter
        self._hosts = hosts
        self._budgets = budgets

    def start_span(self, call: Call, started: int) -> Span:
        """Start a span of ours for a reply of `call`."""
        return self._emitter.start_span(call.attributes, call.context, started=started)

    def price(self, reply: Reply, response: Mapping[str, Any]) -> Any:
        """The `Cost` of a reply; an unknown host is logged once, with the setting for it."""
        if not reply.call.known_host:
            self._hosts.name(reply.call.base_url)
        return costing.cost(reply, response)

    def finish(self, reply: Reply) -> None:
        """Record a reply; a second time does nothing."""
        if reply.finished:
            return
        reply.finished = True
        record = reply.record or next_record_id()
        if reply.unread is not None:
            if self._finished_later(reply, record):
                return
            reply.cost = self._cost_of(reply)
        cost = reply.cost or costing.unreadable()
        if self._budgets is not None and not reply.summary:
            self._budgets.settle(reply, record.id, self._emitter)
        self._emitter.record(
            record_attributes.of_reply(reply, cost, record),
            span=reply.span,
            ids=reply.ids,
            started=reply.started,
            ended=reply.started if reply.summary else None,
            mode=cost.usage.mode if cost.usage is not None else "standard",
            standard_metrics=not reply.summary and reply.call.emitter in _MEASURED,
            cost_metric=reply.adds_cost,
        )
        if reply.adds_cost:
            _count(reply.call, cost, failed=reply.error_type is not None)

    def can_wait(self, call: Call) -> bool:
        """Whether nothing needs the cost of a reply to `call` before its span is exported."""
        return self._budgets is None and call.emitter is None and not call.counters

    def _finished_later(self, reply: Reply, record: RecordId) -> bool:
        span = reply.span
        if span is None or reply.error_type is not None:
            return False
        reply.span = reply.ids = None  # the span will hold the reply
        most = len(reply.call.attributes) + len(reply.extra) + _MOST_ATTRIBUTES
        read = functools.partial(self._read, reply, record)
        if self._emitter.record_later(span, read, most=most, started=reply.started):
            reply.call.forget_content()
            return True
        reply.span, reply.ids = span, reply.call.context
        return False

    def _read(self, reply: Reply, record: RecordId) -> dict[str, Any]:
        cost = self._cost_of(reply) or costing.unreadable()
        return record_attributes.of_reply(reply, cost, record)

    @guard("recorder.cost_of")
    def _cost_of(self, reply: Reply) -> Any:
        return self.price(reply, parse_object(reply.unread or b""))

    def finish_without_reply(self, call: Call, error: BaseException, error_type: str) -> None:
        """Record a call that ended without any reply."""
        unbilled = call.refused + attempts.certainly_unbilled(error)
        unmetered = max(call.attempts - unbilled, 0)
        attributes = record_attributes.of_unbilled(call, error_type, unmetered, next_record_id())
        if call.covered is not None:
            # The other emitter's span shows the call; ours, if it began, ends without a record.
            span, call.emitter = None, call.emitter or "span"
        else:
            span, call.span = call.span, None
        self._emitter.record(
            attributes,
            span=span,
            ids=call.covered or call.context,
            started=call.started,
            standard_metrics=call.emitter in _MEASURED,
        )
        _count(call, Cost(total=None if unmetered else _NOTHING, status="not_billed"), failed=True)

    def finish_free(self, call: Call, more: Mapping[str, Any]) -> None:
        """Record a call that itself costs nothing, such as submitting a batch."""
        attributes = record_attributes.of_free({**call.attributes, **more}, next_record_id())
        self._emitter.record(
            attributes, span=None, ids=call.context, started=call.started, standard_metrics=False
        )

    @guard("recorder.annotate")
    def annotate(self, reply: Reply) -> None:
        """Show the record on another emitter's span too; money never depends on it."""
        if reply.foreign is None or not coverage.may_annotate(reply.foreign):
            return
        if reply.cost is not None:
            record = reply.record = reply.record or next_record_id()
            attributes = record_attributes.of_reply(reply, reply.cost, record)
            reply.foreign.set_attributes(record_attributes.for_foreign_span(attributes))

    def discard(self, reply: Reply) -> None:
        """`reply` was recorded before: its span, if it is ours, ends without a record."""
        reply.finished = True
        if reply.foreign is not None:
            self.mark_replay(reply.foreign)
        if self._budgets is not None:
            self._budgets.release(reply.call)
        if reply.span is not None:
            reply.span.end()

    @staticmethod
    def mark_replay(span: Span) -> None:
        """Mark another emitter's span of a reply that was recorded before: it is no new call."""
        if coverage.covers_a_call(span) and coverage.may_annotate(span):
            span.set_attribute(semconv.RECORD_ID, "replay")

    def date_back(self, reply: Reply, digest: str | None) -> None:
        """Give a reply that was made well before its request the identity and time that every
        process gives it which it is handed out to; nothing for any other."""
        if reply.made_at is None or digest is None:
            return
        self._detach(reply)
        reply.record, reply.started = RecordId(f"replay-{digest}", 0), reply.made_at
        # What it cost was spent then, not now.
        reply.summary, reply.adds_cost = True, False
        if self._budgets is not None:
            self._budgets.release(reply.call)

    def defer(self, reply: Reply) -> None:
        """Leave the record of a background response to whoever sees it finished."""
        reply.later = True
        self._detach(reply)

    @staticmethod
    def _detach(reply: Reply) -> None:
        """Its span ends now; its record will have another time and leaves as an event."""
        span, reply.span = reply.span, None
        if span is not None:
            reply.ids = set_span_in_context(span, reply.ids)
            span.end()
