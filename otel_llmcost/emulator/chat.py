# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""OpenAI: `POST /v1/chat/completions`."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any, cast

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
from otel_llmcost.emulator.caching import Block
from otel_llmcost.emulator.prices import BilledUsage, Price
from otel_llmcost.emulator.text import count_tokens, fill, pieces, write

ENDPOINT = "/v1/chat/completions"
ERROR_FRAME = sse(
    {
        "error": {
            "message": "The server had an error while processing your request",
            "type": "server_error",
            "param": None,
            "code": None,
        }
    }
)


def answer(request: JSON, world: World) -> Answer:
    """One reply to `POST /v1/chat/completions`, whole or as a stream."""
    model, price = known(request, "openai")
    blocks = list(prompt(request))
    split = world.cache.automatic(model, blocks, price.cache_from, writes=price.write is not None)
    check_length(split.total)
    rng = world.dice(model, [block.text for block in blocks])
    limit = cast("int | None", request.get("max_completion_tokens") or request.get("max_tokens"))
    choices, output, reasoning = _choices(request, rng, price, limit or 4096, world)
    billed = BilledUsage(
        model=model,
        uncached=split.uncached,
        read=split.read,
        write=split.write,
        output=output,
        tier=served_tier(request, price),
    )
    response_id = world.new_id("chatcmpl-")
    usage: JSON = {
        "prompt_tokens": split.total,
        "completion_tokens": output,
        "total_tokens": split.total + output,
        "prompt_tokens_details": {"cached_tokens": split.read, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
    if price.write is not None:
        usage["prompt_tokens_details"]["cache_write_tokens"] = split.write
    body: JSON = {
        "id": response_id,
        "object": "chat.completion",
        "created": now(),
        "model": model,
        "choices": choices,
        "usage": usage,
        "service_tier": billed.tier,
        "system_fingerprint": f"fp_{world.seed:010x}",
    }
    return Answer(
        provider="openai",
        endpoint=ENDPOINT,
        response_id=response_id,
        billed=billed,
        body=body,
        frames=list(_stream(body, request)) if request.get("stream") is True else [],
        error_frame=ERROR_FRAME,
    )


def prompt(request: JSON) -> Iterator[Block]:
    """The prompt in caching order: tools, then messages."""
    for tool in cast(list[JSON], request.get("tools") or []):
        yield Block(json.dumps(tool))
    for message in cast(list[JSON], request.get("messages") or []):
        content = message.get("content")
        yield Block(content if isinstance(content, str) else json.dumps(content))


def served_tier(request: JSON, price: Price) -> str:
    """The tier the reply names: a tier the model does not offer is served as default."""
    wanted = str(request.get("service_tier") or "auto")
    wanted = "priority" if wanted == "fast" else wanted
    return wanted if wanted in price.tiers else "default"


def structured(wanted: Any, rng: random.Random) -> str | None:
    """Text that satisfies a JSON schema, or None when the caller wants prose."""
    schema = cast(JSON, wanted or {})
    if schema.get("type") == "json_object":
        return "{}"
    if schema.get("type") != "json_schema":
        return None
    schema = cast(JSON, schema.get("json_schema") or schema)
    return json.dumps(fill(cast(JSON, schema.get("schema") or {}), rng))


def _choices(
    request: JSON, rng: random.Random, price: Price, limit: int, world: World
) -> tuple[list[JSON], int, int]:
    """Choices, all tokens written (thinking included), and the thinking among them."""
    choices: list[JSON] = []
    output = thought = 0
    for index in range(int(request.get("n") or 1)):
        thinking = min(rng.randrange(16, 96) if price.reasoning else 0, limit // 2)
        call = _tool_call(request, rng, world)
        text = "" if call else structured(request.get("response_format"), rng)
        left = limit - thinking
        natural = natural_length(rng) if text is None else count_tokens(text)
        if call:
            natural = count_tokens(json.dumps(call["function"]))
        written = min(natural, left)
        if text is None:
            text = write(rng, written)
        choices.append(
            {
                "index": index,
                "message": {
                    "role": "assistant",
                    "content": None if call else text[: written * 4],
                    "refusal": None,
                    "annotations": [],
                    **({"tool_calls": [call]} if call else {}),
                },
                "logprobs": None,
                "finish_reason": "length" if natural > left else ("tool_calls" if call else "stop"),
            }
        )
        output += written + thinking
        thought += thinking
    return choices, output, thought


def _tool_call(request: JSON, rng: random.Random, world: World) -> JSON | None:
    """A call of the tool the caller insists on."""
    choice = request.get("tool_choice")
    tools = [t["function"] for t in cast(list[JSON], request.get("tools") or [])]
    if choice == "required":
        function = tools[0] if tools else None
    elif isinstance(choice, dict):
        name = cast(JSON, cast(JSON, choice).get("function") or {}).get("name")
        function = next((f for f in tools if f["name"] == name), None)
    else:
        function = None
    if function is None:
        return None
    arguments = json.dumps(fill(function.get("parameters") or {}, rng))
    return {
        "id": world.new_id("call_"),
        "type": "function",
        "function": {"name": function["name"], "arguments": arguments},
    }


def _stream(body: JSON, request: JSON) -> Iterator[bytes]:
    wants_usage = cast(JSON, request.get("stream_options") or {}).get("include_usage") is True
    shared = {k: body[k] for k in ("id", "created", "model", "service_tier", "system_fingerprint")}

    def chunk(choices: list[JSON], usage: JSON | None = None) -> bytes:
        event = {**shared, "object": "chat.completion.chunk", "choices": choices}
        return sse({**event, "usage": usage} if wants_usage else event)

    def choice(index: int, delta: JSON, reason: str | None = None) -> list[JSON]:
        return [{"index": index, "delta": delta, "logprobs": None, "finish_reason": reason}]

    for complete in cast(list[JSON], body["choices"]):
        index, message = int(complete["index"]), cast(JSON, complete["message"])
        yield chunk(choice(index, {"role": "assistant", "content": "", "refusal": None}))
        for piece in pieces(message["content"] or ""):
            yield chunk(choice(index, {"content": piece}))
        for number, call in enumerate(cast(list[JSON], message.get("tool_calls") or [])):
            yield chunk(choice(index, {"tool_calls": [{"index": number, **call}]}))
        yield chunk(choice(index, {}, complete["finish_reason"]))
    if wants_usage:
        yield chunk([], body["usage"])
    yield b"data: [DONE]\n\n"
