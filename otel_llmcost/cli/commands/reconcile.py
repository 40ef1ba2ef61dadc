# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost reconcile`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from otel_llmcost.billing.reconcile import reconcile
from otel_llmcost.cli import options, render, target
from otel_llmcost.errors import ConfigError
from otel_llmcost.reports.comparison import before, month, this_month


@click.command("reconcile")
@click.option("--month", "of", metavar="YYYY-MM", help="Which month, UTC. Default: the last one.")
@click.option("--overlay", type=click.Path(path_type=Path), metavar="FILE",
              help="Write the discounts found to a file for LLMCOST_PRICES.")  # fmt: skip
@options.with_format
@options.with_url
def command(of: str | None, overlay: Path | None, output: options.Format, url: str | None) -> None:
    """What was recorded against what the provider charged, day by day and model by model.

    Import their exports first: `otel-llmcost invoices import`. Costs alone show that something
    differs; with their usage as well, missing calls are distinguished from discounts. Tables
    show what differs; JSON and CSV have every day. Days are UTC, as on the providers' bills,
    whatever LLMCOST_TIMEZONE says.
    """
    wanted = month(of) if of else before(this_month(datetime.now(UTC)))
    with target.opened(url) as store:
        found = reconcile(store.query, wanted)
    render.emit(found.report(only_differences=output == "table"), output)
    if overlay is None:
        return
    text = found.overlay()
    if text is None:
        raise ConfigError("no discount holds every day, so there is no overlay to write")
    try:
        overlay.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot write {overlay}: {error.strerror or error}") from None
    render.say(
        f"{overlay}: look at it (`otel-llmcost price-book check {overlay}`), then name it in "
        "LLMCOST_PRICES."
    )
