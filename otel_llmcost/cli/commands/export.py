# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost export`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, tzinfo

import click

from otel_llmcost.billing.focus import focus
from otel_llmcost.cli import options, render, target
from otel_llmcost.reports import Filters
from otel_llmcost.reports.comparison import before, month, this_month
from otel_llmcost.reports.window import BY_MONTH


@click.group("export")
def command() -> None:
    """Costs in the format of other tools."""


@command.command("focus")
@click.option("--month", "of", metavar="YYYY-MM", help="Which month. Default: the last one.")
@click.option("--environment", default="", metavar="NAME", help="Only this environment.")
@click.option("--service", default="", metavar="NAME", help="Only this service.")
@click.option("--account", default="unknown", show_default=True, metavar="ID",
              help="BillingAccountId of every row.")  # fmt: skip
@click.option("--format", "output", type=click.Choice(["csv", "json"]), default="csv",
              show_default=True, help="How to print the rows.")  # fmt: skip
@options.with_csv_guard
@options.with_timezone
@options.with_url
def focus_(
    of: str | None,
    zone: tzinfo,
    environment: str,
    service: str,
    account: str,
    output: options.Format,
    url: str | None,
) -> None:
    """Cost and Usage rows of FOCUS 1.3, for FinOps tools: day by day, tokens as quantities.

    ListCost is public price times quantity; ContractedCost and EffectiveCost are after your own
    contract (LLMCOST_PRICES). BilledCost is empty, against the specification: only an invoice
    has it. Feature, team, environment and service are in Tags. Days and the month are those of
    --timezone; FOCUS writes their ends in UTC.

    \b
    otel-llmcost export focus --month 2026-10 > focus.csv
    """
    wanted = month(of, zone) if of else before(this_month(datetime.now(UTC), zone))
    filters = Filters(environment=environment, service=service)
    window = replace(wanted.window(filters), widen=BY_MONTH)
    with target.opened(url) as store:
        report = focus(store.query, window, account=account)
    render.emit(report, output)
