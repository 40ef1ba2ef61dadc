# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Lines of a message batch's results."""

from __future__ import annotations

from otel_llmcost.providers.batches import BatchLine
from otel_llmcost.providers.fields import JSON, mapping

_OUTCOMES = frozenset({"succeeded", "errored", "canceled", "expired"})


def batch_line(item: JSON) -> BatchLine | None:
    """anthropic 6: failed and expired requests are not billed."""
    result = mapping(item.get("result"))
    outcome = result.get("type")
    if not isinstance(outcome, str) or outcome not in _OUTCOMES:
        return None
    return BatchLine(
        api="anthropic",
        endpoint="/v1/messages",
        body=mapping(result.get("message")),
        failure=None if outcome == "succeeded" else outcome,
    )
