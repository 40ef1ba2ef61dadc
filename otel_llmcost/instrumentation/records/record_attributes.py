# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The attributes of a record, in their small form. The one place where Decimal becomes float."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any

from otel_llmcost import semconv
from otel_llmcost.instrumentation.calls.call import Call, Reply
from otel_llmcost.instrumentation.records import details
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
    }
    if call.stream:
        attributes[semconv.REQUEST_STREAM] = True
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
    more: list[str] = []
    attributes[semconv.RECORD_ID] = record.id
    if reply.error_type is not None:
        attributes[semconv.ERROR_TYPE] = reply.error_type
    if reply.resend_count:
        attributes[semconv.RESEND_COUNT] = reply.resend_count
    _add_price(attributes, more, cost)
    if cost.usage is not None:
        _add_usage(attributes, more, cost.usage)
    _add_cost(attributes, more, cost)
    if reply.fingerprints:
        more.append(reply.fingerprints)
    if reply.outcome is not None:
        more.append(f"stream={reply.outcome}")
    if more:
        attributes[semconv.DETAILS] = " ".join(more)
    return attributes


def of_unbilled(call: Call, error_type: str, unmetered: int, record: RecordId) -> dict[str, Any]:
    """All attributes of the record of a call that got no billed reply.

    It cost nothing, unless an attempt ended without any answer: the provider may bill that one, so
    no amount is given then.
    """
    attributes = {
        **call.attributes,
        semconv.RECORD_ID: record.id,
        semconv.ERROR_TYPE: error_type,
        semconv.COST_STATUS: "not_billed",
    }
    _put(attributes, semconv.RESEND_COUNT, max(call.attempts - 1, 0) or None)
    if unmetered:
        attributes[semconv.ATTEMPTS_UNMETERED] = unmetered
        attributes[semconv.COST_REASON] = "no_usage"
    else:
        attributes[semconv.COST_AMOUNT] = 0.0
    return attributes


def of_free(attributes: Mapping[str, Any], record: RecordId) -> dict[str, Any]:
    """All attributes of the record of a call that itself costs nothing, as submitting a batch."""
    return {
        **attributes,
        semconv.RECORD_ID: record.id,
        semconv.COST_STATUS: "not_billed",
        semconv.COST_AMOUNT: 0.0,
    }


def for_foreign_span(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a record that may sit on another emitter's span: ours and the cost, no usage."""
    return {
        key: value
        for key, value in attributes.items()
        if key.startswith(("llmcost.", "gen_ai.usage.cost."))
    }


def _add_usage(attributes: dict[str, Any], more: list[str], usage: Usage) -> None:
    if usage.finish_reasons:
        attributes[semconv.FINISH_REASONS] = usage.finish_reasons
    if usage.model is not None:
        attributes[semconv.RESPONSE_MODEL] = usage.model
    if usage.response_id is not None:
        attributes[semconv.RESPONSE_ID] = usage.response_id
    if usage.input_tokens is not None:
        attributes[semconv.INPUT_TOKENS] = usage.input_tokens
    if usage.output_tokens is not None:
        attributes[semconv.OUTPUT_TOKENS] = usage.output_tokens
    # Parts of these; none is as good as 0.
    if usage.cache_read_tokens:
        attributes[semconv.CACHE_READ_TOKENS] = usage.cache_read_tokens
    if usage.cache_write_tokens:
        attributes[semconv.CACHE_WRITE_TOKENS] = usage.cache_write_tokens
    if usage.reasoning_tokens:
        attributes[semconv.REASONING_TOKENS] = usage.reasoning_tokens
    if usage.mode != "standard":
        more.append(f"mode={usage.mode}")
    charges = usage.charges
    details.add_buckets(more, attributes, _totals(charges))
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


def _add_price(attributes: dict[str, Any], more: list[str], cost: Cost) -> None:
    if cost.status != "priced":
        attributes[semconv.COST_STATUS] = cost.status
    if cost.reason is not None:
        attributes[semconv.COST_REASON] = cost.reason
    if cost.version is not None:
        more.append(f"version={cost.version}")
    if cost.context is not None:
        more.append(f"context={cost.context}")
    if cost.geo_multiplier is None:
        if cost.usage is not None and cost.usage.geo is not None:
            more.append(f"geo={cost.usage.geo}")  # no price yet, but what will decide it
    elif cost.geo_multiplier != 1 or cost.total is None or cost.status not in details.PRICED:
        more.append(f"geo={repr(float(cost.geo_multiplier)).removesuffix('.0')}")


def _add_cost(attributes: dict[str, Any], more: list[str], cost: Cost) -> None:
    if cost.total is not None:
        attributes[semconv.COST_AMOUNT] = float(cost.total)
        details.add_groups(more, cost.total, cost.by_group())
    if cost.usage is not None and cost.usage.reported_cost is not None:
        attributes[semconv.COST_REPORTED] = float(cost.usage.reported_cost)
    if cost.contracted is not None:
        attributes[semconv.COST_CONTRACTED] = float(cost.contracted)


def _conversation(value: object) -> str | None:
    if isinstance(value, Mapping):
        value = value.get("id")  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return value if isinstance(value, str) and value else None


def _number(quantity: Quantity) -> int | float:
    return quantity if type(quantity) is int else float(quantity)


def _put(attributes: dict[str, Any], name: str, value: Any) -> None:
    if value is not None:
        attributes[name] = value
