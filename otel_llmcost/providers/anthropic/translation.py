# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Claude's replies in OpenAI's format, as gateways pass them on.

Who is billed for those is billed by Anthropic's rules, so they are read as the Messages reply that
they were. docs/how-to/gateways.md says which gateway keeps what of it.
"""

from __future__ import annotations

from typing import Any

from otel_llmcost.providers.counts import ABOUT, Counts, read_counts
from otel_llmcost.providers.fields import JSON, mapping, objects, rest, text
from otel_llmcost.providers.provider import Translated
from otel_llmcost.usage import Status

_PASSED_ON = frozenset({"server_tool_use", "iterations"})
"""What Anthropic bills besides the counts, which some gateways pass on as it is."""


def from_openai_format(request: JSON, reply: JSON) -> Translated:
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
    status, reason = _certainty(counts, problem, stop, usage, request)
    return Translated(message, status, reason)


def _certainty(
    counts: Counts, problem: str | None, stop: str | None, usage: JSON, request: JSON
) -> tuple[Status, str | None]:
    if "web_search_options" in request and not usage.get("server_tool_use"):
        return "partial", "unmetered_tool"
    if counts.input_audio or counts.output_audio:
        return "estimated", "unknown_usage_field"
    if stop == "content_filter" and not counts.output:
        # Most refusals before any output are free (anthropic 15), but its kind is not passed on.
        problem = problem or "unknown_refusal"
    problem = counts.problem or problem
    return ("estimated", problem) if problem else ("priced", None)


def _split(counts: Counts, request: JSON) -> tuple[JSON, str | None]:
    """What was written for 5 minutes and for an hour, as Anthropic names it."""
    written, long, problem = counts.cache_write or 0, counts.cache_write_long, None
    if long is None:  # anthropic 3: no split means 5 minutes, unless the request wanted an hour
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
