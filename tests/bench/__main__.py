# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`make bench`: every figure is measured beside its baseline in the same run."""

from __future__ import annotations

import sys

from rich.console import Console

from tests.bench import calls, exactness, imports, ingest, open_streams, pricing, streams

PARTS = {
    "imports": imports,
    "calls": calls,
    "open streams": open_streams,
    "abandoned streams": streams,
    "pricing": pricing,
    "exactness": exactness,
    "ingest": ingest,
}


def main(names: list[str]) -> int:
    unknown = set(names) - PARTS.keys()
    if unknown:
        print(
            f"no such part: {', '.join(unknown)}; choose from {', '.join(PARTS)}", file=sys.stderr
        )
        return 2
    console = Console()
    for name in names or PARTS:
        console.print(PARTS[name].table())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
