# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Results of batches as both providers answer them."""

from __future__ import annotations

from typing import Any

from tests.instrumentation.providers_stub import MESSAGE

ENDED = "2026-11-01T00:00:00Z"
BATCH = {
    "id": "msgbatch_1",
    "type": "message_batch",
    "processing_status": "ended",
    "created_at": "2026-10-31T23:00:00Z",
    "ended_at": ENDED,
    "expires_at": "2026-11-02T00:00:00Z",
    "request_counts": {"processing": 0, "succeeded": 2, "errored": 1, "canceled": 0, "expired": 0},
    "results_url": "https://api.anthropic.com/v1/messages/batches/msgbatch_1/results",
}


def succeeded(number: int) -> dict[str, Any]:
    message = {**MESSAGE, "id": f"msg_{number}"}
    return {"custom_id": str(number), "result": {"type": "succeeded", "message": message}}


def response(status: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "resp_1",
        "object": "response",
        "model": "gpt-4o",
        "output": [],
        "status": status,
    } | more
