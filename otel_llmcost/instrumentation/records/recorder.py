# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Finishes records: what a reply cost, and the one place from which a record leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opentelemetry.trace import Span, set_span_in_context

from otel_llmcost import semconv
from otel_llmcost.guard import guard
from otel_llmcost.instrumentation.budgets.gate import Budgets
from otel_llmcost.instrumentation.calls import attempts, costing, coverage
from otel_llmcost.instrumentation.calls.call import Call, Reply
from otel_llmcost.instrumentation.calls.hosts import Hosts
from otel_llmcost.instrumentation.records import record_attributes
from otel_llmcost.instrumentation.records.emitter import Emitter
from otel_llmcost.instrumentation.records.ids import next_record_id


class Recorder:
    """Prices the replies of one SDK and sends their records, each once."""

    def __init__(self, emitter: Emitter, hosts: Hosts, budgets: Budgets | None) -> None:
        self._emitter = emitter
        self._hosts = hosts
        self._budgets = budgets

    def meter(self, reply: Reply, response: Mapping[str, Any]) -> Any:
        """The `Cost` of a reply; an unknown host is logged once, with the setting for it."""
        if not reply.call.known_host:
            self._hosts.name(reply.call.base_url)
        return costing.cost(reply, response)

    @guard("recorder.decorate")
    def decorate(self, reply: Reply) -> None:
        """Picture the record on another emitter's span; money never depends on it."""
        if reply.foreign is None or not coverage.may_decorate(reply.foreign):
            return
        if reply.cost is not None:
            record = reply.record = reply.record or next_record_id()
            attributes = record_attributes.of_reply(reply, reply.cost, record)
            reply.foreign.set_attributes(record_attributes.courtesy(attributes))

    def send(self, reply: Reply) -> None:
        """Record a reply; a second time does nothing."""
        if reply.finished:
            return
        reply.finished = True
        cost = reply.cost or costing.unreadable()
        record = reply.record or next_record_id()
        if self._budgets is not None:
            self._budgets.settle(reply, record.id, self._emitter)
        attributes = record_attributes.of_reply(reply, cost, record)
        self._emitter.record(
            attributes,
            span=reply.span,
            ids=reply.ids,
            started=reply.started,
            standard_metrics=reply.call.emitter in (None, "native"),
        )

    def drop(self, reply: Reply) -> None:
        """`reply` was recorded before: its span, if it is ours, ends without a record."""
        reply.finished = True
        if reply.foreign is not None:
            self.picture_replay(reply.foreign)
        if self._budgets is not None:
            self._budgets.release(reply.call)
        if reply.span is not None:
            reply.span.end()

    @staticmethod
    def picture_replay(span: Span) -> None:
        """Another emitter's span of a reply that was recorded before is no call of its own."""
        if coverage.covers_a_call(span) and coverage.may_decorate(span):
            span.set_attribute(semconv.RECORD_ID, "replay")

    def send_unbilled(self, call: Call, error: BaseException, error_type: str) -> None:
        """Record a call that ended without any reply."""
        free = call.refused + attempts.surely_free(error)
        attributes = record_attributes.of_unbilled(
            call, error_type, max(call.attempts - free, 0), next_record_id()
        )
        if call.covered is not None:
            # Its span pictures the call; ours, if it was begun, ends without a record.
            span, call.emitter = None, call.emitter or "span"
        else:
            span, call.span = call.span, None
        self._emitter.record(
            attributes,
            span=span,
            ids=call.covered or call.context,
            started=call.started,
            standard_metrics=call.emitter in (None, "native"),
        )

    def defer(self, reply: Reply) -> None:
        """Leave the record of a background response to whoever sees it finished."""
        reply.later = True
        span, reply.span = reply.span, None
        if span is not None:
            reply.ids = set_span_in_context(span, reply.ids)
            span.end()
