# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`<store>/daemon.json`: how other processes find the daemon that owns a store."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

_NAME = "daemon.json"


def write(store: Path, facts: Mapping[str, object]) -> None:
    """Write it whole or not at all, readable by this user only: it holds secrets."""
    fresh = store / f"{_NAME}.{os.getpid()}"
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"pid": os.getpid(), **facts}, file, indent=1)
    fresh.replace(store / _NAME)


def remove(store: Path) -> None:
    """Remove it, unless another process has written it since."""
    path = store / _NAME
    try:
        if json.loads(path.read_text(encoding="utf-8"))["pid"] == os.getpid():
            path.unlink()
    except (OSError, ValueError, KeyError, TypeError):
        return
