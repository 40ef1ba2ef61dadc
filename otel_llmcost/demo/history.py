# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Two weeks of made-up history, sent over OTLP like any other record.

It gives the charts a past and the anomaly view a norm: the features and models are those of the
sample app. Prices are real. The same end time makes the same records with the same ids, so a
history that is sent twice counts once.
"""

from __future__ import annotations

import gzip
import hashlib
import heapq
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from otel_llmcost import pricing, semconv
from otel_llmcost.demo import habits, http, planted
from otel_llmcost.demo.habits import Call
from otel_llmcost.usage import Cost

ENVIRONMENT = "demo-history"
SERVICE = "helpdesk"
SPANS_PER_REQUEST = 1_000
HOSTS = {"anthropic": "api.anthropic.com", "openai": "api.openai.com"}


def send(endpoint: str, end: datetime, seed: int = 0) -> int:
    """Send the two weeks before `end` to an OTLP/HTTP endpoint; returns how many records they are.

    Raises `urllib.error.URLError` when the endpoint does not take them.
    """
    sent = 0
    for body in requests(end, seed):
        http.post(
            f"{endpoint.rstrip('/')}/v1/traces",
            gzip.compress(body.SerializeToString(), compresslevel=1),
            {"Content-Type": "application/x-protobuf", "Content-Encoding": "gzip"},
        )
        sent += len(body.resource_spans[0].scope_spans[0].spans)
    return sent


def calls(end: datetime, seed: int = 0) -> Iterator[Call]:
    """Usual calls and planted ones, numbered in order of time."""
    made = heapq.merge(
        habits.calls(end, seed), planted.calls(end, seed), key=lambda call: call.start
    )
    for number, call in enumerate(made, 1):
        yield replace(call, number=number)


def requests(end: datetime, seed: int = 0) -> Iterator[ExportTraceServiceRequest]:
    """The history as OTLP requests."""
    # Eight bytes that stand for the process the records come from; the rest of an id counts up.
    nonce = hashlib.blake2b(f"{seed}:{end.isoformat()}".encode(), digest_size=8).hexdigest()
    book = pricing.PriceBook.default()
    remaining = calls(end, seed)
    while some := list(islice(remaining, SPANS_PER_REQUEST)):
        request = ExportTraceServiceRequest()
        resource = request.resource_spans.add()
        resource.resource.attributes.extend(
            _attributes(
                {
                    "service.name": SERVICE,
                    "service.version": "1.4.0",
                    "service.instance.id": nonce,
                    "deployment.environment.name": ENVIRONMENT,
                }
            )
        )
        scope = resource.scope_spans.add()
        scope.scope.name = semconv.SCOPE
        for call in some:
            cost = pricing.rate(call.usage, call.start, book)
            scope.spans.append(_span(call, cost, f"{nonce}{call.number:016x}"))
        yield request


def _span(call: Call, cost: Cost, record_id: str) -> Span:
    start = int(call.start.timestamp() * 1e9)
    return Span(
        trace_id=hashlib.blake2b(record_id.encode(), digest_size=16).digest(),
        span_id=hashlib.blake2b(record_id.encode(), digest_size=8).digest(),
        name=f"{call.habit.operation} {call.habit.model}",
        kind=Span.SPAN_KIND_CLIENT,
        start_time_unix_nano=start,
        end_time_unix_nano=start + int(call.seconds * 1e9),
        status=Status(code=Status.STATUS_CODE_ERROR if call.error else Status.STATUS_CODE_UNSET),
        attributes=_attributes(
            {
                **_who(call, record_id),
                **(_refused(call) if call.error else _billed(call, cost)),
                **call.facts,
            }
        ),
    )


def _who(call: Call, record_id: str) -> dict[str, Any]:
    """What a record says about the call, whatever came of it."""
    habit = call.habit
    return {
        semconv.RECORD_ID: record_id,
        semconv.RECORD_SEQ: call.number,
        semconv.OPERATION: habit.operation,
        semconv.PROVIDER: habit.provider,
        semconv.REQUEST_MODEL: habit.model,
        semconv.REQUEST_STREAM: habit.stream,
        semconv.SERVER_ADDRESS: HOSTS[habit.provider],
        semconv.FEATURE: habit.feature,
        semconv.ALLOCATION_PREFIX + "team": habit.team,
        semconv.SCOPE_ID: record_id,
        semconv.USER_ID: call.user or None,
        semconv.SESSION_ID: call.session or None,
        semconv.CODE_FUNCTION: habit.function,
        semconv.CODE_FILE: "otel_llmcost/demo/app.py",
    }


def _refused(call: Call) -> dict[str, Any]:
    return {
        semconv.ERROR_TYPE: call.error,
        semconv.RESEND_COUNT: 2,
        semconv.COST_STATUS: "not_billed",
        semconv.COST_AMOUNT: 0.0,
        semconv.COST_CURRENCY: "USD",
        semconv.COST_SOURCE: "local",
    }


def _billed(call: Call, cost: Cost) -> dict[str, Any]:
    usage = call.usage
    facts: dict[str, Any] = {
        semconv.RESPONSE_MODEL: usage.model,
        semconv.RESPONSE_ID: usage.response_id,
        semconv.FINISH_REASONS: list(usage.finish_reasons),
        semconv.INPUT_TOKENS: usage.input_tokens,
        semconv.OUTPUT_TOKENS: usage.output_tokens,
        semconv.CACHE_READ_TOKENS: usage.cache_read_tokens,
        semconv.CACHE_WRITE_TOKENS: usage.cache_write_tokens,
        semconv.COST_STATUS: cost.status,
        semconv.COST_REASON: cost.reason,
        semconv.PRICE_VERSION: cost.version,
        semconv.PRICE_MODE: usage.mode,
        semconv.PRICE_CONTEXT: cost.context,
        semconv.STREAM_OUTCOME: "complete" if call.habit.stream else None,
        semconv.TIME_TO_FIRST_CHUNK: call.seconds / 4 if call.habit.stream else None,
    }
    for charge in usage.charges:
        for bucket, tokens in charge.buckets.items():
            facts[semconv.USAGE_PREFIX + bucket] = int(tokens)
    if cost.total is not None:
        facts[semconv.COST_AMOUNT] = float(cost.total)
        facts[semconv.COST_CURRENCY] = "USD"
        facts[semconv.COST_SOURCE] = "local"
        for group, usd in cost.by_group().items():
            facts[semconv.COST_GROUP_PREFIX + group] = float(usd)
    return facts


def _attributes(facts: dict[str, Any]) -> list[KeyValue]:
    """OTLP attributes; what is None is unknown and stays away."""
    return [KeyValue(key=key, value=_value(v)) for key, v in facts.items() if v is not None]


def _value(value: str | bool | int | float | list[str]) -> AnyValue:
    match value:
        case bool():
            return AnyValue(bool_value=value)
        case str():
            return AnyValue(string_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case list():
            return AnyValue(array_value=ArrayValue(values=[_value(item) for item in value]))
