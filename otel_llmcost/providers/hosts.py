# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Who bills, decided by the host of a request; and where, when that changes the price."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from otel_llmcost.providers.fields import JSON, mapping, text

UNKNOWN_HOST = "unknown_host"
"""Provider name of a reply that nobody we know bills for."""

HOSTS: tuple[tuple[str, str], ...] = (
    (r"api\.anthropic\.com", "anthropic"),
    (r"(?:[a-z]{2}\.)?api\.openai\.com", "openai"),
    (r"aws-external-anthropic\.[a-z0-9.-]+\.(?:amazonaws\.com|api\.aws)", "anthropic"),
    (
        r"bedrock-(?:runtime|mantle)(?:-fips)?\.[a-z0-9.-]*(?:amazonaws\.com(?:\.cn)?|api\.aws)",
        "aws.bedrock",
    ),
    (r"vpce-[a-z0-9-]+\.bedrock-runtime\.[a-z0-9-]+\.vpce\.amazonaws\.com", "aws.bedrock"),
    (r"(?:[a-z0-9-]+-)?aiplatform\.(?:[a-z0-9-]+\.rep\.)?googleapis\.com", "gcp.vertex_ai"),
    (r"[a-z0-9-]+\.openai\.azure\.(?:com|us|cn)", "azure.ai.openai"),
    (r"[a-z0-9.-]+\.cognitiveservices\.azure\.com", "azure.ai.openai"),
    (r"[a-z0-9-]+\.services\.ai\.azure\.com", "azure.ai.foundry"),
)
"""Patterns of whole host names in lower case, and who bills there."""
_HOSTS = tuple((re.compile(pattern), provider) for pattern, provider in HOSTS)
OPENAI_REGIONS = ("us", "eu", "au", "in", "jp", "ae")  # O11
OTHER_NAMES = {
    "azure": "azure.ai.openai",
    "azure_openai": "azure.ai.openai",
    "az.ai.openai": "azure.ai.openai",
    "az.ai.inference": "azure.ai.foundry",
    "azure.ai.inference": "azure.ai.foundry",
    "azure_ai": "azure.ai.foundry",
    "vertex_ai": "gcp.vertex_ai",
    "vertexai": "gcp.vertex_ai",
    "google_vertex": "gcp.vertex_ai",
    "bedrock": "aws.bedrock",
    "bedrock_converse": "aws.bedrock",
    "aws_bedrock": "aws.bedrock",
    "aws": "aws.bedrock",
    "google": "gcp.gen_ai",
    "gemini": "gcp.gemini",
    "xai": "x_ai",
    "mistral": "mistral_ai",
    "mistralai": "mistral_ai",
}
"""What other emitters, and conventions of before `gen_ai.provider.name`, call a provider."""


def who_bills(
    base_url: str | None, hosts: Mapping[str, str], sdk: str, model: str | None = None
) -> str | None:
    """`gen_ai.provider.name` of who bills a request; None for a host nobody declared.

    `hosts` is what the user declared (`LLMCOST_HOSTS`: host or host:port, and after a slash the
    beginning of a model's name, to provider) and wins; the most special declaration first.
    Without a URL the SDK's own service is meant. A model name alone proves nothing (pricing 1.4.7).
    """
    if not base_url:
        return sdk
    name, port = _host(base_url)
    for address in (f"{name}:{port}", name):
        if hosts and (declared := _declared(address, hosts, model or "")):
            return declared
    return next((who for pattern, who in _HOSTS if pattern.fullmatch(name)), None)


def _declared(address: str, hosts: Mapping[str, str], model: str) -> str | None:
    start = f"{address}/"
    prefixes = [key[len(start) :] for key in hosts if key.startswith(start)]
    fitting = [prefix for prefix in prefixes if model.startswith(prefix)]
    return hosts[start + max(fitting, key=len)] if fitting else hosts.get(address)


def payer(provider: str, request: JSON) -> str:
    """Provider whose prices apply to a call: declared, else by host, else as the caller says."""
    client = mapping(mapping(request).get("client"))
    declared = text(client.get("billed_by"))
    if declared:
        return declared
    return who_bills(text(client.get("base_url")), {}, provider) or UNKNOWN_HOST


def openai_geo(client: JSON) -> str | None:
    """O11: a regional host costs more for newer models."""
    url = text(client.get("base_url"))
    if url is None:
        return None
    name, _ = _host(url)
    region, dot, _ = name.partition(".api.openai.com")
    if not dot or region == name:
        return None
    return "regional" if region in OPENAI_REGIONS else "unknown"


def vertex_geo(client: JSON) -> str:
    """Regional and multi-region endpoints cost more than `global`; only the client knows which."""
    region = text(client.get("region"))
    if region is None:
        url = text(client.get("base_url")) or ""
        name, _ = _host(url)
        if name == "aiplatform.googleapis.com":
            region = "global"
        elif name:
            region = name
    if region is None:
        return "unknown"
    return "global" if region == "global" else "regional"


def azure_sku(client: JSON) -> tuple[str | None, bool, str | None]:
    """Geography, batch or not, and what is wrong, from the deployment's SKU.

    No reply shows the SKU. Without one the usual one is assumed and the cost is an estimate;
    regional deployments have prices of their own, and provisioned ones none per call.
    """
    sku = text(client.get("deployment_sku"))
    if sku is None:
        return None, False, "unknown_sku"
    name = sku.replace("_", "").replace(" ", "").replace("-", "").lower()
    if "provisioned" in name:
        return None, False, "committed_capacity"
    for scope, geo in (("datazone", "data_zone"), ("global", None)):
        kind = name.removeprefix(scope)
        if kind != name and kind in ("", "standard", "batch"):
            return geo, kind == "batch", None
    return None, False, "unknown_tier"


@lru_cache(maxsize=256)
def _host(url: str) -> tuple[str, int | None]:
    """Host in lower case and port; empty for what is not a URL."""
    try:
        parts = urlsplit(url if "//" in url else f"//{url}")
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
        return (parts.hostname or "").lower().rstrip("."), port
    except ValueError:
        return "", None
