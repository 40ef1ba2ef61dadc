# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`feature()` and `allocate()` reach the threads and thread-pool tasks that are started inside.

Python copies its context variables into tasks of asyncio and into `asyncio.to_thread`, but not into
`Thread`, `ThreadPoolExecutor.submit` or `run_in_executor`. Only our allocation is carried; spans
are OpenTelemetry's business (its threading instrumentation carries both, and then we add nothing).
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from concurrent.futures.thread import ThreadPoolExecutor
from typing import Any

from otel_llmcost import allocation
from otel_llmcost.guard import guard

_PATCHED = ((threading.Thread, "start"), (ThreadPoolExecutor, "submit"))
_originals: list[tuple[type, str, Any, Any]] = []


def install() -> None:
    """Patch both classes; nothing when it is done already."""
    if _originals:
        return
    for owner, name in _PATCHED:
        original = owner.__dict__[name]
        wrap = _start if name == "start" else _submit
        replacement = wrap(original)
        setattr(owner, name, replacement)
        _originals.append((owner, name, original, replacement))


def remove() -> None:
    """Undo `install`; where somebody wrapped ours since, it stays and is a pass-through."""
    for owner, name, original, replacement in _originals:
        if owner.__dict__.get(name) is replacement:
            setattr(owner, name, original)
    _originals.clear()


def _start(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def start(self: threading.Thread, *args: Any, **kwargs: Any) -> None:
        if _originals:
            _carry_into(self)
        original(self, *args, **kwargs)

    return start


def _submit(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def submit(self: ThreadPoolExecutor, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        carried = allocation.carried_by(fn) if _originals else None
        return original(self, carried or fn, *args, **kwargs)

    return submit


@guard("threads.start")
def _carry_into(thread: threading.Thread) -> None:
    # A pool's own threads outlive the scope they are started in; its tasks are carried one by one.
    target = getattr(thread, "_target", None)
    if getattr(target, "__module__", "").startswith("concurrent.futures"):
        return
    run = allocation.carried_by(thread.run)
    if run is None:
        return

    def run_once() -> None:
        thread.__dict__.pop("run", None)  # else the thread holds itself
        run()

    thread.__dict__["run"] = run_once
