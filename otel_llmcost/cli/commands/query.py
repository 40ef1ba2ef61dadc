# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost query`."""

from __future__ import annotations

import sys

import click

from otel_llmcost.cli import options, render, target
from otel_llmcost.errors import StoreError

# READONLY, ACCESS_DENIED
_REFUSED = (164, 497)


@click.command("query")
@click.argument("sql")
@click.option(
    "--write", is_flag=True, help="Let the SQL change the store; on a terminal it prompts first."
)
@options.with_format
@options.with_url
def command(sql: str, write: bool, output: options.Format, url: str | None) -> None:
    """Run SQL on the store ("-" reads it from stdin). Start from the view `calls`.

    It may only read, unless --write is given.

    \b
    otel-llmcost query "SELECT feature, sum(cost_usd) FROM calls GROUP BY ALL"
    otel-llmcost query "SHOW TABLES FROM llmcost"
    """
    text = (sys.stdin.read() if sql == "-" else sql).strip().rstrip(";")
    with target.opened(url) as store:
        if write and _at_a_terminal():
            click.confirm(f"Run this on {store.url}?\n  {text}\n", abort=True, err=True)
        try:
            result = store.query(text, write=write)
        except StoreError as error:
            always_refused = "INTO OUTFILE" in str(error)
            if write or error.code not in _REFUSED or always_refused:
                raise
            why = f"query only reads, add --write to change the store ({error})"
            raise StoreError(why, code=error.code) from error
    render.emit(render.from_result("", result), output)


def _at_a_terminal() -> bool:
    return sys.stdin.isatty()
