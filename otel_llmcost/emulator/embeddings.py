# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""OpenAI: `POST /v1/embeddings`."""

from __future__ import annotations

import base64
import struct
from typing import cast

from otel_llmcost.emulator.answer import JSON, Answer, RefusedError, World, check_length, known
from otel_llmcost.emulator.prices import BilledUsage
from otel_llmcost.emulator.text import count_tokens

ENDPOINT = "/v1/embeddings"


def answer(request: JSON, world: World) -> Answer:
    """One reply to `POST /v1/embeddings`; such replies carry no id."""
    model, _ = known(request, "openai")
    content = request.get("input")
    texts = [content] if isinstance(content, str) else cast(list[object], content or [])
    if not texts:
        raise RefusedError(400, "input: Field required")
    tokens = sum(count_tokens(str(text)) for text in texts)
    check_length(tokens)
    size = int(request.get("dimensions") or 1536)
    as_base64 = request.get("encoding_format") == "base64"
    data = [
        {
            "object": "embedding",
            "index": index,
            "embedding": _vector(world, model, str(text), size, as_base64=as_base64),
        }
        for index, text in enumerate(texts)
    ]
    body: JSON = {
        "object": "list",
        "data": data,
        "model": model,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }
    return Answer(
        provider="openai",
        endpoint=ENDPOINT,
        response_id=None,
        billed=BilledUsage(model=model, uncached=tokens),
        body=body,
    )


def _vector(
    world: World, model: str, text: str, size: int, *, as_base64: bool
) -> str | list[float]:
    rng = world.dice(model, [text])
    numbers = [rng.uniform(-0.05, 0.05) for _ in range(size)]
    if as_base64:
        return base64.b64encode(struct.pack(f"<{size}f", *numbers)).decode()
    return numbers
