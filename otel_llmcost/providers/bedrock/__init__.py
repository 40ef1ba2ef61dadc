# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Amazon Bedrock: Claude and OpenAI's open models, through their own APIs and through Converse."""

from __future__ import annotations

from otel_llmcost.providers.bedrock import names
from otel_llmcost.providers.fields import JSON, Unreadable, part, word
from otel_llmcost.providers.provider import GeoFactor, Provider


def refuse_unlisted_terms(request: JSON, reply: JSON) -> None:
    """Bedrock's tiers and faster hardware have prices that are on no list here (clouds 3)."""
    for body in (reply, request):
        tier = word(part(body, "serviceTier"), "type", "unknown_tier")
        if tier == "reserved":
            raise Unreadable("committed_capacity")
        if tier not in (None, "default"):
            raise Unreadable("unknown_tier")
        if tier:
            break  # the reply says what served, the request only what was requested
    speed = word(part(reply, "performanceConfig"), "latency", "unknown_tier")
    if speed not in (None, "standard"):
        raise Unreadable("unknown_tier")


PROVIDER = Provider(
    name=names.PROVIDER_NAME,
    company="AWS",
    service="Amazon Bedrock",
    hosts=(
        r"bedrock-(?:runtime|mantle)(?:-fips)?\.[a-z0-9.-]*(?:amazonaws\.com(?:\.cn)?|api\.aws)",
        r"vpce-[a-z0-9-]+\.bedrock-runtime\.[a-z0-9-]+\.vpce\.amazonaws\.com",
    ),
    other_names=("bedrock", "bedrock_converse", "aws_bedrock", "aws"),
    routes=names.ROUTES,
    paths=(
        (r"/model/[^/]+/converse(?:-with-response-stream|-stream)?", "converse"),
        (r"/model/[^/]+/invoke(?:-with-response-stream|-stream)?", "/v1/messages"),
    ),
    canonical_name=names.canonical_name,
    has_inference_profiles=True,
    place=names.place,
    geo_factors={
        "regional": GeoFactor("regional_endpoint_multiplier", must_be_listed=True),
    },
    refuse_unlisted_terms=refuse_unlisted_terms,
)
