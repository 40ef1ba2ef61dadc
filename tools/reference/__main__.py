# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Write docs/reference from the code: `python -m tools.reference [--check]`.

`--check` names the pages that are behind the code, changes nothing and exits 1. There is one module
a page; its function `page()` returns the text.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from tools.reference import attributes, cli, python, settings, sql

FOLDER = Path(__file__).parents[2] / "docs/reference"
PAGES: dict[str, Callable[[], str]] = {
    "attributes.md": attributes.page,
    "cli.md": cli.page,
    "python.md": python.page,
    "settings.md": settings.page,
    "sql.md": sql.page,
}


def stale() -> dict[Path, str]:
    """The text of each page that is not what the code says."""
    pages = {FOLDER / name: page() for name, page in PAGES.items()}
    return {
        path: text
        for path, text in pages.items()
        if not path.exists() or path.read_text("utf-8") != text
    }


def main(arguments: list[str]) -> int:
    """0 when every page is (or was) up to date, 1 when --check finds a stale one, 2 on misuse."""
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    found = stale()
    for path, text in found.items():
        if arguments:
            print(f"stale: {path}; run python -m tools.reference", file=sys.stderr)
        else:
            path.write_text(text, "utf-8")
            print(f"wrote {path}")
    return 1 if arguments and found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
