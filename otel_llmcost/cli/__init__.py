# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The `otel-llmcost` command. Data on stdout, all else on stderr; exit 0 ok, 1 error, 2 usage."""

from __future__ import annotations

import sys


def main() -> None:
    """Console script; without the `cli` extra it says how to get it."""
    try:
        from otel_llmcost.cli.app import app
    except ModuleNotFoundError as missing:
        if (missing.name or "").split(".")[0] not in {"click", "rich"}:
            raise
        sys.exit(
            "error: the command line needs an extra: pip install 'otel-llmcost[cli]' "
            "(or [serve] for the local daemon)"
        )
    app(prog_name="otel-llmcost")
