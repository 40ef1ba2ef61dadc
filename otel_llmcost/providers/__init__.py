# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Readers of provider JSON: request, response and stream events to `Usage`. Pure and total.

No JSON makes a reader raise: what cannot be understood comes back as a usage with a reason. A
folder describes each provider (`provider.Provider`), `registry` lists them; the modules beside the
folders are what they share.
"""

from __future__ import annotations

from otel_llmcost.providers.batches import BatchLine
from otel_llmcost.providers.endpoints import billable
from otel_llmcost.providers.hosts import UNKNOWN_HOST, billing_provider, billing_provider_of
from otel_llmcost.providers.model_names import canonical
from otel_llmcost.providers.provider import Api, Provider, Sdk
from otel_llmcost.providers.reading import (
    PAID_BY_CUSTOMER,
    batch_line,
    paid_by_customer,
    read,
    stream_reader,
)
from otel_llmcost.providers.registry import (
    APIS,
    PROVIDERS,
    api_of_model,
    api_of_sdk,
    provider_named,
)
from otel_llmcost.providers.reported import COST_HEADERS
from otel_llmcost.providers.streams import StreamReader

__all__ = [
    "APIS",
    "COST_HEADERS",
    "PAID_BY_CUSTOMER",
    "PROVIDERS",
    "UNKNOWN_HOST",
    "Api",
    "BatchLine",
    "Provider",
    "Sdk",
    "StreamReader",
    "api_of_model",
    "api_of_sdk",
    "batch_line",
    "billable",
    "billing_provider",
    "billing_provider_of",
    "canonical",
    "paid_by_customer",
    "provider_named",
    "read",
    "stream_reader",
]
