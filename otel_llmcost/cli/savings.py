# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost savings`."""

from __future__ import annotations

from typing import Any

import click

from otel_llmcost import analysis, schema
from otel_llmcost.cli import options, render, target


@click.command("savings")
@options.with_window(since="30d")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--explain", is_flag=True, help="Print the SQL behind the figures instead.")
@options.with_format
@options.with_url
def command(
    limit: int, explain: bool, output: options.Format, url: str | None, **where: Any
) -> None:
    """What your own calls would have cost with one lever pulled, by feature and model.

    Levers: batch, standard_tier, global_endpoint, cheaper_model, duplicate_requests,
    abandoned_streams, failed_calls. Every figure is a replay of these calls through the price book,
    never a percentage of spend; `assumption` is what has to be true for it.
    """
    if explain:
        views = {view.name: view.sql for view in schema.views()}
        click.echo(views["savings_between"])
        click.echo(schema.query("savings"))
        return
    with target.opened(url) as store:
        report = analysis.savings(store.query, options.window(**where), limit)
    render.emit(report, output)
