# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What spend changed by between two sides, and why, in parts that add up to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from otel_llmcost import schema
from otel_llmcost.attribution.price_volume_mix import PARTS
from otel_llmcost.reports.comparison import Period
from otel_llmcost.reports.diagnosis import unpriced_note, why_empty
from otel_llmcost.reports.formatting import calls, usd
from otel_llmcost.reports.report import Column, Query, Report, marked, records
from otel_llmcost.reports.selection import ALL, Selection
from otel_llmcost.reports.window import Filters, sql_time

MEANING = {
    "new": "features that are new",
    "gone": "features that are gone",
    "coverage": "calls whose cost is known on one side only",
    "volume": "more or fewer calls",
    "model": "other models",
    "mode": "batch, flex or fast instead of standard, or back",
    "prompt": "longer or shorter prompts",
    "cache": "more or less of the prompt from the cache",
    "output": "longer or shorter answers",
    "price": "list prices",
    "rates": "long context, regions, cache lifetimes",
    "tools": "web searches and other tools",
}
"""What each part says."""

_DIGITS = Decimal("1E-12")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Two periods and their difference; money of priced calls only."""

    a: Period
    b: Period
    rows: list[dict[str, Any]]
    """By feature, provider and model, as the view `change_between` has them."""
    used: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    """Calls, cost and tokens of each period, where they were queried; cost_usd is None where
    nothing is priced."""

    @property
    def change_usd(self) -> Decimal:
        """By how much B costs more."""
        return sum((row["change_usd"] for row in self.rows), Decimal(0))

    def parts(self) -> dict[str, Decimal]:
        """The change by its reasons; they add up to it exactly."""
        return sums(self.rows)

    def per_call(self) -> dict[str, Decimal] | None:
        """The change of the cost of a call by its reasons; None unless both periods have calls.

        Here `volume` is which features the calls are of.
        """
        one, two = self.used
        if not one["replies"] or not two["replies"]:
            return None
        more = Decimal(two["replies"] - one["replies"]) / one["replies"]
        parts = self.parts()
        parts["volume"] -= more * ((one["cost_usd"] or 0) + parts["gone"])
        parts["gone"] *= 1 + more
        return {name: (part / two["replies"]).quantize(_DIGITS) for name, part in parts.items()}


def compare(query: Query, a: Period, b: Period, filters: Filters | None = None) -> Change:
    """Query both periods and what explains their difference."""
    filters = filters or Filters()
    shared = _shared(filters)
    used = [
        records(query(schema.query("used"), {**shared, **_parameters(period, filters)}))[0]
        for period in (a, b)
    ]
    found = explained(query, a, b, filters)
    return Change(a=a, b=b, used=(used[0], used[1]), rows=found.rows)


def explained(
    query: Query, a: Period, b: Period, filters: Filters, selection: Selection = ALL
) -> Change:
    """Only what explains the difference; `selection` names features, providers and models."""
    shared = _shared(filters)
    parameters = [_parameters(one, filters) for one in (a, b)]
    both = {f"{name}_{key}": v for name, period in zip("ab", parameters, strict=True)
            for key, v in period.items()}  # fmt: skip
    sql = marked(schema.query("change"), "only", selection.where("c"))
    rows = records(query(sql, {**shared, **both, **selection.parameters}))
    return Change(a=a, b=b, rows=rows)


def sums(rows: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
    """The parts of several rows together."""
    return {part: sum((row[f"{part}_usd"] for row in rows), Decimal(0)) for part in PARTS}


def because(rows: Sequence[Mapping[str, Any]], limit: int = 4) -> str:
    """The largest reasons in words: `+$298.00 longer prompts of support, …`; "" if there are none.

    Features are named when the rows are of several.
    """
    several = len({row["feature"] for row in rows}) > 1
    found: dict[tuple[str, str], Decimal] = {}
    for row in rows:
        for part in PARTS:
            key = (part, str(row["feature"]))
            found[key] = found.get(key, Decimal(0)) + row[f"{part}_usd"]
    changed = sorted((item for item in found.items() if item[1]), key=lambda item: -abs(item[1]))
    texts = [
        f"{signed(amount)} {_named(part, amount, name) if several else phrase(part, amount)}"
        for (part, name), amount in changed[:limit]
    ]
    rest = sum((amount for _, amount in changed[limit:]), Decimal(0))
    return ", ".join([*texts, *([f"{signed(rest)} all else"] if rest else [])])


def _named(part: str, amount: Decimal, feature: str) -> str:
    if part in ("new", "gone"):
        return f"{feature} ({part})"
    return f"{phrase(part, amount)} of {feature}"


def phrase(part: str, amount: Decimal) -> str:
    """One part in words, whichever way it went."""
    up, down = _WORDS[part]
    return up if amount > 0 else down


_WORDS = {
    "new": ("new", "new"),
    "gone": ("gone", "gone"),
    "coverage": ("calls priced in one period only", "calls priced in one period only"),
    "volume": ("more calls", "fewer calls"),
    "model": ("more expensive models", "cheaper models"),
    "mode": ("more expensive tiers", "cheaper tiers"),
    "prompt": ("longer prompts", "shorter prompts"),
    "cache": ("less from the cache", "more from the cache"),
    "output": ("longer answers", "shorter answers"),
    "price": ("higher list prices", "lower list prices"),
    "rates": ("long context, regions, cache lifetimes", "long context, regions, cache lifetimes"),
    "tools": ("more tools", "fewer tools"),
}


def signed(amount: Decimal) -> str:
    """An amount with its sign."""
    return f"+{usd(amount)}" if amount >= 0 else usd(amount)


_PERIODS = (
    Column("period"),
    Column("calls", "count", spare=1),
    Column("unpriced_calls", "count", spare=6),
    Column("cost_usd", "usd"),
    Column("cost_per_call_usd", "usd"),
    Column("input_per_call", "count", spare=2),
    Column("cached_share", "share", spare=4),
    Column("written_share", "share", spare=5),
    Column("output_per_call", "count", spare=3),
)


def periods(change: Change) -> Report:
    """Cost and tokens of a call in both periods, and the difference. None = nothing priced."""
    rows = [_period_row(name, one) for name, one in zip("AB", change.used, strict=True)]
    difference = tuple(
        None if x is None or y is None else y - x
        for x, y in zip(rows[0][1:], rows[1][1:], strict=True)
    )
    return Report(
        title=f"A: {change.a} · B: {change.b}",
        columns=_PERIODS,
        rows=[*rows, ("B - A", *difference)],
    )


def reasons(change: Change) -> Report:
    """The parts of the change, the largest first; parts of zero are left out."""
    per_call = change.per_call() or {}
    parts = sorted(change.parts().items(), key=lambda item: -abs(item[1]))
    total = sum(per_call.values(), Decimal(0)) if per_call else None
    return Report(
        title="Why",
        columns=(
            Column("part"), Column("change_usd", "usd"), Column("per_call_usd", "usd"),
            Column("meaning", spare=1),
        ),
        rows=[(name, part, per_call.get(name), MEANING[name]) for name, part in parts
              if part or per_call.get(name)],
        total=("total", change.change_usd, total, ""),
        note="Of a call, volume is which features the calls are of."
        if per_call.get("volume")
        else None,
    )  # fmt: skip


def rows(change: Change, limit: int = 10) -> Report:
    """Features and models that changed, the largest first, each with its main reason."""
    shown = [
        (
            row["feature"], row["model"], row["a_calls"], row["b_calls"],
            row["a_usd"] if row["a_calls"] else Decimal(0),
            row["b_usd"] if row["b_calls"] else Decimal(0),
            row["change_usd"], because([row], 2),
        )
        for row in change.rows[:limit]
    ]  # fmt: skip
    more = len(change.rows) - limit
    return Report(
        title="By feature and model",
        columns=(
            Column("feature"), Column("model", spare=1), Column("a_calls", "count", spare=5),
            Column("b_calls", "count", spare=4), Column("a_usd", "usd", spare=3),
            Column("b_usd", "usd", spare=3), Column("change_usd", "usd"), Column("why", spare=2),
        ),
        rows=shown,
        note=f"{more} more rows: --format csv has them all." if more > 0 else None,
    )  # fmt: skip


def notes(query: Query, change: Change, filters: Filters) -> list[str]:
    """What a reader must know: an empty period, calls without a cost, windows of unlike length."""
    found: list[str] = []
    for name, one, used in zip("AB", (change.a, change.b), change.used, strict=True):
        if not used["calls"] and one.version:
            found.append(f"{name} has no calls: is {one.version!r} the service.version it ran as?")
        elif not used["calls"]:
            found.append(f"{name}: {why_empty(query, one.window(filters), 'calls')}")
        elif used["unpriced_calls"]:
            found.append(f"{name} leaves out {calls(used['unpriced_calls'])} of unknown cost.")
            if not one.version:
                found.append(unpriced_note(query, one.window(filters)))
    if min(change.a.days, change.b.days) < 0.9 * max(change.a.days, change.b.days):
        found.append(
            f"A spans {change.a.days:.1f} days and B {change.b.days:.1f}: compare the cost of a "
            "call (for it, volume is which features the calls are of)."
        )
    return found


def _shared(filters: Filters) -> dict[str, str]:
    return {"service": filters.service, "feature": filters.feature, "model": filters.model}


def _parameters(one: Period, filters: Filters) -> dict[str, str]:
    return {
        "since": sql_time(one.since),
        "until": sql_time(one.until),
        "environment": one.environment or filters.environment,
        "version": one.version,
    }


def _period_row(name: str, used: Mapping[str, Any]) -> tuple[Any, ...]:
    calls, cost = used["replies"], used["cost_usd"]
    plain, read, written, out = (int(n) for n in used["tokens"])
    prompt = plain + read + written
    return (
        name,
        used["calls"],
        used["unpriced_calls"],
        cost,
        (cost / calls).quantize(_DIGITS) if calls and cost is not None else None,
        prompt / calls if calls else None,
        read / prompt if prompt else None,
        written / prompt if prompt else None,
        out / calls if calls else None,
    )
