# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""How long the daemon takes for each page over 30 days, and how much a first visit sends.

The time is the server's: queries and template, without a browser and without a network.
"""

from __future__ import annotations

import gzip
import re
import shutil
import statistics
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Group
from rich.table import Table
from starlette.testclient import TestClient

from benchmarks.queries import ms, opened, seconds
from otel_llmcost.serve.web import create_app
from otel_llmcost.serve.web.pages import NAVIGATION
from otel_llmcost.store import Store

TARGET, OVERVIEW_TARGET = 0.3, 0.15
FIRST_VISIT = 400_000
VARIANTS = ("range=24h", "range=7d", "range=30d", "range=30d&feature={feature}")
"""Every page is read with each of these."""


def table(calls: int = 1_000_000, folder: Path | None = None, times: int = 15) -> Group:
    """All pages; with a folder the store stays there and is used again."""
    place = folder or Path(tempfile.mkdtemp(prefix="llmcost-bench-"))
    store = opened(place, calls)
    found = measured(store, f"pages over {calls:,} calls of 30 days, server time in ms", times)
    store.close()
    if folder is None:
        shutil.rmtree(place)
    return found


def measured(store: Store, title: str, times: int, variants: Sequence[str] = VARIANTS) -> Group:
    """Each page in each variant, and the first visit."""
    [(feature,)] = store.query(
        "SELECT feature FROM llmcost.hourly_spend "
        "GROUP BY feature ORDER BY sum(cost_usd) DESC LIMIT 1"
    ).rows
    result = Table(title=title)
    for column in ("page", "p50", "p95", "cpu", "target", "KB, gzip"):
        result.add_column(column, justify="left" if column == "page" else "right")
    with TestClient(create_app(store.query), base_url="http://127.0.0.1:8321") as client:
        for path in NAVIGATION:
            for variant in variants:
                address = f"{path}?{variant.format(feature=feature)}"
                answer = client.get(address)
                if answer.status_code != 200:
                    result.add_row(address, f"answers {answer.status_code}")
                    continue
                goal = OVERVIEW_TARGET if path == "/" else TARGET
                walls, cpu = seconds(partial(client.get, address), times)
                p95 = walls[round(0.95 * (len(walls) - 1))]
                result.add_row(
                    address,
                    ms(statistics.median(walls)),
                    ms(p95) + (" !" if p95 > goal else ""),
                    ms(cpu),
                    ms(goal),
                    f"{len(gzip.compress(answer.content)) / 1000:.0f}",
                )
        return Group(result, _first_visit(client))


def _first_visit(client: TestClient) -> Table:
    """What a browser fetches to show the overview for the first time."""
    result = Table(title="first visit of the overview, as it is sent")
    result.add_column("file")
    result.add_column("KB", justify="right")
    html = client.get("/")
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', html.text)
    total = 0
    for name in ("/", *dict.fromkeys(files)):
        with client.stream("GET", name, headers={"Accept-Encoding": "gzip"}) as answer:
            size = sum(len(part) for part in answer.iter_raw())
        total += size
        result.add_row(name, f"{size / 1000:.1f}")
    result.add_row(f"all, of {FIRST_VISIT / 1000:.0f} at most", f"{total / 1000:.1f}")
    return result
