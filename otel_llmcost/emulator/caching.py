# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Prompt caching as the providers do it: a prefix seen before is read, a new one is written."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from otel_llmcost.emulator.text import count_tokens

Ttl = Literal["5m", "1h"]
SECONDS: dict[Ttl, float] = {"5m": 300.0, "1h": 3600.0}
OPENAI_STEP = 128


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of the prompt, in the order the model reads it."""

    text: str
    breakpoint: Ttl | None = None
    """Set where the caller put `cache_control`: the prefix that ends here is to be cached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """How a prompt's tokens divide; the four counts are disjoint and sum to the prompt."""

    uncached: int
    read: int = 0
    write: int = 0
    write_long: int = 0

    @property
    def total(self) -> int:
        """All input tokens."""
        return self.uncached + self.read + self.write + self.write_long


class PromptCache:
    """Remembers prefixes per model until their time to live is over."""

    def __init__(self) -> None:
        self._expires: dict[str, float] = {}

    def marked(self, model: str, blocks: Sequence[Block], shortest: int) -> Split:
        """Anthropic: only up to a breakpoint, never less than the model's minimum."""
        prefixes = list(_prefixes(model, blocks))
        total = prefixes[-1][1] if prefixes else 0
        marks = [i for i, block in enumerate(blocks) if block.breakpoint]
        marks = [i for i in marks if prefixes[i][1] >= shortest]
        if not marks:
            return Split(uncached=total)
        reach = marks[-1]
        read = self._longest_known(prefixes[: reach + 1])
        written: dict[Ttl, int] = {"5m": 0, "1h": 0}
        covered = read
        for i in marks:
            key, tokens = prefixes[i]
            ttl = blocks[i].breakpoint or "5m"
            written[ttl] += max(0, tokens - covered)
            covered = max(covered, tokens)
            self._remember(key, ttl)
        return Split(
            uncached=total - covered, read=read, write=written["5m"], write_long=written["1h"]
        )

    def automatic(
        self,
        model: str,
        blocks: Sequence[Block],
        shortest: int,
        *,
        writes: bool,
        long: bool = False,
    ) -> Split:
        """OpenAI: every long prompt, in steps of 128 tokens; newer models charge writes."""
        prefixes = list(_prefixes(model, blocks))
        total = prefixes[-1][1] if prefixes else 0
        cacheable = total - total % OPENAI_STEP
        if cacheable < shortest:
            return Split(uncached=total)
        known = self._longest_known(prefixes)
        read = known - known % OPENAI_STEP
        read = read if read >= shortest else 0
        for key, _ in prefixes:
            self._remember(key, "1h")
        written = cacheable - read if writes else 0
        return Split(
            uncached=total - read - written,
            read=read,
            write=0 if long else written,
            write_long=written if long else 0,
        )

    def _longest_known(self, prefixes: Sequence[tuple[str, int]]) -> int:
        now = time.monotonic()
        known = (tokens for key, tokens in prefixes if self._expires.get(key, 0.0) > now)
        return max(known, default=0)

    def _remember(self, key: str, ttl: Ttl) -> None:
        self._expires[key] = time.monotonic() + SECONDS[ttl]


def _prefixes(model: str, blocks: Sequence[Block]) -> Iterator[tuple[str, int]]:
    """Identity and length in tokens of the prompt up to and including each block."""
    digest = hashlib.sha256(model.encode())
    tokens = 0
    for block in blocks:
        digest.update(b"\0" + block.text.encode())
        tokens += count_tokens(block.text)
        yield digest.copy().hexdigest(), tokens
