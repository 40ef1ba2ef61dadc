# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost anomalies`."""

from __future__ import annotations

from typing import Any

import click

from otel_llmcost import analysis
from otel_llmcost.cli import options, render, target


@click.command("anomalies")
@options.with_window(since="7d")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100_000))
@options.with_format
@options.with_url
def command(limit: int, output: options.Format, url: str | None, **where: Any) -> None:
    """Calls and hours that used at least three times the tokens their feature and model usually do.

    `excess` is what they cost beyond the norm; `--format json` also has the worst record's id.
    """
    window = options.window(**where)
    with target.opened(url) as store:
        report = analysis.anomalies(store.query, window, limit)
    render.emit(report, output)
