# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Whose query runs when: quick ones at once, however many long ones are there.

A query begins in one of a few quick places. If it is still running after a moment, it goes on in a
long place, of which one client can have only a part. When none is free and others wait for a quick
place, it is stopped, and begins again when its turn has come: a query that reads can be repeated.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from otel_llmcost.errors import StoreError

T = TypeVar("T")

QUICK = 4
LONG = 6
LONG_OF_ONE_CLIENT = 4
MOMENT_S = 0.5
MAX_WAITING = 64
"""Long queries of one client that wait; more are refused with a code that clients retry."""
_LOOK_S = 0.1
_STOPPED = (394, 735)


class Turns:
    """Runs queries on threads of its own; used on the one thread of an event loop."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(QUICK + LONG, "llmcost-sql")
        self._quick = asyncio.Semaphore(QUICK)
        self._wanted = 0
        self._long: Counter[str] = Counter()
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    async def run(
        self, client: str, query: Callable[[], T], stop: Callable[[], Awaitable[None]]
    ) -> T:
        """What `query` returns, for a query that only reads and that `stop` can stop."""
        loop = asyncio.get_running_loop()
        self._wanted += 1
        try:
            await self._quick.acquire()
        finally:
            self._wanted -= 1
        has_place = was_stopped = False
        running = loop.run_in_executor(self._threads, query)
        try:
            await asyncio.wait((running,), timeout=MOMENT_S)
            while not (running.done() or has_place or was_stopped):
                has_place = self._take(client)
                if not has_place and self._wanted:
                    was_stopped = True
                    await _end(running, stop)
                elif not has_place:
                    await asyncio.wait((running,), timeout=_LOOK_S)
        except asyncio.CancelledError:
            await _end(running, stop)
            raise
        finally:
            self._quick.release()
        if has_place:
            return await self._finish(client, running, stop)
        try:
            return await running
        except StoreError as error:
            if not was_stopped or error.code not in _STOPPED:
                raise
        await self._wait(client)
        return await self._finish(client, loop.run_in_executor(self._threads, query), stop)

    async def _finish(
        self, client: str, running: asyncio.Future[T], stop: Callable[[], Awaitable[None]]
    ) -> T:
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await _end(running, stop)
            raise
        finally:
            self._leave(client)

    def _take(self, client: str) -> bool:
        free = self._long.total() < LONG and self._long[client] < LONG_OF_ONE_CLIENT
        if free:
            self._long[client] += 1
        return free

    async def _wait(self, client: str) -> None:
        if self._take(client):
            return
        queue = self._waiting.setdefault(client, deque())
        if len(queue) >= MAX_WAITING:
            why = "too many long queries of this client wait already: try again later"
            text = f"Code: 202. DB::Exception: {why}. (TOO_MANY_SIMULTANEOUS_QUERIES)"
            raise StoreError(text, code=202)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave(client)
            raise

    def _leave(self, client: str) -> None:
        self._long[client] -= 1
        if not self._long[client]:
            del self._long[client]
        # Round robin: whoever gets a place goes to the end.
        for other in list(self._waiting):
            queue = self._waiting[other]
            while queue and queue[0].done():
                queue.popleft()
            if queue and self._take(other):
                queue.popleft().set_result(None)
                self._waiting.move_to_end(other)
            if not queue:
                del self._waiting[other]


async def _end(running: asyncio.Future[T], stop: Callable[[], Awaitable[None]]) -> None:
    """Return when it runs no longer. Stopped once, it may have been between two statements."""
    while not running.done():
        await stop()
        await asyncio.wait((running,), timeout=0.25)
    if not running.cancelled():
        running.exception()  # looked at, or asyncio complains
