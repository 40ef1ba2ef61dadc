# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Stored parts with bytes missing, as a full disk leaves them."""

from __future__ import annotations

from pathlib import Path

from otel_llmcost.store import Store


def tear(store: Store, table: str) -> None:
    """Cut the largest file of each active part in half, and let nothing of it be cached."""
    parts = store.query(
        f"SELECT path FROM system.parts WHERE active AND database = 'llmcost' AND table = '{table}'"
    ).rows
    assert parts
    for (path,) in parts:
        largest = max(Path(path).glob("*.bin"), key=lambda file: file.stat().st_size)
        with largest.open("r+b") as file:
            file.truncate(largest.stat().st_size // 2)
    for cache in ("MARK CACHE", "UNCOMPRESSED CACHE"):
        store.command(f"SYSTEM DROP {cache}")
