# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""One call, line by line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from otel_llmcost import reports
from otel_llmcost.reports import Explained, Query
from otel_llmcost.serve.web.bill import bill_table
from otel_llmcost.serve.web.page import Field, Page
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Table, table


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPage(Page):
    """One call."""

    under: ClassVar[str] = "/calls"


def call(query: Query, span: Span, wanted: Mapping[str, str]) -> Page:
    """One call, line by line: bucket x price = amount. An id of several calls shows each."""
    name = wanted.get("id", "").strip()
    found = reports.explain(query, name) if name else []
    tables = [part for one in found for part in _bill(one)]
    notes = [f"No call has the id {name}; a call takes some seconds to arrive."]
    return CallPage(
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


def _bill(one: Explained) -> list[Table]:
    name = one.call["record_id"]
    return [
        bill_table(f"What call {name} cost", one.bill),
        table(f"What was recorded of call {name}", one.facts),
    ]
