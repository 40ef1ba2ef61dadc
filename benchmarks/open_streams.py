# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Memory that one open stream holds beyond the SDK's own, after its first chunk was read."""

from __future__ import annotations

import gc
import importlib
import multiprocessing
import tracemalloc
import warnings
from multiprocessing.connection import Connection

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from rich.table import Table

from benchmarks.calls import INSTRUMENTORS, PLAIN, Sdk, variants

STREAMS = 200
WARM_UP = 20


class NullExporter(SpanExporter):
    """Takes spans and forgets them."""

    def export(self, spans: object) -> SpanExportResult:
        return SpanExportResult.SUCCESS


def held(pipe: Connection, sdk: str, variant: str) -> None:
    """A process of its own for one variant; sends KB per open stream."""
    warnings.simplefilter("ignore")
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(NullExporter()))
    if place := INSTRUMENTORS[sdk].get(variant):
        module, _, cls = place.partition(":")
        getattr(importlib.import_module(module), cls)().instrument(tracer_provider=provider)
    client = Sdk(sdk, None if variant == PLAIN or place else provider)
    tracemalloc.start()
    streams = [client.open() for _ in range(WARM_UP)]
    for stream in streams:
        next(iter(stream))
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(STREAMS):
        streams.append(client.open())
        next(iter(streams[-1]))
    gc.collect()
    pipe.send((tracemalloc.get_traced_memory()[0] - before) / STREAMS / 1024)
    pipe.recv()  # what closing takes is not measured here


def measure(sdk: str) -> dict[str, float]:
    """KB per open stream by variant."""
    spawn = multiprocessing.get_context("spawn")
    found: dict[str, float] = {}
    for variant in variants(sdk):
        ours, theirs = spawn.Pipe()
        process = spawn.Process(target=held, args=(theirs, sdk, variant), daemon=True)
        process.start()
        theirs.close()  # so that a process that fails is noticed
        found[variant] = ours.recv()
        process.kill()
        process.join()
    return found


def table() -> Table:
    """One row per SDK and variant."""
    result = Table(title=f"memory per open stream (KB; mean of {STREAMS})", title_justify="left")
    for column in ("SDK", "variant", "total", "added"):
        result.add_column(column, justify="left" if column in ("SDK", "variant") else "right")
    for sdk in INSTRUMENTORS:
        by_variant = measure(sdk)
        for name, size in by_variant.items():
            result.add_row(sdk, name, f"{size:.1f}", f"{size - by_variant[PLAIN]:.1f}")
    return result
