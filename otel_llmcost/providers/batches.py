# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""One line of a batch's results, whichever API wrote it."""

from __future__ import annotations

from dataclasses import dataclass

from otel_llmcost.providers.fields import JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLine:
    """One request of a batch, answered or not."""

    api: str
    """Whose format this is; another billing provider's (Azure, Vertex) looks the same."""
    endpoint: str
    """The endpoint that the request was for."""
    body: JSON
    """The reply a single call would have got; empty when there was none."""
    failure: str | None
    """Why it is not billed: `errored`, `expired`, `batch_expired`, `http 400`; None when it is."""
