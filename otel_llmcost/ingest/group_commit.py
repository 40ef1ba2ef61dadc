# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Group commit: many small bodies, one insert, an answer to each sender when it is durable.

An insert costs tens of milliseconds however little it carries, so bodies that arrive while one runs
wait and go together into the next. What waits is bounded in bytes; beyond it senders have to
retry later, which loses nothing because OTLP exporters keep what was not acknowledged.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence, Sized
from concurrent.futures import Future
from typing import Generic, TypeVar

from otel_llmcost.errors import StoreError
from otel_llmcost.ingest.decode import MalformedBody

STUCK_S = 15
"""An insert takes well under a second; the largest group on a busy machine, a few."""

_log = logging.getLogger(__name__)
T = TypeVar("T", bound=Sized)


class Busy(StoreError):
    """Too many bytes wait to be written; send this again after `retry_after_s`."""

    retry_after_s = 1


class GroupCommit(Generic[T]):
    """Queues bodies and commits them in groups on a thread of its own.

    `insert` gets the bodies of one group and returns when they are durable. If it raises for a
    group, each body is tried alone, so that one the engine refuses does not fail its neighbours.
    Whatever it raises becomes the answer of the body, MalformedBody or StoreError, and the thread
    goes on.
    """

    def __init__(
        self,
        name: str,
        insert: Callable[[Sequence[T]], None],
        *,
        linger_s: float = 0.02,
        group_bytes: int = 16 << 20,
        queue_bytes: int = 64 << 20,
    ) -> None:
        self._insert = insert
        self._linger_s = linger_s
        self._group_bytes = group_bytes
        self._queue_bytes = queue_bytes
        self._queue: deque[tuple[T, Future[T]]] = deque()
        self._queued = 0
        self._writing_since: float | None = None
        self._closing = False
        self._changed = threading.Condition()
        self.thread = threading.Thread(target=self._run, name=f"llmcost-{name}", daemon=True)
        self.thread.start()

    @property
    def queued_bytes(self) -> int:
        """Bytes that wait or are being written."""
        return self._queued

    @property
    def queued(self) -> int:
        """Bodies that wait for the next insert."""
        return len(self._queue)

    def problem(self) -> str:
        """Why bodies wait longer than an insert takes; '' when they do not."""
        since = self._writing_since
        seconds = 0 if since is None else time.monotonic() - since
        if seconds < STUCK_S:
            return ""
        return f"the thread {self.thread.name} has been writing for {seconds:.0f} s"

    def submit(self, body: T) -> Future[T]:
        """Queue a body; the future has it back when it is durable. Raises Busy at the bound, and
        StoreError when no thread is left to write it."""
        done: Future[T] = Future()
        with self._changed:
            if self._closing:
                raise Busy("shutting down: retry later")
            if not self.thread.is_alive():
                raise StoreError(f"the thread {self.thread.name} has ended: restart the daemon")
            # A body larger than the whole bound would otherwise never be accepted.
            if self._queued and self._queued + len(body) > self._queue_bytes:
                raise Busy(f"{self._queued} bytes wait to be written: retry later")
            self._queue.append((body, done))
            self._queued += len(body)
            self._changed.notify()
        return done

    def close(self) -> None:
        """Write what waits, then stop."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self.thread.join()

    def _run(self) -> None:
        while group := self._next_group():
            self._writing_since = time.monotonic()
            # A sender that has hung up cancelled its future; it will send the body again.
            self._commit([one for one in group if one[1].set_running_or_notify_cancel()])
            self._writing_since = None
            with self._changed:
                self._queued -= sum(len(body) for body, _ in group)

    def _next_group(self) -> list[tuple[T, Future[T]]]:
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing)
            deadline = time.monotonic() + self._linger_s
            while not self._closing and self._queued < self._group_bytes:
                left = deadline - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    break
            group: list[tuple[T, Future[T]]] = []
            size = 0
            while self._queue and (not group or size + len(self._queue[0][0]) <= self._group_bytes):
                group.append(self._queue.popleft())
                size += len(group[-1][0])
            return group

    def _commit(self, group: Sequence[tuple[T, Future[T]]]) -> None:
        if not group:
            return
        try:
            self._insert([body for body, _ in group])
        except BaseException as error:  # noqa: BLE001 - nothing else would answer the senders
            if len(group) == 1:
                group[0][1].set_exception(_answer(error))
            else:
                for one in group:
                    self._commit([one])
            return
        for body, done in group:
            done.set_result(body)


def _answer(error: BaseException) -> BaseException:
    """An error that receivers can report: anything unforeseen is a failure of the store."""
    if isinstance(error, (StoreError, MalformedBody)):
        return error
    _log.error("an insert failed in an unforeseen way", exc_info=error)
    answer = StoreError(f"the insert failed: {type(error).__name__}: {error}")
    answer.__cause__ = error
    return answer
