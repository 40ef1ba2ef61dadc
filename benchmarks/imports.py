# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What `import otel_llmcost` adds to a process that already has `opentelemetry.trace`."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

from rich.table import Table

ROUNDS = 15
SCRIPT = """
import json, os, time
import opentelemetry.trace

def megabytes():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

before = megabytes()
start = time.perf_counter()
{statement}
print(json.dumps([(time.perf_counter() - start) * 1e3,
                  megabytes() - before]))
"""
STATEMENTS = {
    "import otel_llmcost": "import otel_llmcost",
    "… and its public names": "from otel_llmcost import feature, instrument",
    "first instrument(), SDK imported later": "import otel_llmcost; otel_llmcost.instrument()",
    "official genai-anthropic": "import opentelemetry.instrumentation.genai.anthropic",
    "official genai-openai": "import opentelemetry.instrumentation.genai.openai",
    "OpenInference openai": "import openinference.instrumentation.openai",
    "OpenLLMetry openai": "import opentelemetry.instrumentation.openai",
}


def once(statement: str) -> tuple[float, float]:
    script = SCRIPT.format(statement=statement)
    out = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    milliseconds, megabytes = json.loads(out.stdout)
    return milliseconds, megabytes


def table() -> Table:
    """Minimum and median of interleaved fresh processes."""
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in STATEMENTS}
    for _ in range(ROUNDS):
        for name, statement in STATEMENTS.items():
            samples[name].append(once(statement))
    result = Table(title="import cost beyond opentelemetry.trace")
    for column in ("statement", "ms min", "ms median", "MB median"):
        result.add_column(column, justify="left" if column == "statement" else "right")
    for name, pairs in samples.items():
        times, sizes = zip(*pairs, strict=True)
        result.add_row(
            name,
            f"{min(times):.1f}",
            f"{statistics.median(times):.1f}",
            f"{statistics.median(sizes):.1f}",
        )
    return result
