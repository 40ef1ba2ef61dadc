# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Agent sessions of both providers: what one session object says it has used so far.

Their counts are sums over many requests to a model, so the size of a prompt is not known.
"""

from __future__ import annotations

import dataclasses
from decimal import Decimal

from otel_llmcost.providers import anthropic, openai
from otel_llmcost.providers.fields import JSON, Unreadable, amount, count, mapping, part, text
from otel_llmcost.usage import EXACT, Charge, Quantity, Status, Usage

_OF_SESSIONS = ("active_seconds", "list_cost")
_MICRO = Decimal("1E-6")  # what the store keeps of a second


def is_session(reply: JSON) -> bool:
    """Whether this is a session of Anthropic's Managed Agents or of OpenAI's Agents."""
    kind = text(reply.get("type")) or text(reply.get("object"))
    return kind in ("session", "agent.session") and "agent" in reply


def read(provider: str, request: JSON, session: JSON) -> Usage:
    """Usage of a session; raises `Unreadable` where it cannot be priced."""
    reader = _anthropic if session.get("type") == "session" else _openai
    return dataclasses.replace(reader(provider, request, session), sums_replies=True)


def _anthropic(provider: str, request: JSON, session: JSON) -> Usage:
    usage, agent = part(session, "usage"), mapping(session.get("agent"))
    config = mapping(agent.get("model"))
    written = part(usage, "cache_creation")
    names = ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")
    message = {
        "id": session.get("id"),
        "model": config.get("id"),
        "usage": {
            **{name: value for name, value in usage.items() if name not in _OF_SESSIONS},
            "cache_creation_input_tokens": sum(count(written, name) or 0 for name in names),
            "inference_geo": config.get("inference_geo"),
            "speed": config.get("speed"),
        },
    }
    read = anthropic.read(provider, request, message)
    status, reason = read.status, read.reason
    seconds = amount(usage, "active_seconds")
    if status == "priced":
        status, reason = _certainty(agent, config, seconds)
    charges = read.charges
    if seconds and charges:  # A12: the time that some thread of it was running
        first = charges[0]
        time: Quantity = Decimal(seconds).quantize(_MICRO, context=EXACT)
        buckets = {**first.buckets, "session_second": time}
        charges = (Charge(model=first.model, buckets=buckets), *charges[1:])
    return dataclasses.replace(read, charges=charges, status=status, reason=reason)


def _certainty(agent: JSON, config: JSON, seconds: Quantity | None) -> tuple[Status, str | None]:
    if agent.get("multiagent"):
        return "estimated", "several_models"  # threads may run on models of their own
    if config.get("speed") == "fast":
        return "estimated", "unknown_tier"  # a request of it may have run at standard speed
    if seconds is None:
        return "partial", "session_time"
    return "priced", None


def _openai(provider: str, request: JSON, session: JSON) -> Usage:
    """OpenAI calls these counts best effort, and they do not tell what was written to the cache."""
    agent = mapping(session.get("agent"))
    if session.get("usage") is None:
        raise Unreadable("no_usage")
    response = {
        "id": session.get("id"),
        "model": agent.get("model"),
        "service_tier": agent.get("service_tier"),
        "usage": session.get("usage"),
    }
    read = openai.read(provider, request, response)
    if read.status not in ("priced", "estimated"):
        return read
    return dataclasses.replace(read, status="estimated", reason="session_usage")


def list_cost(reply: JSON) -> Decimal | None:
    """USD that Anthropic says a session has cost at list prices, rounded to whole cents."""
    cost = mapping(mapping(reply.get("usage")).get("list_cost"))
    cents = text(cost.get("amount"))
    if cents is None or cost.get("currency") != "USD" or not cents.isdecimal():
        return None
    return EXACT.multiply(Decimal(cents), Decimal("0.01"))
