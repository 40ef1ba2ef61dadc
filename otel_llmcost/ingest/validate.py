# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Single spans and log records that are invalid: left out and reported; the rest is stored."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

Reason = Literal["no_time", "time_before_2020", "time_in_the_future", "broken_id"]

_OLDEST = 1_577_836_800 * 10**9
# A wrong time zone is half a day, a wrong date rarely more: stored, and seen in `trust`.
_AHEAD = 7 * 86_400 * 10**9
_NO_TRACE, _NO_SPAN = bytes(16), bytes(8)


class Rejected(NamedTuple):
    """Items of one service that were left out for one reason."""

    reason: Reason
    service: str
    environment: str
    items: int


def drop_invalid(signal: str, request: Any) -> tuple[Rejected, ...]:
    """Remove the invalid items of a parsed request, and return which and why.

    Invalid: without a time, from before 2020, more than a week ahead of this clock; a span without
    valid ids, an event with ids of a wrong length (without ids it is fine).
    """
    newest = time.time_ns() + _AHEAD
    fault = _span_fault if signal == "traces" else _log_fault
    found: Counter[tuple[Reason, str, str]] = Counter()
    for resource, items in _groups(signal, request):
        faults: list[Reason | None] = [fault(item, newest) for item in items]
        if not any(faults):
            continue
        service, environment = _names(resource)
        for index in reversed(range(len(faults))):
            reason = faults[index]
            if reason is not None:
                found[reason, service, environment] += 1
                del items[index]
    return tuple(Rejected(*key, items=count) for key, count in found.items())


def _groups(signal: str, request: Any) -> Iterator[tuple[Any, Any]]:
    if signal == "traces":
        for spans in request.resource_spans:
            yield from ((spans.resource, scope.spans) for scope in spans.scope_spans)
    else:
        for logs in request.resource_logs:
            yield from ((logs.resource, scope.log_records) for scope in logs.scope_logs)


def _span_fault(span: Any, newest: int) -> Reason | None:
    start = span.start_time_unix_nano
    if not _OLDEST <= start <= newest:
        return _time_fault(start)
    trace, own = span.trace_id, span.span_id
    if len(trace) != 16 or len(own) != 8 or trace == _NO_TRACE or own == _NO_SPAN:
        return "broken_id"
    return None


def _log_fault(log: Any, newest: int) -> Reason | None:
    at = log.time_unix_nano or log.observed_time_unix_nano
    if not _OLDEST <= at <= newest:
        return _time_fault(at)
    if len(log.trace_id) not in (0, 16) or len(log.span_id) not in (0, 8):
        return "broken_id"
    return None


def _time_fault(at: int) -> Reason:
    if not at:
        return "no_time"
    return "time_before_2020" if at < _OLDEST else "time_in_the_future"


def _names(resource: Any) -> tuple[str, str]:
    texts = {field.key: field.value.string_value for field in resource.attributes}
    environment = texts.get("deployment.environment.name") or texts.get("deployment.environment")
    return texts.get("service.name", ""), environment or ""
