# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Token counts of a chat or Responses usage, whoever wrote it.

Gateways and other makers' servers speak OpenAI's format, with names of their own for what was read
from and written to a cache, and with totals that include it or not. Seen in LiteLLM, OpenRouter,
Vercel AI Gateway, Bifrost, Portkey, DeepSeek and xAI; docs/how-to/gateways.md has the names.
"""

from __future__ import annotations

from typing import NamedTuple

from otel_llmcost.providers.fields import JSON, Unreadable, carries_unknown, count, part

READ = ("cached_tokens", "cached_read_tokens", "cache_read_input_tokens", "prompt_cache_hit_tokens")
"""Names of tokens read from a cache, in the usage or in its details."""
WRITTEN = (
    "cache_write_tokens",
    "cache_creation_tokens",
    "cache_creation_input_tokens",
    "cached_write_tokens",
)
"""Names of tokens written to a cache."""
SPLITS = {
    "cache_write_tokens_details": ("ttl_30m_tokens", "ttl_12h_tokens"),
    "cache_creation": ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"),
    "cache_creation_token_details": ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"),
    "cached_write_token_details": ("cached_write_tokens_5m", "cached_write_tokens_1h"),
}
"""Objects that split cache writes by how long they stay (openai 3, anthropic 3)."""
_ANTHROPIC_NAMES = frozenset({"cache_read_input_tokens", "cache_creation_input_tokens"})

COSTS = frozenset(
    {"cost", "cost_details", "is_byok", "market_cost", "gateway_cost", "estimated_cost"}
    | {"cost_in_usd_ticks"}
)
"""What a server says the reply costs: kept beside our own cost, never added to it."""
ABOUT = frozenset({"service_tier", "speed", "inference_geo"})
"""What Anthropic says about how it served, which some gateways pass on."""
_TIMES = frozenset({"queue_time", "prompt_time", "completion_time", "total_time"})
_FIELDS = frozenset(
    {"type", "total_tokens", "prompt_tokens", "completion_tokens", "input_tokens", "output_tokens"}
    | {"prompt_tokens_details", "completion_tokens_details", "prompt_cache_miss_tokens"}
    | {"input_tokens_details", "output_tokens_details", "reasoning_tokens", "context_details"}
    | {*READ, *WRITTEN, *SPLITS}
    | COSTS
    | ABOUT
    | _TIMES
)
_BY_MODALITY = frozenset({"input_token_details", "output_token_details", "cached_tokens_details"})
_DETAILS = frozenset({"text_tokens", "audio_tokens", "image_tokens", *READ, *WRITTEN, *SPLITS})
_OUTPUT_DETAILS = frozenset(
    {"text_tokens", "audio_tokens", "reasoning_tokens"}
    | {"accepted_prediction_tokens", "rejected_prediction_tokens"}
)


class Counts(NamedTuple):
    """The counts of one usage, as OpenAI counts: totals contain their parts."""

    input: int
    output: int | None
    cache_read: int | None
    cache_write: int | None
    cache_write_long: int | None
    """The 12 h / 1 h part of `cache_write`; None when the reply does not split it."""
    reasoning: int | None
    input_audio: int | None
    output_audio: int | None
    problem: str | None
    """Why these counts may not be all: `unexplained_tokens` or `unknown_usage_field`."""


def read_counts(usage: JSON) -> Counts:
    """Counts of a usage; raises `Unreadable` where it contradicts itself or has no input."""
    chat = "prompt_tokens" in usage
    names = ("prompt_tokens", "completion_tokens") if chat else ("input_tokens", "output_tokens")
    given_in, given_out = count(usage, names[0]), count(usage, names[1])
    if given_in is None:
        raise Unreadable("no_usage")
    details, out_details = part(usage, f"{names[0]}_details"), part(usage, f"{names[1]}_details")
    read = _same(READ, usage, details)
    written, long = _written(usage, details)
    reasoning = _same(("reasoning_tokens",), out_details, usage)
    cached = (read or 0) + (written or 0)
    anthropic = not (_ANTHROPIC_NAMES.isdisjoint(usage) and _ANTHROPIC_NAMES.isdisjoint(details))
    total_in, total_out, problem = _totals(
        given_in, given_out, count(usage, "total_tokens"), cached, reasoning or 0, anthropic
    )
    if problem is None and (
        carries_unknown(usage, _FIELDS)
        or carries_unknown(details, _DETAILS)
        or carries_unknown(out_details, _OUTPUT_DETAILS)
    ):
        problem = "unknown_usage_field"
    return Counts(
        total_in,
        total_out,
        read,
        written,
        long,
        reasoning,
        count(details, "audio_tokens"),
        count(out_details, "audio_tokens"),
        problem,
    )


def unexplained(usage: JSON, total_in: int, total_out: int) -> str | None:
    """Why a usage that is split by modality may hold more than its counts; None = it does not."""
    total = count(usage, "total_tokens")
    if total is not None and total != total_in + total_out:
        return "unexplained_tokens"
    return "unknown_usage_field" if carries_unknown(usage, _FIELDS | _BY_MODALITY) else None


def _totals(
    given_in: int,
    given_out: int | None,
    total: int | None,
    cached: int,
    reasoning: int,
    named: bool,
) -> tuple[int, int | None, str | None]:
    """Whole input, whole output, and what does not add up.

    Input may leave out what is cached (Portkey copies Anthropic's counts), output may leave out
    reasoning (xAI): the total says so. Without it, an input smaller than its parts does, when
    the parts have Anthropic's names (`named`).
    """
    extra = None if total is None else total - given_in - (given_out or 0)
    if not extra:
        left_out = cached if named and cached > given_in else 0
        return given_in + left_out, given_out, None
    if cached and extra == cached and cached != reasoning:
        return given_in + cached, given_out, None
    if given_out is None:  # a lower bound as it is
        return given_in, None, "unexplained_tokens"
    if reasoning and extra == reasoning and cached != reasoning:
        return given_in, given_out + reasoning, None
    if cached and reasoning and extra == cached + reasoning:
        return given_in + cached, given_out + reasoning, None
    # More in total than input and output: most likely thinking, as Gemini leaves it out.
    return given_in, given_out + max(extra, 0), "unexplained_tokens"


def _same(names: tuple[str, ...], *holders: JSON) -> int | None:
    """A count that may stand under several names; two that differ contradict each other."""
    found: int | None = None
    for holder in holders:
        for name in names if holder else ():
            if name in holder and (value := count(holder, name)) is not None:
                if found and value and value != found:
                    raise Unreadable("contradictory_usage")
                found = value or found or 0
    return found


def _written(usage: JSON, details: JSON) -> tuple[int | None, int | None]:
    """Tokens written to the cache, and those that stay longer (openai 3, anthropic 3)."""
    written = _same(WRITTEN, usage, details)
    for holder in (details, usage):
        if SPLITS.keys().isdisjoint(holder):  # nearly always
            continue
        for name, (short_name, long_name) in SPLITS.items():
            if name not in holder:
                continue
            split = part(holder, name)
            short, long = count(split, short_name), count(split, long_name)
            if short is None and long is None:
                continue
            both = (short or 0) + (long or 0)
            if written is not None and both > written:
                raise Unreadable("contradictory_usage")
            return both if written is None else written, long or 0
    return written, None
