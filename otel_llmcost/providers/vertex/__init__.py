# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Google Cloud's Vertex AI: Claude, and other makers' models, at list or regional prices."""

from __future__ import annotations

from otel_llmcost.providers.fields import JSON, text
from otel_llmcost.providers.provider import GeoFactor, Place, Provider
from otel_llmcost.providers.urls import host_and_port

_GLOBAL_HOST = "aiplatform.googleapis.com"


def place(client: JSON, requested: str | None, replied: str | None) -> Place:
    """Regional and multi-region endpoints cost more than `global`; only the client has which."""
    region = text(client.get("region"))
    if region is None:
        name, _ = host_and_port(text(client.get("base_url")) or "")
        region = "global" if name == _GLOBAL_HOST else name
    if not region:
        return Place("unknown")
    return Place("global" if region == "global" else "regional")


def canonical_name(model: str) -> str:
    """From `claude-sonnet-4-5@20250929`, with or without its publisher's path."""
    name, at, version = model.rpartition("/")[2].partition("@")
    return f"{name}-{version}" if at and version != "default" else name


PROVIDER = Provider(
    name="gcp.vertex_ai",
    company="Google Cloud",
    service="Vertex AI",
    hosts=(r"(?:[a-z0-9-]+-)?aiplatform\.(?:[a-z0-9-]+\.rep\.)?googleapis\.com",),
    other_names=("vertex_ai", "vertexai", "google_vertex"),
    routes=("vertex_ai", "vertex", "google-vertex"),
    paths=(
        (
            r".*/publishers/anthropic/models/[^/:]+:(?:rawPredict|streamRawPredict)",
            "/v1/messages",
        ),
    ),
    canonical_name=canonical_name,
    place=place,
    geo_factors={
        "regional": GeoFactor("regional_endpoint_multiplier", must_be_listed=True),
    },
)
