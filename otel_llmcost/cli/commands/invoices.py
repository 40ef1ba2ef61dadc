# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost invoices`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from otel_llmcost.billing.invoices import read_invoices
from otel_llmcost.cli import options, render, target
from otel_llmcost.reports import Column, Report, records

_COLUMNS = (
    "provider", "account", "kind", "day", "model", "line", "project", "bucket", "amount_usd",
    "list_amount_usd", "quantity", "file", "imported_at",
)  # fmt: skip
_HELD = """
SELECT provider, account, kind, min(day) AS first_day, max(day) AS last_day, uniqExact(day) AS days,
    count() AS lines, sum(amount_usd) AS amount_usd, max(imported_at) AS imported_at
FROM llmcost_internal.invoice_lines
GROUP BY provider, account, kind ORDER BY provider, account, kind
"""


@click.group("invoices")
def command() -> None:
    """What providers say they charged or counted, to compare with `otel-llmcost reconcile`."""


@command.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE…",
                type=click.Path(path_type=Path))  # fmt: skip
@click.option("--provider", metavar="NAME", help="Who sent a CSV that does not say so.")
@click.option("--account", default="", metavar="NAME",
              help="Which account, when there are several of one provider.")  # fmt: skip
@options.with_url
def import_(files: tuple[Path, ...], provider: str | None, account: str, url: str | None) -> None:
    """Read cost and usage exports: JSON of the providers' admin APIs, or CSV.

    \b
    OpenAI     /v1/organization/costs?group_by=line_item, /v1/organization/usage/completions?group_by=model
    Anthropic  /v1/organizations/cost_report?group_by[]=description, …/usage_report/messages?group_by[]=model,
               /v1/organizations/analytics/cost_report and usage_report
    CSV        a day, a model and an amount in USD; the consoles' own exports

    A report of several pages is imported whole: give its pages in their order, or a list of them.
    Importing a day again replaces it. Nothing is imported when one of the files cannot be read.
    """  # noqa: E501 - paths to copy stay on one line
    found = read_invoices(files, provider)
    with target.opened(url, create=True) as store:
        store.apply_schema()
        for invoice in found:
            now = datetime.now(UTC)
            rows = [
                (
                    line.provider, account, line.kind, line.day, line.model, line.line,
                    line.project, line.bucket, line.amount_usd, line.list_amount_usd,
                    line.quantity, invoice.file, now,
                )
                for line in invoice.lines
            ]  # fmt: skip
            store.insert("invoices", rows, _COLUMNS)
            first, last = invoice.days
            render.say(f"{invoice.file}: {len(rows)} lines, {first} to {last}.")


@command.command("list")
@options.with_format
@options.with_url
def list_(output: options.Format, url: str | None) -> None:
    """What was imported, by provider, account and kind."""
    with target.opened(url) as store:
        found = records(store.query(_HELD))
    columns = (
        Column("provider"), Column("account", spare=2), Column("kind", spare=1),
        Column("first_day"), Column("last_day"), Column("days", "count", spare=4),
        Column("lines", "count", spare=5),
        Column("amount_usd", "usd"), Column("imported_at", "time", spare=6),
    )  # fmt: skip
    rows = [
        tuple(str(row[c.name]) if c.kind == "text" else row[c.name] for c in columns)
        for row in found
    ]
    note = None if rows else "Nothing was imported: `otel-llmcost invoices import FILE`."
    render.emit(Report(title="Invoices", columns=columns, rows=rows, note=note), output)
