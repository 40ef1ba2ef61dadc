# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The one way in: OTLP bodies from any receiver to durable rows."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Literal

from otel_llmcost.errors import StoreError
from otel_llmcost.ingest import engine, wire
from otel_llmcost.ingest.group import Busy, GroupCommit
from otel_llmcost.ingest.room import Room
from otel_llmcost.ingest.session import literal, open_session, run
from otel_llmcost.ingest.wire import MalformedBody, Signal

_DECODERS = {"protobuf": wire.from_protobuf, "json": wire.from_json}


class Ingestor:
    """OTLP request bodies into the embedded store at `data`, whose schema is already applied.

    `submit` checks a body at once (MalformedBody, Busy) and returns a future that is done when
    its spans or events are on disk; a sender may be answered only then. Metrics are counted only.
    """

    def __init__(self, data: Path, *, linger_s: float = 0.02, queue_bytes: int = 64 << 20) -> None:
        self._sessions = {signal: open_session(data) for signal in ("traces", "logs")}
        engine.create_input_tables(self._sessions["traces"])
        self.room = Room(data)
        """Who watches the disk; every other writer of the store has to ask it too."""
        self._groups: dict[Signal, GroupCommit] = {
            signal: GroupCommit(
                f"ingest-{signal}",
                partial(self._insert, signal),
                linger_s=linger_s,
                queue_bytes=queue_bytes,
            )
            for signal in ("traces", "logs")
        }
        self._counts: Counter[str] = Counter()
        self._counting = threading.Lock()

    def submit(
        self, signal: Signal, body: bytes, encoding: Literal["protobuf", "json"] = "protobuf"
    ) -> Future[None]:
        """Take one body. Raises MalformedBody (nothing is stored) or Busy (send it again)."""
        try:
            request = _DECODERS[encoding](signal, body)
            if signal == "metrics" or not request.items:
                done: Future[None] = Future()
                done.set_result(None)
            else:
                done = self._groups[signal].submit(request.data)
        except MalformedBody:
            self._count(f"{signal}_malformed_bodies")
            raise
        except Busy:
            self._count(f"{signal}_refused_bodies")
            raise
        self._count(f"{signal}_bodies")
        self._count(f"{signal}_items", request.items)
        return done

    def ingest(
        self, signal: Signal, body: bytes, encoding: Literal["protobuf", "json"] = "protobuf"
    ) -> None:
        """Store one body; returns when durable. Raises what `submit` raises, and StoreError."""
        self.submit(signal, body, encoding).result()

    def counts(self) -> dict[str, int]:
        """Bodies and items by signal since the start, refused and malformed ones apart."""
        with self._counting:
            return dict(self._counts)

    @property
    def queued_bytes(self) -> int:
        """Bytes accepted and not yet written."""
        return sum(group.queued_bytes for group in self._groups.values())

    def close(self) -> None:
        """Write what waits, then let go of the store."""
        for group in self._groups.values():
            group.close()
        self.room.close()
        for session in self._sessions.values():
            session.close()

    def _insert(self, signal: Signal, bodies: Sequence[bytes]) -> None:
        try:
            with self.room.writing() as salt:
                engine.insert(self._sessions[signal], signal, bodies, salt)
        except StoreError:
            self._count(f"{signal}_failed_inserts")
            raise
        except MalformedBody:
            if len(bodies) == 1:
                self._count(f"{signal}_malformed_bodies")
                run(
                    self._sessions[signal],
                    "INSERT INTO llmcost.rejected (signal, reason, records, bytes) "
                    f"VALUES ({literal(signal)}, 'unreadable_body', 0, {len(bodies[0])})",
                )
            raise
        self._count(f"{signal}_inserts")

    def _count(self, name: str, by: int = 1) -> None:
        with self._counting:
            self._counts[name] += by
