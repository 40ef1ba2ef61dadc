# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""One incident: its card, its most expensive calls, and all that was said of it and sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from otel_llmcost.actions.audit import Author, Store
from otel_llmcost.detection.acks import STATES, State, acknowledge
from otel_llmcost.reports import Query
from otel_llmcost.reports.incidents import acknowledgements, calls, notices
from otel_llmcost.reports.incidents import incident as incident_row
from otel_llmcost.serve.web.incident_cards import Card, cards
from otel_llmcost.serve.web.page import Page, call_links
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Dress, table
from otel_llmcost.serve.web.writes import Action, Form, choice, note


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentPage(Page):
    """The card of one incident above its history."""

    template: ClassVar[str] = "incident.html"
    under: ClassVar[str] = "/anomalies"

    cards: Sequence[Card] = field(default_factory=list[Card])
    """One, or none when there is no such incident."""


def incident(query: Query, span: Span, wanted: Mapping[str, str]) -> IncidentPage:
    """Everything about one incident; 404 when there is none of that id."""
    name = wanted.get("id", "")
    row = incident_row(query, name)
    if row is None:
        return IncidentPage(
            path="/incident",
            title="No such incident",
            span=span,
            timeless=True,
            status=404 if name else 200,
            notes=[f"There is no incident {name}." if name else "Anomalies lists all incidents."],
        )
    (card,) = cards(query, [row], span)
    return IncidentPage(
        path="/incident",
        title=card.title,
        span=span,
        timeless=True,
        cards=[card],
        tables=[
            table(
                "Its most expensive calls",
                calls(query, row),
                Dress(links=call_links(span)),
            ),
            table("What was said", acknowledgements(query, name)),
            table("Notices", notices(query, name)),
        ],
    )


def _acknowledge(store: Store, author: Author, form: Form) -> None:
    state: dict[str, State] = {name: name for name in STATES}
    acknowledge(
        store,
        form.get("id", ""),
        state[choice(form, "state", STATES)],
        by=author.name,
        note=note(form),
        origin=author.origin,
    )


ACTIONS = [Action("/incident/ack", _acknowledge, then="/anomalies")]
