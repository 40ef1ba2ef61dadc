# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What the parametrised views need, to be read at all."""

from __future__ import annotations

from otel_llmcost import schema

BETWEEN = "(since='2026-01-01', until='2027-01-01')"

PARAMETERS = {
    **dict.fromkeys(
        (
            *(
                n + end
                for n, r in schema.rollups().items()
                if r.is_bounded
                for end in ("", "__live")
            ),
        ),
        BETWEEN,
    ),
    **dict.fromkeys(
        ("finish_reasons", "finish_reason_groups"), BETWEEN.replace(")", ", step=86400)")
    ),
    "hour_norms": "(now='2026-11-20 12:30:00')",
    "shape_scores": "(now='2026-11-20 12:30:00', part='input')",
    "watched_hours": "(now='2026-11-20 12:30:00')",
    "unusual_hours": "(now='2026-11-20 12:30:00')",
    "lines_by_book": "(book='current')",
    "savings_between": "(since='2026-01-01', until='2027-01-01', candidate='', share=0)",
    "levers_replayed_between": "(since='2026-01-01', until='2027-01-01', candidate='', share=0)",
    "levers_cached_between": "(since='2026-01-01', until='2027-01-01')",
    "levers_sized_between": "(since='2026-01-01', until='2027-01-01')",
    "levers_repeated_between": "(since='2026-01-01', until='2027-01-01')",
    "cache_reuse_between": "(since='2026-01-01', until='2027-01-01')",
    "usage_between": "(since='2026-01-01', until='2027-01-01', environment='', service='', "
    "version='')",
    "change_between": "(a_since='2026-01-01', a_until='2026-02-01', b_since='2026-02-01', "
    "b_until='2026-03-01', a_environment='', b_environment='', a_version='', b_version='', "
    "service='')",
    **dict.fromkeys(
        ("spend_between", "cache_between", "hours_in_quarters"),
        BETWEEN.replace(")", ", timezone='Europe/Berlin')"),
    ),
    "budget_status_in": "(timezone='Asia/Kolkata')",
    "reconciliation_between": "(since='2026-01-01', until='2027-01-01')",
    "repriced": "(book='current', since='2026-01-01', until='2027-01-01')",
}
