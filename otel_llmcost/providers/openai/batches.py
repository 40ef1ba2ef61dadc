# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Lines of a batch's output and error files."""

from __future__ import annotations

from otel_llmcost.providers.batches import BatchLine
from otel_llmcost.providers.fields import JSON, mapping

_ENDPOINTS = {"chat.completion": "/v1/chat/completions", "response": "/v1/responses"}


def batch_line(item: JSON) -> BatchLine | None:
    """openai 5: failed and expired requests are not billed."""
    if "custom_id" not in item or ("response" not in item and "error" not in item):
        return None
    response, error = mapping(item.get("response")), mapping(item.get("error"))
    status = response.get("status_code")
    failure = None
    if error:
        failure = str(error.get("code") or "error")
    elif isinstance(status, int) and status >= 400:
        failure = f"http {status}"
    body = mapping(response.get("body"))
    return BatchLine(
        api="openai",
        endpoint=_ENDPOINTS.get(str(body.get("object")), "/v1/embeddings"),
        body=body,
        failure=failure,
    )
