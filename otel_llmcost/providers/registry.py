# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Every provider and API of this package. A new one is a folder, and its name here."""

from __future__ import annotations

from functools import lru_cache

from otel_llmcost.providers import anthropic, azure, bedrock, openai, vertex
from otel_llmcost.providers.fields import JSON
from otel_llmcost.providers.provider import Api, Provider

PROVIDERS: tuple[Provider, ...] = (
    anthropic.PROVIDER,
    openai.PROVIDER,
    bedrock.PROVIDER,
    azure.FOUNDRY,
    azure.OPENAI,
    vertex.PROVIDER,
)
"""Who bills; each has a file of prices under `pricing/data`."""

APIS: tuple[Api, ...] = (openai.API, anthropic.API)
"""In the order in which they are recognised: gateways add other names to OpenAI's format."""

DEFAULT_API = openai.API
"""Of whatever no API recognises: most servers of other makers speak OpenAI's format."""

UNPRICED_NAMES = {
    "google": "gcp.gen_ai",
    "gemini": "gcp.gemini",
    "xai": "x_ai",
    "mistral": "mistral_ai",
    "mistralai": "mistral_ai",
}
"""What other emitters call providers that have no prices here."""

OTHER_NAMES = {
    **{name: provider.name for provider in PROVIDERS for name in provider.other_names},
    **UNPRICED_NAMES,
}
"""From what other emitters call a provider to its `gen_ai.provider.name`."""

_BY_NAME = {provider.name: provider for provider in PROVIDERS}
_API_OF_SDK = {api.sdk.name: api for api in APIS}


def provider_named(name: str) -> Provider:
    """The provider of a `gen_ai.provider.name`; one without any facts for a name that is not ours.

    Users may declare such names with `LLMCOST_HOSTS` and price them with overlays.
    """
    return _BY_NAME.get(name) or _stranger(name)


@lru_cache(maxsize=256)
def _stranger(name: str) -> Provider:
    return Provider(name=name)


def api_of_sdk(sdk: str) -> Api:
    """The API that an SDK speaks."""
    return _API_OF_SDK[sdk]


def api_of_model(model: str | None) -> Api | None:
    """The API of a model's maker; None when its name does not say who made it."""
    if model:
        name = model.lower()
        for api in APIS:
            if api.model_word is not None and api.model_word in name:
                return api
    return None


def recognised(endpoint: str, usage: JSON) -> Api | None:
    """The API that an endpoint or a usage object can only be of; None when they do not say."""
    for api in APIS:
        if api.recognises(endpoint, usage):
            return api
    return None


def api_of(provider: Provider, endpoint: str, model: str | None) -> Api:
    """Whose format a reply has that none recognises; it need not be that of who bills it."""
    if endpoint:
        return DEFAULT_API
    return api_of_model(model) or provider.api or DEFAULT_API
