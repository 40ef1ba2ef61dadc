# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Anthropic: `POST /v1/messages` and the free `/v1/messages/count_tokens`."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

from otel_llmcost.emulator.answer import (
    JSON,
    Answer,
    RefusedError,
    World,
    check_length,
    known,
    natural_length,
    sse,
)
from otel_llmcost.emulator.caching import Block, Split, Ttl
from otel_llmcost.emulator.prices import BilledUsage
from otel_llmcost.emulator.text import count_tokens, fill, pieces, write

ENDPOINT = "/v1/messages"
ERROR_FRAME = sse(
    {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, "error"
)


def answer(request: JSON, world: World) -> Answer:
    """One reply to `POST /v1/messages`, whole or as a stream."""
    model, price = known(request, "anthropic")
    max_tokens = request.get("max_tokens")
    if not isinstance(max_tokens, int):
        raise RefusedError(400, "max_tokens: Field required")
    blocks = list(prompt(request))
    split = world.cache.marked(model, blocks, price.cache_from)
    check_length(split.total)
    rng = world.dice(model, [block.text for block in blocks])
    content, natural, stop_reason = _content(request, rng, max_tokens, world)
    output = min(natural, max_tokens)
    billed = BilledUsage(
        model=model,
        uncached=split.uncached,
        read=split.read,
        write=split.write,
        write_long=split.write_long,
        output=output,
        searches=sum(str(tool.get("type")).startswith("web_search") for tool in _tools(request)),
        geo="us" if price.us_geo and request.get("inference_geo") == "us" else None,
    )
    response_id = world.new_id("msg_01")
    message: JSON = {
        "id": response_id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content,
        "stop_reason": stop_reason if natural <= max_tokens else "max_tokens",
        "stop_sequence": None,
        "stop_details": None,
        "container": None,
        "usage": _usage(billed, split, us_possible=price.us_geo),
    }
    return Answer(
        provider="anthropic",
        endpoint=ENDPOINT,
        response_id=response_id,
        billed=billed,
        body=message,
        frames=list(_stream(message)) if request.get("stream") is True else [],
        error_frame=ERROR_FRAME,
    )


def count(request: JSON) -> JSON:
    """The body of `/v1/messages/count_tokens`; costs nothing."""
    return {"input_tokens": sum(count_tokens(block.text) for block in prompt(request))}


def prompt(request: JSON) -> Iterator[Block]:
    """The prompt in caching order: tools, system, messages."""
    blocks = list(_parts(_tools(request)))
    blocks += _parts(request.get("system"))
    for message in cast(list[JSON], request.get("messages") or []):
        blocks += _parts(message.get("content"))
    automatic = _ttl(request)
    if automatic and blocks:
        blocks[-1] = replace(blocks[-1], breakpoint=automatic)
    yield from blocks


def _parts(content: Any) -> Iterator[Block]:
    if isinstance(content, str):
        yield Block(content)
        return
    for part in cast(list[JSON], content or []):
        if part.get("type") == "text":
            text = str(part.get("text"))
        else:
            text = json.dumps({k: v for k, v in part.items() if k != "cache_control"})
        yield Block(text, _ttl(part))


def _ttl(holder: JSON) -> Ttl | None:
    control = cast("JSON | None", holder.get("cache_control"))
    if not control:
        return None
    return "1h" if control.get("ttl") == "1h" else "5m"


def _tools(request: JSON) -> list[JSON]:
    return cast(list[JSON], request.get("tools") or [])


def _content(
    request: JSON, rng: random.Random, max_tokens: int, world: World
) -> tuple[list[JSON], int, str]:
    """Content blocks, tokens the model wanted to write, and why it stopped."""
    forced = _forced_tool(request)
    if forced is not None:
        arguments = fill(cast(JSON, forced.get("input_schema") or {}), rng)
        block = {
            "type": "tool_use",
            "id": world.new_id("toolu_01"),
            "name": forced["name"],
            "input": arguments,
        }
        return [block], count_tokens(json.dumps(arguments)) + 20, "tool_use"
    wanted = cast(JSON, request.get("output_config") or {}).get("format")
    if wanted:
        text = json.dumps(fill(cast(JSON, wanted).get("schema") or {}, rng))
        return [{"type": "text", "text": text}], count_tokens(text), "end_turn"
    natural = natural_length(rng)
    text = write(rng, min(natural, max_tokens))
    return [{"type": "text", "text": text}], natural, "end_turn"


def _forced_tool(request: JSON) -> JSON | None:
    """The tool the caller insists on; without insistence the emulated model answers in words."""
    choice = cast(JSON, request.get("tool_choice") or {})
    tools = [tool for tool in _tools(request) if "input_schema" in tool]
    if choice.get("type") == "any" and tools:
        return tools[0]
    return next((t for t in tools if t["name"] == choice.get("name")), None)


def _usage(billed: BilledUsage, split: Split, *, us_possible: bool) -> JSON:
    return {
        "input_tokens": split.uncached,
        "cache_creation_input_tokens": split.write + split.write_long,
        "cache_read_input_tokens": split.read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": split.write,
            "ephemeral_1h_input_tokens": split.write_long,
        },
        "output_tokens": billed.output,
        "server_tool_use": {"web_search_requests": billed.searches, "web_fetch_requests": 0}
        if billed.searches
        else None,
        "service_tier": "standard",
        "inference_geo": (billed.geo or "global") if us_possible else "not_available",
    }


def _stream(message: JSON) -> Iterator[bytes]:
    usage = cast(JSON, message["usage"])
    opening: JSON = {
        **message,
        "content": [],
        "stop_reason": None,
        # Only a placeholder: what the model will write is not known yet.
        "usage": {**usage, "output_tokens": 1, "server_tool_use": None},
    }
    yield sse({"type": "message_start", "message": opening}, "message_start")
    for index, block in enumerate(cast(list[JSON], message["content"])):
        yield from _block(index, block)
    counts = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    totals = {name: usage[name] for name in (*counts, "output_tokens")}
    if usage["server_tool_use"]:
        totals["server_tool_use"] = usage["server_tool_use"]
    delta = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    yield sse({"type": "message_delta", "delta": delta, "usage": totals}, "message_delta")
    yield sse({"type": "message_stop"}, "message_stop")


def _block(index: int, block: JSON) -> Iterator[bytes]:
    is_text = block["type"] == "text"
    empty: JSON = {**block, "text": ""} if is_text else {**block, "input": {}}
    start: JSON = {"type": "content_block_start", "index": index, "content_block": empty}
    yield sse(start, "content_block_start")
    yield sse({"type": "ping"}, "ping")
    for piece in pieces(str(block["text"]) if is_text else json.dumps(block["input"])):
        delta = (
            {"type": "text_delta", "text": piece}
            if is_text
            else {"type": "input_json_delta", "partial_json": piece}
        )
        event = {"type": "content_block_delta", "index": index, "delta": delta}
        yield sse(event, "content_block_delta")
    yield sse({"type": "content_block_stop", "index": index}, "content_block_stop")
