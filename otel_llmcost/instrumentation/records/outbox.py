# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Sends records from a thread of its own, and never waits longer than it may.

The SDK's batch processor cannot be used for that: its `force_flush` and `shutdown` wait for the
exporter however long it takes, its thread starts when it is made, and it does not say what it lost.
"""

from __future__ import annotations

import copy
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry.context import Context
from opentelemetry.sdk._logs import LogRecordProcessor, ReadableLogRecord, ReadWriteLogRecord
from opentelemetry.sdk.environment_variables import (
    OTEL_BLRP_MAX_EXPORT_BATCH_SIZE,
    OTEL_BLRP_MAX_QUEUE_SIZE,
)

from otel_llmcost.guard import guard

_EVERY = 1.0
"""Seconds that a record waits for others at most."""


class Outbox(LogRecordProcessor):
    """A bounded queue in front of an exporter; when it is full, the oldest record is dropped.

    Since Python 3.12 no thread can be started once the main thread has ended. Then whoever emits a
    record sends what waits, at most once a second; with `until` (monotonic seconds) always, and
    nothing after that moment.
    """

    def __init__(
        self, exporter: Any, dropped: Callable[[], None], *, until: float | None = None
    ) -> None:
        self._exporter = exporter
        self._dropped = dropped
        self._until = until
        self._most = _number(OTEL_BLRP_MAX_QUEUE_SIZE, 2048)
        self._batch = min(_number(OTEL_BLRP_MAX_EXPORT_BATCH_SIZE, 512), self._most)
        self._waiting: deque[ReadableLogRecord] = deque()
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._sender: threading.Thread | None = None
        self._in_hand = 0
        self._urgent = self._closed = False
        self._sent_at = time.monotonic()
        self._sending = threading.Lock()
        self.accepted = 0
        """Records that were emitted."""
        self.lost = 0
        """Records that were dropped, or that the exporter could not deliver."""

    @property
    def undelivered(self) -> int:
        """Records that were emitted and not delivered."""
        return self.lost + len(self._waiting) + self._in_hand

    def on_emit(self, log_record: ReadWriteLogRecord) -> None:
        """Queue a record."""
        # As the SDK's own processors do: without the context, which may be large.
        record = copy.copy(log_record.log_record)
        record.context = Context()
        readable = ReadableLogRecord(
            log_record=record,
            resource=log_record.resource,  # pyright: ignore[reportArgumentType] - set by the logger
            instrumentation_scope=log_record.instrumentation_scope,
            limits=log_record.limits,
        )
        with self._lock:
            self.accepted += 1
            full = len(self._waiting) >= self._most
            if full:
                self._waiting.popleft()
                self.lost += 1
            self._waiting.append(readable)
            if len(self._waiting) in (1, self._batch):
                self._changed.notify_all()
        if full:
            self._dropped()
        if not self._has_sender():
            self._send_from_here()

    def flush(self, timeout: float) -> bool:
        """Send what waits; whether all of it was delivered within `timeout` seconds."""
        if not self._has_sender():
            self._send_all(time.monotonic() + timeout)
            return not self._waiting
        with self._changed:
            lost, goal = self.lost, self.accepted
            self._urgent = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._handled() >= goal, timeout)
            return self._handled() >= goal and self.lost == lost

    def close(self, timeout: float) -> None:
        """Send what waits, for at most `timeout` seconds, and stop."""
        deadline = time.monotonic() + timeout
        self.flush(timeout)
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        # Ends the pauses between the exporter's attempts.
        self._exporter.shutdown()
        if self._sender is not None:
            self._sender.join(max(deadline - time.monotonic(), 0.1))

    def shutdown(self) -> None:
        """Part of the SDK's interface; what waits is sent by `close`."""

    def force_flush(self, timeout_millis: int = 3000) -> bool:
        """Part of the SDK's interface."""
        return self.flush(timeout_millis / 1000)

    def _handled(self) -> int:
        return self.accepted - len(self._waiting) - self._in_hand

    def _has_sender(self) -> bool:
        if self._sender is None and self._until is None:
            with self._lock:
                if self._sender is None:
                    sender = threading.Thread(target=self._work, name="llmcost-outbox", daemon=True)
                    try:
                        sender.start()
                    except RuntimeError:  # "can't create new thread at interpreter shutdown"
                        return False
                    self._sender = sender
        return self._sender is not None

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                self._changed.wait_for(self._is_due, _EVERY)
                if not self._waiting:
                    return
            self._send_batch()

    def _is_due(self) -> bool:
        return self._urgent or self._closed or len(self._waiting) >= self._batch

    def _send_from_here(self) -> None:
        now = time.monotonic()
        if self._until is not None:
            self._send_all(self._until)
        elif now - self._sent_at >= _EVERY or len(self._waiting) >= self._batch:
            self._send_all(now + _EVERY)

    def _send_all(self, deadline: float) -> None:
        while self._waiting and time.monotonic() < deadline:
            self._send_batch()

    def _send_batch(self) -> None:
        with self._sending:
            with self._lock:
                count = min(self._batch, len(self._waiting))
                batch = [self._waiting.popleft() for _ in range(count)]
                self._in_hand = count
            delivered = self._delivered(batch)
            with self._changed:
                self._in_hand = 0
                self._sent_at = time.monotonic()
                if not delivered:
                    self.lost += count
                if not self._waiting:
                    self._urgent = False
                self._changed.notify_all()

    @guard("outbox.export")
    def _delivered(self, batch: list[ReadableLogRecord]) -> bool:
        if self._closed:
            return False
        suppressed = otel_context.set_value(
            otel_context._SUPPRESS_INSTRUMENTATION_KEY,  # pyright: ignore[reportPrivateUsage] - as the SDK exports
            True,
        )
        token = otel_context.attach(suppressed)
        try:
            return self._exporter.export(batch).name == "SUCCESS"
        finally:
            otel_context.detach(token)


def _number(variable: str, default: int) -> int:
    text = os.environ.get(variable, "").strip()
    return int(text) if text.isdigit() and int(text) > 0 else default
