# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost spend`."""

from __future__ import annotations

from typing import Any

import click

from otel_llmcost import reports
from otel_llmcost.cli import options, render, target


@click.command("spend")
@click.option(
    "--by",
    default="feature",
    show_default=True,
    metavar="NAMES",
    help=f"Group by these, comma separated: {', '.join(reports.DIMENSIONS)}, "
    "any allocation key (customer, tenant, …), or outcome alone: cost per outcome.",
)
@options.with_window(since="24h")
@click.option("--top-calls", is_flag=True, help="The most expensive single calls instead.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100_000))
@options.with_format
@options.with_url
def command(
    by: str, top_calls: bool, limit: int, output: options.Format, url: str | None, **where: Any
) -> None:
    """What was spent, by any dimension; list prices, USD.

    Hours, days and months are those of --timezone. Windows of six hours and more begin on the full
    hour. A cost that is unknown is shown as "unknown" (null in JSON, empty in CSV), and the note
    says what would make it known.
    """
    window = options.window(**where)
    with target.opened(url) as store:
        if top_calls:
            report = reports.top_calls(store.query, window, limit)
        elif by.strip() == "outcome":
            report = reports.outcomes(store.query, window, limit)
        else:
            names = [name.strip() for name in by.split(",") if name.strip()]
            report = reports.spend(store.query, window, names, limit)
    render.emit(report, output)
