# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Every model of the price book, by provider and place."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from otel_llmcost.pricing import price_response
from otel_llmcost.usage import Cost
from tests.pricing import oracle

ANTHROPIC = oracle.models("anthropic")
ON_CLOUDS = [model for model in ANTHROPIC if not re.search("latest|claude-2", model)]
OPENAI = [
    model.replace(":*", ":acme::Ab1").replace("turbo*", "turbo-0125").rstrip("*")
    for model in oracle.models("openai")
    if not re.search("audio|image|realtime|transcribe|tts|embedding", model)
]
CLAUDE_IN_THE_US = oracle.models("anthropic", "inference_geo_us_multiplier")  # A11
CLAUDE_PER_REGION = oracle.models("aws.bedrock", "regional_endpoint_multiplier")  # clouds
REGIONAL_SINCE = dt.date(2026, 3, 5)  # O11
CLAUDE_LIMITS = ((0, 0), (200_000, 0), (200_000, 1), (100_000, 0), (100_000, 1))
GPT_LIMITS = ((0, 0), (272_000, 0), (272_000, 1))

Priced = tuple[tuple[Any, ...], Cost, Decimal | None]
"""The case, with the day first; what we say, and what the facts say."""


def drawn(dice: random.Random, buckets: list[str], size: int) -> dict[str, int]:
    """A prompt of that size (any, when 0) over these buckets, and some output."""
    tokens = {bucket: dice.randint(1, 20_000) for bucket in buckets}
    if size:
        share = size // len(buckets)
        tokens = dict.fromkeys(buckets, share)
        tokens["input"] += size - share * len(buckets)
    return {**tokens, "output": dice.randint(1, 9_000)}


def noon(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC)


def message(tokens: dict[str, int]) -> dict[str, Any]:
    short, long = tokens.get("cache_write_5m", 0), tokens.get("cache_write_1h", 0)
    return {
        "input_tokens": tokens["input"],
        "cache_read_input_tokens": tokens.get("cache_read", 0),
        "cache_creation_input_tokens": short + long,
        "cache_creation": {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long},
        "output_tokens": tokens["output"],
    }


def converse(tokens: dict[str, int]) -> dict[str, Any]:
    short, long = tokens.get("cache_write_5m", 0), tokens.get("cache_write_1h", 0)
    return {
        "inputTokens": tokens["input"],
        "cacheReadInputTokens": tokens.get("cache_read", 0),
        "cacheWriteInputTokens": short + long,
        "cacheDetails": [{"ttl": "5m", "inputTokens": short}, {"ttl": "1h", "inputTokens": long}],
        "outputTokens": tokens["output"],
    }


def claude_tokens(dice: random.Random, model: str, size: int) -> dict[str, int]:
    cached = ["cache_read", "cache_write_5m", "cache_write_1h"]
    return drawn(dice, ["input"] if model.startswith("claude-2") else ["input", *cached], size)


def claudes(model: str) -> Iterator[Priced]:
    dice = random.Random(model)
    modes = ("standard", "fast") if model.startswith("claude-2") else ("standard", "batch", "fast")
    for day in oracle.edges("anthropic", model):
        for mode in modes:
            for geo in ("global", "us"):
                for limit, more in CLAUDE_LIMITS:
                    tokens = claude_tokens(dice, model, limit + more)
                    usage = {**message(tokens), "inference_geo": geo, "speed": "standard"}
                    usage |= {"service_tier": "batch"} if mode == "batch" else {}
                    usage |= {"speed": "fast"} if mode == "fast" else {}
                    reply = {"model": model, "stop_reason": "end_turn", "usage": usage}
                    cost = price_response("anthropic", request={}, response=reply, at=noon(day))
                    has_surcharge = geo == "us" and model in CLAUDE_IN_THE_US
                    factor = "1.1" if has_surcharge and day >= dt.date(2026, 2, 5) else "1"
                    want = oracle.bill("anthropic", model, day, tokens, mode, factor)
                    yield (day, mode, geo, limit + more), cost, want


