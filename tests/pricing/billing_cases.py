# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The worked bills of tests/data, as cases and priced."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from otel_llmcost.pricing import price_response
from otel_llmcost.usage import Cost

_DATA = Path(__file__).parent.parent / "data"
CASES = _DATA / "billing_cases.jsonl"
OWN_CASES = _DATA / "billing" / "own_cases.jsonl"
"""Branches of the rules that no case of the first file reaches, worked out by hand."""

ENDPOINTS = {
    "messages.batches.results": "/v1/messages/batches",
    "messages.create": "/v1/messages",
    "messages.stream": "/v1/messages",
    "responses.create": "/v1/responses",
    "chat.completions.create": "/v1/chat/completions",
    "embeddings.create": "/v1/embeddings",
    "audio.speech.create": "/v1/audio/speech",
    "images.generate": "/v1/images/generations",
    "images.edit": "/v1/images/edits",
    "realtime (response.done)": "/v1/realtime",
    "invoke_model": "invoke_model",
    "converse": "converse",
}
CLIENT_FACTS = (
    "base_url",
    "azure_endpoint",
    "region",
    "deployment_sku",
    "endpoint",
    "extra_headers",
    "input_characters",
)


def load() -> list[Any]:
    lines = [
        line
        for file in (CASES, OWN_CASES)
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    return [pytest.param(case, id=case["id"]) for case in map(json.loads, lines)]


def price(case: dict[str, Any]) -> tuple[Cost, dt.datetime]:
    """Cost of a case, and when the call was made."""
    request = {k: v for k, v in case["request"].items() if k not in CLIENT_FACTS}
    client = {k: v for k, v in case["request"].items() if k in CLIENT_FACTS}
    if "azure_endpoint" in client:
        client["base_url"] = client.pop("azure_endpoint")
    client.setdefault(
        "endpoint",
        next((path for name, path in ENDPOINTS.items() if name in case["sdk_call"]), None),
    )
    client["batch"] = "batch" in case["sdk_call"]
    response = {**case["response"], "usage": case["usage"]}
    if "stream_events" in case:
        response["stream_events"] = case["stream_events"]
    at = dt.datetime.fromisoformat(case["call_date"]).replace(hour=12, tzinfo=dt.UTC)
    request = {**request, "client": client}
    return price_response(case["provider"], request=request, response=response, at=at), at
