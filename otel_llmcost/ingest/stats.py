# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What the ingest counts about itself, as Prometheus metrics `llmcost_ingest_*`."""

from __future__ import annotations

from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Histogram

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
_HELP: dict[Name, str] = {
    "records_received": "Spans, events and metrics in requests that could be read.",
    "records_accepted": "Those acknowledged after they were committed; metrics are dropped.",
    "records_rejected": "Invalid ones, reported to the sender and kept in the table rejected.",
    "records_duplicate": "Accepted ones in a request that was stored before, byte for byte.",
    "bytes_received": "Bytes of requests, unpacked.",
    "bodies_accepted": "Requests acknowledged.",
    "bodies_malformed": "Requests refused for good: they cannot be read.",
    "bodies_refused": "Requests to be sent again: too much waits to be written.",
    "bodies_failed": "Requests to be sent again: the insert failed.",
    "inserts": "Groups of requests committed together.",
    "inserts_failed": "Inserts that failed; each request of the group is then tried alone.",
}
_SIGNALS = ("traces", "logs", "metrics")
_ACK_BOUNDS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class IngestStats:
    """Counters by name and signal since the start, for any thread, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._counters = {
            name: Counter(f"llmcost_ingest_{name}", text, ["signal"], registry=self.registry)
            for name, text in _HELP.items()
        }
        for counter in self._counters.values():
            for signal in _SIGNALS:
                counter.labels(signal)  # shown as 0 from the start
        self._ack_seconds = Histogram(
            "llmcost_ingest_ack_seconds",
            "Time from the arrival of a request to its acknowledgement, after it was committed.",
            ["signal"],
            buckets=_ACK_BOUNDS_S,
            registry=self.registry,
        )

    def add(self, name: Name, signal: str, by: int = 1) -> None:
        """Add to a counter."""
        self._counters[name].labels(signal).inc(by)

    def acknowledged(self, signal: str, seconds: float) -> None:
        """Record that a body was acknowledged this long after it arrived."""
        self._ack_seconds.labels(signal).observe(seconds)

    def count(self, name: Name, signal: str) -> int:
        """A counter's value."""
        found = self.registry.get_sample_value(f"llmcost_ingest_{name}_total", {"signal": signal})
        return int(found or 0)
