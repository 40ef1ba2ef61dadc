# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""When a refusal before any output is billed (anthropic 15)."""

from __future__ import annotations

import datetime as dt

FREE_FROM = dt.date(2026, 6, 2)
SOME_BILLED_FROM = dt.date(2026, 9, 24)
BILLED = frozenset({"bio", "frontier_llm", "reasoning_extraction"})
"""Categories that are billed from then on."""


def refusal_is_billed(category: str, day: dt.date) -> bool:
    """It was billed, then free, then free for most categories."""
    if day < FREE_FROM:
        return True
    return day >= SOME_BILLED_FROM and category in BILLED
