# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Where the next dollars are: the user's own calls replayed with one lever pulled."""

from __future__ import annotations

from otel_llmcost import schema
from otel_llmcost.analysis.empty import why_empty
from otel_llmcost.analysis.report import Column, Query, Report, pick, records
from otel_llmcost.analysis.window import Window

_COLUMNS = (
    Column("feature"),
    Column("model"),
    Column("lever"),
    Column("calls", "count"),
    Column("cost_usd", "usd"),
    Column("cost_after_usd", "usd"),
    Column("saving_low_usd", "usd"),
    Column("saving_usd", "usd"),
    Column("in_plan"),
    Column("confidence"),
    Column("needs_quality_check"),
    Column("assumption", footnote=True),
    Column("environment", detail=True),
    Column("provider", detail=True),
)


def savings(query: Query, window: Window, limit: int = 50) -> Report:
    """One row per feature, model and lever, the largest expected saving first.

    Each figure is a replay through the price book. `in_plan` marks the best lever of a feature and
    model; the plan named in the note adds up those only, so that no dollar counts twice.
    """
    found = records(query(schema.query("savings"), window.parameters(limit=limit)))
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
        note=_note(query, window, found),
    )


def _yes(value: object) -> str:
    return "yes" if value else ""


def _note(query: Query, window: Window, found: list[dict[str, object]]) -> str:
    notes: list[str] = []
    if found:
        notes.append(
            f"One lever for each feature and model (in_plan) saves ${found[0]['plan_usd']:.4f}."
        )
    else:
        notes.append(why_empty(query, window, what="savings"))
    told = query(schema.query("fingerprinted"), window.parameters(limit=1)).rows[0][0]
    if not told:
        notes.append(
            "Duplicate requests are unknown: no call carries a fingerprint "
            "(LLMCOST_FINGERPRINT=0 turns them off)."
        )
    return "\n".join(notes)
