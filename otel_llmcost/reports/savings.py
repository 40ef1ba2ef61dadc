# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Where the next dollars are: the user's own calls replayed with one lever pulled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from otel_llmcost import schema
from otel_llmcost.errors import ConfigError
from otel_llmcost.reports.diagnosis import why_empty
from otel_llmcost.reports.formatting import usd
from otel_llmcost.reports.query_log import with_values
from otel_llmcost.reports.report import Column, Query, Report, marked, pick, records
from otel_llmcost.reports.selection import ALL, Selection
from otel_llmcost.reports.window import Window

_COLUMNS = (
    Column("feature"),
    Column("model", spare=1),
    Column("lever"),
    Column("change", spare=2),
    Column("calls", "count", spare=7),
    Column("cost_usd", "usd"),
    Column("cost_after_usd", "usd", spare=3),
    Column("saving_low_usd", "usd", spare=8),
    Column("saving_usd", "usd"),
    Column("in_plan", spare=4),
    Column("confidence", spare=6),
    Column("needs_quality_check", spare=9),
    Column("assumption", footnote=True, spare=5),
    Column("environment", detail=True),
    Column("provider", detail=True),
)
MONTH = timedelta(days=365.25 / 12)
_VIEWS = {
    "levers_replayed_between": (
        *("batch", "flex", "standard_tier", "global_endpoint"),
        *("cheaper_model", "failed_calls", "abandoned_streams"),
    ),
    "levers_cached_between": (
        *("prompt_cache", "prompt_cache_long", "cache_ttl", "unread_writes"),
        "stable_prefix",
    ),
    "levers_sized_between": (
        *("cap_output", "reasoning_effort", "oversized_prompts"),
        "growing_history",
    ),
    "levers_repeated_between": ("duplicate_requests",),
}
"""Which view's SQL computes what each lever saves."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the lever `cheaper_model` tries instead of the next tier for short answers."""

    model: str = ""
    """Another model; empty is the next cheaper tier of the same family."""
    share: float = 0.0
    """Part of the answered calls that go to it; 0 is those with a short answer."""

    def __post_init__(self) -> None:
        """Raise `ConfigError` for a share that is none."""
        if not 0 <= self.share <= 1:
            raise ConfigError(f"share {self.share:g} is no part of the calls: use 0.01 to 1")


def savings(
    query: Query,
    window: Window,
    limit: int = 50,
    candidate: Candidate = Candidate(),
    selection: Selection = ALL,
) -> Report:
    """One row per feature, model and lever, the largest expected saving first.

    Each figure is a replay through the price book. `in_plan` marks the best lever of a feature and
    model; the plan named in the note adds up those only, so that no dollar counts twice. What
    cannot be known (no fingerprints, no tags …) is in the note too, with what to do about it.
    """
    sql = marked(schema.query("savings"), "only", selection.where("s"))
    parameters = {**_parameters(window, limit, candidate), **selection.parameters}
    found = records(query(sql, parameters))
    rows = [
        pick(
            {
                **row,
                "in_plan": _yes(row["in_plan"]),
                "needs_quality_check": _yes(row["needs_quality_check"]),
            },
            _COLUMNS,
        )
        for row in found
    ]
    return Report(
        title=f"Savings, {window}",
        columns=_COLUMNS,
        rows=rows,
        note="\n".join(_notes(query, window, found, candidate, selection)),
    )


def levers() -> list[str]:
    """The names of all levers."""
    return [name for names in _VIEWS.values() for name in names]


def monthly(
    query: Query, window: Window, selection: Selection = ALL
) -> tuple[Decimal, Decimal | None]:
    """By how much figures of a window are scaled to a month, and what it cost, scaled; None where
    nothing is priced.

    It counts from its first call to its end, or to now. 1 for a window without calls.
    """
    sql = marked(schema.query("savings_covered"), "only", selection.where("s"))
    (found,) = records(query(sql, window.parameters(**selection.parameters)))
    first, now = found["first_hour"], datetime.now(UTC)
    if first is None:
        return Decimal(1), None
    covered = min(window.until or now, now) - first
    scale = Decimal(MONTH / max(covered, timedelta(hours=1)))
    return scale, None if found["cost_usd"] is None else found["cost_usd"] * scale


def explained(
    window: Window, limit: int, candidate: Candidate, found: Iterable[dict[str, Any]]
) -> Iterator[str]:
    """The statement behind a report, ready to be run again, then lever by lever what is assumed
    and the SQL that replays it; all levers where nothing was found."""
    yield with_values(schema.query("savings"), _parameters(window, limit, candidate))
    assumed = {str(row["lever"]): str(row["assumption"]) for row in found}
    texts = {view.name: view.sql for view in schema.views()}
    for view, levers in _VIEWS.items():
        shown = [lever for lever in levers if lever in assumed] if assumed else levers
        if shown:
            lines = [f"-- {lever}: {assumed.get(lever, 'found nothing')}" for lever in shown]
            yield "\n".join([*lines, texts[view].strip()])
    yield texts["savings_between"].strip()


def _parameters(window: Window, limit: int, candidate: Candidate) -> dict[str, Any]:
    # Days without a rollup are made from their calls: an open end must not mean all days to come.
    tomorrow = max(datetime.now(UTC), window.since) + timedelta(days=1)
    closed = replace(window, until=window.until or tomorrow)
    return closed.parameters(limit=limit, candidate=candidate.model, share=candidate.share)


def _yes(value: object) -> str:
    return "yes" if value else ""


def _notes(
    query: Query,
    window: Window,
    found: list[dict[str, Any]],
    candidate: Candidate,
    selection: Selection,
) -> Iterator[str]:
    if found:
        best, sure = found[0]["plan_usd"], found[0]["plan_unchecked_usd"]
        yield (
            "One lever for each feature and model (in_plan) saves "
            f"{usd(best)}, {usd(sure)} of it without a quality check."
        )
    else:
        yield why_empty(query, window, what="savings")
    if candidate.model and not any(row["lever"] == "cheaper_model" for row in found):
        yield (
            f"{candidate.model} would not have been cheaper, or the price book does not know it "
            "(otel-llmcost price-book list)."
        )
    sql = marked(schema.query("savings_lacks"), "only", selection.where("s"))
    (facts,) = records(query(sql, window.parameters(**selection.parameters)))
    yield from _lacks(facts)


def _lacks(facts: dict[str, Any]) -> Iterator[str]:
    """What no lever can know about these calls, and how to change that."""
    if not facts["calls"]:
        return
    if unpriced := facts["unpriced_calls"]:
        yield f"No lever covers the {unpriced:,} unpriced calls: `otel-llmcost doctor` says why."
    if not facts["has_request_fingerprint"]:
        yield (
            "Duplicate requests are unknown: no call carries a fingerprint "
            "(LLMCOST_FINGERPRINT=0 turns them off)."
        )
    if not facts["has_prefix_fingerprint"]:
        yield (
            "What prompt caching would save is unknown: no call carries a prefix fingerprint. Our "
            "instrumentation sets it; LLMCOST_FINGERPRINT_KEY makes it comparable across processes."
        )
    if not facts["has_tag"]:
        yield 'No call has a feature tag: @llmcost.feature("…") says whose savings these are.'
    if facts["days"] < 3:
        yield (
            f"{facts['days']} day{'s' if facts['days'] > 1 else ''} of calls: quiet hours take "
            "three days to be found, and a saving of a month takes a month."
        )
    if lost := facts["calls_with_unmetered_attempts"]:
        yield (
            f"{lost:,} calls had attempts without an answer, which may have been billed: "
            "`otel-llmcost reconcile` compares with the invoice."
        )
