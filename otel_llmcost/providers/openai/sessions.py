# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Sessions of OpenAI's Agents: what one says that it has used so far.

Its counts are sums over many requests to a model, so the size of a prompt is not known.
"""

from __future__ import annotations

import dataclasses

from otel_llmcost.providers.fields import JSON, Unreadable, mapping
from otel_llmcost.providers.openai.usage import read as usage_of_response
from otel_llmcost.providers.provider import Provider
from otel_llmcost.usage import Usage


def is_session(reply: JSON) -> bool:
    """Whether a reply is such a session."""
    return reply.get("object") == "agent.session" and "agent" in reply


def read(provider: Provider, request: JSON, session: JSON) -> Usage:
    """Usage of a session; raises `Unreadable` where it cannot be priced.

    OpenAI calls these counts best effort, and they do not say what was written to the cache.
    """
    agent = mapping(session.get("agent"))
    if session.get("usage") is None:
        raise Unreadable("no_usage")
    response = {
        "id": session.get("id"),
        "model": agent.get("model"),
        "service_tier": agent.get("service_tier"),
        "usage": session.get("usage"),
    }
    found = usage_of_response(provider, request, response)
    if found.status not in ("priced", "estimated"):
        return dataclasses.replace(found, sums_replies=True)
    return dataclasses.replace(found, status="estimated", reason="session_usage", sums_replies=True)
