# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Statements of clients, run in turn and stopped when their client hangs up.

The SQL port and the page's console share one object, so that both have the same rights, limits and
turns.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from starlette.requests import Request

from otel_llmcost.errors import StoreError
from otel_llmcost.ingest import DiskGuard
from otel_llmcost.serve.clickhouse_http.statements import Outcome, Statement, execute, stop
from otel_llmcost.serve.transport.turns import Turns

_LOOK_S = 0.25


class Readers:
    """Runs statements on the store of one daemon; used on the one thread of its event loop."""

    def __init__(self, data: Path, disk_guard: DiskGuard) -> None:
        self._data = data
        self._disk_guard = disk_guard
        self._turns = Turns()

    async def run(self, request: Request, statement: Statement) -> Outcome:
        """Run a reader's statement when it is its turn. Raises StoreError."""

        def query() -> Outcome:
            return execute(self._data, statement, self._disk_guard)

        async def end() -> None:
            await self._stop(statement)

        client = request.client.host if request.client else ""
        running = asyncio.ensure_future(self._turns.run(client, query, end))
        while not (await asyncio.wait((running,), timeout=_LOOK_S))[0]:
            if await request.is_disconnected():
                running.cancel()
                await asyncio.wait((running,))
        if running.cancelled():
            raise hung_up()
        return await running

    async def run_in(
        self, threads: ThreadPoolExecutor, request: Request, statement: Statement
    ) -> Outcome:
        """Run a statement of a user with a password at once. Raises StoreError."""
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(threads, execute, self._data, statement, self._disk_guard)
        while not (await asyncio.wait((running,), timeout=_LOOK_S))[0]:
            if await request.is_disconnected():
                await self._stop(statement)
                await asyncio.wait((running,))
        return await running

    async def _stop(self, statement: Statement) -> None:
        await asyncio.to_thread(stop, self._data, statement)


def hung_up() -> StoreError:
    """The error of a statement whose client is gone."""
    text = "Code: 210. DB::Exception: the client hung up. (NETWORK_ERROR)"
    return StoreError(text, code=210)
