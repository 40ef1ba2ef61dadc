# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Time to price one typical call, and to load what the first one needs."""

from __future__ import annotations

import datetime as dt
import statistics
import subprocess
import sys
import time

from rich.table import Table

import otel_llmcost as llmcost
from benchmarks.calls import COMPLETION, MESSAGE
from otel_llmcost import pricing, providers

AT = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
ROUNDS = 9
TIMES = 2000
FIRST = """
import datetime as dt, time
import otel_llmcost as llmcost
from otel_llmcost import pricing, providers
start = time.perf_counter()
pricing.PriceBook.default()
llmcost.price_response("anthropic", request={"model": "claude-opus-5-5"},
    response={"model": "claude-opus-5-5", "usage": {"input_tokens": 1, "output_tokens": 1}},
    at=dt.datetime(2026, 11, 20, tzinfo=dt.UTC))
print((time.perf_counter() - start) * 1e3)
"""


def first_call_ms() -> float:
    out = subprocess.run([sys.executable, "-c", FIRST], check=True, capture_output=True, text=True)
    return float(out.stdout)


def table() -> Table:
    """Microseconds per call to rate and to read + rate; milliseconds for a process's first."""
    result = Table(title="pricing one typical call")
    for column in ("step", "provider", "min", "median"):
        result.add_column(column, justify="left" if column in ("step", "provider") else "right")
    for provider, response in (("anthropic", MESSAGE), ("openai", COMPLETION)):
        request = {"model": response["model"]}
        usage = providers.read(provider, request=request, response=response)
        steps = {
            "rate": lambda usage=usage: pricing.rate(usage, AT),
            "read + rate": lambda p=provider, q=request, r=response: llmcost.price_response(
                p, request=q, response=r, at=AT
            ),
        }
        for name, step in steps.items():
            step()
            samples = []
            for _ in range(ROUNDS):
                start = time.perf_counter()
                for _ in range(TIMES):
                    step()
                samples.append((time.perf_counter() - start) / TIMES * 1e6)
            low, middle = min(samples), statistics.median(samples)
            result.add_row(name, provider, f"{low:.1f} µs", f"{middle:.1f} µs")
    first = [first_call_ms() for _ in range(7)]
    result.add_row(
        "first call of a process",
        "anthropic",
        f"{min(first):.1f} ms",
        f"{statistics.median(first):.1f} ms",
    )
    return result
