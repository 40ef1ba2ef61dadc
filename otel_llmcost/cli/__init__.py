# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The `otel-llmcost` command. Data on stdout, all else on stderr; exit 0 ok, 1 error, 2 usage."""

from __future__ import annotations

import importlib.util
import sys


def main() -> None:
    """Console script; without the `cli` extra it says how to get it."""
    # rich loads late, and click alone comes with many other packages.
    if any(importlib.util.find_spec(name) is None for name in ("click", "rich")):
        sys.exit(
            "error: the command line needs an extra: pip install 'otel-llmcost[cli]' "
            "(or [serve] for the local daemon)"
        )
    from otel_llmcost.cli.app import app

    app(prog_name="otel-llmcost")
