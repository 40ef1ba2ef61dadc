# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Anthropic's cost and usage reports, of its Admin API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from otel_llmcost.providers.fields import JSON
from otel_llmcost.providers.invoices import (
    InvoiceLine,
    amount,
    dollars,
    usage_lines,
    whole_count,
)

_NAME = "anthropic"
_CENT = Decimal("0.01")
_BUCKETS = {
    "uncached_input_tokens": "input",
    "cache_read_input_tokens": "cache_read",
    "cache_creation.ephemeral_5m_input_tokens": "cache_write_5m",
    "cache_creation.ephemeral_1h_input_tokens": "cache_write_1h",
    "output_tokens": "output",
}


def invoice_lines(
    day: date, result: JSON, has_model: Callable[[str], bool]
) -> Iterator[InvoiceLine] | None:
    """Lines of one result; None when it is of no report of Anthropic's."""
    if str(result.get("object", "")).startswith("organization."):
        return None  # OpenAI's reports have an amount too
    if "amount" in result:
        return iter([_cost_line(day, result)])
    if "uncached_input_tokens" in result:
        return usage_lines(_NAME, day, result, _quantities(result), "workspace_id")
    return None


def _cost_line(day: date, result: JSON) -> InvoiceLine:
    """Amounts are strings in cents; only the analytics report says `list_amount`."""
    dollars(result.get("currency"))
    kind, token = (str(result.get(name) or "") for name in ("cost_type", "token_type"))
    listed = result.get("list_amount")
    is_tokens = kind in ("", "tokens")
    words = token or str(result.get("description") or "")
    return InvoiceLine(
        provider=_NAME,
        kind="cost",
        day=day,
        model=str(result.get("model") or "") if is_tokens else "",
        line=" ".join(filter(None, (kind if not is_tokens else "", words))),
        project=str(result.get("workspace_id") or ""),
        bucket=_BUCKETS.get(token, ""),
        amount_usd=amount(result["amount"]) * _CENT,
        list_amount_usd=None if listed is None else amount(listed) * _CENT,
    )


def _quantities(result: JSON) -> dict[str, int]:
    written: JSON = result.get("cache_creation") or {}
    tools: JSON = result.get("server_tool_use") or {}
    return {
        "input": whole_count(result, "uncached_input_tokens"),
        "cache_read": whole_count(result, "cache_read_input_tokens"),
        "cache_write_5m": whole_count(written, "ephemeral_5m_input_tokens"),
        "cache_write_1h": whole_count(written, "ephemeral_1h_input_tokens"),
        "output": whole_count(result, "output_tokens"),
        "web_search_call": whole_count(tools, "web_search_requests"),
    }
