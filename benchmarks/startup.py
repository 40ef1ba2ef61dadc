# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""How long a person waits: until `serve` is ready, and for `spend` of a running daemon.

Each is a process of its own, as typed. CPU time is that of the command alone.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.table import Table

from tests.support.daemon_process import daemon
from tests.support.schema_store import with_schema

TIMES = 9
IMPORTS = (
    ("Python alone", "pass"),
    ("the command's own modules", "import otel_llmcost.cli.commands.spend"),
    ("and clickhouse-connect", "import otel_llmcost.cli.commands.spend, clickhouse_connect"),
)


def run(*words: str | Path) -> tuple[float, float]:
    """Wall and CPU seconds of a command."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def table() -> Table:
    result = Table(title="what a person waits for, ms")
    for column in ("what", "wall, median", "CPU, least", "aim, wall"):
        result.add_column(column, justify="left" if column == "what" else "right")

    def add(what: str, taken: list[tuple[float, float]], aim: str = "") -> None:
        wall = statistics.median(one for one, _ in taken)
        cpu = min(one for _, one in taken)
        result.add_row(what, f"{wall * 1e3:.0f}", f"{cpu * 1e3:.0f}" if cpu else "", aim)

    for what, code in IMPORTS:
        add(what, [run("-c", code) for _ in range(TIMES)])
    with tempfile.TemporaryDirectory() as folder:
        store = with_schema(Path(folder) / "store")
        began = time.perf_counter()
        with daemon(store):
            ready = time.perf_counter() - began
            words = ("-m", "otel_llmcost.cli", "spend", "--url", store)
            add("spend, of a running daemon", [run(*words) for _ in range(TIMES)], "250")
        add("serve is ready, an empty store", [(ready, 0)], "1500")
    return result
