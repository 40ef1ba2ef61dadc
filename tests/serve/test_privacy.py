# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""No other user of the machine reads what is stored."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from otel_llmcost.store import Store, backup, privacy
from tests.ingest.bodies import records
from tests.serve.running import Running
from tests.support.embedded import embedded_store

pytestmark = pytest.mark.slow

__all__ = ["embedded_store"]


def open_to_others(path: Path) -> list[str]:
    entries = [path, *(entry for entry in path.rglob("*") if not entry.is_symlink())]
    return [
        f"{oct(stat.S_IMODE(entry.stat().st_mode))} {entry}"
        for entry in entries
        if stat.S_IMODE(entry.stat().st_mode) != (0o700 if entry.is_dir() else 0o600)
    ]


def serve_some(store: Path) -> None:
    daemon = Running.start(store)
    try:
        assert daemon.otlp("traces", records(3)).status == 200
        assert daemon.rows("SELECT count() FROM calls") == [[3]]
        assert open_to_others(store) == []
    finally:
        assert daemon.stop() == 0


def test_a_store_is_for_its_user_only_also_one_that_was_open_to_others(tmp_path: Path) -> None:
    store = tmp_path / "store"
    serve_some(store)
    assert open_to_others(store) == []
    for entry in [store, *store.rglob("*")]:
        if not entry.is_symlink():
            entry.chmod(0o755 if entry.is_dir() else 0o644)
    serve_some(store)
    assert open_to_others(store) == []


def test_a_directory_that_holds_other_things_stays_open(tmp_path: Path) -> None:
    (tmp_path / "metadata").mkdir(mode=0o755)
    (tmp_path / "metadata" / "x.sql").write_text("")
    (tmp_path / "somebody").write_text("else's")
    os.chmod(tmp_path / "somebody", 0o644)
    tmp_path.chmod(0o755)
    privacy.tighten(tmp_path)
    privacy.make_directory(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "somebody").stat().st_mode) == 0o644
    assert open_to_others(tmp_path / "metadata") == []


def test_a_backup_is_for_its_user_only(embedded_store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    folder.mkdir(mode=0o755)
    list(backup.save(embedded_store, folder))
    assert (folder / "manifest.json").exists()
    assert open_to_others(folder) == []


def test_a_program_under_run_makes_files_as_its_own_umask_says(tmp_path: Path) -> None:
    made = tmp_path / "made"
    code = f"open({str(made)!r}, 'w').close()"
    run = [sys.executable, "-m", "otel_llmcost.cli", "run", "--store", str(tmp_path / "store")]
    subprocess.run([*run, "--", sys.executable, "-c", code], check=True, umask=0o022, timeout=300)
    assert stat.S_IMODE(made.stat().st_mode) == 0o644
    assert open_to_others(tmp_path / "store") == []
