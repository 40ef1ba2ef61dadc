# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The generated pages of the reference say what the code says."""

from __future__ import annotations

import subprocess
import sys

from tools.reference.__main__ import FOLDER, PAGES


def test_the_generated_pages_are_what_the_code_says() -> None:
    """In a process of its own, because one process has one embedded store."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.reference", "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_each_page_says_how_it_is_changed() -> None:
    for name in PAGES:
        assert "python -m tools.reference" in (FOLDER / name).read_text("utf-8").splitlines()[0]
