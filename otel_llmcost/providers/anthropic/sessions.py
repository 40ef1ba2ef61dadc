# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Sessions of Anthropic's Managed Agents: what one says that it has used so far.

Its counts are sums over many requests to a model, so the size of a prompt is not known.
"""

from __future__ import annotations

import dataclasses
from decimal import Decimal

from otel_llmcost.providers.anthropic.usage import read as usage_of_message
from otel_llmcost.providers.fields import JSON, amount, count, mapping, part
from otel_llmcost.providers.provider import Provider
from otel_llmcost.usage import EXACT, Charge, Quantity, Status, Usage

_OF_SESSIONS = ("active_seconds", "list_cost")
_MICRO = Decimal("1E-6")  # what the store keeps of a second


def is_session(reply: JSON) -> bool:
    """Whether a reply is such a session."""
    return reply.get("type") == "session" and "agent" in reply


def read(provider: Provider, request: JSON, session: JSON) -> Usage:
    """Usage of a session; raises `Unreadable` where it cannot be priced."""
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
    found = usage_of_message(provider, request, message)
    status, reason = found.status, found.reason
    seconds = amount(usage, "active_seconds")
    if status == "priced":
        status, reason = _certainty(agent, config, seconds)
    charges = found.charges
    if seconds and charges:  # anthropic 12: the time that some thread of it was running
        first = charges[0]
        time: Quantity = Decimal(seconds).quantize(_MICRO, context=EXACT)
        buckets = {**first.buckets, "session_second": time}
        charges = (Charge(model=first.model, buckets=buckets), *charges[1:])
    return dataclasses.replace(
        found, charges=charges, status=status, reason=reason, sums_replies=True
    )


def _certainty(agent: JSON, config: JSON, seconds: Quantity | None) -> tuple[Status, str | None]:
    if agent.get("multiagent"):
        return "estimated", "several_models"  # threads may run on models of their own
    if config.get("speed") == "fast":
        return "estimated", "unknown_tier"  # a request of it may have run at standard speed
    if seconds is None:
        return "partial", "session_time"
    return "priced", None
