# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""OpenAI: `POST /v1/responses`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import cast

from otel_llmcost.emulator.answer import (
    JSON,
    Answer,
    World,
    check_length,
    known,
    natural_length,
    now,
    sse,
)
from otel_llmcost.emulator.caching import Block, Split
from otel_llmcost.emulator.chat import served_tier, structured
from otel_llmcost.emulator.prices import BilledUsage
from otel_llmcost.emulator.text import count_tokens, pieces, write

ENDPOINT = "/v1/responses"
ERROR_FRAME = sse(
    {
        "type": "error",
        "code": "server_error",
        "message": "The server had an error while processing your request",
        "param": None,
        "sequence_number": 99,
    },
    "error",
)


def answer(request: JSON, world: World) -> Answer:
    """One reply to `POST /v1/responses`, whole or as a stream."""
    model, price = known(request, "openai")
    blocks = list(prompt(request))
    options = cast(JSON, request.get("prompt_cache_options") or {})
    split = world.cache.automatic(
        model,
        blocks,
        price.cache_from,
        writes=price.write is not None,
        long=options.get("ttl") == "12h",
    )
    check_length(split.total)
    rng = world.dice(model, [block.text for block in blocks])
    limit = int(request.get("max_output_tokens") or 4096)
    thinking = min(rng.randrange(16, 96) if price.reasoning else 0, limit // 2)
    text = structured(cast(JSON, request.get("text") or {}).get("format"), rng)
    natural = natural_length(rng) if text is None else count_tokens(text)
    written = min(natural, limit - thinking)
    text = write(rng, written) if text is None else text[: written * 4]
    tools = cast(list[JSON], request.get("tools") or [])
    billed = BilledUsage(
        model=model,
        uncached=split.uncached,
        read=split.read,
        write=split.write,
        write_long=split.write_long,
        output=written + thinking,
        searches=sum(str(tool.get("type")).startswith("web_search") for tool in tools),
        tier=served_tier(request, price),
    )
    body = _body(request, world, billed, text, cut=natural > limit - thinking)
    body["usage"] = _usage(split, billed.output, thinking)
    return Answer(
        provider="openai",
        endpoint=ENDPOINT,
        response_id=str(body["id"]),
        billed=billed,
        body=body,
        frames=list(_stream(body)) if request.get("stream") is True else [],
        error_frame=ERROR_FRAME,
    )


def prompt(request: JSON) -> Iterator[Block]:
    """The prompt in caching order: tools, instructions, input."""
    for tool in cast(list[JSON], request.get("tools") or []):
        yield Block(json.dumps(tool))
    if request.get("instructions"):
        yield Block(str(request["instructions"]))
    content = request.get("input")
    if isinstance(content, str):
        yield Block(content)
        return
    for item in cast(list[JSON], content or []):
        part = item.get("content")
        yield Block(part if isinstance(part, str) else json.dumps(item))


def _body(request: JSON, world: World, billed: BilledUsage, text: str, *, cut: bool) -> JSON:
    search = [
        {
            "id": world.new_id("ws_"),
            "type": "web_search_call",
            "status": "completed",
            "action": {"type": "search", "query": "order status"},
        }
        for _ in range(billed.searches)
    ]
    message: JSON = {
        "id": world.new_id("msg_"),
        "type": "message",
        "status": "incomplete" if cut else "completed",
        "role": "assistant",
        "content": [{"type": "output_text", "text": text, "annotations": [], "logprobs": []}],
    }
    return {
        "id": world.new_id("resp_"),
        "object": "response",
        "created_at": now(),
        "status": "incomplete" if cut else "completed",
        "background": False,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "instructions": request.get("instructions"),
        "max_output_tokens": request.get("max_output_tokens"),
        "model": billed.model,
        "output": [*search, message],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None},
        "service_tier": billed.tier,
        "store": True,
        "temperature": 1.0,
        "text": request.get("text") or {"format": {"type": "text"}},
        "tool_choice": request.get("tool_choice") or "auto",
        "tools": request.get("tools") or [],
        "tool_usage": {
            "image_gen": {
                "input_tokens": 0,
                "input_tokens_details": {"image_tokens": 0, "text_tokens": 0},
                "output_tokens": 0,
                "total_tokens": 0,
            },
            "web_search": {"num_requests": billed.searches},
        },
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": None,
        "metadata": request.get("metadata") or {},
    }


def _usage(split: Split, output: int, reasoning: int) -> JSON:
    return {
        "input_tokens": split.total,
        "input_tokens_details": {
            "cached_tokens": split.read,
            "cache_write_tokens": split.write + split.write_long,
            "cache_write_tokens_details": {
                "ttl_30m_tokens": split.write,
                "ttl_12h_tokens": split.write_long,
            },
        },
        "output_tokens": output,
        "output_tokens_details": {"reasoning_tokens": reasoning},
        "total_tokens": split.total + output,
    }


def _stream(body: JSON) -> Iterator[bytes]:
    events = list(_events(body))
    for number, event in enumerate(events):
        yield sse({**event, "sequence_number": number}, str(event["type"]))


def _events(body: JSON) -> Iterator[JSON]:
    started: JSON = {**body, "status": "in_progress", "output": [], "usage": None}
    started["incomplete_details"] = None
    yield {"type": "response.created", "response": started}
    yield {"type": "response.in_progress", "response": started}
    for index, item in enumerate(cast(list[JSON], body["output"])):
        empty = {**item, "status": "in_progress"}
        if item["type"] == "message":
            empty["content"] = []
        yield {"type": "response.output_item.added", "output_index": index, "item": empty}
        if item["type"] == "message":
            yield from _text_events(index, item)
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    yield {"type": f"response.{body['status']}", "response": body}


def _text_events(index: int, item: JSON) -> Iterator[JSON]:
    part = cast(JSON, item["content"][0])
    place = {"item_id": item["id"], "output_index": index, "content_index": 0}
    yield {"type": "response.content_part.added", **place, "part": {**part, "text": ""}}
    for piece in pieces(str(part["text"])):
        yield {"type": "response.output_text.delta", **place, "delta": piece, "logprobs": []}
    done: JSON = {
        "type": "response.output_text.done",
        **place,
        "text": part["text"],
        "logprobs": [],
    }
    yield done
    yield {"type": "response.content_part.done", **place, "part": part}
