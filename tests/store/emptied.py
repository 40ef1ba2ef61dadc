# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The store of the test process made anew: for tests that change its schema."""

from __future__ import annotations

from otel_llmcost import schema
from otel_llmcost.store import Store

# As the shared store was made: see tests/support/embedded.py.
OPTIONS = schema.Options(raw_ttl_days=10_000, calls_ttl_days=10_000)


def dropped(store: Store) -> None:
    """No database at all."""
    for database in (schema.INTERNAL_DATABASE, schema.DATABASE):
        store.command(f"DROP DATABASE IF EXISTS {database} SYNC")


def rebuilt(store: Store) -> None:
    """The whole schema, without a row."""
    dropped(store)
    store.apply_schema(OPTIONS)
