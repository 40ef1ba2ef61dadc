# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The providers' side of the bill: one entry per reply that costs money."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

Outcome = Literal["complete", "truncated", "error", "abandoned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One billed reply. A stream that did not finish is billed for what it had generated."""

    provider: str
    endpoint: str
    model: str
    response_id: str | None
    """None for embeddings, whose replies carry no id."""
    request_id: str
    usd: Decimal
    outcome: Outcome
    stream: bool
    tokens: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """The entry with its money as an exact decimal string."""
        return {
            "provider": self.provider,
            "endpoint": self.endpoint,
            "model": self.model,
            "response_id": self.response_id,
            "request_id": self.request_id,
            "usd": plain(self.usd),
            "outcome": self.outcome,
            "stream": self.stream,
            "tokens": self.tokens,
        }


class Ledger:
    """Everything billed since the emulator started, plus the count of refused requests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._refused = 0
        self._started = time.time()

    def add(self, entry: Entry) -> None:
        """Record one billed reply."""
        with self._lock:
            self._entries.append(entry)

    def refuse(self) -> None:
        """Count a 429 or 529: no reply, no charge."""
        with self._lock:
            self._refused += 1

    @property
    def entries(self) -> list[Entry]:
        """A copy, oldest first."""
        with self._lock:
            return list(self._entries)

    @property
    def total(self) -> Decimal:
        """USD of all complete replies."""
        return sum((e.usd for e in self.entries if e.outcome == "complete"), Decimal(0))

    def as_json(self) -> dict[str, Any]:
        """The body of `GET /ledger`: `total` covers complete replies, others stand beside it."""
        entries = self.entries
        complete = [e.usd for e in entries if e.outcome == "complete"]
        broken = [e.usd for e in entries if e.outcome != "complete"]
        return {
            "started": self._started,
            "replies": len(complete),
            "total": plain(sum(complete, Decimal(0))),
            "incomplete": {"replies": len(broken), "total": plain(sum(broken, Decimal(0)))},
            "refused": self._refused,
            "entries": [e.as_json() for e in entries],
        }


def plain(usd: Decimal) -> str:
    """A decimal without exponent and without trailing zeros: `0.00125`, not `1.250E-3`."""
    text = format(usd, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
