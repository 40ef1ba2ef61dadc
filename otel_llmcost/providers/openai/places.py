# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""OpenAI's regional hosts."""

from __future__ import annotations

from otel_llmcost.providers.fields import JSON, text
from otel_llmcost.providers.provider import Place
from otel_llmcost.providers.urls import host_and_port

REGIONS = ("us", "eu", "au", "in", "jp", "ae")  # openai 11


def place(client: JSON, requested: str | None, replied: str | None) -> Place:
    """openai 11: a regional host costs more for newer models."""
    url = text(client.get("base_url"))
    name = host_and_port(url)[0] if url else ""
    region, dot, _ = name.partition(".api.openai.com")
    if not dot or region == name:
        return Place()
    return Place("regional" if region in REGIONS else "unknown")
