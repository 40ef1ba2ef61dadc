# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What gateways add to a reply, and Claude's replies in OpenAI's format.

Who is billed for those is billed by Anthropic's rules, so they are read as the Messages reply that
they were. docs/how-to/gateways.md says which gateway keeps what of it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from otel_llmcost.providers.fields import JSON, mapping, objects, rest, text
from otel_llmcost.providers.openai_counts import ABOUT, Counts, read_counts
from otel_llmcost.providers.openai_tools import Problem
from otel_llmcost.usage import EXACT

_MOST = 10**12
_PASSED_ON = frozenset({"server_tool_use", "iterations"})
"""What Anthropic bills besides the counts, which some gateways pass on as it is."""


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
    return _money(client.get("reported_cost"))


def _money(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        amount = Decimal(str(value))
    except (ArithmeticError, ValueError):
        return None
    return amount if amount.is_finite() and 0 <= amount <= _MOST else None


def is_claude(request: JSON, reply: JSON) -> bool:
    """Whether a reply in OpenAI's format comes from a Claude model."""
    model = text(reply.get("model")) or text(request.get("model")) or ""
    usage = mapping(reply.get("usage"))
    return "claude" in model.lower() and ("prompt_tokens" in usage or "input_tokens" in usage)


def as_message(request: JSON, reply: JSON) -> tuple[dict[str, Any], Problem]:
    """The Messages reply behind `reply`, and what keeps its cost from being exact.

    Raises `Unreadable` as the readers do.
    """
    usage = mapping(reply.get("usage"))
    counts = read_counts({k: v for k, v in usage.items() if k not in _PASSED_ON})
    read, written = counts.cache_read or 0, counts.cache_write or 0
    stop = _stop_reason(reply)
    message: dict[str, Any] = {
        name: reply[name] for name in ("id", "model", "http_status") if name in reply
    }
    split, problem = _split(counts, request)
    message["usage"] = {
        **{name: usage[name] for name in ABOUT | _PASSED_ON if name in usage},
        "service_tier": usage.get("service_tier") or reply.get("service_tier"),
        "input_tokens": rest(counts.input, read, written),
        "output_tokens": counts.output,
        "cache_read_input_tokens": counts.cache_read,
        "cache_creation_input_tokens": counts.cache_write,
        "cache_creation": split,
        "output_tokens_details": {"thinking_tokens": counts.reasoning},
    }
    if stop:
        message["stop_reason"] = stop
    return message, _problem(counts, problem, stop, usage, request)


def _problem(
    counts: Counts, problem: str | None, stop: str | None, usage: JSON, request: JSON
) -> Problem:
    if "web_search_options" in request and not usage.get("server_tool_use"):
        return "partial", "unmetered_tool"
    if counts.input_audio or counts.output_audio:
        return "estimated", "unknown_usage_field"
    if stop == "content_filter" and not counts.output:
        # Most refusals before any output are free (A15); which kind this was is not passed on.
        problem = problem or "unknown_refusal"
    problem = counts.problem or problem
    return ("estimated", problem) if problem else None


def _split(counts: Counts, request: JSON) -> tuple[JSON, str | None]:
    """What was written for 5 minutes and for an hour, as Anthropic names it."""
    written, long, problem = counts.cache_write or 0, counts.cache_write_long, None
    if long is None:  # A3: no split means 5 minutes, unless the request wanted an hour
        long = written if written and _wants_an_hour(request) else 0
        problem = "cache_ttl_split" if long else None
    return {
        "ephemeral_5m_input_tokens": rest(written, long),
        "ephemeral_1h_input_tokens": long,
    }, problem


def _wants_an_hour(request: JSON) -> bool:
    """Whether any part of the request is marked to be cached for an hour."""
    messages = objects(request.get("messages"))
    contents = [part for message in messages for part in objects(message.get("content"))]
    marked = (request, *messages, *contents, *objects(request.get("tools")))
    return any(mapping(one.get("cache_control")).get("ttl") == "1h" for one in marked)


def _stop_reason(reply: JSON) -> str | None:
    choices = objects(reply.get("choices"))
    found = (text(choice.get("finish_reason")) for choice in choices)
    return next(filter(None, found), text(reply.get("status")))
