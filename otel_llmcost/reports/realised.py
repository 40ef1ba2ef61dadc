# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What a saving that somebody carried out has saved since, beside what was predicted.

Calls that a lever moved to other terms (batch, flex, the standard tier, a cheaper model) are billed
again on the terms of before: the difference is exact. For other levers the cost of a call, or what
a call costs in waste, is compared with that of the 30 days before; that has an uncertainty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import sqrt
from typing import Any, Literal

from otel_llmcost import schema
from otel_llmcost.reports.report import Column, Query, Report, records
from otel_llmcost.reports.savings import MONTH
from otel_llmcost.reports.window import sql_time

BEFORE = timedelta(days=30)
"""What the time after a decision is compared with."""
_MODES = {"batch": "batch", "flex": "flex", "standard_tier": "standard"}
_WASTE = {
    "failed_calls": "failed",
    "abandoned_streams": "abandoned",
    "duplicate_requests": "repeated",
}
_NINETY = 1.645
"""Standard errors to either end of an interval that holds the truth 9 times of 10."""
_FEW = 30
_HOUR = timedelta(hours=1)
KEY = ("lever", "environment", "feature", "provider", "model")
"""What a decision is about; the columns of the report of savings have the same names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Realised:
    """One decision, and what became of it. None where nothing can be said yet."""

    decision: Mapping[str, Any]
    """A row of the query `saving_decisions`."""
    until: datetime
    method: Literal["re-billed", "compared"]
    calls: int
    """Priced calls since, of those the lever is about."""
    saved_usd: Decimal | None = None
    """Negative when they cost more than before."""
    error_usd: Decimal | None = None
    """Half of the 90 % interval; None where the figure is exact, or too few calls say it."""
    note: str = ""

    @property
    def predicted_usd(self) -> Decimal | None:
        """What was predicted, for the time that has passed."""
        per_month = self.decision["saving_usd_per_month"]
        return None if per_month is None else per_month * self._share

    @property
    def saved_usd_per_month(self) -> Decimal | None:
        """At the rate since; None within the first hour."""
        if self.saved_usd is None or self.until - self.decision["decided_at"] < _HOUR:
            return None
        return self.saved_usd / self._share

    @property
    def _share(self) -> Decimal:
        """Part of a month that has passed."""
        return Decimal(max((self.until - self.decision["decided_at"]) / MONTH, 0.0))


_COLUMNS = (
    Column("feature"),
    Column("model", spare=2),
    Column("lever"),
    Column("decided_at", "time", spare=3),
    Column("decided_by", spare=5),
    Column("calls", "count", spare=4),
    Column("predicted_usd", "usd"),
    Column("realised_usd", "usd"),
    Column("plus_minus_usd", "usd", spare=1),
    Column("method", spare=6),
    Column("saving_usd_per_month", "usd", detail=True),
    Column("realised_usd_per_month", "usd", detail=True),
    Column("change", detail=True),
    Column("note", footnote=True),
    Column("environment", detail=True),
    Column("provider", detail=True),
)


def decisions(query: Query) -> list[dict[str, Any]]:
    """Savings that were carried out, the newest first."""
    return records(query(schema.query("saving_decisions")))


def realised(query: Query, now: datetime) -> list[Realised]:
    """What each of them has saved by now."""
    return [measured(query, decision, now) for decision in decisions(query)]


def report(found: list[Realised]) -> Report:
    """The same as a table."""
    rows = [
        (
            one.decision["feature"],
            one.decision["model"],
            one.decision["lever"],
            one.decision["decided_at"],
            one.decision["decided_by"],
            one.calls,
            one.predicted_usd,
            one.saved_usd,
            one.error_usd,
            one.method,
            one.decision["saving_usd_per_month"],
            one.saved_usd_per_month,
            one.decision["change"],
            one.note,
            one.decision["environment"],
            one.decision["provider"],
        )
        for one in found
    ]
    none = "No saving is marked as done: `otel-llmcost savings done` or the page does."
    return Report(
        title="Realised savings", columns=_COLUMNS, rows=rows, note=None if rows else none
    )


def measured(query: Query, decision: Mapping[str, Any], now: datetime) -> Realised:
    """What one of them has saved by now."""
    if decision["lever"] in _MODES or decision["lever"] == "cheaper_model":
        return _rebilled(query, decision, now)
    return _compared(query, decision, now)


def _rebilled(query: Query, decision: Mapping[str, Any], now: datetime) -> Realised:
    """Moved calls, on the terms of before; of a share that was moved before, only what is more."""
    decided = decision["decided_at"]
    start = decided.replace(minute=0, second=0, microsecond=0) + _HOUR
    is_model = decision["lever"] == "cheaper_model"
    candidate = str(decision["change"]).removeprefix("model ") if is_model else ""
    new_mode = _MODES.get(decision["lever"], "")
    scope = {name: decision[name] for name in KEY[1:]} | {"candidate": candidate}

    def terms(since: datetime, until: datetime) -> list[dict[str, Any]]:
        ends = {"since": sql_time(since), "until": sql_time(until)}
        return records(query(schema.query("saving_terms"), {**scope, **ends}))

    def is_moved(row: Mapping[str, Any]) -> bool:
        return bool(row["is_candidate"]) if is_model else row["mode"] == new_mode

    before, after = terms(decided - BEFORE, decided), terms(start, now)
    calls = sum(row["calls"] for row in after if is_moved(row))
    made = Realised(decision=decision, until=now, method="re-billed", calls=calls)
    if not calls:
        why = "No call has been moved yet." if after else f"No calls since {start:%Y-%m-%d %H:%M}."
        return _with(made, Decimal(0) if after else None, note=why)
    old = [row["mode"] for row in before if not is_moved(row)]
    old_mode = "" if is_model else (old[0] if old else "standard")
    ends = {"since": sql_time(start), "until": sql_time(now)}
    terms_ = {**scope, **ends, "new_mode": new_mode, "old_mode": old_mode}
    (row,) = records(query(schema.query("saving_rebilled"), terms_))
    if row["rebilled_usd"] is None:
        return _with(made, None, note="The old terms have no price for what was used.")
    was, now_ = (_moved_share(rows, is_moved) for rows in (before, after))
    more = Decimal(max(1 - was / now_, 0.0)) if now_ else Decimal(0)
    note = f"Of these, {was:.0%} of calls were on these terms before." if was else ""
    return _with(made, (row["rebilled_usd"] - row["cost_usd"]) * more, note=note)


def _moved_share(rows: list[dict[str, Any]], is_moved: Any) -> float:
    total = sum(row["calls"] for row in rows)
    return sum(row["calls"] for row in rows if is_moved(row)) / total if total else 0.0


def _compared(query: Query, decision: Mapping[str, Any], now: datetime) -> Realised:
    """Mean cost (or waste) of a call before, times the calls since, minus what those cost."""
    decided = decision["decided_at"]
    parameters = {
        **{name: decision[name] for name in KEY[1:]},
        "counted": _WASTE.get(decision["lever"], "cost"),
        "since": sql_time(decided - BEFORE),
        "decided": sql_time(decided),
        "until": sql_time(now),
    }
    found = {
        bool(row["is_after"]): row
        for row in records(query(schema.query("saving_calls"), parameters))
    }
    before, after = found.get(False), found.get(True)
    calls = after["calls"] if after else 0
    made = Realised(decision=decision, until=now, method="compared", calls=calls)
    if not before or not after or not before["kept"]:
        what = "before" if after else "since"
        return _with(made, None, note=f"No calls {what}: nothing to compare.")
    usual = before["counted_usd"] / before["kept"]
    saved = usual * after["kept"] - after["counted_usd"]
    enough = min(before["calls"], after["calls"]) >= _FEW
    note = "" if enough else f"Fewer than {_FEW} calls: take it as a first sign."
    return _with(made, saved, error=_error(before, after), note=note)


def _error(before: Mapping[str, Any], after: Mapping[str, Any]) -> Decimal | None:
    """Half of the 90 % interval of the difference; None with a single call."""
    if before["variance"] is None or after["variance"] is None:
        return None
    kept = after["kept"]
    of_usual = sqrt(before["variance"] * before["calls"]) / before["kept"]
    of_after = sqrt(after["variance"] * after["calls"])
    return Decimal(repr(_NINETY * sqrt((of_usual * kept) ** 2 + of_after**2)))


def _with(
    made: Realised, saved: Decimal | None, *, error: Decimal | None = None, note: str = ""
) -> Realised:
    return Realised(
        decision=made.decision,
        until=made.until,
        method=made.method,
        calls=made.calls,
        saved_usd=saved,
        error_usd=error,
        note=note,
    )
