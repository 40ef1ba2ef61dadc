# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Embedded stores that have the schema and the price book, copied from one that is made once.

`apply_schema()` and the first refresh take seconds, a copy takes a fraction of one. The original is
kept between runs for as long as the package and the engine are the same. Tests of `apply_schema()`
itself, and of a daemon on an empty directory, do without.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path

import otel_llmcost

PACKAGE = Path(otel_llmcost.__file__).parent
KEPT = Path(__file__).parents[2] / ".pytest_cache" / "schema_store"
MAKE = """
import sys
from otel_llmcost.store import open_store
with open_store(f"chdb://{sys.argv[1]}") as store:
    store.apply_schema()
    store.refresh()
"""


def with_schema(path: Path) -> Path:
    """A new store at `path`, with the default schema and prices."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        original = KEPT / _contents()
        if not original.exists():
            for old in KEPT.glob("*/"):
                shutil.rmtree(old)
            made = KEPT / "unfinished"  # in a process of its own: each can open one store
            subprocess.run([sys.executable, "-c", MAKE, made], check=True)
            made.rename(original)
        shutil.copytree(original, path, symlinks=True)
    return path


@cache
def _contents() -> str:
    """Digest of everything that decides what `apply_schema()` does."""
    digest = hashlib.sha256(f"{version('chdb-core')} {sys.version} {MAKE}".encode())
    for file in sorted(PACKAGE.rglob("*")):
        if file.suffix in (".py", ".sql", ".json", ".toml"):
            digest.update(str(file.relative_to(PACKAGE)).encode() + file.read_bytes())
    return digest.hexdigest()[:16]
