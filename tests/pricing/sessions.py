# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A realtime session's usage."""

from __future__ import annotations

from typing import Any

USAGE = {
    "input_tokens": 10_000,
    "output_tokens": 2_000,
    "cache_read_input_tokens": 50_000,
    "cache_creation": {"ephemeral_5m_input_tokens": 4_000, "ephemeral_1h_input_tokens": 1_000},
    "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 1},
    "active_seconds": 450.5,
    "list_cost": {"amount": "17", "currency": "USD"},
}


def session(usage: dict[str, Any] | None = None, **agent: Any) -> dict[str, Any]:
    model = {"id": "claude-opus-5-5", "inference_geo": None, **agent.pop("model", {})}
    return {
        "id": "sesn_1",
        "type": "session",
        "agent": {"id": "agent_1", "model": model, "multiagent": None, **agent},
        "usage": USAGE if usage is None else usage,
    }
