# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Which attributes quote prompts, completions or documents, and are therefore never stored."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files


@cache
def _lists() -> dict[str, list[str]]:
    return tomllib.loads((files("otel_llmcost.ingest") / "content.toml").read_text("utf-8"))


def pattern(*, events: bool = False) -> str:
    """One anchored RE2 expression for all content keys; `events` adds the short names of events."""
    lists = _lists()
    keys = lists["strip"] + (lists["strip_from_events"] if events else [])
    return f"^(?:{'|'.join(keys)})$"


def is_content(key: str, *, events: bool = False) -> bool:
    """Whether an attribute of this name is left out."""
    return re.match(pattern(events=events), key) is not None
