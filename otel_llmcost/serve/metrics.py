# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The daemon's metrics in Prometheus' text format, version 0.0.4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import prometheus_client
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

from otel_llmcost import __version__

CONTENT_TYPE = "text/plain; version=0.0.4"

_HELP = {
    "ingest_queue_bytes": "Bytes accepted and not yet committed.",
    "ingest_queue_requests": "Requests that wait for the next insert.",
    "refresh_lag_seconds": "Time since the rollups were last brought up to date.",
    "refresh_failures_total": "Rebuilds of the rollups that failed.",
    "store_free_bytes": "Bytes that can still be written to the disk of the store.",
    "store_merges_stopped": "1 while too little is free to merge parts.",
    "last_error_timestamp_seconds": "When an insert or a rebuild failed last; 0 when none did.",
    "start_time_seconds": "When this process began to serve.",
    "process_max_resident_bytes": "Most memory this process ever used.",
    "process_cpu_seconds_total": "CPU time of this process.",
}

# No series of the time at which each counter was made: start_time_seconds says it for all.
prometheus_client.disable_created_metrics()


def exposition(ingest: CollectorRegistry, values: Mapping[str, float], engine: str) -> str:
    """The text of the ingest's metrics, of `values` (by name without `llmcost_`; a name that is
    left out is unknown just now) and of what is running."""
    registry = CollectorRegistry()
    registry.register(_Values(values, engine))
    return b"".join(map(prometheus_client.generate_latest, (ingest, registry))).decode()


class _Values(Collector):
    def __init__(self, values: Mapping[str, float], engine: str) -> None:
        self._values = values
        self._engine = engine

    def collect(self) -> Iterable[Metric]:
        for name, value in self._values.items():
            family = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
            yield family(f"llmcost_{name}", _HELP[name], value=value)
        build = GaugeMetricFamily(
            "llmcost_build_info", "What is running.", labels=["version", "engine"]
        )
        build.add_metric([__version__, self._engine], 1)
        yield build
