# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The attributes of a record. The one place where Decimal becomes float."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from otel_llmcost import semconv
from otel_llmcost.instrumentation.calls.call import Call, Reply
from otel_llmcost.instrumentation.records.ids import RecordId
from otel_llmcost.providers.urls import host_and_port
from otel_llmcost.usage import Charge, Cost, Quantity, Usage

_OPERATIONS = {
    "/v1/completions": "text_completion",
    "/v1/embeddings": "embeddings",
    "/v1/batches": "batch",
    "/v1/dreams": "invoke_agent",
    "/v1/deployments/{id}/run": "invoke_agent",
    "/v1/evals/{id}/runs": "evaluation",
}
_BY_PREFIX = {
    "/v1/images": "generate_content",
    "/v1/audio": "generate_content",
    "/v1/videos": "generate_content",
    "/v1/fine_tuning": "fine_tuning",
    "/v1/threads": "invoke_agent",
    "/v1/sessions": "invoke_agent",
    "/v1/agents": "invoke_agent",
}

_INT64 = 1 << 63  # OTLP carries no greater number


@functools.cache
def operation(endpoint: str) -> str:
    """`gen_ai.operation.name` of an endpoint."""
    if known := _OPERATIONS.get(endpoint):
        return known
    of_prefix = (name for prefix, name in _BY_PREFIX.items() if endpoint.startswith(prefix))
    return next(of_prefix, "chat")


def of_request(call: Call) -> dict[str, Any]:
    """What is known when the call starts; samplers see this much."""
    body = call.body
    attributes: dict[str, Any] = {
        semconv.OPERATION: operation(call.endpoint),
        semconv.PROVIDER: call.provider,
        semconv.REQUEST_STREAM: call.stream,
    }
    if call.host:
        attributes[semconv.SERVER_ADDRESS] = call.host
        port = host_and_port(call.base_url)[1]
        if port not in (None, 80, 443):
            attributes[semconv.SERVER_PORT] = port
    if isinstance(model := body.get("model"), str):
        attributes[semconv.REQUEST_MODEL] = model
    for name in ("max_tokens", "max_completion_tokens", "max_output_tokens"):
        if type(limit := body.get(name)) is int and -_INT64 <= limit < _INT64:
            attributes[semconv.REQUEST_MAX_TOKENS] = limit
    if (given := body.get("conversation")) and (conversation := _conversation(given)):
        attributes[semconv.CONVERSATION_ID] = conversation
    return attributes


def of_reply(reply: Reply, cost: Cost, record: RecordId) -> dict[str, Any]:
    """All attributes of the record of one billed reply."""
    attributes = reply.call.attributes | reply.extra
    attributes[semconv.RECORD_ID], attributes[semconv.RECORD_SEQ] = record
    if reply.error_type is not None:
        attributes[semconv.ERROR_TYPE] = reply.error_type
    if reply.resend_count:
        attributes[semconv.RESEND_COUNT] = reply.resend_count
    if cost.usage is not None:
        _add_usage(attributes, cost.usage)
    _add_cost(attributes, cost)
    return attributes


def of_unbilled(call: Call, error_type: str, unmetered: int, record: RecordId) -> dict[str, Any]:
    """All attributes of the record of a call that got no billed reply.

    It cost nothing, unless an attempt ended without any answer: the provider may bill that one, so
    no amount is given then.
    """
    attributes = {
        **call.attributes,
        semconv.RECORD_ID: record.id,
        semconv.RECORD_SEQ: record.seq,
        semconv.ERROR_TYPE: error_type,
        semconv.COST_STATUS: "not_billed",
    }
    _put(attributes, semconv.RESEND_COUNT, max(call.attempts - 1, 0) or None)
    if unmetered:
        attributes[semconv.ATTEMPTS_UNMETERED] = unmetered
        attributes[semconv.COST_REASON] = "no_usage"
    else:
        _add_amount(attributes, Decimal(0))
    return attributes


def of_free(attributes: Mapping[str, Any], record: RecordId) -> dict[str, Any]:
    """All attributes of the record of a call that itself costs nothing, as submitting a batch."""
    free = {
        **attributes,
        semconv.RECORD_ID: record.id,
        semconv.RECORD_SEQ: record.seq,
        semconv.COST_STATUS: "not_billed",
    }
    _add_amount(free, Decimal(0))
    return free


