# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Deterministic stand-ins for a tokenizer and a model."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from typing import Any, cast

CHARACTERS_PER_TOKEN = 4
PROSE = """
the order was checked and your refund is on its way please allow three working days for the
amount to appear we have updated the ticket and attached a summary of what changed next time
you can track it in the portal under invoices let me know if anything is missing
"""
WORDS = PROSE.split()


def count_tokens(text: str) -> int:
    """About what a tokenizer says for English: four characters a token, rounded up."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def dice(*facts: object) -> random.Random:
    """The same facts always throw the same numbers."""
    digest = hashlib.blake2b(json.dumps(facts, default=str).encode(), digest_size=8).digest()
    return random.Random(int.from_bytes(digest, "big"))


def write(rng: random.Random, tokens: int) -> str:
    """Prose of exactly `tokens` tokens."""
    length = tokens * CHARACTERS_PER_TOKEN
    words: list[str] = []
    written = 0
    while written < length:
        words.append(rng.choice(WORDS))
        written += len(words[-1]) + 1
    return " ".join(words)[:length].ljust(length, ".")


def pieces(text: str, tokens_each: int = 6) -> Iterator[str]:
    """The deltas in which a stream delivers a text."""
    size = tokens_each * CHARACTERS_PER_TOKEN
    for start in range(0, len(text), size):
        yield text[start : start + size]


def fill(schema: dict[str, Any], rng: random.Random, root: dict[str, Any] | None = None) -> Any:
    """A value that satisfies a JSON schema: what a structured output or tool call carries."""
    root = schema if root is None else root
    if "$ref" in schema:
        target: Any = root
        for part in str(schema["$ref"]).removeprefix("#/").split("/"):
            target = target[part]
        return fill(target, rng, root)
    if "enum" in schema:
        return rng.choice(cast(list[Any], schema["enum"]))
    if "const" in schema:
        return schema["const"]
    for union in ("anyOf", "oneOf", "allOf"):
        if schema.get(union):
            return fill(schema[union][0], rng, root)
    match schema.get("type"):
        case "object":
            properties = cast(dict[str, dict[str, Any]], schema.get("properties") or {})
            return {name: fill(kind, rng, root) for name, kind in properties.items()}
        case "array":
            return [fill(schema.get("items") or {"type": "string"}, rng, root)]
        case "integer":
            return rng.randrange(1, 100)
        case "number":
            return rng.randrange(100, 10_000) / 100
        case "boolean":
            return rng.random() < 0.5
        case "null":
            return None
        case _:
            return rng.choice(WORDS)
