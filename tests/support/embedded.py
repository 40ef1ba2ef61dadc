# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The one embedded store of a test process.

chDB can open one path per process, so every test shares this one: `embedded_store` hands it out
with the schema applied and every table empty. Import the fixture in a `conftest.py`, or require
`store_directory` for the path when a test has to open it itself (a daemon, a second Store).
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

import pytest

from otel_llmcost import schema
from otel_llmcost.store import Store, open_store
from tests.support.schema_store import with_schema


@cache
def store_directory() -> Path:
    """Path of the store, with its schema; one for the whole process, removed when it ends."""
    path = with_schema(Path(tempfile.mkdtemp(prefix="llmcost-test-")) / "store")
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    return path


@cache
def shared_store() -> Store:
    """The open store with its schema; closed when the process ends."""
    store = open_store(f"chdb://{store_directory()}")
    # The worked cases reach back to 2024, and no test may depend on the day it runs.
    store.apply_schema(schema.Options(raw_ttl_days=10_000, calls_ttl_days=10_000))
    atexit.register(store.close)
    return store


def empty(store: Store) -> None:
    """Take every row out of every table, prices, rates and the migrations' journal excepted."""
    tables = store.query(
        "SELECT name FROM system.tables WHERE database = {database:String} "
        "AND engine LIKE '%MergeTree' AND name NOT IN ('schema_journal', 'prices', 'rates') "
        "AND ifNull(total_rows, 1) > 0",
        {"database": schema.DATABASE},
    )
    for (name,) in tables.rows:
        store.command(f"TRUNCATE TABLE {schema.DATABASE}.{name}")


@pytest.fixture
def embedded_store() -> Store:
    """The shared store, empty."""
    store = shared_store()
    empty(store)
    return store
