# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What costs more than it should: a card for each incident."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

from otel_llmcost import reports
from otel_llmcost.reports import Query
from otel_llmcost.serve.web.incident_cards import Card, cards
from otel_llmcost.serve.web.page import Page, call_links, incident_link
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Dress, table

_ROWS, _CARDS = 100, 12
KNOWN = ("environment", "feature", "model")
"""What incidents are known by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomaliesPage(Page):
    """Cards above the tables."""

    template: ClassVar[str] = "anomalies.html"

    cards: Sequence[Card] = field(default_factory=list[Card])
    more: int = 0
    """Incidents that are in the table only."""


def anomalies(query: Query, span: Span, _: Mapping[str, str]) -> AnomaliesPage:
    """What costs more than it should: since when, by how much, and why; and its lines."""
    kept = span.selection.narrowing(KNOWN)
    found = reports.incidents(query, span.window, _ROWS, kept)
    lines = reports.anomalies(query, span.window, _ROWS, kept)
    rows = [
        {**row, "parts": json.loads(row["parts"] or "{}", parse_float=Decimal, parse_int=Decimal)}
        for row in found.records()
    ]
    return AnomaliesPage(
        path="/anomalies",
        title="Anomalies",
        span=span,
        kept=kept,
        cards=cards(query, sorted(rows, key=_urgency)[:_CARDS], span),
        more=max(len(rows) - _CARDS, 0),
        tables=[
            table("Incidents", found, Dress(links={"incident_id": incident_link})),
            *([table("Their lines", lines, Dress(links=call_links(span)))] if lines.rows else []),
        ],
    )


def _urgency(row: Mapping[str, Any]) -> tuple[bool, Decimal]:
    """Open ones first, the most expensive first; unknown dollars before known ones."""
    excess = row["excess_usd"]
    return row["state"] != "open", -(Decimal("1e12") if excess is None else excess)
