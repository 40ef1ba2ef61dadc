# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Usage and cost reports as the providers answer them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

DAY = dt.datetime(2026, 10, 12, 10, tzinfo=dt.UTC)


def openai_costs(*items: tuple[str, str], day: dt.datetime = DAY) -> dict[str, Any]:
    """A page of /v1/organization/costs."""
    start = int(day.replace(hour=0).timestamp())
    results = [
        {
            "object": "organization.costs.result",
            "amount": {"value": float(usd), "currency": "usd"},
            "line_item": item,
            "project_id": "proj_1",
            "quantity": None,
        }
        for item, usd in items
    ]
    bucket = {"object": "bucket", "start_time": start, "end_time": start + 86400}
    return {"object": "page", "data": [{**bucket, "results": results}], "has_more": False}


def openai_usage(**counts: Any) -> dict[str, Any]:
    page = openai_costs()
    reported = {
        "object": "organization.usage.completions.result",
        "num_model_requests": 1,
        **counts,
    }
    page["data"][0]["results"] = [reported]
    return page


def anthropic(*results: dict[str, Any], day: dt.datetime = DAY) -> dict[str, Any]:
    """A page of a usage or cost report."""
    start = day.replace(hour=0)
    return {
        "data": [
            {
                "starting_at": start.isoformat().replace("+00:00", "Z"),
                "ending_at": (start + dt.timedelta(days=1)).isoformat(),
                "results": list(results),
            }
        ],
        "has_more": False,
        "next_page": None,
    }


def anthropic_cost(cents: str, token: str | None = "output_tokens", **more: Any) -> dict[str, Any]:
    reported = {
        "currency": "USD", "amount": cents, "workspace_id": None, "description": "Claude Opus 5",
        "cost_type": "tokens", "context_window": "0-200k", "model": "claude-opus-5",
        "service_tier": "standard", "token_type": token, "inference_geo": "global",
    }  # fmt: skip
    return {**reported, **more}


def cents(usd: Decimal) -> str:
    return str(usd * 100)
