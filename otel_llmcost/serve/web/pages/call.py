# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""One call, line by line."""

from __future__ import annotations

from collections.abc import Mapping

from otel_llmcost import reports
from otel_llmcost.reports import Explained, Query, Report
from otel_llmcost.serve.web.page import Field, Page
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Dress, Table, table


def call(query: Query, span: Span, wanted: Mapping[str, str]) -> Page:
    """One call, line by line: bucket x price = amount. An id of several calls shows each."""
    name = wanted.get("id", "").strip()
    found = reports.explain(query, name) if name else []
    tables = [part for one in found for part in _bill(one)]
    notes = [f"No call has the id {name}; a call takes some seconds to arrive."]
    return Page(
        path="/call",
        title="One call, line by line",
        span=span,
        timeless=True,
        fields=[
            Field(name="id", label="Record, span, reply or trace id", value=name),
        ],
        notes=notes if name and not found else [],
        tables=tables,
    )


_BILL = {
    "quantity": "Quantity",
    "price": "x price",
    "multipliers": "x factors",
    "amount_usd": "= amount (USD)",
    "contracted_usd": "At your contract (USD)",
}


def _bill(one: Explained) -> list[Table]:
    bill = one.bill
    if all(
        line["contracted_usd"] == line["amount_usd"] for line in bill.records()
    ):  # no contract: the same figure twice
        columns = [n for n, column in enumerate(bill.columns) if column.name != "contracted_usd"]
        bill = Report(
            title=bill.title,
            columns=tuple(bill.columns[n] for n in columns),
            rows=[tuple(row[n] for n in columns) for row in bill.rows],
            total=tuple(bill.total[n] for n in columns) if bill.total else None,
            note=bill.note,
        )
    name = one.call["record_id"]
    return [
        table(f"What call {name} cost", bill, Dress(headings=_BILL)),
        table(f"What was recorded of call {name}", one.facts),
    ]
