# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A store is for its user only: directories are 0700, files 0600."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

# What the engine and the daemon put into a store. A directory with anything else in it, such as a
# home directory, is not only a store and is left to others as it is.
_OWN = (
    *("access", "cores", "data", "flags", "format_schemas", "metadata", "metadata_dropped"),
    *("named_collections", "preprocessed_configs", "status", "store", "tmp", "user_defined"),
    *("user_files", "user_scripts", "daemon.json", "passwords.json", "reserve"),
)


def make_directory(path: Path) -> None:
    """Make a store's directory, or close the one that is there. Raises OSError."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    if _is_own(path):
        _restrict(path, 0o700)


def tighten(path: Path) -> None:
    """Close everything in a store that an earlier version, or another umask, left open to others.

    What belongs to another user stays as it is.
    """
    if _is_own(path):
        _restrict(path, 0o700)
    for name in _OWN:
        entry = path / name
        if entry.is_symlink():
            continue
        if entry.is_dir():
            _restrict(entry, 0o700)
            for folder, folders, files in os.walk(entry):
                for inner in folders:
                    _restrict(Path(folder, inner), 0o700)
                for inner in files:
                    _restrict(Path(folder, inner), 0o600)
        else:
            _restrict(entry, 0o600)


def _is_own(path: Path) -> bool:
    try:
        return all(entry.name in _OWN for entry in path.iterdir())
    except OSError:
        return False


def _restrict(path: Path, mode: int) -> None:
    with suppress(OSError):
        if not path.is_symlink() and path.stat().st_mode & 0o077:
            path.chmod(mode)
