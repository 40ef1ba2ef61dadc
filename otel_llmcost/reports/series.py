# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Spend over time, by one dimension: the seven most expensive values and the rest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from otel_llmcost import schema
from otel_llmcost.reports.report import Query
from otel_llmcost.reports.spend import by_clause, dimension
from otel_llmcost.reports.window import Window

NONE = "(none)"
"""What calls without a value are called."""


def series(
    query: Query, window: Window, by: str, step: timedelta
) -> dict[tuple[datetime, str], Decimal | None]:
    """Dollars by bucket and value; the empty name holds all but the seven most expensive values.

    `step` is an hour, six hours or a day. Buckets begin with the window and go on from hour to
    hour, or at 0, 6, 12 and 18 o'clock or midnight of its zone; without calls there is none.
    None: nothing in it is priced. Raises ConfigError for what is no dimension and no allocation
    key.
    """
    grouped = dimension(by)
    hourly = grouped.hour if by != "hour" or window.has_full_hours else None
    expression = hourly or grouped.call
    sql = schema.query("series" if hourly else "series_by_call")
    named = by_clause(sql, [f"if(toString({expression}) = '', '{NONE}', toString({expression}))"])
    found = query(named, window.parameters(step=int(step.total_seconds()))).rows
    return {(datetime.fromtimestamp(bucket, UTC), str(name)): cost for bucket, name, cost in found}
