# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The buckets that can be billed: their unit, and the group their cost is shown in.

A bucket is a price component without its mode and context prefix (`batch_`, `long_`, …).
Buckets of one charge are disjoint: no token is counted in two of them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from otel_llmcost.usage import Group

MILLION = Decimal(1_000_000)
ONE = Decimal(1)


class Bucket(NamedTuple):
    """What one billable quantity is measured in and where its cost belongs."""

    group: Group
    per: Decimal
    """A listed price buys this many units (tokens and characters are listed by the million)."""
    unit: str
    is_token: bool = False
    """Tokens are what modes, long context and geography multiply; fees are not."""


def _tokens(group: Group) -> Bucket:
    return Bucket(group, MILLION, "token", is_token=True)


BUCKETS: dict[str, Bucket] = {
    "input": _tokens("input"),  # text, and anything else that has no rate of its own
    "input_audio": _tokens("input"),
    "input_image": _tokens("input"),
    "cache_read": _tokens("cache_read"),
    "cache_read_audio": _tokens("cache_read"),
    "cache_read_image": _tokens("cache_read"),
    "cache_write_5m": _tokens("cache_write"),
    "cache_write_1h": _tokens("cache_write"),
    "cache_write_30m": _tokens("cache_write"),
    "cache_write_12h": _tokens("cache_write"),
    "output": _tokens("output"),  # thinking and reasoning included
    "output_audio": _tokens("output"),
    "output_image": _tokens("output"),
    "characters": Bucket("input", MILLION, "character"),
    # Listed by the minute, metered by the second: a minute is not a whole number of them.
    "audio_second": Bucket("input", Decimal(60), "second"),
    # A Live session whose inference is paused, and a Managed Agents session that runs.
    "paused_second": Bucket("input", Decimal(60), "second"),
    "session_second": Bucket("tools", Decimal(3600), "second"),
    "request": Bucket("input", ONE, "request"),
    "web_search_call": Bucket("tools", ONE, "call"),
    "web_search_preview_call": Bucket("tools", ONE, "call"),
    # OpenAI bills search content of two mini models as a fixed block of input tokens.
    "web_search_content": Bucket("tools", MILLION, "token", is_token=True),
    "web_fetch_call": Bucket("tools", ONE, "call"),
    "file_search_call": Bucket("tools", ONE, "call"),
    "token_counting_call": Bucket("tools", ONE, "call"),
}

COMPONENT = {
    "audio_second": "audio_minute",
    "paused_second": "paused_minute",
    "session_second": "managed_agent_session_hour",
    "web_search_content": "input",
}
"""Price component of a bucket, where it is not the bucket's own name."""

USUAL_WRITE = "cache_write_5m"
"""Bucket of the cache writes of a record that does not say more than how many tokens they were."""

PROMPT = frozenset(
    name
    for name, bucket in BUCKETS.items()
    if bucket.is_token and bucket.group in ("input", "cache_read", "cache_write")
)
"""Buckets that count towards a long-context threshold: the whole prompt, cached or not."""


def group_of(bucket: str) -> Group:
    """Group a bucket's cost is shown in; unknown buckets are tools."""
    known = BUCKETS.get(bucket)
    return known.group if known else "tools"


def unit_of(bucket: str) -> str:
    """What a bucket is counted in; unknown buckets in units."""
    known = BUCKETS.get(bucket)
    return known.unit if known else "unit"


MODES = ("standard", "batch", "flex", "fast", "ultrafast", "window_2h", "window_8h")
_PREFIXES = tuple((f"{mode}_", mode) for mode in ("batch", "flex", "fast", "ultrafast"))


def split(component: str) -> tuple[str, bool, str]:
    """Mode, long context or not, and bucket of a component: `batch_long_input` and the like."""
    mode = "standard"
    if component not in ("batch_multiplier",):
        for prefix, name in _PREFIXES:
            if component.startswith(prefix):
                mode, component = name, component.removeprefix(prefix)
                break
    if component.startswith("long_") and component != "long_context_threshold":
        return mode, True, component.removeprefix("long_")
    return mode, False, component
