# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost price-book`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from otel_llmcost.cli import options, render
from otel_llmcost.errors import ConfigError
from otel_llmcost.pricing.retirements import PROVIDERS as RETIRING_AT
from otel_llmcost.pricing.retirements import RETIREMENTS
from otel_llmcost.providers import PROVIDERS, canonical
from otel_llmcost.reports import Column, Report, moment
from otel_llmcost.reports.formatting import unit_price

if TYPE_CHECKING:
    from otel_llmcost.pricing import PriceBook, PriceRow

_MILLION = Decimal(1_000_000)
_TOKEN_PRICES = ("input", "cache_read", "cache_write", "output")
_SHORT_WRITES = ("cache_write_5m", "cache_write_30m")


@click.group("price-book")
def command() -> None:
    """Look into the price book (list prices, dated, with sources)."""


@command.command("list")
@click.option("--provider", metavar="NAME", help="Only this provider.")
@click.option("--at", metavar="TIME", help="As of this time; default: now.")
@options.with_format
def list_(provider: str | None, at: str | None, output: options.Format) -> None:
    """Every model's token prices, in USD per million tokens."""
    book = _book()
    models: dict[tuple[str, str], dict[str, Decimal]] = {}
    for row in _valid(book, moment(at) if at else datetime.now(UTC)):
        if provider in (None, row.provider):
            per_model = models.setdefault((row.provider, row.model), {})
            name = "cache_write" if row.component in _SHORT_WRITES else row.component
            per_model.setdefault(name, row.usd_per_unit)
    if not models:
        whose = f"prices of provider {provider!r}" if provider else "prices"
        raise ConfigError(f"the price book has no {whose} at that time")
    rows = [
        (*key, *(_per_million(prices.get(name)) for name in _TOKEN_PRICES))
        for key, prices in sorted(models.items())
        if "input" in prices
    ]
    columns = (Column("provider", spare=1), Column("model"), *map(Column, _TOKEN_PRICES))
    note = (
        "USD per million tokens; a cache write is the one that is kept for 5 or 30 minutes. "
        f"`prices show MODEL` has all the others. Price book {book.version}."
    )
    render.emit(Report(title="Prices", columns=columns, rows=rows, note=note), output)


@command.command("show")
@click.argument("model")
@click.option("--at", metavar="TIME", help="Only what is valid at this time; default: all.")
@options.with_format
def show(model: str, at: str | None, output: options.Format) -> None:
    """Every price of MODEL (a part of the name is enough), with dates and sources.

    A cloud's own name of a model does too, such as us.anthropic.claude-opus-5-5.
    """
    book = _book()
    names = {model, *(canonical(provider.name, model) for provider in PROVIDERS)}
    rows = [
        row
        for row in (_valid(book, moment(at)) if at else book.rows())
        if any(name in row.model for name in names)
    ]
    if not rows:
        raise ConfigError(
            f"the price book has no model like {model!r}: see `otel-llmcost price-book list`, "
            "or add your own in a file named by LLMCOST_PRICES"
        )
    columns = (
        *(Column("provider", spare=4), Column("model"), Column("component")),
        *(Column("usd_per_unit", "exact_usd", detail=True), Column("unit", detail=True)),
        *(Column("price", "figure", people=True), Column("valid_from", spare=1)),
        *(Column("valid_to", spare=1), Column("status", spare=2)),
        Column("source", footnote=True, spare=3),
    )
    values = [
        (
            *(
                unit_price(row.usd_per_unit, row.unit)
                if column.people
                else getattr(row, column.name)
                for column in columns
            ),
            _retires_on(row),
        )
        for row in rows
    ]
    columns = (*columns, Column("retires_on", spare=2))
    ends = sorted({row.model for row in rows if _retires_on(row)})
    note = " ".join(
        f"{one} is switched off on {RETIREMENTS[one].day}; its successor is "
        f"{RETIREMENTS[one].successor}."
        for one in ends
    )
    report = Report(title=f"Prices of {model}", columns=columns, rows=values, note=note or None)
    render.emit(report, output)


@command.command("check")
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
@options.with_format
def check(files: tuple[Path, ...], output: options.Format) -> None:
    """Check the price book, your overlays and FILEs, and compare with other catalogues.

    Overlays are those of LLMCOST_PRICES. Exit 1: an overlay is broken, or the data contradicts
    itself. A difference from genai-prices or LiteLLM is only listed: either side may be right.
    """
    from otel_llmcost.pricing import PriceBook, check

    overlays = [path for path in os.environ.get("LLMCOST_PRICES", "").split(os.pathsep) if path]
    book = PriceBook.load([*overlays, *files])
    problems = check.problems(book)
    catalogues, missing = check.installed()
    models, differences = check.compare(book, catalogues, datetime.now(UTC))
    columns = (
        *(
            Column("compared_with", spare=2),
            Column("provider", spare=3),
            Column("model"),
            Column("component"),
        ),
        *(
            Column("ours"),
            Column("theirs"),
            Column("effect_usd", "usd", spare=1),
            Column("problem"),
        ),
    )
    rows = [
        (None, found.provider, found.model, found.component, None, None, None, found.what)
        for found in problems
    ]
    rows += [
        (
            *(one.catalogue, one.provider, one.model, one.component),
            *(one.ours.normalize(), one.theirs.normalize(), one.effect_usd.normalize(), None),
        )
        for one in differences
    ]
    render.emit(Report(title="Price check", columns=columns, rows=rows, note=None), output)
    count = len(overlays) + len(files)
    overlaid = f" with {count} {'overlay' if count == 1 else 'overlays'}" if count else ""
    render.say(f"Price book {book.version}{overlaid}: {len(problems)} problems in the data.")
    for name, compared in models.items():
        differ = sum(one.catalogue == name for one in differences)
        render.say(f"{name}: {compared} models in both, {differ} prices differ.")
    if differences:
        mix = ", ".join(f"{tokens:,} {name}" for name, tokens in check.MIX.items())
        render.say(
            "Prices are USD per million tokens. Effect: what "
            f"{check.CALLS:,} calls of {mix} tokens would cost more at their price."
        )
    for name in missing:
        render.say(f"{name} is not installed, so nothing was compared: pip install {name}")
    if problems:
        raise click.exceptions.Exit(1)


def _retires_on(row: PriceRow) -> date | None:
    about = RETIREMENTS.get(row.model) if row.provider in RETIRING_AT else None
    return about.day if about else None


def _book() -> PriceBook:
    from otel_llmcost.pricing import PriceBook

    return PriceBook.default()


def _valid(book: PriceBook, at: datetime) -> Iterator[PriceRow]:
    day = at.date()
    for row in book.rows():
        if row.valid_from <= day and (row.valid_to is None or day < row.valid_to):
            yield row


def _per_million(price: Decimal | None) -> Decimal | None:
    if price is None:
        return None
    scaled = (price * _MILLION).normalize()
    return scaled.quantize(Decimal(1)) if scaled == scaled.to_integral_value() else scaled
