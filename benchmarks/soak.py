# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The daemon for minutes under 1,000 spans a second and a reader: memory and acknowledgements."""

from __future__ import annotations

import tempfile
import threading
import time
import urllib.request
from pathlib import Path

from rich.table import Table

from benchmarks.ingest import SPANS_PER_BODY, body
from tests.support.daemon_process import Served, daemon

RATE = 1000
_READ = (
    "SELECT feature, sum(cost_usd) FROM llmcost.hourly_spend GROUP BY feature",
    "SELECT user_id, sum(cost_usd) AS c FROM llmcost.calls GROUP BY ALL ORDER BY c DESC LIMIT 9",
)


def memory(served: Served) -> tuple[float, float]:
    """MB the daemon has in memory: all of it, and its own without the pages of files.

    Pages of files are the engine's library and the store; the kernel takes them back when it needs.
    """
    status = Path(f"/proc/{served.facts['pid']}/status").read_text()
    everything, own = (
        int(line.split()[1]) / 1024
        for line in status.splitlines()
        if line.startswith(("VmRSS:", "RssAnon:"))
    )
    return everything, own


def table(minutes: float = 10) -> Table:
    """Memory at each tenth, and how long an acknowledgement takes."""
    with tempfile.TemporaryDirectory() as folder, daemon(Path(folder, "store")) as served:
        stop = threading.Event()

        def read() -> None:
            while not stop.wait(2):
                for sql in _READ:
                    served.rows(sql)

        reader = threading.Thread(target=read)
        reader.start()
        sizes: list[tuple[float, float]] = []
        waits: list[float] = []
        began = time.monotonic()
        sent = 0
        try:
            while (now := time.monotonic() - began) < minutes * 60:
                if now >= len(sizes) * minutes * 6:
                    sizes.append(memory(served))
                data = body(sent)
                due = sent * SPANS_PER_BODY / RATE
                time.sleep(max(0.0, due - (time.monotonic() - began)))
                waits.append(_post(served, data))
                sent += 1
        finally:
            stop.set()
            reader.join()
        sizes.append(memory(served))
        [stored] = served.rows("SELECT toUInt32(count()) AS n FROM llmcost.calls")
    assert stored["n"] == sent * SPANS_PER_BODY, (stored, sent)
    waits.sort()
    result = Table(title=f"soak: {minutes:g} minutes, {sent * SPANS_PER_BODY:,} spans, all stored")
    result.add_column("figure")
    result.add_column("value", justify="right")
    for index, name in enumerate(("memory", "memory without pages of files")):
        column = " ".join(f"{size[index]:.0f}" for size in sizes)
        result.add_row(f"{name} at each tenth, MB", column)
    rate = sent * SPANS_PER_BODY / (minutes * 60)
    result.add_row("spans per second", f"{rate:,.0f}")
    for share in (50, 95, 99):
        wait = waits[round(share / 100 * (len(waits) - 1))]
        result.add_row(
            f"acknowledgement of {SPANS_PER_BODY} spans, p{share}, ms", f"{wait * 1e3:.0f}"
        )
    return result


def _post(served: Served, data: bytes) -> float:
    began = time.perf_counter()
    request = urllib.request.Request(
        f"{served.otlp_http}/v1/traces", data, {"Content-Type": "application/x-protobuf"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.status == 200
    return time.perf_counter() - began
