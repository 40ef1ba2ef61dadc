# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`%load_ext otel_llmcost`: the cell magic `%%llmcost` prints what the calls of a cell cost."""

from __future__ import annotations

import sys
from typing import Any

from otel_llmcost.measuring import measure


def load_ipython_extension(ipython: Any) -> None:
    """Add `%%llmcost` to a notebook or an IPython shell."""

    def llmcost(line: str, cell: str) -> None:
        """Run the cell and print what its calls cost."""
        if ipython.should_run_async(cell, transformed_cell=ipython.transform_cell(cell)):
            raise NotImplementedError(
                "%%llmcost cannot run a cell that awaits: "
                "use `async with otel_llmcost.measure() as m:` in it"
            )
        with measure() as measured:
            result = ipython.run_cell(cell)
        sys.stdout.write(f"{measured}\n")
        if not result.success:
            raise _Shown

    ipython.register_magic_function(llmcost, magic_kind="cell")


class _Shown(Exception):
    """Stops "run all cells"; what is wrong was shown before."""

    def _render_traceback_(self) -> list[str]:
        return []
