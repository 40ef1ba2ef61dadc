# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What the running month will end with, for the selected calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from otel_llmcost.reports import Query, formatting
from otel_llmcost.reports.explore import explore
from otel_llmcost.serve.web.page import Stat
from otel_llmcost.serve.web.span import Span
from otel_llmcost.timezones import midnight

_DAYS = 7


def month_forecast(query: Query, span: Span) -> Stat:
    """What was spent since the month began, and the mean of the last seven full days, fewer where
    there are not so many yet, for the rest of it. Unknown without a full day of spend."""
    spent, burn = _spent(query, span), _burn(query, span)
    month_end = midnight((_month(span.now) + timedelta(days=32)).date().replace(day=1), span.zone)
    left = (month_end.astimezone(UTC) - span.now.astimezone(UTC)) / timedelta(days=1)
    known = burn is not None
    return Stat(
        name="Month forecast",
        value=formatting.usd(float(spent or 0) + burn * left) if known else formatting.UNKNOWN,
        hint=f"{formatting.usd(spent)} so far" if spent is not None else "nothing spent so far",
        explained="Spend of the running month, and for the rest of it the mean of the last seven "
        "full days.",
    )


def _month(now: datetime) -> datetime:
    return midnight(now.date().replace(day=1), now.tzinfo or UTC)


def _spent(query: Query, span: Span) -> Decimal | None:
    month = replace(span.window, since=_month(span.now).astimezone(UTC), until=None)
    found = explore(query, month, span.selection)
    return found[0]["cost_usd"] if found else None


def _burn(query: Query, span: Span) -> float | None:
    """Dollars a day; None without a full day of spend."""
    today = midnight(span.now.date(), span.zone)
    starts = [midnight((today - timedelta(days=n)).date(), span.zone) for n in range(_DAYS, 0, -1)]
    window = replace(span.window, since=starts[0].astimezone(UTC), until=today.astimezone(UTC))
    found = explore(query, window, span.selection, starts=[at.astimezone(UTC) for at in starts])
    known = {row["bucket"]: row["cost_usd"] for row in found if row["cost_usd"] is not None}
    if not known:
        return None
    days = sum(at.astimezone(UTC) >= min(known) for at in starts)
    return float(sum(known.values())) / days
