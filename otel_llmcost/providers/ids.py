# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Model ids as the clouds write them, brought to the name the price book uses."""

from __future__ import annotations

import re

# us.anthropic.claude-sonnet-4-5-20250929-v1:0, global.openai.gpt-6.1-terra, anthropic.claude-…
_BEDROCK = re.compile(
    r"(?:(?P<scope>global|us|eu|apac|jp|au)\.)?(?:anthropic|openai)\.(?P<name>.+?)(?:-v\d+(?::\d+)?)?"
)


def canonical(provider: str, model: str) -> str:
    """Name of the model in its own maker's price list; unknown forms come back unchanged."""
    if provider == "aws.bedrock":
        form = _BEDROCK.fullmatch(bedrock_id(model))
        return form["name"] if form else model
    if provider == "gcp.vertex_ai":  # claude-sonnet-4-5@20250929
        name, at, version = model.rpartition("/")[2].partition("@")
        return f"{name}-{version}" if at and version != "default" else name
    return model


def bedrock_id(model: str) -> str:
    """Model or profile id inside an ARN (`…:inference-profile/us.anthropic.…`), or the id itself.

    An application inference profile has an opaque id, so its model stays unknown (pricing 1.3).
    """
    if model.startswith("arn:"):
        return model.rpartition("/")[2]
    return model


def bedrock_geo(model: str) -> str | None:
    """`regional` for in-Region and geographic profiles, `global`, or None when the id is opaque."""
    form = _BEDROCK.fullmatch(bedrock_id(model))
    if form is None:
        return None
    return "global" if form["scope"] == "global" else "regional"
