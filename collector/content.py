#!/usr/bin/env python3
# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Writes the daemon's keep and strip lists into the collector's configurations.

    collector/content.py            after a change of otel_llmcost/ingest/content.toml
    collector/content.py --check    exits 1 when a configuration differs from it

A statement is found by its YAML anchor (`&content`, `&event_content`, `&keep`), so everything
around it is written by hand. Python 3.11 or newer and nothing else.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
SOURCE = HERE.parent / "otel_llmcost/ingest/content.toml"
CONFIGS = ("config.yaml", "existing.yaml")


def quoted(expression: str) -> str:
    """For an OTTL string inside a double-quoted YAML scalar: each has escapes of its own."""
    return expression.replace("\\", "\\" * 4)


def deletion(keys: list[str], indent: str) -> str:
    """The statement that deletes attributes of these names, one name a line."""
    lines = f"|\\\n{indent}  ".join(quoted(key) for key in keys)
    opening = f'{indent}- "delete_matching_keys(attributes, \\"^(?:\\\n{indent}  '
    return f'{opening}{lines}\\\n{indent}  )$\\")"\n'


def condition(keys: list[str], scopes: list[str], indent: str) -> str:
    """The condition that drops what has none of these keys and scopes. Keys is a JSON array."""
    scope = quoted(f"^(?:{'|'.join(scopes)})")
    key = '\\\\\\"' + f"(?:{quoted('|'.join(keys))})"
    return (
        f'{indent}- "not IsMatch(instrumentation_scope.name, \\"{scope}\\")\\\n'
        f'{indent}  \\ and not IsMatch(String(Keys(attributes)), \\"{key}\\")"\n'
    )


def filled(text: str) -> str:
    """A configuration with the lists as they are in the source."""
    lists: dict[str, list[str]] = tomllib.loads(SOURCE.read_text("utf-8"))
    strip, short = lists["strip"], lists["strip_from_events"]

    def statement(found: re.Match[str]) -> str:
        head, name, indent = found["head"], found["name"], found["indent"]
        if name == "keep":
            return head + condition(lists["keep"], lists["keep_scopes"], indent)
        return head + deletion(strip + short if name == "event_content" else strip, indent)

    # A statement: one list entry that starts with a quote and ends at the next line-ending quote.
    anchored = r'(?P<head>: &(?P<name>content|event_content|keep)\n)(?P<indent> +)- ".*?(?<!\\)"\n'
    return re.sub(anchored, statement, text, flags=re.DOTALL)


def main(arguments: list[str]) -> int:
    """Fill the configurations, or say which are stale."""
    stale = {
        name: after
        for name in CONFIGS
        if (after := filled(before := (HERE / name).read_text("utf-8"))) != before
    }
    for name, text in stale.items():
        if "--check" in arguments:
            sys.stderr.write(f"collector/{name} is stale: run collector/content.py\n")
        else:
            (HERE / name).write_text(text, "utf-8")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
