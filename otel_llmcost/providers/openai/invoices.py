# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""OpenAI's cost and usage reports: `/v1/organization/costs` and `/v1/organization/usage/*`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from otel_llmcost.providers.fields import JSON
from otel_llmcost.providers.invoices import (
    InvoiceLine,
    amount,
    dollars,
    usage_lines,
    whole_count,
)

_NAME = "openai"
_BUCKETS = {
    "input": "input",
    "cached input": "cache_read",
    "cache write": "cache_write_30m",
    "output": "output",
}


def invoice_lines(
    day: date, result: JSON, has_model: Callable[[str], bool]
) -> Iterator[InvoiceLine] | None:
    """Lines of one result; None when it is of no report of OpenAI's."""
    kind = str(result.get("object", ""))
    if kind == "organization.costs.result":
        return iter(() if result.get("amount") is None else [_cost_line(day, result, has_model)])
    if kind.startswith("organization.usage."):
        return usage_lines(_NAME, day, result, _quantities(result), "project_id")
    return None


def invoice_item(item: str, has_model: Callable[[str], bool]) -> tuple[str, str]:
    """Model and bucket of "model, kind of tokens", or of a fee, which has neither."""
    model, _, what = item.partition(",")
    model = model.strip().lower()
    if not what and not has_model(model):
        return "", ""
    return model, _BUCKETS.get(what.strip().lower(), "")


def _cost_line(day: date, result: JSON, has_model: Callable[[str], bool]) -> InvoiceLine:
    dollars(result["amount"].get("currency"))
    item = str(result.get("line_item") or "")
    model, bucket = invoice_item(item, has_model)
    return InvoiceLine(
        provider=_NAME,
        kind="cost",
        day=day,
        model=model,
        line=item,
        project=str(result.get("project_id") or ""),
        bucket=bucket,
        amount_usd=amount(result["amount"]["value"]),
        quantity=None if result.get("quantity") is None else amount(result["quantity"]),
    )


def _quantities(result: JSON) -> dict[str, int]:
    cached = whole_count(result, "input_cached_tokens")
    long = whole_count(result, "input_cache_write_12h_tokens")
    written = whole_count(result, "input_cache_write_tokens")
    short = whole_count(result, "input_cache_write_30m_tokens") or max(written - long, 0)
    return {
        # `input_tokens` includes what was cached and written.
        "input": max(whole_count(result, "input_tokens") - cached - short - long, 0),
        "cache_read": cached,
        "cache_write_30m": short,
        "cache_write_12h": long,
        "output": whole_count(result, "output_tokens"),
    }
