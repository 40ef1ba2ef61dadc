# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What a server says its reply costs: kept beside our own cost, never added to it."""

from __future__ import annotations

from decimal import Decimal

from otel_llmcost.providers.fields import JSON, mapping, text
from otel_llmcost.usage import EXACT

_MOST = 10**12
COST_HEADERS = ("x-litellm-response-cost",)
"""Headers of a reply that say what it costs in USD."""
_TICK = Decimal("1E-10")  # xAI counts dollars in these


def reported_cost(client: JSON, reply: JSON) -> Decimal | None:
    """USD the server says the reply costs; None when it says nothing.

    A gateway that was given the user's own key reports its fee alone, and what the model's
    provider charges beside it (OpenRouter, Vercel).
    """
    usage = mapping(reply.get("usage"))
    if "cost" in usage:
        cost = usage["cost"]
        known = _money(mapping(cost).get("total_cost", cost))
        if known is not None and usage.get("is_byok") is True:
            upstream = _money(mapping(usage.get("cost_details")).get("upstream_inference_cost"))
            return None if upstream is None else EXACT.add(known, upstream)
        return known
    ticks = _money(usage.get("cost_in_usd_ticks"))
    if ticks is not None:
        return EXACT.multiply(ticks, _TICK)
    if "list_cost" in usage:
        return _list_cost(mapping(usage["list_cost"]))
    return _money(client.get("reported_cost"))


def _money(value: object) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    if not isinstance(value, int | float | str | Decimal):
        return None
    try:
        amount = Decimal(str(value))
    except (ArithmeticError, ValueError):
        return None
    return amount if amount.is_finite() and 0 <= amount <= _MOST else None


def _list_cost(cost: JSON) -> Decimal | None:
    """USD that Anthropic says a session has cost at list prices, rounded to whole cents."""
    cents = text(cost.get("amount"))
    if cents is None or cost.get("currency") != "USD" or not cents.isdecimal():
        return None
    return EXACT.multiply(Decimal(cents), Decimal("0.01"))
