# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost breakeven`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from otel_llmcost.cli import options, render, target
from otel_llmcost.errors import ConfigError
from otel_llmcost.reports.breakeven import Capacity, Commitment, breakeven

_POSITIVE = click.FloatRange(min=0, min_open=True, max=1e9)


@click.command("breakeven")
@click.option("--instance-usd-per-hour", required=True, type=_POSITIVE, metavar="USD",
              help="Rent of an instance, or of a unit of provisioned throughput.")  # fmt: skip
@click.option("--tokens-per-second", required=True, type=_POSITIVE, metavar="N",
              help="Output tokens it makes a second, under full load.")  # fmt: skip
@click.option("--input-tokens-per-second", type=_POSITIVE, metavar="N",
              help="Prompt tokens it reads a second; default: reading takes no time.")  # fmt: skip
@click.option("--commit-usd-per-month", type=_POSITIVE, metavar="USD",
              help="Also look at this committed sum …")  # fmt: skip
@click.option("--discount", metavar="PERCENT", help="… and the discount it comes with.")
@options.with_window(since="30d")
@options.with_format
@options.with_url
def command(
    instance_usd_per_hour: float,
    tokens_per_second: float,
    input_tokens_per_second: float | None,
    commit_usd_per_month: float | None,
    discount: str | None,
    output: options.Format,
    url: str | None,
    **where: Any,
) -> None:
    """When self-hosting, provisioned throughput or a committed discount would be cheaper.

    Every hour of your own calls is put on 1, 2, 3 … instances: how busy they would be, how many
    hours they would idle, and what would overflow to the provider at its price.

    \b
    otel-llmcost breakeven --model claude-haiku-4-5 --instance-usd-per-hour 4.5 --tokens-per-second 2500
    otel-llmcost breakeven --instance-usd-per-hour 40 --tokens-per-second 9000 \\
        --commit-usd-per-month 10000 --discount 15%
    """  # noqa: E501 - a command to copy stays on one line
    numbers = (instance_usd_per_hour, tokens_per_second, input_tokens_per_second or 1.0)
    if any(number != number for number in numbers):
        raise click.UsageError("nan is no number of dollars or tokens")
    capacity = Capacity(
        usd_per_hour=instance_usd_per_hour,
        output_per_second=tokens_per_second,
        input_per_second=input_tokens_per_second,
    )
    commitment = _commitment(commit_usd_per_month, discount)
    window = options.window(**where)
    if not window.is_full_hours:
        raise ConfigError("a load curve has whole hours: give --since and --until on the hour")
    with target.opened(url) as store:
        report = breakeven(store.query, window, capacity, commitment)
    if output == "table":  # what an option has none of is not unknown
        rows = [tuple("" if value is None else value for value in row) for row in report.rows]
        report = replace(report, rows=rows)
    render.emit(report, output)


def _commitment(usd_per_month: float | None, discount: str | None) -> Commitment | None:
    if usd_per_month is None and discount is None:
        return None
    try:
        fraction = float((discount or "").strip().removesuffix("%")) / 100
    except ValueError:
        fraction = -1
    if usd_per_month is None or not 0 < fraction < 1:
        raise ConfigError(
            "a commitment is a sum and a discount: --commit-usd-per-month 10000 --discount 15%"
        )
    return Commitment(usd_per_month=usd_per_month, discount=fraction)
