# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The SQL files of the package: their texts by name, and the facts their headers state."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from otel_llmcost.schema import facts

_HERE = "otel_llmcost.schema"


@cache
def read(folder: str) -> dict[str, str]:
    """Text by name (the file's, without `.sql`) of a folder and those in it, facts filled in."""
    return dict(sorted(_texts(files(_HERE).joinpath(folder))))


def _texts(folder: Traversable) -> list[tuple[str, str]]:
    if not folder.is_dir():
        return []
    found: list[tuple[str, str]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _texts(entry)
        elif entry.name.endswith(".sql"):
            found.append(
                (entry.name.removesuffix(".sql"), facts.fill(entry.read_text(encoding="utf-8")))
            )
    return found


def header(sql: str, name: str) -> str:
    """What `-- Name: ...` says among the first lines of a file; empty when it says nothing."""
    found = re.search(rf"^-- {name}: (.+)$", sql.split("\nCREATE", 1)[0], re.MULTILINE)
    return found[1] if found else ""


def statement(sql: str) -> str:
    """The text without its comment lines."""
    return re.sub(r"^\s*--.*\n", "", sql, flags=re.MULTILINE).strip()
