# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A streamed image: one frame of megabytes without a newline, arriving in pieces of 4 KB."""

from __future__ import annotations

import json
import time
import tracemalloc

from rich.table import Table

from otel_llmcost import providers
from otel_llmcost.instrumentation.bodies.readers import EventStream

PIECE = 4096
SIZES = (5, 10, 20)  # MB
USAGE = {
    "input_tokens": 50,
    "output_tokens": 50,
    "total_tokens": 100,
    "input_tokens_details": {"text_tokens": 10, "image_tokens": 40},
}


def frame(megabytes: float) -> bytes:
    """The last event of a streamed image."""
    event = {
        "type": "image_generation.completed",
        "b64_json": "iVBORw0K" * int(megabytes * 1_000_000 / 8),
        "usage": USAGE,
    }
    return b"event: image_generation.completed\ndata: " + json.dumps(event).encode() + b"\n\n"


def pieces(body: bytes) -> list[bytes]:
    return [body[at : at + PIECE] for at in range(0, len(body), PIECE)]


def read(arriving: list[bytes], *, strip: bool) -> EventStream:
    """Feed a stream as a tee does, without keeping what comes out."""
    stream = EventStream(providers.stream_reader("openai", "/v1/images/generations"), strip=strip)
    for piece in arriving:
        stream.feed(piece)
    stream.end()
    return stream


def measure(megabytes: float, *, strip: bool) -> tuple[float, float, float]:
    """Seconds, seconds of only joining the pieces once, and MB of memory at the most."""
    arriving = pieces(frame(megabytes))
    start = time.perf_counter()
    stream = read(arriving, strip=strip)
    took = time.perf_counter() - start
    assert stream.response()["usage"] == USAGE
    start = time.perf_counter()
    json.loads(b"".join(arriving).partition(b"data: ")[2])
    joined = time.perf_counter() - start
    tracemalloc.start()
    read(arriving, strip=strip)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return took, joined, peak / 1e6


def table() -> Table:
    """Time and memory by size, beside joining and parsing the frame once."""
    found = Table(title=f"one frame in pieces of {PIECE} bytes", title_justify="left")
    for column in ("frame", "usage requested", "ours", "join and parse once", "memory at most"):
        found.add_column(column, justify="right")
    for megabytes in SIZES:
        for strip in (False, True):
            took, joined, peak = measure(megabytes, strip=strip)
            found.add_row(
                f"{megabytes} MB",
                "yes" if strip else "no",
                f"{took * 1000:.0f} ms",
                f"{joined * 1000:.0f} ms",
                f"{peak:.1f} MB",
            )
    return found
