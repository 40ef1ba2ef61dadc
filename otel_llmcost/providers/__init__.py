# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Readers of provider JSON: request, response and stream events to `Usage`. Pure and total.

No JSON makes a reader raise: what cannot be understood comes back as a usage with a reason.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from otel_llmcost.providers import anthropic, gateways, openai, sessions
from otel_llmcost.providers.endpoints import billable
from otel_llmcost.providers.fields import JSON, Unreadable, mapping, objects, text
from otel_llmcost.providers.gateways import COST_HEADERS
from otel_llmcost.providers.hosts import UNKNOWN_HOST, payer, who_bills
from otel_llmcost.providers.ids import canonical
from otel_llmcost.providers.streams import StreamReader, fold, stream_reader
from otel_llmcost.usage import Usage

PAID_BY_CUSTOMER = "paid_by_customer"
"""Reason of a reply that costs its caller nothing because the caller's customer pays for it."""

_OPENAI_ENDPOINTS = ("/chat/completions", "/responses", "/responses/{id}")
_BATCH_FAILURES = frozenset({"errored", "canceled", "expired"})

__all__ = [
    "COST_HEADERS",
    "PAID_BY_CUSTOMER",
    "StreamReader",
    "billable",
    "canonical",
    "paid_by_customer",
    "payer",
    "read",
    "stream_reader",
    "who_bills",
]


def read(provider: str, *, request: Mapping[str, Any], response: Mapping[str, Any]) -> Usage:
    """What one reply used, and what is known about how it is billed.

    `provider` is who bills; `request["client"]` holds what only the client knows (see
    `pricing.price_response`). A usage that cannot be priced has status `unpriced` and a reason.
    """
    request, told = mapping(request), mapping(response)
    reply, client = _unwrapped(told), mapping(request.get("client"))
    if reply is not told:  # O5: that it is a line of a batch, only its shape says
        client = {**client, "batch": True}
        request = {**request, "client": client}
    if "stream_events" in reply and (events := objects(reply["stream_events"])):
        folded = fold(provider, text(client.get("endpoint")), events)
        reply = {**reply, **folded}
    usage = _of(provider, client, request, reply)
    reported = gateways.reported_cost(client, reply)
    return usage if reported is None else dataclasses.replace(usage, reported_cost=reported)


def _of(provider: str, client: JSON, request: JSON, reply: JSON) -> Usage:
    if provider == UNKNOWN_HOST:
        return _identified(provider, request, reply, "unpriced", UNKNOWN_HOST)
    if not sessions.is_session(reply) and _failed(reply):
        return _identified(provider, request, reply, "not_billed", "http_error")
    try:
        usage = _read(provider, client, request, reply)
    except Unreadable as problem:
        usage = _identified(provider, request, reply, "unpriced", problem.reason)
    if (reported := sessions.list_cost(reply)) is not None:
        usage = dataclasses.replace(usage, reported_cost=reported)
    if provider == "anthropic" and paid_by_customer(request):
        return dataclasses.replace(usage, status="not_billed", reason=PAID_BY_CUSTOMER)
    return usage


def paid_by_customer(request: JSON) -> bool:
    """Whether a request is billed to the customer behind its user profile (linked billing).

    Anthropic rejects what it cannot bill so, rather than bill the caller: the request decides.
    """
    policy = mapping(request.get("billing_policy"))
    return text(policy.get("bill_to")) == "user_profile"


def _read(provider: str, client: JSON, request: JSON, reply: JSON) -> Usage:
    if sessions.is_session(reply):
        return sessions.read(provider, request, reply)
    if _is_anthropic(provider, client, request, reply):
        return anthropic.read(provider, request, reply)
    if not gateways.is_claude(request, reply):
        return openai.read(provider, request, reply)
    message, problem = gateways.as_message(request, reply)
    usage = anthropic.read(provider, request, message)
    if problem is None or usage.status != "priced":
        return usage
    return dataclasses.replace(usage, status=problem[0], reason=problem[1])


def _is_anthropic(provider: str, client: JSON, request: JSON, reply: JSON) -> bool:
    """Whose usage object this is: the API's, which need not be the payer's."""
    usage = mapping(reply.get("usage"))
    endpoint = text(client.get("endpoint")) or ""
    if "prompt_tokens" in usage or endpoint.endswith(_OPENAI_ENDPOINTS):
        return False
    if "inputTokens" in usage or "cache_read_input_tokens" in usage:
        return True
    if endpoint:
        return "messages" in endpoint or endpoint in ("invoke_model", "converse")
    model = text(reply.get("model")) or text(request.get("model")) or text(request.get("modelId"))
    return provider == "anthropic" or "claude" in (model or "")


def _failed(reply: JSON) -> bool:
    """Rejected requests are not billed (A19, O21)."""
    status = reply.get("http_status")
    if isinstance(status, int) and status >= 400:
        return True
    error = reply.get("error")
    return bool(error and mapping(error)) and not reply.get("usage") and "output" not in reply


def _unwrapped(reply: JSON) -> JSON:
    """The reply inside a line of batch results; failed and expired lines are errors (A6, O5)."""
    if "result" not in reply and "custom_id" not in reply:  # no line of a batch
        return reply
    result = mapping(reply.get("result"))
    outcome = text(result.get("type"))
    if outcome == "succeeded":
        return mapping(result.get("message"))
    if outcome in _BATCH_FAILURES:
        return {"error": {"type": outcome}}
    if "custom_id" in reply and ("response" in reply or "error" in reply):
        inner = mapping(reply.get("response"))
        body = {**mapping(inner.get("body")), "http_status": inner.get("status_code")}
        return {**body, "error": reply["error"]} if reply.get("error") else body
    return reply


def _identified(provider: str, request: JSON, reply: JSON, status: Any, reason: str) -> Usage:
    """A usage without quantities to price; its token counts are kept when they can be read."""
    usage = Usage(
        provider=provider,
        model=text(reply.get("model"))
        or text(request.get("model"))
        or text(request.get("modelId")),
        response_id=text(reply.get("id")),
        status=status,
        reason=reason,
    )
    if status == "not_billed" or reason in ("invalid_usage", "contradictory_usage"):
        return usage
    return _with_counts(usage, request, reply)


def _with_counts(usage: Usage, request: JSON, reply: JSON) -> Usage:
    """Tokens of a reply nobody can price: they still tell where they went."""
    endpoint = mapping(request.get("client")).get("endpoint")
    plain = {"model": usage.model, "client": {"endpoint": endpoint}}
    bare = {key: reply.get(key) for key in ("model", "choices", "stop_reason", "status")}
    counts = mapping(reply.get("usage"))
    bare["usage"] = {k: v for k, v in counts.items() if k not in ("service_tier", "speed")}
    try:
        told = _read("", mapping(plain["client"]), plain, bare)
    except Unreadable:
        return usage
    return dataclasses.replace(
        told,
        provider=usage.provider,
        model=usage.model,
        response_id=usage.response_id,
        status=usage.status,
        reason=usage.reason,
    )
