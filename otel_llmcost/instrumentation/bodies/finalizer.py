# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Finishing what the garbage collector found: streams that the application dropped without closing.

The collector runs at any point of any thread, also while that thread holds a lock of the
OpenTelemetry SDK; emitting from there can deadlock. Such work is handed to a thread instead.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

from otel_llmcost.guard import guard

_queue: SimpleQueue[Callable[[], None]] = SimpleQueue()
_collecting: int | None = None
_worker: threading.Thread | None = None
_starting = threading.Lock()


def settle(finish: Callable[[], None]) -> None:
    """Run `finish` now, or in a moment from another thread when the garbage collector called us."""
    if _collecting == threading.get_ident():
        _queue.put(finish)  # SimpleQueue.put is reentrant, made for this
    else:
        finish()


def watch() -> None:
    """Start noticing collections; cheap when it is already so."""
    global _worker
    if _worker is not None:
        return
    with _starting:
        if _worker is None:
            if _on_collection not in gc.callbacks:
                gc.callbacks.append(_on_collection)
                atexit.register(drain)
            worker = threading.Thread(target=_work, name="llmcost-orphans", daemon=True)
            # Since Python 3.12 none can start once the main thread has ended: then `drain` does it.
            with contextlib.suppress(RuntimeError):
                worker.start()
                _worker = worker


def unwatch() -> None:
    """Stop noticing collections."""
    if _on_collection in gc.callbacks:
        gc.callbacks.remove(_on_collection)
        atexit.unregister(drain)
    global _worker
    worker, _worker = _worker, None
    if worker is not None:
        _queue.put(_stop)


def drain() -> None:
    """Run everything that waits."""
    while True:
        try:
            finish = _queue.get_nowait()
        except Empty:
            return
        if finish is not _stop:
            with guard("orphans.drain"):
                finish()


def _stop() -> None:
    """Marks the end of the worker."""


def _work() -> None:
    while (finish := _queue.get()) is not _stop:
        with guard("orphans.work"):
            finish()
        del finish


def _on_collection(phase: str, _: dict[str, Any]) -> None:
    global _collecting
    _collecting = threading.get_ident() if phase == "start" else None


def _after_fork() -> None:
    # The thread stays in the parent, and so does what it still has to do.
    global _queue, _worker, _starting, _collecting
    fresh: SimpleQueue[Callable[[], None]] = SimpleQueue()
    _queue, _worker, _starting, _collecting = fresh, None, threading.Lock(), None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
