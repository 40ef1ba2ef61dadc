# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost query`."""

from __future__ import annotations

import sys

import click

from otel_llmcost.cli import options, render, target


@click.command("query")
@click.argument("sql")
@options.with_format
@options.with_url
def command(sql: str, output: options.Format, url: str | None) -> None:
    """Run SQL on the store ("-" reads it from stdin). Start from the view `calls`.

    \b
    otel-llmcost query "SELECT feature, sum(cost_usd) FROM calls GROUP BY ALL"
    otel-llmcost query "SHOW TABLES FROM llmcost"
    """
    text = sys.stdin.read() if sql == "-" else sql
    with target.opened(url) as store:
        result = store.query(text.strip().rstrip(";"))
    render.emit(render.from_result("", result), output)
