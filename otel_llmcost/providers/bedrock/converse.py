# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The usage of Bedrock's Converse API."""

from __future__ import annotations

from typing import Any

from otel_llmcost.providers.fields import JSON, Unreadable, count, parts, text


def messages_usage(usage: JSON) -> dict[str, Any]:
    """Converse's counts under the names of the Messages API; its input excludes the cache.

    See clouds 2.
    """
    split = {"5m": 0, "1h": 0}
    details = parts(usage, "cacheDetails")
    for item in details:
        ttl = text(item.get("ttl"))
        if ttl not in split:
            raise Unreadable("unknown_bucket")
        split[ttl] += count(item, "inputTokens") or 0
    return {
        "input_tokens": usage.get("inputTokens"),
        "output_tokens": usage.get("outputTokens"),
        "cache_read_input_tokens": usage.get("cacheReadInputTokens"),
        "cache_creation_input_tokens": usage.get("cacheWriteInputTokens"),
        "cache_creation": {
            "ephemeral_5m_input_tokens": split["5m"],
            "ephemeral_1h_input_tokens": split["1h"],
        }
        if details
        else None,
    }


def has_unexplained_tokens(usage: JSON) -> bool:
    """Whether `totalTokens` is not the sum of its parts: with cached tokens, or without them."""
    total = count(usage, "totalTokens")
    plain = sum(count(usage, name) or 0 for name in ("inputTokens", "outputTokens"))
    caches = ("cacheReadInputTokens", "cacheWriteInputTokens")
    cached = sum(count(usage, name) or 0 for name in caches)
    return total is not None and total not in (plain, plain + cached)