def claudes_on_clouds(model: str) -> Iterator[Priced]:
    dice = random.Random(model)
    dated = re.sub(r"-(20\d{6})$", r"@\1", model)
    regional = "1.1" if re.sub(r"-20\d{6}$", "", model) in CLAUDE_PER_REGION else "1"
    calls = [
        (
            f"{scope}anthropic.{model}-v1:0",
            "aws.bedrock",
            {},
            "1" if scope == "global." else regional,
        )
        for scope in ("global.", "us.", "eu.", "jp.", "au.", "apac.", "")
    ]
    calls += [
        (dated, "gcp.vertex_ai", {"region": region}, "1" if region == "global" else regional)
        for region in ("global", "us-east5", "eu")
    ]
    for day in oracle.edges("anthropic", model):
        for name, provider, client, factor in calls:
            for limit, more in CLAUDE_LIMITS:
                tokens = claude_tokens(dice, model, limit + more)
                write = converse if provider == "aws.bedrock" and more else message
                cost = price_response(
                    provider,
                    request={"model": name, "client": client},
                    response={"usage": write(tokens)},
                    at=noon(day),
                )
                want = oracle.bill("anthropic", model, day, tokens, "standard", factor)
                yield (day, name, client, limit + more), cost, want


def gpts(model: str) -> Iterator[Priced]:
    dice = random.Random(model)
    # O2: the facts leave out cached prices of models that have no discount.
    cached = [] if "-pro" in model else ["cache_read"]
    days = oracle.edges("openai", model)
    factors = {"https://eu.api.openai.com/v1": "1.1" if days[1] >= REGIONAL_SINCE else "1"}
    modes = ("standard", "batch", "flex", "fast", "ultrafast", "window_2h", "window_8h")
    for day in days:
        for mode in modes:
            for limit, more in GPT_LIMITS:
                for host in ("https://api.openai.com/v1", *factors):
                    written = dice.choice([[], ["cache_write_30m"], [*oracle.FREE_WRITES]])
                    tokens = drawn(dice, ["input", *cached, *written], limit + more)
                    request, reply = as_chat(tokens) if dice.random() < 0.3 else as_reply(tokens)
                    client = {"base_url": host, "batch": mode == "batch"}
                    request |= {"model": model, "client": client}
                    reply |= {"model": model, "service_tier": tier(mode, dice)}
                    if mode.startswith("window"):
                        window = {"completion_window": mode.removeprefix("window_")}
                        request |= {"background": True, "background_options": window}
                    cost = price_response("openai", request=request, response=reply, at=noon(day))
                    want = oracle.bill("openai", model, day, tokens, mode, factors.get(host, "1"))
                    yield (day, mode, limit + more, host, written), cost, want


def tier(mode: str, dice: random.Random) -> str:
    """How a reply says that it was served so; batches and windows it does not mention."""
    if mode == "fast":
        return dice.choice(["priority", "fast"])  # O8
    return mode if mode in ("flex", "ultrafast") else "default"


def details(tokens: dict[str, int]) -> dict[str, Any]:
    short, long = (tokens.get(bucket, 0) for bucket in oracle.FREE_WRITES)
    return {
        "cached_tokens": tokens.get("cache_read", 0),
        "cache_write_tokens": short + long,
        "cache_write_tokens_details": {"ttl_30m_tokens": short, "ttl_12h_tokens": long},
    }


def as_reply(tokens: dict[str, int]) -> tuple[dict[str, Any], dict[str, Any]]:
    usage = {
        "input_tokens": sum(tokens.values()) - tokens["output"],
        "input_tokens_details": details(tokens),
        "output_tokens": tokens["output"],
        "output_tokens_details": {"reasoning_tokens": tokens["output"] // 2},
    }
    return {}, {"usage": usage}


def as_chat(tokens: dict[str, int]) -> tuple[dict[str, Any], dict[str, Any]]:
    usage = {
        "prompt_tokens": sum(tokens.values()) - tokens["output"],
        "prompt_tokens_details": {**details(tokens), "audio_tokens": 0},
        "completion_tokens": tokens["output"],
        "completion_tokens_details": {"reasoning_tokens": tokens["output"] // 2, "audio_tokens": 0},
    }
    return {}, {"usage": usage}
