# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Names of models as gateways and clouds write them, brought to the one in the price book."""

from __future__ import annotations

import re

from otel_llmcost.providers.registry import APIS, PROVIDERS, provider_named
from otel_llmcost.providers.routes import route_form

DOTTED = r"(\d)\.(\d)"
"""Gateways write `claude-opus-5.5` for Anthropic's `claude-opus-5-5`."""

_ROUTES = {
    provider.name: re.compile(route_form(provider.routes))
    for provider in PROVIDERS
    if provider.routes
}


def canonical(provider: str, model: str) -> str:
    """Name of the model in its own maker's price list; unknown forms come back unchanged."""
    return provider_named(provider).canonical_name(_without_route(provider, model))


def _without_route(provider: str, model: str) -> str:
    route = _ROUTES.get(provider)
    found = route.match(model) if route and "/" in model else None
    if found is None:
        return model
    name = model[found.end() :]
    return re.sub(DOTTED, r"\1-\2", name) if hyphenated(name) else name


def hyphenated(name: str) -> bool:
    """Whether the version in a model's name is written with hyphens by its maker."""
    return any(api.hyphenated_versions and name.startswith(f"{api.model_word}-") for api in APIS)
