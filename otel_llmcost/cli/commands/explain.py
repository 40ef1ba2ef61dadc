# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost explain`."""

from __future__ import annotations

from typing import Any

import click

from otel_llmcost import reports
from otel_llmcost.cli import options, render, target
from otel_llmcost.pricing.rules import explained
from otel_llmcost.reports import Column, Explained, Report


@click.command("explain")
@click.argument("name", metavar="ID")
@options.with_format
@options.with_url
def command(name: str, output: options.Format, url: str | None) -> None:
    """What a stored call cost, and why: its facts, and its bill line by line.

    ID is a span id, the provider's reply id (msg_…, resp_…, chatcmpl-…), a record id
    (llmcost.record.id) or a trace id; all its records are shown, a retry or a batch may have
    several. The lines are computed now, from the store's price book; where they differ from what
    was recorded, both are shown.
    """
    with target.opened(url) as store:
        found = reports.explain(store.query, name)
    if not found:
        raise click.ClickException(
            f"no call has the id {name!r}: give a span id, a reply id, a record id or a trace id "
            "(`otel-llmcost spend --top-calls --format json` lists some); "
            "a call takes some seconds to arrive"
        )
    if output == "table":
        for one in found:
            render.emit(one.facts, output)
            render.emit(one.bill, output)
        cited = (line["rule"] for one in found for line in one.bill.records())
        if rules := explained(cited):
            render.say("\n".join(rules))
    else:
        render.emit(_nested(found) if output == "json" else _flat(found), output)


def _nested(found: list[Explained]) -> Report:
    """One object a record, with its lines and notes in it."""
    rows = [(*one.call.values(), _lines(one.bill), one.bill.note) for one in found]
    names = [*found[0].call, "lines", "note"]
    return Report(title="", columns=tuple(Column(name, "raw") for name in names), rows=rows)


def _lines(bill: Report) -> list[dict[str, Any]]:
    names = [column.name for column in bill.columns if not column.people]
    return [{name: line[name] for name in names} for line in bill.records()]


_FACTS = ("ts", "record_id", "cost_status", "cost_reason", "price_version", "cost_usd")


def _flat(found: list[Explained]) -> Report:
    """One row a line; a record without lines keeps one row, so that it is seen."""
    bill = found[0].bill.columns
    columns = (*(Column(name, "raw") for name in _FACTS), *bill)
    rows = [
        (*(one.call[fact] for fact in _FACTS), *row)
        for one in found
        for row in one.bill.rows or [(None,) * len(bill)]
    ]
    notes = [one.bill.note for one in found if one.bill.note]
    return Report(title="", columns=columns, rows=rows, note="\n".join(notes) or None)
