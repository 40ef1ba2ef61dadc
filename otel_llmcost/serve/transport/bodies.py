# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""One budget for the memory that request bodies take: arriving, unpacked, and while decoded.

Bodies of all connections and ports count together. Where there is no room, the unfinished body goes
that has taken the most for the longest, so that a few which never end do not keep others out; its
sender has to retry.
"""

from __future__ import annotations

import asyncio
import io
import threading
import time

from starlette.requests import Request

from otel_llmcost.ingest import Busy
from otel_llmcost.serve.transport.encodings import TooLarge

BUDGET = 384 << 20
"""Above the largest body that is accepted, beside which others still get in."""
BODY_S = 30.0
"""Seconds a body may take to arrive, and longer for a large one that keeps its pace."""
SLOWEST = 128 << 10
"""Bytes a second below which a body is given up."""


class TooSlow(Exception):
    """A body did not arrive in time."""


class Budget:
    """Bytes that bodies may take at the same time. Safe to use from any thread."""

    def __init__(self, total: int = BUDGET) -> None:
        self.total = total
        self.held = 0
        self.lock = threading.Lock()
        self.unfinished: set[Held] = set()


class Held:
    """What one request holds of the budget until the end of a `with`."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._since = time.monotonic()
        self._held = 0
        self._evicted = False
        self._arrived = io.BytesIO()
        self._deadline: asyncio.Timeout | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def __enter__(self) -> Held:
        return self

    def __exit__(self, *_: object) -> None:
        self._arrived = io.BytesIO()
        self.give_back(self._held)

    def take(self, size: int) -> None:
        """Hold so many bytes more. Raises Busy when others hold them, and TooLarge when it could
        never be."""
        budget = self._budget
        with budget.lock:
            if self._held + size > budget.total:
                raise TooLarge(
                    f"this takes more than {budget.total >> 20} MB: send smaller batches"
                )
            while budget.held + size > budget.total:
                going = max(budget.unfinished, key=Held._cost, default=self)
                if going is self:
                    raise Busy(f"{budget.held >> 20} MB of requests are under way: retry later")
                going._evict()
            budget.held += size
            self._held += size

    def give_back(self, size: int) -> None:
        """Hold so many bytes less."""
        with self._budget.lock:
            size = min(size, self._held)
            self._budget.held -= size
            self._held -= size

    def keep(self, size: int) -> None:
        """Hold no more than that."""
        self.give_back(max(0, self._held - size))

    async def read(self, request: Request, limit: int) -> bytes:
        """The whole body as it was sent. Raises TooLarge, TooSlow and Busy."""
        too_large = TooLarge(f"more than {limit >> 20} MB: send smaller batches")
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            raise too_large
        self._loop = asyncio.get_running_loop()
        began, size = self._loop.time(), 0
        self._budget.unfinished.add(self)
        try:
            async with asyncio.timeout(BODY_S) as self._deadline:
                async for chunk in request.stream():
                    size += len(chunk)
                    if size > limit:
                        raise too_large
                    self.take(len(chunk))
                    if self._evicted:
                        break
                    self._arrived.write(chunk)
                    self._deadline.reschedule(began + BODY_S + size / SLOWEST)
        except TimeoutError:
            if not self._evicted:
                raise TooSlow(f"the body took longer than {BODY_S:.0f} s") from None
        finally:
            with self._budget.lock:
                self._budget.unfinished.discard(self)
        if self._evicted:
            raise Busy("the body arrives slowly and others need its room: retry later")
        body = self._arrived.getvalue()
        self._arrived = io.BytesIO()
        return body

    def _cost(self) -> float:
        """Bytes times seconds."""
        return self._held * (time.monotonic() - self._since)

    def _evict(self) -> None:
        self._evicted = True
        self._arrived = io.BytesIO()
        self._budget.unfinished.discard(self)
        self._budget.held -= self._held
        self._held = 0
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        if self._deadline is not None and self._deadline.when() is not None:
            self._deadline.reschedule(0)
