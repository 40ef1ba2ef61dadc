# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What gateways write before the name of a model, such as `openrouter/anthropic/`."""

from __future__ import annotations

from collections.abc import Iterable

_GATEWAYS = ("openrouter", "vercel_ai_gateway", "litellm_proxy")


def route_form(routes: Iterable[str]) -> str:
    """Pattern of a route, which is left out to find a price: gateways' names and `routes`."""
    return rf"(?:(?:{'|'.join((*_GATEWAYS, *routes))})/)+"
