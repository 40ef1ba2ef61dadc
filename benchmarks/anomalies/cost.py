# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What a pass of detection costs at fifty million calls of 300 features in thirty days."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from benchmarks.anomalies.passes import hour_at, make_hours
from benchmarks.anomalies.traffic import STEADY, Background, Client
from otel_llmcost.detection.detect import detect
from otel_llmcost.store import open_store

FEATURES = 300
DAYS = 30
CALLS = 50_000_000
_COPY = """
INSERT INTO llmcost.feature_hours
SELECT h.* REPLACE (concat(h.feature, ' ', toString(n)) AS feature)
FROM llmcost.bench_hours AS h
ARRAY JOIN range({copies:UInt32}) AS n
"""


def seconds(clients: Sequence[Client]) -> tuple[float, float]:
    """CPU of the first pass of an hour, which computes what is normal, and of the next, a minute
    later. A few features are made of calls, and their hours copied under other names."""
    habit = replace(STEADY, since=-DAYS * 24)
    rate = CALLS / FEATURES / DAYS / 24
    some = [Background(client=one, rate=rate, habit=habit) for one in clients[:5]]
    with tempfile.TemporaryDirectory() as path, open_store(f"chdb://{path}/store") as store:
        store.apply_schema()
        make_hours(store, clients, some, [], until=2)
        store.command(_COPY, {"copies": FEATURES // len(some)})
        spent: list[float] = []
        for minute in (-1, 58, 59):
            began = time.process_time()
            detect(store, hour_at(1) + timedelta(minutes=minute))
            spent.append(time.process_time() - began)
    return spent[1], spent[2]
