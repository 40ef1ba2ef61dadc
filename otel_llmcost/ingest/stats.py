# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What the ingest counts about itself."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from typing import Literal, NamedTuple

Name = Literal[
    "records_received",
    "records_accepted",
    "records_rejected",
    "records_duplicate",
    "bytes_received",
    "bodies_accepted",
    "bodies_malformed",
    "bodies_refused",
    "bodies_failed",
    "inserts",
    "inserts_failed",
]

LATENCY_BOUNDS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Latency(NamedTuple):
    """Seconds from a body's arrival to its acknowledgement."""

    buckets: list[int]
    """How many were within each bound of LATENCY_BOUNDS_S, and last all others; not cumulated."""
    total_s: float


class Tally:
    """Counters by name and signal since the start, for any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[Name, str]] = Counter()
        self._buckets: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}

    def add(self, name: Name, signal: str, by: int = 1) -> None:
        """Count."""
        with self._lock:
            self._counts[name, signal] += by

    def acknowledged(self, signal: str, seconds: float) -> None:
        """One body was, this long after it came."""
        with self._lock:
            buckets = self._buckets.setdefault(signal, [0] * (len(LATENCY_BOUNDS_S) + 1))
            buckets[bisect_left(LATENCY_BOUNDS_S, seconds)] += 1
            self._seconds[signal] = self._seconds.get(signal, 0.0) + seconds

    def counts(self) -> Mapping[tuple[Name, str], int]:
        """All that is not 0."""
        with self._lock:
            return dict(self._counts)

    def latencies(self) -> Mapping[str, Latency]:
        """By signal."""
        with self._lock:
            return {
                signal: Latency(list(buckets), self._seconds[signal])
                for signal, buckets in self._buckets.items()
            }
