# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The one way in: OTLP bodies from any receiver to durable rows."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future
from functools import partial
from pathlib import Path
from typing import Literal

from otel_llmcost.errors import StoreError
from otel_llmcost.ingest import decode, engine
from otel_llmcost.ingest.decode import Body, MalformedBody, Signal
from otel_llmcost.ingest.disk_guard import DiskGuard
from otel_llmcost.ingest.group_commit import Busy, GroupCommit
from otel_llmcost.ingest.stats import IngestStats
from otel_llmcost.store.session import Session, literal, open_session, run

_log = logging.getLogger(__name__)
_DECODERS = {"protobuf": decode.from_protobuf, "json": decode.from_json}
_REMEMBERED = 16_384


class Ingestor:
    """OTLP request bodies into the embedded store at `data`, whose schema is already applied.

    `submit` checks a body at once (MalformedBody, Busy) and returns a future that is done when
    its spans or events are on disk; a sender may be answered only then. Metrics are counted only.
    """

    def __init__(self, data: Path, *, linger_s: float = 0.02, queue_bytes: int = 64 << 20) -> None:
        self._queue_bytes = queue_bytes
        self._sessions = {signal: open_session(data) for signal in ("traces", "logs")}
        self.disk_guard = DiskGuard(data)
        """Watches the disk; every other writer of the store has to use it too."""
        self._creating = threading.Lock()
        self._has_input_tables = False
        try:
            with self.disk_guard.writing():
                self._create_input_tables(self._sessions["traces"])
        except StoreError as error:
            _log.warning("nothing can be stored yet: %s", error)
        self._groups: dict[Signal, GroupCommit[Body]] = {
            signal: GroupCommit(
                f"ingest-{signal}",
                partial(self._insert, signal),
                linger_s=linger_s,
                queue_bytes=queue_bytes,
            )
            for signal in ("traces", "logs")
        }
        self.stats = IngestStats()
        self.last_failed_at = 0.0
        """When an insert failed last, in Unix seconds; 0 when none did."""
        self._failures: dict[Signal, tuple[float, str]] = {}
        self._stored: OrderedDict[bytes, None] = OrderedDict()
        self._storing = threading.Lock()

    def submit(
        self, signal: Signal, body: bytes, encoding: Literal["protobuf", "json"] = "protobuf"
    ) -> Future[Body]:
        """Take one body; the future holds what of it was kept. Raises MalformedBody (nothing is
        stored) or Busy (send it again)."""
        began = time.perf_counter()
        self.stats.add("bytes_received", signal, len(body))
        try:
            self.check_queue(len(body))
            request = _DECODERS[encoding](signal, body)
            self.stats.add("records_received", signal, request.items)
            if signal == "metrics" or not request.items:
                done: Future[Body] = Future()
                done.set_result(request)
            else:
                done = self._groups[signal].submit(request)
        except MalformedBody:
            self.stats.add("bodies_malformed", signal)
            raise
        except Busy:
            self.stats.add("bodies_refused", signal)
            raise
        done.add_done_callback(partial(self._answered, signal, began))
        return done

    def check_queue(self, size: int) -> None:
        """Raises Busy while so many bytes more cannot be queued: worth a look before decoding,
        which takes several times the memory."""
        if self.queued_bytes and self.queued_bytes + size > self._queue_bytes:
            raise Busy(f"{self.queued_bytes} bytes wait to be written: retry later")

    def ingest(
        self, signal: Signal, body: bytes, encoding: Literal["protobuf", "json"] = "protobuf"
    ) -> Body:
        """Store one body; returns when durable. Raises what `submit` raises, and StoreError."""
        return self.submit(signal, body, encoding).result()

    @property
    def queued_bytes(self) -> int:
        """Bytes accepted and not yet written."""
        return sum(group.queued_bytes for group in self._groups.values())

    @property
    def queued_bodies(self) -> int:
        """Bodies that wait to go into the next insert."""
        return sum(group.queued for group in self._groups.values())

    @property
    def threads(self) -> Sequence[threading.Thread]:
        """Those without which nothing is written, or not safely."""
        return [*(group.thread for group in self._groups.values()), self.disk_guard.thread]

    def problem(self) -> str:
        """Why bodies that are submitted now would not be written; '' when they would."""
        stuck = (group.problem() for group in self._groups.values())
        return next(filter(None, stuck), "") or self.disk_guard.problem()

    @property
    def last_failure(self) -> tuple[float, str]:
        """When an insert failed, in Unix seconds, and why; 0 once one of the same signal works."""
        return max(self._failures.values(), default=(0.0, ""))

    def close(self) -> None:
        """Write what waits, then let go of the store."""
        for group in self._groups.values():
            group.close()
        self.disk_guard.close()
        for session in self._sessions.values():
            session.close()

    def _insert(self, signal: Signal, bodies: Sequence[Body]) -> None:
        session = self._sessions[signal]
        try:
            with self.disk_guard.writing() as salt:
                self._create_input_tables(session)
                engine.insert(session, signal, bodies, salt)
                engine.insert_rejected(session, signal, bodies, salt)
        except MalformedBody:
            if len(bodies) == 1:
                run(
                    session,
                    "INSERT INTO llmcost.rejected (signal, reason, records, bytes) "
                    f"VALUES ({literal(signal)}, 'unreadable_body', 0, {len(bodies[0])})",
                )
            raise
        except Exception as error:
            self.last_failed_at = time.time()
            self._failures[signal] = (self.last_failed_at, str(error) or type(error).__name__)
            self.stats.add("inserts_failed", signal)
            raise
        self._failures.pop(signal, None)
        self.stats.add("inserts", signal)

    def _create_input_tables(self, session: Session) -> None:
        """Once, by whoever is first to find room for it."""
        with self._creating:
            if not self._has_input_tables:
                engine.create_input_tables(session)
                self._has_input_tables = True

    def _answered(self, signal: Signal, began: float, done: Future[Body]) -> None:
        error = CancelledError() if done.cancelled() else done.exception()
        if error is not None:
            malformed = isinstance(error, MalformedBody)
            self.stats.add("bodies_malformed" if malformed else "bodies_failed", signal)
            return
        body = done.result()
        self.stats.add("bodies_accepted", signal)
        self.stats.add("records_accepted", signal, body.items - body.rejected_items)
        if body.rejected:
            self.stats.add("records_rejected", signal, body.rejected_items)
        if self._was_stored(body):
            self.stats.add("records_duplicate", signal, body.items - body.rejected_items)
        self.stats.acknowledged(signal, time.perf_counter() - began)

    def _was_stored(self, body: Body) -> bool:
        """Whether the very same bytes were stored lately; remembers them if not."""
        with self._storing:
            if body.digest in self._stored:
                return True
            self._stored[body.digest] = None
            if len(self._stored) > _REMEMBERED:
                self._stored.popitem(last=False)
            return False
