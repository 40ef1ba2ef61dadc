# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`flush()`: every record has left before the process is frozen, killed or replaced."""

from __future__ import annotations

import _thread
import contextlib
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from otel_llmcost.guard import guard
from otel_llmcost.instrumentation.bodies import finalizer
from otel_llmcost.instrumentation.records import emitter, events

__all__ = ["flush"]


def flush(timeout: float = events.LAST_SECONDS) -> bool:
    """See `otel_llmcost.flush`."""
    return bool(_flush(timeout))


@guard("flush")
def _flush(timeout: float) -> bool:
    deadline = time.monotonic() + max(timeout, 0.0)
    finalizer.drain()
    carriers = {id(c): c for each in emitter.emitters() for c in each.carriers()}
    # Side by side, because the SDK's own waits do not end in time.
    waits = [_start(_force(carrier, timeout)) for carrier in carriers.values()]
    sent = [sink.flush(max(deadline - time.monotonic(), 0.0)) for sink in events.endpoint_sinks()]
    return all([*sent, *(wait(deadline) for wait in waits)])


def _force(carrier: Any, timeout: float) -> Callable[[], bool]:
    @guard("flush.carrier")
    def force() -> bool:
        # OpenTelemetry's no-op providers have none.
        method = getattr(carrier, "force_flush", None)
        return method is None or method(int(timeout * 1000)) is not False

    return lambda: bool(force())


def _start(work: Callable[[], bool]) -> Callable[[float], bool]:
    """Run `work` in another thread; returns a function that waits for its result."""
    results: list[bool] = []
    done = _thread.allocate_lock()
    done.acquire()

    def run() -> None:
        try:
            results.append(work())
        finally:
            done.release()

    try:
        # Not `threading`: a signal may have come while this thread held a lock of that module.
        _thread.start_new_thread(run, ())
    except RuntimeError:  # none can start any more, so wait here
        run()

    def wait(deadline: float) -> bool:
        done.acquire(timeout=max(deadline - time.monotonic(), 0.0))
        return bool(results and results[0])

    return wait


@guard("flush.on_sigterm")
def on_sigterm() -> None:
    """Flush when SIGTERM would end the process at once; a handler of the application's wins."""
    if (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    ):
        signal.signal(signal.SIGTERM, _end)


@guard("flush.not_on_sigterm")
def not_on_sigterm() -> None:
    """Undo `on_sigterm`."""
    if (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGTERM) is _end
    ):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _end(number: int, _: object) -> None:
    # In another thread: this one may hold a lock that the exporters need. What does not come
    # through in time is lost, as it would have been without us.
    with contextlib.suppress(BaseException):
        wait = _start(flush)
        wait(time.monotonic() + events.LAST_SECONDS)
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)
