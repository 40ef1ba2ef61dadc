# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost reprice`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from otel_llmcost.billing.reprice import reprice_delta
from otel_llmcost.cli import options, render, target
from otel_llmcost.reports import moment


@click.command("reprice")
@click.option(
    "--since",
    required=True,
    metavar="TIME",
    help="24h, 30d, or a UTC date; --apply rewrites whole days.",
)
@click.option("--until", metavar="TIME", help="Up to this time (exclusive); default: now.")
@click.option(
    "--book",
    "books",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False),
    help="Overlay file to price with, besides the shipped book; may be repeated. Default: the "
    "book in use (shipped prices and LLMCOST_PRICES).",
)
@click.option("--apply", is_flag=True, help="Write it down; without, only show what would change.")
@options.with_format
@options.with_url
def command(
    since: str,
    until: str | None,
    books: tuple[str, ...],
    apply: bool,
    output: options.Format,
    url: str | None,
) -> None:
    """What history costs under another price book, by model and feature.

    Calls that were unpriced because no price was known get one when the book has it by now. Costs
    whose rule SQL cannot express stay as they are, and are counted.
    """
    from otel_llmcost.pricing import PriceBook
    from otel_llmcost.store.repricing import Repricing

    book = PriceBook.load(books) if books else None
    start = moment(since)
    end = moment(until) if until else datetime.now(UTC) + timedelta(minutes=5)
    with target.opened(url) as store, Repricing(store, book) as repricing:
        delta = repricing.delta(start, end)
        render.emit(reprice_delta(delta, repricing.price_version), output)
        if not apply:
            render.say("Nothing was changed: --apply writes it.")
            return
        for day in repricing.apply(start, end):
            if day.records:
                render.say(f"{day.day}: {day.records} records repriced.")
        store.refresh()
