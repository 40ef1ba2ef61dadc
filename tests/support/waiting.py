# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Waiting for what another thread or process does."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest


def wait_until(
    holds: Callable[[], object], log: Path | None = None, *, seconds: float = 120
) -> None:
    """Returns when `holds()` is true; fails after `seconds`, with the end of the log."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            end = log.read_text().splitlines()[-20:] if log else []
            pytest.fail("\n".join([f"not within {seconds} seconds", *end]))
        time.sleep(0.02)
