# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Text of others on a terminal."""

from __future__ import annotations


def printable(text: str, *, keep_lines: bool = False) -> str:
    """Text that cannot steer a terminal: control characters are replaced."""
    return "".join(
        char if char.isprintable() or (keep_lines and char == "\n") else "\ufffd" for char in text
    )
