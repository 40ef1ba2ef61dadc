# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Microsoft's two services: Azure OpenAI, and Azure AI Foundry with other makers' models."""

from __future__ import annotations

from otel_llmcost.providers.fields import JSON, Unreadable, text
from otel_llmcost.providers.provider import UNKNOWN_SKU, GeoFactor, Place, Provider


def place(client: JSON, requested: str | None, replied: str | None) -> Place:
    """Geography, and batch or not, from the deployment's SKU.

    No reply shows the SKU. Without one the usual one is assumed and the cost is an estimate;
    regional deployments have prices of their own, and provisioned ones none per call.
    """
    sku = text(client.get("deployment_sku"))
    if sku is None:
        return Place(assumed=UNKNOWN_SKU)
    name = sku.replace("_", "").replace(" ", "").replace("-", "").lower()
    if "provisioned" in name:
        raise Unreadable("committed_capacity")
    for scope, geo in (("datazone", "data_zone"), ("global", None)):
        kind = name.removeprefix(scope)
        if kind != name and kind in ("", "standard", "batch"):
            return Place(geo, batch=kind == "batch")
    raise Unreadable("unknown_tier")


FOUNDRY = Provider(
    name="azure.ai.foundry",
    company="Microsoft",
    service="Azure AI Foundry",
    hosts=(r"[a-z0-9-]+\.services\.ai\.azure\.com",),
    other_names=("az.ai.inference", "azure.ai.inference", "azure_ai"),
    routes=("azure_ai", "azure", "anthropic"),
    names_deployments=True,
    place=place,
    geo_factors={
        "us": GeoFactor("inference_geo_us_multiplier", must_be_listed=True),
        "data_zone": GeoFactor("inference_geo_us_multiplier", must_be_listed=True),
    },
    stream_options_since="2024-09-01",
)

OPENAI = Provider(
    name="azure.ai.openai",
    company="Microsoft",
    service="Azure OpenAI",
    hosts=(
        r"[a-z0-9-]+\.openai\.azure\.(?:com|us|cn)",
        r"[a-z0-9.-]+\.cognitiveservices\.azure\.com",
    ),
    other_names=("azure", "azure_openai", "az.ai.openai"),
    routes=("azure", "openai", "responses"),
    names_deployments=True,
    place=place,
    geo_factors={"data_zone": GeoFactor("data_zone_multiplier", must_be_listed=True)},
    takes_stream_options=True,
    stream_options_since="2024-09-01",
)
