# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`/healthz` and `/metrics` of the daemon, on every listener that is wrapped in it."""

from __future__ import annotations

import asyncio
import os
import resource
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, PlainTextResponse

from otel_llmcost import __version__, schema
from otel_llmcost.errors import StoreError
from otel_llmcost.ingest import Ingestor
from otel_llmcost.ingest.disk_guard import free_bytes
from otel_llmcost.ingest.engine import INPUT_TABLES
from otel_llmcost.serve import metrics, readiness
from otel_llmcost.store.damage import DamagedPart
from otel_llmcost.store.session import fetch, open_session

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_PATIENCE_S = 5
# An insert that works ends it at once. After it a probe is believed again all the same, because a
# load balancer that sends nothing to an unhealthy daemon would never learn that inserts work.
_FAILURE_COUNTS_S = 30
# A pass takes seconds; the first one after a restored backup, minutes.
_STALE_S = 900
_PRESENT = f"SELECT name FROM system.tables WHERE database IN {schema.DATABASES}"
# Every column, so that a file that cannot be read is noticed; of one row.
_READ = "SELECT * FROM llmcost.llm_calls LIMIT 1 SETTINGS max_threads=1, max_block_size=1"


class Operations:
    """Health and metrics of the daemon."""

    def __init__(
        self, data: Path, ingestor: Ingestor, engine: str, stopping: threading.Event
    ) -> None:
        self._data = data
        self._ingestor = ingestor
        self._engine = engine
        self._refreshed = self._started = time.time()
        self._refresh_failures = 0
        self._refresh_failed_at = 0.0
        self._refresh_error: Exception | None = None
        self._stopping = stopping
        self._threads = [*ingestor.threads]
        self._objects = {item.name for item in schema.objects() if item.kind != "migration"}
        # One question at a time: an engine that hangs must not use up the threads of all others.
        self._probing = ThreadPoolExecutor(1, "llmcost-health")
        self._probe: Future[str] | None = None
        self._warnings: list[str] = []
        self.landlock = "off"
        """Whether the operating system keeps the engine to the store; why not, if not."""

    def watch(self, thread: threading.Thread) -> None:
        """Count the daemon as unhealthy once this thread has ended."""
        self._threads.append(thread)

    def refreshed(self) -> None:
        """The rollups are up to date."""
        self._refreshed = time.time()
        self._refresh_error = None

    def refresh_failed(self, why: Exception) -> None:
        """They could not be rebuilt this time."""
        self._refresh_failures += 1
        self._refresh_failed_at, self._refresh_error = time.time(), why

    async def problem(self) -> str:
        """Why records cannot be stored or read just now; '' when they can."""
        if self._stopping.is_set():
            return "shutting down"
        if why := self._ingestor.problem() or self._thread_problem():
            return why
        if os.statvfs(self._data).f_flag & os.ST_RDONLY or not os.access(self._data, os.W_OK):
            return "the store cannot be written to"
        failed, why = self._ingestor.last_failure
        if time.time() - failed < _FAILURE_COUNTS_S:
            return f"an insert failed {time.time() - failed:.0f} s ago: {why[:300]}"
        if self._probe is None or self._probe.done():
            self._probe = self._probing.submit(self._store_problem)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(self._probe), _PATIENCE_S)
        except TimeoutError:
            return f"the store did not answer within {_PATIENCE_S} s"

    def metrics(self) -> str:
        """All metrics in Prometheus' text format."""
        ingest = self._ingestor
        usage = resource.getrusage(resource.RUSAGE_SELF)
        values = {
            "ingest_queue_bytes": ingest.queued_bytes,
            "ingest_queue_requests": ingest.queued_bodies,
            "refresh_lag_seconds": time.time() - self._refreshed,
            "refresh_failures_total": self._refresh_failures,
            "store_merges_stopped": int(ingest.disk_guard.is_low),
            "last_error_timestamp_seconds": max(ingest.last_failed_at, self._refresh_failed_at),
            "start_time_seconds": self._started,
            "process_max_resident_bytes": usage.ru_maxrss * 1024,
            "process_cpu_seconds_total": usage.ru_utime + usage.ru_stime,
        }
        with suppress(OSError):  # unknown while the store is away
            values["store_free_bytes"] = free_bytes(self._data)
        return metrics.exposition(ingest.stats.registry, values, self._engine)

    def serve_with(self, app: ASGIApp) -> ASGIApp:
        """The app, and beside it the two paths."""

        async def both(scope: Scope, receive: Receive, send: Send) -> None:
            path = scope["path"] if scope["type"] == "http" else ""
            if path not in ("/healthz", "/metrics") or scope["method"] not in ("GET", "HEAD"):
                await app(scope, receive, send)
            elif path == "/metrics":
                text = await asyncio.to_thread(self.metrics)
                answer = PlainTextResponse(text, media_type=metrics.CONTENT_TYPE)
                await answer(scope, receive, send)
            else:
                why = await self.problem()
                health = {
                    "status": "unavailable" if why else "ok",
                    "reason": why,
                    "warnings": self._warnings,
                    "landlock": self.landlock,
                    "version": __version__,
                }
                answer = JSONResponse(health, 503 if why else 200)
                await answer(scope, receive, send)

        return both

    def _thread_problem(self) -> str:
        ended = [thread.name for thread in self._threads if not thread.is_alive()]
        if ended:
            return f"the thread {ended[0]} has ended: restart the daemon"
        why = self._refresh_error
        if isinstance(why, DamagedPart):
            return str(why)
        stale = time.time() - self._refreshed
        if stale > _STALE_S:
            reason = str(why or "the pass has not ended")[:300]
            return f"the rollups were last rebuilt {stale:.0f} s ago: {reason}"
        return ""

    def _store_problem(self) -> str:
        try:
            session = open_session(self._data)
            try:
                there = {str(name) for (name,) in fetch(session, _PRESENT)}
                if missing := self._objects - there:
                    return f"the store lacks {min(missing)}: run `otel-llmcost schema apply`"
                if missing := set(INPUT_TABLES) - there:
                    return f"the store lacks {min(missing)}: restart the daemon"
                fetch(session, _READ)
            finally:
                session.close()
            self._warnings = readiness.set_aside(self._data)
        except StoreError as error:
            why = str(readiness.explained(self._data, error))
            return f"the store does not answer: {why[:300]}"
        return ""
