# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The most that a call may cost, from its request alone; budgets put that much aside.

Everything that multiplies a price counts: copies (`n`, `best_of`, several prompts), service tiers
and fast mode, regional hosts, cache writes and how long they stay, long context, fees of tools,
fallback models and advisors. Input tokens are estimated from the length of the text. Where the
request leaves the service tier to the project's settings, the standard tier is assumed.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

from otel_llmcost import pricing, providers, semconv
from otel_llmcost.instrumentation.calls.call import Call
from otel_llmcost.instrumentation.calls.price_book import book
from otel_llmcost.pricing.groups import MODES
from otel_llmcost.usage import EXACT, Charge, Quantity, Usage

LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")
_NO_LIMIT = 4096
"""Output tokens assumed of a call without a limit."""
_LONGEST = 10_000_000
"""Tokens that no reply has, whatever limit a request names."""
_MOST_COPIES = 10_000
_TOOL_USES = 10
"""Uses assumed of a hosted tool without a limit."""
_BYTES_PER_TOKEN = 4
_IMAGE_TOKENS = 5_000
"""Tokens of an image in the prompt, at the most."""
_DRAWN_TOKENS = {"low": 408, "medium": 1_584}
_MOST_DRAWN_TOKENS = 6_240
"""Output tokens of an image of 1024 x 1536 pixels."""
_PIXELS = 1024 * 1536

_PLACES = ("unknown", "regional", "data_zone", "us", None)
_MODE_OF_TIER = {"priority": "fast", "fast": "fast", "ultrafast": "ultrafast", "flex": "flex"}
_ORDINARY_TIERS = (None, "auto", "default", "standard", "standard_only")
_DECIDES_THE_TIER = ("service_tier", "speed", "background", "background_options", "tools")

JSON = Mapping[str, Any]


def worst_case(call: Call, model: str | None = None) -> Decimal | None:
    """USD of a call whose reply is as long as it may be; None when its model has no price.

    `model` replaces the request's, where that only names a deployment.
    """
    body = call.body
    requested = model or body.get("model")
    total = _at_most(call, body, requested, _buckets(call, body))
    if total is None:
        return None
    for attempt in _objects(body.get("fallbacks")):
        # anthropic 16: every attempt is billed, at its own model; one without a price adds nothing.
        changed = {**body, **{name: value for name, value in attempt.items() if value is not None}}
        more = _at_most(call, changed, attempt.get("model"), _buckets(call, changed))
        total = EXACT.add(total, more or Decimal(0))
    for tool in _objects(body.get("tools")):
        if str(tool.get("type")).startswith("advisor"):
            uses = _number(tool.get("max_uses"), _TOOL_USES, _MOST_COPIES)
            limit = output_limit(tool) * uses
            advice: list[dict[str, Quantity]] = [{"input": _tokens(body) * uses, "output": limit}]
            more = _at_most(call, body, tool.get("model"), advice)
            total = EXACT.add(total, more or Decimal(0))
    return total


def output_limit(body: JSON) -> int:
    """Output tokens that a reply to `body` has at the most; absurd limits are cut."""
    limits = [_number(body[name], -1, _LONGEST) for name in LIMITS if name in body]
    return max((limit for limit in limits if limit >= 0), default=_NO_LIMIT)


def _at_most(
    call: Call, body: JSON, model: object, choices: Iterable[dict[str, Quantity]]
) -> Decimal | None:
    """The highest price of any of the ways in which a call may be billed."""
    if not isinstance(model, str):
        return None
    now = datetime.now(UTC)
    usages = [
        Usage(provider=call.provider, model=model, charges=(charge,), mode=mode, geo=geo)
        for charge in (Charge(model=model, buckets=buckets) for buckets in choices)
        for geo in _geos(call, body, model)
        for mode in _modes(body)
    ]
    totals = [pricing.rate(usage, now, book()).total for usage in usages]
    if not any(totals) and usages[0].mode != "standard":
        # Not sold in the mode that was requested.
        ordinary = [dataclasses.replace(usage, mode="standard") for usage in usages]
        totals = [pricing.rate(usage, now, book()).total for usage in ordinary]
    return max((total for total in totals if total is not None), default=None)


def _modes(body: JSON) -> tuple[str, ...]:
    if body.get("speed") == "fast":
        return ("fast",)
    tier = body.get("service_tier")
    if not isinstance(tier, str) or tier in _ORDINARY_TIERS:
        return ("standard",)
    known = _MODE_OF_TIER.get(tier)
    return (known,) if known else MODES


def _geos(call: Call, body: JSON, model: str) -> tuple[str | None, ...]:
    """Where the call will be served, as the provider's reader finds it."""
    client = {"base_url": call.base_url, "endpoint": call.endpoint}
    plain = {name: value for name, value in body.items() if name not in _DECIDES_THE_TIER}
    used: dict[str, Any] = {"input_tokens": 1, "output_tokens": 1}
    if call.endpoint.endswith(("/completions", "/embeddings")):
        used = {"prompt_tokens": 1, "completion_tokens": 1}
    used["inference_geo"] = body.get("inference_geo")
    found = providers.read(
        call.provider,
        request={**plain, "client": client},
        response={"model": model, "usage": used},
    )
    return _PLACES if found.geo == "unknown" else (found.geo,)


