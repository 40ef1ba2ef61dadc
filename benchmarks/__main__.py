# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`make bench`: every figure is measured beside its baseline in the same run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from benchmarks import (
    accidents,
    calls,
    duplicates,
    exactness,
    floods,
    frames,
    imports,
    ingest,
    installs,
    open_streams,
    pages,
    planning,
    pricing,
    queries,
    soak,
    startup,
    streams,
)

PARTS = {
    "imports": imports,
    "startup": startup,
    "calls": calls,
    "open streams": open_streams,
    "abandoned streams": streams,
    "long frames": frames,
    "accidents": accidents,
    "pricing": pricing,
    "exactness": exactness,
    "ingest": ingest,
    "queries": queries,
    "pages": pages,
    "planning": planning,
    "duplicates": duplicates,
}

NAMED = ("soak", "floods", "installs")
"""Parts that run only when they are named: they take long, or need a package index."""


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", help=f"{', '.join(PARTS)}; {', '.join(NAMED)} only when named"
    )
    parser.add_argument(
        "--calls", type=int, default=1_000_000, help="queries, pages: how many calls"
    )
    parser.add_argument(
        "--store", type=Path, help="queries, pages: keep the calls here, and use them"
    )
    parser.add_argument("--minutes", type=float, default=10, help="soak: how long")
    requested = parser.parse_args(words)
    unknown = set(requested.parts) - PARTS.keys() - set(NAMED)
    if unknown:
        parser.error(
            f"no such part: {', '.join(unknown)}; choose from {', '.join((*PARTS, *NAMED))}"
        )
    console = Console()
    for name in requested.parts or PARTS:
        if name in ("queries", "pages"):
            console.print(PARTS[name].table(requested.calls, requested.store))
        elif name == "soak":
            console.print(soak.table(requested.minutes))
        elif name == "floods":
            console.print(floods.table())
        elif name == "installs":
            console.print(installs.table())
        else:
            console.print(PARTS[name].table())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
