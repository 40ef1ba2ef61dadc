# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`<store>/daemon.json`: how other processes find the daemon of a store; and its passwords."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from otel_llmcost.errors import StoreError

_NAME = "daemon.json"
_PASSWORDS = "passwords.json"
_USERS = ("writer", "admin")
_RESERVE = "reserve"
"""Given up for the state file when the disk is full: without it no client finds the daemon."""
_RESERVED_BYTES = 64 << 10


def passwords(store: Path) -> dict[str, str]:
    """Of `writer` and `admin`: made with the store and kept, so that a collector or a script that
    has them still gets in after the daemon was started again. Raises StoreError."""
    try:
        kept = json.loads((store / _PASSWORDS).read_text(encoding="utf-8"))
        return {user: str(kept[user]) for user in _USERS}
    except (OSError, ValueError, KeyError, TypeError):
        made = {user: secrets.token_urlsafe(24) for user in _USERS}
        try:
            _write(store / _PASSWORDS, made)
        except OSError as error:
            raise StoreError(f"cannot keep the passwords of the store: {error}") from error
        return made


def write(store: Path, facts: Mapping[str, object]) -> None:
    """Write who serves the store, and where. Raises OSError."""
    _write(store / _NAME, facts)


def _write(path: Path, facts: Mapping[str, object]) -> None:
    """Whole or not at all, readable by this user only: it holds secrets."""
    reserve = path.with_name(_RESERVE)
    try:
        _write_anew(path, facts)
    except OSError:
        reserve.unlink(missing_ok=True)
        _write_anew(path, facts)
    with suppress(OSError):
        if not reserve.exists() or reserve.stat().st_size < _RESERVED_BYTES:
            reserve.write_bytes(bytes(_RESERVED_BYTES))


def _write_anew(path: Path, facts: Mapping[str, object]) -> None:
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(facts, file, indent=1)
    fresh.replace(path)


def remove(store: Path) -> None:
    """Remove it, unless another process has written it since."""
    path = store / _NAME
    try:
        if json.loads(path.read_text(encoding="utf-8"))["pid"] == os.getpid():
            path.unlink()
    except (OSError, ValueError, KeyError, TypeError):
        return
