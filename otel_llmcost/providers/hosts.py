# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Who bills a request: declared by the user, else decided by its host."""

from __future__ import annotations

import re
from collections.abc import Mapping

from otel_llmcost.providers.fields import JSON, mapping, text
from otel_llmcost.providers.registry import PROVIDERS
from otel_llmcost.providers.urls import host_and_port

UNKNOWN_HOST = "unknown_host"
"""Provider name of a reply from a host that no known provider owns and the user did not declare."""

_HOSTS = tuple(
    (re.compile(pattern), provider.name) for provider in PROVIDERS for pattern in provider.hosts
)


def billing_provider(
    base_url: str | None, declared: Mapping[str, str], sdk: str, model: str | None = None
) -> str | None:
    """`gen_ai.provider.name` of who bills a request; None for a host that was not declared.

    `declared` is what the user says (`LLMCOST_HOSTS`: host or host:port, and after a slash the
    beginning of a model's name, to provider) and wins; the most special declaration first.
    Without a URL the SDK's own service is meant. A model name alone proves nothing (general 7).
    """
    if not base_url:
        return sdk
    name, port = host_and_port(base_url)
    for address in (f"{name}:{port}", name):
        if declared and (found := _declared(address, declared, model or "")):
            return found
    return next((provider for pattern, provider in _HOSTS if pattern.fullmatch(name)), None)


def _declared(address: str, declared: Mapping[str, str], model: str) -> str | None:
    start = f"{address}/"
    prefixes = [key[len(start) :] for key in declared if key.startswith(start)]
    fitting = [prefix for prefix in prefixes if model.startswith(prefix)]
    return declared[start + max(fitting, key=len)] if fitting else declared.get(address)


def billing_provider_of(request: JSON, default: str) -> str:
    """Who bills a request: declared in it, else by its host, else `default` when it has no URL."""
    client = mapping(mapping(request).get("client"))
    declared = text(client.get("billed_by"))
    if declared:
        return declared
    return billing_provider(text(client.get("base_url")), {}, default) or UNKNOWN_HOST
