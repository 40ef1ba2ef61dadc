# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""From a reply's bytes to its cost, through `providers` and `pricing`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from otel_llmcost import pricing, providers, semconv
from otel_llmcost.config import active
from otel_llmcost.guard import guard
from otel_llmcost.instrumentation.calls import request_facts
from otel_llmcost.instrumentation.calls.call import Call, Reply
from otel_llmcost.instrumentation.calls.fingerprint import Fingerprints
from otel_llmcost.instrumentation.calls.price_book import book
from otel_llmcost.usage import Cost, Usage

_CONTENT = ("messages", "input", "system", "instructions", "prompt")


def request(call: Call, options: Any) -> dict[str, Any]:
    """The request as `pricing` reads it: the body that was sent, and what only the client has."""
    body = request_facts.body_of(options)
    # Bedrock and Vertex move the model into the path.
    if "model" not in body and "model" in call.body:
        body["model"] = call.body["model"]
    client: dict[str, Any] = {
        "base_url": call.base_url,
        "endpoint": call.endpoint,
        "billed_by": call.provider if call.known_host else None,
    }
    profiles = active().bedrock_profiles
    if profiles and providers.provider_named(call.provider).has_inference_profiles:
        profile = str(body.get("model")).rpartition("/")[2]
        client["inference_profile"] = profiles.get(profile)
    if isinstance(text := body.get("input"), str):
        client["input_characters"] = len(text)
    body["client"] = client
    return body


def cost(reply: Reply, response: Mapping[str, Any]) -> Cost:
    """What `reply` costs; only what it used if no billing provider is known or pricing fails."""
    if not reply.call.known_host:
        return Cost(
            total=None, status="unpriced", reason="unknown_host", usage=_usage(reply, response)
        )
    return _priced(reply, response) or unreadable(_usage(reply, response))


def unreadable(usage: Usage | None = None) -> Cost:
    """The cost of a reply that we failed to price."""
    return Cost(total=None, status="unpriced", reason="no_usage", usage=usage)


def as_partial(cost: Cost, outcome: str) -> Cost:
    """`cost` as the lower bound that it is when a body was not read to its end."""
    if cost.status == "unpriced" and (cost.reason or "").startswith("unknown_"):
        return cost
    if cost.reason == providers.PAID_BY_CUSTOMER:
        return cost
    usage = cost.usage
    known = usage is not None and any(
        quantity for charge in usage.charges for quantity in charge.buckets.values()
    )
    cost = dataclasses.replace(cost, status="partial", reason=f"stream_{outcome}")
    return cost if known else dataclasses.replace(cost, total=None, lines=(), contracted=None)


@guard("costing.reported_cost")
def note_reported_cost(reply: Reply, headers: Mapping[str, str]) -> None:
    """Keep what the server's headers say the reply costs."""
    for name in providers.COST_HEADERS:
        if value := headers.get(name):
            reply.request["client"]["reported_cost"] = value


def forget_content(request: dict[str, Any]) -> None:
    """Leave of `request` what its price may depend on, and what the application cannot change."""
    for name in _CONTENT:
        request.pop(name, None)
    if isinstance(tools := request.get("tools"), list):
        request["tools"] = list(cast("list[Any]", tools))


@guard("costing.fingerprints")
def fingerprints(hashes: Fingerprints, reply: Reply, response: Any) -> str:
    """What identifies the request and its prefix without content, for the record's details."""
    endpoint = reply.call.endpoint
    try:
        content = response.request.content
    except RuntimeError:  # httpx: the body is a stream, or there is no request
        content = None
    found = f"request={hashes.request(endpoint, content)}" if content else ""
    if reply.call.attributes.get(semconv.OPERATION) == "chat":
        found = f"{found} prefix={hashes.prefix(reply.request)}".lstrip()
    return found


@guard("costing.price")
def _priced(reply: Reply, response: Mapping[str, Any]) -> Cost:
    at = datetime.fromtimestamp(reply.started / 1e9, UTC)
    return pricing.price_response(
        reply.call.provider, request=reply.request, response=response, at=at, book=book()
    )


@guard("costing.usage")
def _usage(reply: Reply, response: Mapping[str, Any]) -> Usage:
    return providers.read(reply.call.provider, request=reply.request, response=response)
