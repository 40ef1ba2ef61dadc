# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What changed between a range and what it is compared with, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from decimal import Decimal
from typing import ClassVar

from otel_llmcost.attribution import periods
from otel_llmcost.attribution.periods import Change
from otel_llmcost.reports import Column, Query, Report
from otel_llmcost.reports.comparison import Period
from otel_llmcost.reports.diagnosis import why_empty
from otel_llmcost.serve.web.graphics import Step, Waterfall
from otel_llmcost.serve.web.page import Page, deeper, not_narrowed, with_sql
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Dress, table

_ROWS, _STEPS = 20, 7
_OF_ROWS = ("feature", "provider", "model")
"""What the change is known by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Why(Page):
    """The page with its waterfall."""

    template: ClassVar[str] = "why.html"

    waterfall: Waterfall | None = None

    @property
    def panels(self) -> dict[str, tuple[str, Report]]:
        """With the waterfall, as `csv=waterfall`."""
        if self.waterfall is None:
            return super(Why, self).panels
        drawn = {"waterfall": (self.waterfall.title, _as_report(self.waterfall))}
        return super(Why, self).panels | drawn


def why(query: Query, span: Span, _: Mapping[str, str]) -> Page:
    """The change of spend by its reasons: price, volume and mix. They add up to it exactly."""
    rows = span.selection.narrowing(_OF_ROWS)
    kept = span.selection.narrowing(_OF_ROWS, ("environment", "service"))
    page = Why(path="/why", title="What changed and why", span=span, kept=kept)
    if span.earlier is None:
        return replace(page, empty="Nothing is compared: choose a time to compare with.")
    earlier, zone = span.earlier, span.zone
    end = min(span.until, max(span.now.astimezone(UTC), span.since))
    before = Period(earlier.since.astimezone(zone), (earlier.until or end).astimezone(zone))
    now = Period(span.since.astimezone(zone), end.astimezone(zone))
    filters = span.selection.filters
    changes: list[Change] = []

    def drawn(traced: Query) -> Waterfall:
        changes.append(periods.explained(traced, before, now, filters, rows))
        return waterfall(changes[0], span, not_narrowed(span, kept))

    made = with_sql(query, drawn)
    [change] = changes
    if not change.rows:
        return replace(page, empty=why_empty(query, span.window, "calls"))
    is_known = all(_is_known(change, period) for period in "ab")
    unknown = "All calls of one of the two times have an unknown cost, so the change is unknown."
    by_model = periods.rows(change, _ROWS)
    return replace(
        page,
        waterfall=made if is_known else None,
        notes=[*page.notes, *([] if is_known else [unknown])],
        tables=[table("By feature and model", by_model, Dress(links=deeper(span, "feature")))]
        if is_known
        else [],
    )


def _is_known(change: Change, period: str) -> bool:
    """Whether a time has a known cost, or no calls at all."""
    return any(row[f"{period}_usd"] is not None for row in change.rows) or not any(
        row[f"{period}_calls"] for row in change.rows
    )


def waterfall(change: Change, span: Span, note: Sequence[str] = ()) -> Waterfall:
    """From what was spent before to what is spent now, the largest reasons first."""
    parts = sorted(change.parts().items(), key=lambda item: -abs(item[1]))
    shown = [(name, amount) for name, amount in parts if amount]
    rest = sum((amount for _, amount in shown[_STEPS:]), Decimal(0))
    before = _sum(change, "a_usd")
    return Waterfall(
        title="What changed and why",
        note=note,
        steps=[
            Step(name=span.compared.capitalize(), amount=before, is_total=True),
            *(_step(change, span, name, amount) for name, amount in shown[:_STEPS]),
            *([Step(name="all else", amount=rest)] if rest else []),
            Step(name="Now", amount=before + change.change_usd, is_total=True),
        ],
    )


def _step(change: Change, span: Span, part: str, amount: Decimal) -> Step:
    """One reason, with the feature that most of it is of."""
    by_feature: dict[str, Decimal] = {}
    for row in change.rows:
        name = str(row["feature"])
        by_feature[name] = by_feature.get(name, Decimal(0)) + row[f"{part}_usd"]
    sign = 1 if amount > 0 else -1
    most = max(by_feature, key=lambda name: sign * by_feature[name])
    others = sum(sign * usd > 0 for usd in by_feature.values()) - 1
    phrase = periods.phrase(part, amount)
    named = f"{phrase}: {most}{f' and {others} more' if others > 0 else ''}"
    return Step(
        name=named if len(by_feature) > 1 else phrase,
        amount=amount,
        title=f"{periods.MEANING[part]}; most of it is of {most}",
        href=span.adding("feature", most).href("/why"),
    )


def _sum(change: Change, column: str) -> Decimal:
    return sum((row[column] for row in change.rows if row[column] is not None), Decimal(0))


def _as_report(drawn: Waterfall) -> Report:
    return Report(
        title=drawn.title,
        columns=(Column("step"), Column("amount_usd", "usd")),
        rows=[(step.name, step.amount) for step in drawn.steps],
    )
