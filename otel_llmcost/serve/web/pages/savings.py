# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Where the next dollars are, and what those of before have really saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

from otel_llmcost import reports
from otel_llmcost.actions.audit import Author, Store
from otel_llmcost.actions.savings import done, undo
from otel_llmcost.reports import Query, formatting
from otel_llmcost.reports.levers import effort, sentence, snippet
from otel_llmcost.reports.query_log import with_values
from otel_llmcost.reports.realised import KEY, Realised, realised
from otel_llmcost.reports.savings import monthly
from otel_llmcost.reports.window import sql_time
from otel_llmcost.serve.web.page import Page, deeper
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Dress, table
from otel_llmcost.serve.web.writes import Action, Form, note

_ROWS = 200
KNOWN = ("environment", "feature", "provider", "model")
"""What savings are known by."""
_SMALL = Decimal("0.02")
"""Cards of the plan below this part of its sum are folded."""
_SQL = """SELECT * FROM llmcost.savings_between(since = {since:DateTime64(3)},
    until = {until:DateTime64(3)}, candidate = '', share = 0)
WHERE lever = {lever:String} AND environment = {environment:String}
    AND feature = {feature:String} AND model = {model:String}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavingCard:
    """One lever of one feature and model."""

    key: Mapping[str, str]
    """What a form sends to name it."""
    sentence: str
    saves: str
    """A month, like the two that follow."""
    saves_exact: str
    of: str
    low: str
    confidence: str
    effort: str
    assumption: str
    check: bool
    """Whether its answers have to be compared first."""
    snippet: str
    sql: str
    calls: str
    href: str
    """Its calls."""
    is_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneCard:
    """One that was carried out: what was predicted for the time since, and what was saved."""

    key: Mapping[str, str]
    sentence: str
    when: str
    by: str
    note: str
    predicted: str
    saved: str
    saved_exact: str
    error: str
    """Half of the interval; empty when there is none."""
    per_month: str
    predicted_per_month: str
    method: str
    remark: str
    calls: str
    share: float
    """Saved as a part of predicted, 0 to 1, for a bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavingsPage(Page):
    """Total, cards, what is done, and all levers as a table."""

    template: ClassVar[str] = "savings.html"

    total: str = ""
    """A month, of the combined plan; empty without one."""
    total_exact: str = ""
    sure: str = ""
    """The part of it that needs no check of quality."""
    of: str = ""
    """What is spent a month."""
    cards: Sequence[SavingCard] = field(default_factory=list[SavingCard])
    small: Sequence[SavingCard] = field(default_factory=list[SavingCard])
    done: Sequence[DoneCard] = field(default_factory=list[DoneCard])


def savings(query: Query, span: Span, _: Mapping[str, str]) -> SavingsPage:
    """The combined plan as cards, the largest first, and every lever in the table below."""
    kept = span.selection.narrowing(KNOWN)
    report = reports.savings(query, span.window, _ROWS, selection=kept)
    found = report.records()
    scale, spent = monthly(query, span.window, kept)
    carried_out = [one for one in realised(query, span.now) if kept.keeps(one.decision)]
    held = {_key(one.decision) for one in carried_out}
    plan = [row for row in found if row["in_plan"]]
    total = sum((row["saving_usd"] for row in plan), Decimal(0))
    sure = sum((r["saving_usd"] for r in plan if not r["needs_quality_check"]), Decimal(0))
    cards = [
        (row["saving_usd"], _card(row, span, scale, is_done=_key(row) in held)) for row in plan
    ]
    return SavingsPage(
        path="/savings",
        title="Savings",
        span=span,
        kept=kept,
        notes=_scaled(scale),
        total=formatting.usd(total * scale) if plan else "",
        total_exact=format(total * scale, "f"),
        sure=formatting.usd(sure * scale),
        of="" if spent is None else formatting.usd(spent),
        cards=[card for saves, card in cards if saves >= total * _SMALL],
        small=[card for saves, card in cards if saves < total * _SMALL],
        done=[_done(one) for one in carried_out],
        tables=[
            table("Every lever on these calls", report, Dress(links=deeper(span, "feature"))),
        ],
    )


def _scaled(scale: Decimal) -> list[str]:
    days = Decimal("30.4") / scale
    if days >= 7:
        return []
    return [f"These are {days:.1f} days of calls, scaled to a month: a longer range says more."]


def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in KEY)


def _card(row: Mapping[str, Any], span: Span, scale: Decimal, *, is_done: bool) -> SavingCard:
    until = span.until if span.until < span.now else span.now
    values = {"since": sql_time(span.since), "until": sql_time(until)}
    own = span.adding("feature", row["feature"]).adding("model", row["model"])
    return SavingCard(
        key={name: str(row[name]) for name in KEY},
        sentence=sentence(row),
        saves=formatting.usd(row["saving_usd"] * scale),
        saves_exact=format(row["saving_usd"] * scale, "f"),
        of=formatting.usd(row["cost_usd"] * scale),
        low=formatting.usd(row["saving_low_usd"] * scale),
        confidence=row["confidence"],
        effort=effort(row),
        assumption=row["assumption"],
        check=bool(row["needs_quality_check"]),
        snippet=snippet(row),
        sql=with_values(_SQL, {**values, **{name: row[name] for name in KEY}}),
        calls=formatting.calls(row["calls"]),
        href=own.href("/calls", sort="cost"),
        is_done=is_done,
    )


def _done(one: Realised) -> DoneCard:
    decision, predicted = one.decision, one.predicted_usd
    saved = one.saved_usd
    return DoneCard(
        key={name: str(decision[name]) for name in KEY},
        sentence=sentence(decision),
        when=formatting.when(decision["decided_at"]),
        by=decision["decided_by"],
        note=decision["note"],
        predicted=formatting.usd(predicted),
        saved=formatting.usd(saved),
        saved_exact="" if saved is None else format(saved, "f"),
        error="" if one.error_usd is None else formatting.usd(one.error_usd),
        per_month=formatting.usd(one.saved_usd_per_month),
        predicted_per_month=formatting.usd(decision["saving_usd_per_month"]),
        method=one.method,
        remark=one.note,
        calls=formatting.calls(one.calls),
        share=max(0.0, min(float(saved / predicted), 1.0)) if saved and predicted else 0.0,
    )


def _mark_done(store: Store, author: Author, form: Form) -> None:
    done(store, author, form, note=note(form))


def _take_back(store: Store, author: Author, form: Form) -> None:
    undo(store, author, form)


ACTIONS = [
    Action("/savings/done", _mark_done, then="/savings"),
    Action("/savings/undo", _take_back, then="/savings"),
]
