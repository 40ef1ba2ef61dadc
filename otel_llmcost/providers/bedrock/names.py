# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Bedrock's ids of models and inference profiles, and the geography that they name."""

from __future__ import annotations

import re

from otel_llmcost.providers.fields import JSON, text
from otel_llmcost.providers.provider import Place
from otel_llmcost.providers.routes import route_form

PROVIDER_NAME = "aws.bedrock"
SCOPES = ("global", "us", "eu", "apac", "jp", "au")
# us.anthropic.claude-sonnet-4-5-20250929-v1:0, global.openai.gpt-6.1-terra, anthropic.claude-…
FORM = (
    rf"(?:(?P<scope>{'|'.join(SCOPES)})\.)?(?:anthropic|openai)\.(?P<name>.+?)(?:-v\d+(?::\d+)?)?"
)
ROUTES = ("bedrock", "converse", "invoke", "amazon-bedrock", "bedrock_mantle")
_FORM = re.compile(FORM)
_ROUTE = re.compile(route_form(ROUTES))
_PROFILE = ":application-inference-profile/"


def model_id(model: str) -> str:
    """Model or profile id inside an ARN (`…:inference-profile/us.anthropic.…`), or the id itself.

    An application inference profile has an opaque id, so its model stays unknown (clouds 4).
    """
    if model.startswith("arn:"):
        return model.rpartition("/")[2]
    return model


def canonical_name(model: str) -> str:
    """Name of the model in its maker's price list; unknown forms come back unchanged."""
    form = _FORM.fullmatch(model_id(model))
    return form["name"] if form else model


def geography(model: str) -> str | None:
    """`regional` for in-Region and geographic profiles, `global`, or None when the id is opaque."""
    route = _ROUTE.match(model)
    form = _FORM.fullmatch(model_id(model[route.end() :] if route else model))
    if form is None:
        return None
    return "global" if form["scope"] == "global" else "regional"


def place(client: JSON, requested: str | None, replied: str | None) -> Place:
    """The geography that a model id names.

    An application inference profile says neither model nor geography; `client` may say what it
    stands for (`inference_profile`). Where only the reply's model is known, the profile is taken
    for one that stays in a geography, as most do.
    """
    profile = text(client.get("inference_profile"))
    found = next(filter(None, map(geography, filter(None, (profile, requested, replied)))), None)
    if found is not None:
        return Place(found)
    if requested is not None and _PROFILE in requested:
        return Place("regional", assumed="inference_profile")
    return Place("unknown")
