# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Model ids as the clouds write them, brought to the name the price book uses."""

from __future__ import annotations

import re

from otel_llmcost.providers.fields import JSON, text

BEDROCK_SCOPES = ("global", "us", "eu", "apac", "jp", "au")
_SCOPES = "|".join(BEDROCK_SCOPES)
# us.anthropic.claude-sonnet-4-5-20250929-v1:0, global.openai.gpt-6.1-terra, anthropic.claude-…
BEDROCK_FORM = rf"(?:(?P<scope>{_SCOPES})\.)?(?:anthropic|openai)\.(?P<name>.+?)(?:-v\d+(?::\d+)?)?"
_BEDROCK = re.compile(BEDROCK_FORM)

_PROFILE = ":application-inference-profile/"
_GATEWAYS = ("openrouter", "vercel_ai_gateway", "litellm_proxy")
ROUTES = {
    "anthropic": ("anthropic",),
    "openai": ("openai", "responses"),
    "azure.ai.openai": ("azure", "openai", "responses"),
    "azure.ai.foundry": ("azure_ai", "azure", "anthropic"),
    "aws.bedrock": ("bedrock", "converse", "invoke", "amazon-bedrock", "bedrock_mantle"),
    "gcp.vertex_ai": ("vertex_ai", "vertex", "google-vertex"),
}
"""What gateways write before a model that this provider bills for, as in `anthropic/claude-…`."""
DOTTED = r"(\d)\.(\d)"
"""Gateways write `claude-opus-5.5` for Anthropic's `claude-opus-5-5`."""


def route_form(provider: str) -> str:
    """Pattern of the route before a model name that is left out to find its price."""
    return rf"(?:(?:{'|'.join((*_GATEWAYS, *ROUTES[provider]))})/)+"


_ROUTES = {provider: re.compile(route_form(provider)) for provider in ROUTES}


def canonical(provider: str, model: str) -> str:
    """Name of the model in its own maker's price list; unknown forms come back unchanged."""
    name = _without_route(provider, model)
    if provider == "aws.bedrock":
        form = _BEDROCK.fullmatch(bedrock_id(name))
        return form["name"] if form else name
    if provider == "gcp.vertex_ai":  # claude-sonnet-4-5@20250929
        name, at, version = name.rpartition("/")[2].partition("@")
        return f"{name}-{version}" if at and version != "default" else name
    return name


def _without_route(provider: str, model: str) -> str:
    route = _ROUTES.get(provider)
    found = route.match(model) if route and "/" in model else None
    if found is None:
        return model
    name = model[found.end() :]
    return re.sub(DOTTED, r"\1-\2", name) if name.startswith("claude-") else name


def bedrock_id(model: str) -> str:
    """Model or profile id inside an ARN (`…:inference-profile/us.anthropic.…`), or the id itself.

    An application inference profile has an opaque id, so its model stays unknown (pricing 1.3).
    """
    if model.startswith("arn:"):
        return model.rpartition("/")[2]
    return model


def bedrock_geo(model: str) -> str | None:
    """`regional` for in-Region and geographic profiles, `global`, or None when the id is opaque."""
    form = _BEDROCK.fullmatch(bedrock_id(_without_route("aws.bedrock", model)))
    if form is None:
        return None
    return "global" if form["scope"] == "global" else "regional"


def bedrock_place(client: JSON, asked: str | None, named: str | None) -> tuple[str | None, bool]:
    """Geography that prices differently, as `Usage.geo`, and whether it is only assumed.

    An application inference profile says neither model nor geography; `client` may say what it
    stands for (`inference_profile`). Where only the reply's model is known, the profile is taken
    for one that stays in a geography, as most do.
    """
    profile = text(client.get("inference_profile"))
    places = [bedrock_geo(model) for model in (profile, asked, named) if model]
    place = next((found for found in places if found), None)
    if place is None:
        assumed = asked is not None and _PROFILE in asked
        return ("regional", True) if assumed else ("unknown", False)
    return (None if place == "global" else place), False
