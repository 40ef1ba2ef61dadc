# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Cost records for the `openai` SDK (>= 1.40)."""

from __future__ import annotations

from otel_llmcost.instrumentation._instrumentor import CostInstrumentor

__all__ = ["OpenAICostInstrumentor"]


class OpenAICostInstrumentor(CostInstrumentor):
    """Follows every billed reply of `openai` clients, Azure's included."""

    sdk = "openai"
