# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What the calls of a block of code cost, known as soon as they end, without any store."""

from __future__ import annotations

import threading
from decimal import Decimal

from otel_llmcost.allocation import Counted
from otel_llmcost.usage import EXACT, Cost

_TOKENS = (
    *("input_tokens", "cache_read_tokens", "cache_write_tokens"),
    *("output_tokens", "reasoning_tokens"),
)


def measure() -> Measure:
    """Add up what every call made inside costs; it needs no store and no collector.

    Use it in `with` / `async with`, or as a decorator to add up all calls of a function:

        with measure() as m:
            client.messages.create(...)
        print(m.cost_usd, m.calls, m.input_tokens)

    Calls in threads and tasks that were started inside belong to it. A stream counts when it has
    been read. The instrumentation is switched on if it is off.
    """
    from otel_llmcost.instrumentation import instrument

    instrument()
    return Measure()


class Measure(Counted):
    """What the calls of a `measure()` block cost so far.

    Token counts follow OpenTelemetry: `input_tokens` has what was read from and written to caches
    in it, `output_tokens` has reasoning in it. They are None while calls were made and none of
    them reported any.
    """

    __slots__ = ("_cost", "_lock", "_tokens", "calls", "errors", "unpriced_calls")

    def __init__(self) -> None:
        super().__init__(self)
        self._lock = threading.Lock()
        self._cost: Decimal | None = None
        self._tokens: dict[str, int] = {}
        self.calls = 0
        """Calls that ended, failed ones too."""
        self.errors = 0
        """Calls that failed."""
        self.unpriced_calls = 0
        """Calls whose cost is unknown; `cost_usd` is without them."""

    def __enter__(self) -> Measure:
        super().__enter__()
        return self

    async def __aenter__(self) -> Measure:
        return self.__enter__()

    def add(self, cost: Cost, *, failed: bool = False) -> None:
        """Count one call that ended; the instrumentation does."""
        with self._lock:
            self.calls += 1
            self.errors += failed
            if cost.total is None:
                self.unpriced_calls += 1
            else:
                self._cost = EXACT.add(self._cost or Decimal(0), cost.total)
            for name in _TOKENS:
                if cost.usage is not None and (tokens := getattr(cost.usage, name)) is not None:
                    self._tokens[name] = self._tokens.get(name, 0) + tokens

    @property
    def cost_usd(self) -> Decimal | None:
        """List price of the calls whose cost is known; None while none of them has one."""
        return self._cost if self.calls else Decimal(0)

    @property
    def input_tokens(self) -> int | None:
        """All input, cached or not."""
        return self._count("input_tokens")

    @property
    def cache_read_tokens(self) -> int | None:
        """The part of the input that came from a cache."""
        return self._count("cache_read_tokens")

    @property
    def cache_write_tokens(self) -> int | None:
        """The part of the input that was written to a cache."""
        return self._count("cache_write_tokens")

    @property
    def output_tokens(self) -> int | None:
        """All output, reasoning too."""
        return self._count("output_tokens")

    @property
    def reasoning_tokens(self) -> int | None:
        """The part of the output that was reasoning."""
        return self._count("reasoning_tokens")

    def __repr__(self) -> str:
        return f"<Measure {self}>"

    def __str__(self) -> str:
        cost = "unknown cost" if self.cost_usd is None else f"${self.cost_usd.normalize():f}"
        parts = [f"{cost} for {self.calls:,} call{'s' * (self.calls != 1)}"]
        for kind, tokens in (("input", self.input_tokens), ("output", self.output_tokens)):
            if tokens:
                parts.append(f"{tokens:,} {kind} tokens")
        if self.errors:
            parts.append(f"{self.errors:,} failed")
        if self.unpriced_calls:
            parts.append(f"the cost of {self.unpriced_calls:,} is unknown")
        return ", ".join(parts)

    def _count(self, name: str) -> int | None:
        return self._tokens.get(name) if self.calls else 0
