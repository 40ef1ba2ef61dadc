# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What every emulated endpoint works with: the provider's state and one answer to send."""

from __future__ import annotations

import hashlib
import itertools
import json
import random
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from otel_llmcost.emulator.caching import PromptCache
from otel_llmcost.emulator.prices import PRICES, BilledUsage, Price
from otel_llmcost.emulator.text import dice

JSON = dict[str, Any]
CONTEXT_WINDOW = 100_000
"""Small on purpose: above it some models change price, and the price list here stays simple."""


class RefusedError(Exception):
    """The request is wrong; carries what the provider answers."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class World:
    """State behind the endpoints: what is cached, and ids no other run hands out."""

    def __init__(self, seed: int, salt: str | None = None) -> None:
        self.seed = seed
        self.salt = salt or secrets.token_hex(8)
        self.cache = PromptCache()
        self._numbers = itertools.count(1)

    def new_id(self, prefix: str) -> str:
        """A fresh id; unlike tokens and texts it differs from run to run."""
        name = f"{self.salt}:{prefix}:{next(self._numbers)}"
        return prefix + hashlib.blake2b(name.encode(), digest_size=12).hexdigest()

    def dice(self, model: str, prompt: Sequence[str]) -> random.Random:
        """Chance that depends on seed, model and prompt only, so every run bills the same."""
        return dice(self.seed, model, list(prompt))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One billed reply, before it goes over the wire."""

    provider: str
    endpoint: str
    response_id: str | None
    billed: BilledUsage
    body: JSON
    """The reply as JSON."""
    frames: list[bytes] = field(default_factory=list[bytes])
    """The same reply as server-sent events; empty when the request wants no stream."""
    error_frame: bytes = b""
    """The event with which this endpoint reports that a stream has failed."""


def known(request: JSON, provider: str) -> tuple[str, Price]:
    """Model of the request and its price; a model the provider does not have is its usual 404."""
    model = request.get("model")
    if not isinstance(model, str) or not model:
        raise RefusedError(400, "model: field required")
    price = PRICES.get(model)
    if price is None or price.provider != provider:
        raise RefusedError(404, f"model: {model}")
    return model, price


def check_length(tokens: int) -> None:
    """Refuse what does not fit the window, as the providers do."""
    if tokens > CONTEXT_WINDOW:
        raise RefusedError(400, f"prompt is too long: {tokens} tokens > {CONTEXT_WINDOW} maximum")


def natural_length(rng: random.Random) -> int:
    """Tokens a reply would have if nothing cut it off: mostly short, sometimes long."""
    return min(1200, int(rng.lognormvariate(4.6, 0.6)) + 12)


def now() -> int:
    """Seconds since the epoch, as OpenAI stamps its objects."""
    return int(time.time())


def sse(data: Mapping[str, Any], event: str | None = None) -> bytes:
    """One server-sent event."""
    name = f"event: {event}\n" if event else ""
    return f"{name}data: {json.dumps(data, separators=(',', ':'))}\n\n".encode()
