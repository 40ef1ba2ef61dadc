# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Prometheus' text format, version 0.0.4."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from otel_llmcost.ingest.stats import LATENCY_BOUNDS_S, Latency


class Sample(NamedTuple):
    """One line: labels and a value; `suffix` is for the parts of a histogram."""

    labels: Mapping[str, str]
    value: float
    suffix: str = ""


class Exposition:
    """Collects families of metrics, then renders them."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def add(self, name: str, kind: str, told: str, samples: Sequence[Sample]) -> None:
        """One family. `kind` is counter, gauge or histogram."""
        self._lines += [f"# HELP {name} {told}", f"# TYPE {name} {kind}"]
        for sample in samples:
            labels = ",".join(f'{key}="{_escaped(text)}"' for key, text in sample.labels.items())
            shown = f"{{{labels}}}" if labels else ""
            self._lines.append(f"{name}{sample.suffix}{shown} {sample.value!r}")

    def render(self) -> str:
        """All of it."""
        return "\n".join(self._lines) + "\n"


def histogram(latencies: Mapping[str, Latency]) -> list[Sample]:
    """The samples of a histogram by signal."""
    return [sample for signal, found in latencies.items() for sample in _series(signal, found)]


def _series(signal: str, found: Latency) -> Iterator[Sample]:
    bounds = [f"{bound:g}" for bound in LATENCY_BOUNDS_S] + ["+Inf"]
    for bound, count in zip(bounds, accumulate(found.buckets), strict=True):
        yield Sample({"signal": signal, "le": bound}, count, "_bucket")
    yield Sample({"signal": signal}, found.total_s, "_sum")
    yield Sample({"signal": signal}, sum(found.buckets), "_count")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