def _buckets(call: Call, body: JSON) -> Iterator[dict[str, Quantity]]:
    """What a reply may be billed for, by the kind of input it is charged as."""
    fixed: dict[str, Quantity] = dict(_fees(body))
    copies = _copies(body)
    if "/images/" in call.endpoint:
        fixed["output_image"] = copies * _drawn(body)
    elif call.endpoint.endswith("/audio/speech"):
        fixed["output_audio"] = _tokens(body) * 8
    elif call.attributes.get(semconv.OPERATION) in ("chat", "text_completion"):
        out = "output_audio" if "audio" in _list(body.get("modalities")) else "output"
        fixed[out] = min(output_limit(body) * copies, _LONGEST * 10)
    size = _tokens(body)
    for name in _input_buckets(call, body):
        yield {name: size, **fixed}
    if call.endpoint.endswith("/audio/speech"):
        yield {"characters": len(str(body.get("input", "")))}


def _input_buckets(call: Call, body: JSON) -> Iterator[str]:
    yield "input"
    lifetimes = set(_lifetimes(body))
    if lifetimes:
        yield "cache_write_1h" if "1h" in lifetimes else "cache_write_5m"
    if "/messages" not in call.endpoint:
        options = body.get("prompt_cache_options")
        long = isinstance(options, Mapping) and cast("JSON", options).get("ttl") == "12h"
        yield "cache_write_12h" if long else "cache_write_30m"


def _lifetimes(value: object) -> Iterator[str]:
    """How long the marked parts of a prompt stay cached."""
    if isinstance(value, Mapping):
        mapping = cast("Mapping[str, object]", value)
        marked = mapping.get("cache_control")
        if isinstance(marked, Mapping):
            yield str(cast("JSON", marked).get("ttl") or "5m")
        for name, inner in mapping.items():
            if name != "cache_control":
                yield from _lifetimes(inner)
    elif isinstance(value, list | tuple):
        for inner in cast("Iterable[object]", value):
            yield from _lifetimes(inner)


def _copies(body: JSON) -> int:
    each = max(_number(body.get(name), 1, _MOST_COPIES) for name in ("n", "best_of"))
    prompts = [prompt for prompt in _list(body.get("prompt")) if not isinstance(prompt, int)]
    return max(each, 1) * max(len(prompts), 1)


def _drawn(body: JSON) -> int:
    tokens = _DRAWN_TOKENS.get(str(body.get("quality")), _MOST_DRAWN_TOKENS)
    width, _, height = str(body.get("size")).partition("x")
    pixels = int(width) * int(height) if width.isdigit() and height.isdigit() else _PIXELS
    partial = 100 * _number(body.get("partial_images"), 0, 10)
    return min(tokens * max(pixels, _PIXELS) // _PIXELS, _LONGEST) + partial


def _fees(body: JSON) -> Iterator[tuple[str, Quantity]]:
    for tool in _objects(body.get("tools")):
        kind = str(tool.get("type"))
        limit = tool.get("max_uses", body.get("max_tool_calls"))
        uses = _number(limit, _TOOL_USES, _MOST_COPIES)
        if kind.startswith("web_search_preview"):
            yield "web_search_preview_call", uses
        elif kind.startswith("web_search"):
            yield "web_search_call", uses
        elif kind == "file_search":
            yield "file_search_call", uses


def _tokens(value: object) -> int:
    return _bytes(value) // _BYTES_PER_TOKEN + 1


def _bytes(value: object) -> int:
    if isinstance(value, str):
        if value.startswith("data:image/"):
            return _IMAGE_TOKENS * _BYTES_PER_TOKEN
        return len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))
    if isinstance(value, Mapping):
        mapping = cast("Mapping[str, object]", value)
        if str(mapping.get("media_type")).startswith("image/"):
            return _IMAGE_TOKENS * _BYTES_PER_TOKEN
        return sum(_bytes(inner) for inner in mapping.values())
    if isinstance(value, list | tuple):
        return sum(_bytes(inner) for inner in cast("Iterable[object]", value))
    return 1


def _number(value: object, default: int, most: int) -> int:
    """`value` as a whole number of at least 0 and at most `most`, in whatever form it is given."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return default
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return default
    if value < 0:
        return default
    return math.ceil(min(value, most))


def _objects(value: object) -> list[JSON]:
    return [cast("JSON", item) for item in _list(value) if isinstance(item, Mapping)]


def _list(value: object) -> list[object]:
    return list(cast("Iterable[object]", value)) if isinstance(value, list | tuple) else []
