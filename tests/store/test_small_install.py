# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""docs/how-to/install.md leaves out what the engine's packages require and nothing here loads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.schema_store import with_schema

PROGRAM = """
import importlib.abc, sys

class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"pandas", "pyarrow", "numpy", "datastore"}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
from otel_llmcost.cli.app import app
from otel_llmcost.ingest import Ingestor
from otel_llmcost.serve import daemon
from otel_llmcost.store import open_store

with open_store(f"chdb://{sys.argv[1]}") as store:
    store.refresh()
    print(store.query("SELECT count() FROM prices").rows[0][0] > 0)
app(["spend", "--url", sys.argv[1]])
"""


def test_the_store_and_the_commands_do_without_pandas_and_pyarrow(tmp_path: Path) -> None:
    store = with_schema(tmp_path / "store")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, store], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "True"), done.stderr