def for_foreign_span(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a record that may sit on another emitter's span: ours and the cost, no usage."""
    return {
        key: value
        for key, value in attributes.items()
        if key.startswith(("llmcost.", "gen_ai.usage.cost."))
    }


def _add_usage(attributes: dict[str, Any], usage: Usage) -> None:
    if usage.finish_reasons:
        attributes[semconv.FINISH_REASONS] = usage.finish_reasons
    for name, value in (
        (semconv.RESPONSE_MODEL, usage.model),
        (semconv.RESPONSE_ID, usage.response_id),
        (semconv.INPUT_TOKENS, usage.input_tokens),
        (semconv.OUTPUT_TOKENS, usage.output_tokens),
        (semconv.CACHE_READ_TOKENS, usage.cache_read_tokens),
        (semconv.CACHE_WRITE_TOKENS, usage.cache_write_tokens),
        (semconv.REASONING_TOKENS, usage.reasoning_tokens),
        (semconv.PRICE_MODE, usage.mode),
    ):
        if value is not None:
            attributes[name] = value
    charges = usage.charges
    for bucket, quantity in _totals(charges).items():
        if quantity:
            attributes[semconv.USAGE_PREFIX + bucket] = _number(quantity)
    if len(charges) > 1 or (charges and _differs(charges[0], usage)):
        attributes[semconv.USAGE_ITEMS] = _items(usage)


def _totals(charges: tuple[Charge, ...]) -> Mapping[str, Quantity]:
    if len(charges) == 1:  # nearly every reply
        return charges[0].buckets
    totals: dict[str, Quantity] = {}
    for charge in charges:
        for bucket, quantity in charge.buckets.items():
            totals[bucket] = totals.get(bucket, 0) + quantity
    return totals


def _differs(charge: Charge, usage: Usage) -> bool:
    """Whether a charge is not simply the reply's own model at the reply's own terms."""
    stated = charge.provider or charge.mode or charge.declined
    return stated is not None or charge.model != usage.model


def _items(usage: Usage) -> str:
    """Each charge with what sets it apart, so that SQL can price it as we did."""
    items: list[dict[str, Any]] = []
    for charge in usage.charges:
        item: dict[str, Any] = {"model": charge.model}
        for name in ("provider", "mode", "declined"):
            _put(item, name, getattr(charge, name))
        _put(item, "geo", usage.geo)  # one model costs more there, another does not
        item["buckets"] = {name: _number(quantity) for name, quantity in charge.buckets.items()}
        items.append(item)
    return json.dumps(items, separators=(",", ":"))


def _add_cost(attributes: dict[str, Any], cost: Cost) -> None:
    attributes[semconv.COST_STATUS] = cost.status
    if cost.reason is not None:
        attributes[semconv.COST_REASON] = cost.reason
    if cost.version is not None:
        attributes[semconv.PRICE_VERSION] = cost.version
    if cost.context is not None:
        attributes[semconv.PRICE_CONTEXT] = cost.context
    if cost.geo_multiplier is not None:
        attributes[semconv.PRICE_GEO] = float(cost.geo_multiplier)
    elif cost.usage is not None:  # no price yet, but what will decide it
        _put(attributes, semconv.PRICE_GEO, cost.usage.geo)
    if cost.total is not None:
        _add_amount(attributes, cost.total)
        for group, amount in cost.by_group().items():
            attributes[semconv.COST_GROUP_PREFIX + group] = float(amount)
    if cost.usage is not None and cost.usage.reported_cost is not None:
        attributes[semconv.COST_REPORTED] = float(cost.usage.reported_cost)
    if cost.contracted is not None:
        attributes[semconv.COST_CONTRACTED] = float(cost.contracted)


def _add_amount(attributes: dict[str, Any], amount: Decimal) -> None:
    attributes[semconv.COST_AMOUNT] = float(amount)
    attributes[semconv.COST_CURRENCY] = "USD"
    attributes[semconv.COST_SOURCE] = "local"


def _conversation(value: object) -> str | None:
    if isinstance(value, Mapping):
        value = value.get("id")  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return value if isinstance(value, str) and value else None


def _number(quantity: Quantity) -> int | float:
    return quantity if type(quantity) is int else float(quantity)


def _put(attributes: dict[str, Any], name: str, value: Any) -> None:
    if value is not None:
        attributes[name] = value
