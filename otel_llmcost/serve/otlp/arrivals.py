# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""How many gRPC messages arrive at the same time.

gRPC does not say how large a message will be, and keeps what has arrived of it until it is whole.
So only a few may arrive at once; the others wait with their sender. One that takes long gives way
when others wait.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

AT_ONCE = 8
"""Times the largest message is the memory that unfinished messages can take."""
PATIENCE_S = 5.0
"""Seconds a message may take to arrive while others wait."""


class Arrivals:
    """Places for messages that arrive. Safe to use from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        # In the order in which they began, so the first is the oldest.
        self._arriving: dict[object, tuple[float, Callable[[], object]]] = {}

    @contextmanager
    def one(self, stop: Callable[[], object]) -> Generator[None]:
        """Around the arrival of one message; begins when there is a place. `stop` ends it from
        another thread."""
        me = object()
        with self._changed:
            while len(self._arriving) >= AT_ONCE:
                oldest, (since, stop_it) = next(iter(self._arriving.items()))
                left = since + PATIENCE_S - time.monotonic()
                if left > 0:
                    self._changed.wait(left)
                else:
                    del self._arriving[oldest]
                    stop_it()
            self._arriving[me] = time.monotonic(), stop
        try:
            yield
        finally:
            with self._changed:
                self._arriving.pop(me, None)
                self._changed.notify()
