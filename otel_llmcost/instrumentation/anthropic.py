# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Cost records for the `anthropic` SDK (>= 0.40)."""

from __future__ import annotations

from otel_llmcost.instrumentation.patching.instrumentor import CostInstrumentor

__all__ = ["AnthropicCostInstrumentor"]


class AnthropicCostInstrumentor(CostInstrumentor):
    """Follows every billed reply of `anthropic` clients, on Bedrock, Vertex and Foundry too."""

    sdk = "anthropic"
