# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Prices as dated data, and the arithmetic on them. Pure but for reading the data files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from otel_llmcost import providers
from otel_llmcost.pricing.book import PriceBook, PriceRow
from otel_llmcost.pricing.entries import Entry
from otel_llmcost.pricing.groups import BUCKETS, group_of
from otel_llmcost.pricing.rating import rate
from otel_llmcost.usage import Cost

__all__ = [
    "BUCKETS",
    "Entry",
    "PriceBook",
    "PriceRow",
    "group_of",
    "price_response",
    "rate",
]


def price_response(
    provider: str,
    *,
    request: Mapping[str, Any],
    response: Mapping[str, Any],
    at: dt.datetime,
    book: PriceBook | None = None,
) -> Cost:
    """List cost of one reply, from the provider's own JSON.

    `request` and `response` are the bodies as they went over the wire; `response["stream_events"]`
    may hold a stream's events instead. What only the client has is in `request["client"]`:
    `base_url`, `billed_by` (who bills behind a gateway), `region`, `deployment_sku`, `endpoint`
    (path), `batch`, `input_characters`, `inference_profile` (the model id, with its geography,
    behind an application inference profile of Bedrock), `reported_cost` (a gateway's header). The
    total is None with a reason whenever it is not certain who bills, what, and at which price; no
    JSON makes this raise.
    """
    billed_by = providers.billing_provider_of(request, provider)
    usage = providers.read(billed_by, request=request, response=response)
    return rate(usage, at, book)
