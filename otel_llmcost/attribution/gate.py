# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a run of the same work costs more than an earlier one, by feature, and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from otel_llmcost.attribution.periods import because
from otel_llmcost.attribution.price_volume_mix import PARTS, Key, Used, split
from otel_llmcost.attribution.run_record import RunLine, RunRecord
from otel_llmcost.pricing import PriceBook
from otel_llmcost.reports.formatting import count, usd
from otel_llmcost.reports.report import Column, Report

BELOW = "below --min-usd"
"""Grew by more than allowed, but by less money than counts."""
State = Literal["ok", "failed", "below --min-usd", "new", "gone", "unknown"]

FIX = {
    "volume": "look for a loop, a retry, or a step that is done twice",
    "model": "check whether the other model is meant",
    "mode": "check whether the other service tier is meant",
    "prompt": "look at what was added to the prompt: system text, history, tool results",
    "cache": "keep the beginning of the prompt the same in every call, so that the cache hits",
    "output": "request a shorter answer, or cap it with max_tokens",
    "rates": "look at prompts beyond the long-context limit, the region, the cache lifetime",
    "tools": "look at web searches and other paid tools",
}
"""What to look at, by the largest part."""

_DIGITS = Decimal("1E-12")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One feature in both runs; costs are per unit, None when unknown."""

    feature: str
    state: State
    unit: Literal["run", "call"]
    a_units: int
    b_units: int
    a_usd: Decimal | None
    b_usd: Decimal | None
    why: str = ""
    fix: str = ""

    @property
    def increase(self) -> float | None:
        """By which fraction a unit costs more; None when either cost is unknown or was nothing."""
        if self.a_usd is None or self.b_usd is None or not self.a_usd:
            return None
        return float(self.b_usd / self.a_usd) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """All features, those that failed first, and what was done to make both runs comparable."""

    verdicts: list[Verdict]
    notes: list[str]

    @property
    def failed(self) -> list[Verdict]:
        """What the gate must stop."""
        return [v for v in self.verdicts if v.state in ("failed", "unknown")]


def judge(
    current: RunRecord,
    baseline: RunRecord,
    max_increase: float,
    min_usd: Decimal,
    book: PriceBook | None = None,
) -> Judged:
    """Compare what a run (else a call) of each feature costs, both at the prices of today.

    `failed` costs more than `max_increase` (a fraction) allows and at least `min_usd` more over the
    whole run; `below --min-usd` costs less than that more, and passes; `unknown` has calls of
    unknown cost, which the baseline had not.
    """
    book = book or PriceBook.default()
    day = current.recorded_at.date()
    notes: list[str] = []
    a, more = _priced(baseline, "The baseline", book, day)
    notes += more
    b, more = _priced(current, "The run", book, day)
    notes += more
    names = sorted({line.feature for line in (*a, *b)})
    verdicts = [
        _verdict(
            name,
            [line for line in a if line.feature == name],
            [line for line in b if line.feature == name],
            (baseline.runs.get(name), current.runs.get(name)),
            max_increase,
            min_usd,
        )
        for name in names
    ]
    order: dict[State, int] = {
        "failed": 0, "unknown": 1, BELOW: 2, "new": 3, "ok": 4, "gone": 5,
    }  # fmt: skip
    verdicts.sort(key=lambda v: (order[v.state], -(v.b_usd or 0) * v.b_units))
    return Judged(verdicts=verdicts, notes=notes)


def report(judged: Judged, limit: float) -> Report:
    """Every feature with its state."""
    columns = (
        Column("feature"), Column("state"), Column("unit", spare=4),
        Column("a_units", "count", spare=6), Column("b_units", "count", spare=5),
        Column("a_usd", "usd"), Column("b_usd", "usd"), Column("increase", "share", spare=1),
        Column("why", spare=3), Column("fix", detail=True),
    )  # fmt: skip
    return Report(
        title=f"Cost gate, at most {limit * 100:g} % more",
        columns=columns,
        rows=[tuple(getattr(v, column.name) for column in columns) for v in judged.verdicts],
    )


def sentence(verdict: Verdict, limit: float) -> str:
    """One failure as people read it: what, how much, why, and what to do."""
    if verdict.state == "unknown":
        return (
            f"{verdict.feature}: some of its calls have no known cost, so that it is unknown "
            f"what a {verdict.unit} costs.\n  fix: {verdict.fix}"
        )
    grown = (verdict.increase or 0) * 100
    return (
        f"{verdict.feature}: a {verdict.unit} costs {usd(verdict.b_usd)}, it was "
        f"{usd(verdict.a_usd)}: {grown:+.1f} %, {limit * 100:g} % are allowed.\n"
        f"  why: {verdict.why}\n  fix: {verdict.fix}"
    )


def uncounted(judged: Judged, min_usd: Decimal) -> str | None:
    """What grew too much but passed, because it is little money, and how to make it count."""
    small = [v for v in judged.verdicts if v.state == BELOW]
    if not small:
        return None
    named = ", ".join(f"{v.feature} {(v.increase or 0) * 100:+.1f} %" for v in small)
    return (
        f"Passed because a whole run costs less than {usd(min_usd)} more: {named}. "
        "`--min-usd 0` makes that fail."
    )


def _priced(
    record: RunRecord, name: str, book: PriceBook, day: date
) -> tuple[list[RunLine], list[str]]:
    """The lines at the book's prices of that day; what cannot be repriced stays as it was."""
    lines: list[RunLine] = []
    kept = 0
    for line in record.lines:
        anew = line.repriced(book, day)
        kept += anew is None and bool(line.usd)
        lines.append(anew or line)
    old, new = (_total(listed) for listed in (record.lines, lines))
    notes: list[str] = []
    if abs(new - old) > Decimal("1E-9"):
        notes.append(
            f"{name} cost {usd(old)} under price book {record.price_book}; "
            f"compared at {usd(new)}, today's prices."
        )
    if kept and record.price_book != book.version:
        notes.append(
            f"{name} has {kept} line{'s' * (kept != 1)} that cannot be repriced from "
            f"{record.price_book} to {book.version}: compared as recorded."
        )
    return lines, notes


