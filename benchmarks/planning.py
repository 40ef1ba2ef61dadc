# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What the engine needs to plan the most nested statements: on a store without calls, that is all.

It plans a nested view anew at each query, and every materialized view at each insert.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path

from rich.table import Table

from benchmarks.ingest import body
from benchmarks.queries import ms, seconds
from otel_llmcost.ingest import Ingestor
from otel_llmcost.store import open_store

VIEWS = (
    *("llmcost.calls", "llmcost.savings", "llmcost.bill_lines"),
    *("llmcost_internal.price_models", "llmcost_internal.duplicates_found"),
)
TIMES = 15


def table() -> Table:
    result = Table(title="planning on an empty store, CPU ms")
    result.add_column("statement")
    result.add_column("least", justify="right")

    def add(what: str, run: Callable[[], object]) -> None:
        run()
        result.add_row(what, ms(seconds(run, TIMES)[1]))

    with tempfile.TemporaryDirectory(prefix="llmcost-bench-") as folder:
        store = open_store(f"chdb://{folder}")
        store.apply_schema()
        store.refresh()
        for view in VIEWS:
            add(view, partial(store.query, f"SELECT * FROM {view}", write=True))
        ingestor = Ingestor(Path(folder))
        bodies = (body(number, 1) for number in count())
        add(
            "an insert of one span, with all writes",
            lambda: ingestor.ingest("traces", next(bodies)),
        )
        ingestor.close()
        store.close()
    return result