def _verdict(
    name: str,
    a: list[RunLine],
    b: list[RunLine],
    runs: tuple[int | None, int | None],
    max_increase: float,
    min_usd: Decimal,
) -> Verdict:
    by_run = all(runs) or (not a and bool(runs[1])) or (not b and bool(runs[0]))
    units = (runs[0] or 0, runs[1] or 0) if by_run else (_replies(a), _replies(b))
    verdict: dict[str, Any] = {
        "feature": name, "unit": "run" if by_run else "call",
        "a_units": units[0], "b_units": units[1],
        "a_usd": _each(a, units[0]), "b_usd": _each(b, units[1]),
    }  # fmt: skip
    more_unknown = sum(line.unpriced_calls for line in b) > sum(line.unpriced_calls for line in a)
    if not b:
        return Verdict(**verdict, state="gone")
    if more_unknown:
        models = ", ".join(sorted({line.model for line in b if line.unpriced_calls}))
        fix = f"price {models} (`otel-llmcost price-book check`, LLMCOST_PRICES), or LLMCOST_HOSTS"
        return Verdict(**verdict, state="unknown", fix=fix)
    if not a:
        return Verdict(**verdict, state="new")
    one, two = verdict["a_usd"], verdict["b_usd"]
    if one is None or two is None or two <= one:
        return Verdict(**verdict, state="ok")
    parts = _why(a, b, units)
    why = because([{"feature": name, **parts}])
    main = max(PARTS, key=lambda part: parts[f"{part}_usd"])
    if two <= one * (1 + Decimal(str(max_increase))):
        return Verdict(**verdict, state="ok", why=why)
    state = "failed" if (two - one) * units[1] >= min_usd else BELOW
    return Verdict(**verdict, state=state, why=why, fix=FIX.get(main, "compare both records"))


def _why(a: list[RunLine], b: list[RunLine], units: tuple[int, int]) -> dict[str, Decimal]:
    """Parts of what one unit costs more, as columns of `change_between`."""
    more = units[1] / units[0]
    earlier = {key: _scaled(used, more) for key, used in _used(a).items()}
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for parts in split(earlier, _used(b)).values():
        for part, amount in parts.items():
            sums[part] += amount
    return {f"{part}_usd": (sums[part] / units[1]).quantize(_DIGITS) for part in PARTS}


def _used(lines: Iterable[RunLine]) -> dict[Key, Used]:
    cells: dict[Key, Used] = {}
    for line in lines:
        key = (line.feature, line.provider, line.model, line.mode)
        plain, read, written, out = (
            float(line.usd.get(group, 0))
            for group in ("input", "cache_read", "cache_write", "output")
        )
        one = Used(
            replies=line.replies,
            unpriced=line.unpriced_calls,
            usd=line.cost_usd or Decimal(0),
            tokens=line.tokens,
            token_usd=(plain, read, written, out),
        )
        cells[key] = cells.get(key, Used()) + one
    return cells


def _scaled(used: Used, factor: float) -> Used:
    tokens, paid = (
        (one * factor, two * factor, three * factor, four * factor)
        for one, two, three, four in (used.tokens, used.token_usd)
    )
    return Used(
        replies=used.replies * factor,
        unpriced=used.unpriced,
        usd=(used.usd * Decimal(str(factor))).quantize(_DIGITS),
        tokens=tokens,
        token_usd=paid,
    )


def _replies(lines: Iterable[RunLine]) -> int:
    return sum(line.replies for line in lines)


def _total(lines: Iterable[RunLine]) -> Decimal:
    return sum((line.cost_usd or Decimal(0) for line in lines), Decimal(0))


def _each(lines: list[RunLine], units: int) -> Decimal | None:
    """None when there is nothing to divide, or nothing known."""
    if not units or all(line.cost_usd is None for line in lines):
        return None
    return (_total(lines) / units).quantize(_DIGITS)


def summary(judged: Judged) -> str:
    """How the gate went, in one line."""
    states: Mapping[State, int] = Counter(v.state for v in judged.verdicts)
    parts = [f"{count(n)} {state}" for state, n in states.items()]
    return f"Cost gate {'FAILED' if judged.failed else 'passed'}: {', '.join(parts)}."
