# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""When rented capacity would be cheaper than paying by the token, from the hours as they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from otel_llmcost import schema
from otel_llmcost.reports.diagnosis import why_empty
from otel_llmcost.reports.formatting import calls, count, duration, share, usd
from otel_llmcost.reports.report import Column, Query, Report, Row, records
from otel_llmcost.reports.window import Window, sql_time

_MONTH_HOURS = 730
_WEEK_HOURS = 168
_AS_NEEDED = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What one instance, or one unit of provisioned throughput, costs and does."""

    usd_per_hour: float
    output_per_second: float
    """Output tokens."""
    input_per_second: float | None = None
    """Prompt tokens, uncached; None when they take no time worth counting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """A monthly sum that is paid anyway, for a discount on what it buys."""

    usd_per_month: float
    discount: float
    """A fraction off list price."""


_COLUMNS = (
    Column("option"),
    Column("usd_per_month", "usd"),
    Column("saving_per_month_usd", "usd"),
    Column("utilisation", "share", spare=1),
    Column("idle_hours", "count", spare=3),
    Column("overflow_hours", "count", spare=4),
    Column("overflow_share", "share", spare=2),
    Column("instances", "count", detail=True),
    Column("window_usd", "usd", detail=True),
    Column("window_hours", "count", detail=True),
)


def breakeven(
    query: Query, window: Window, capacity: Capacity, commitment: Commitment | None = None
) -> Report:
    """One row per way to serve the calls of a window; costs scaled to a month of 730 hours.

    `overflow_*` is what the instances could not have served in time and the provider would have,
    at its price. Hours are counted from the first call of the window on.
    """
    end = min(window.until or datetime.now(UTC), datetime.now(UTC))
    found = records(
        query(
            schema.query("breakeven"),
            window.parameters(
                end=sql_time(end),
                usd_per_hour=capacity.usd_per_hour,
                output_per_second=capacity.output_per_second,
                input_per_second=capacity.input_per_second or 0,
            ),
        )
    )
    title = f"Break-even, {window}"
    if not found or not found[0]["calls"]:
        note = why_empty(query, window, "calls")
        return Report(title=title, columns=_COLUMNS, rows=[], note=note)
    now = found[0]
    if now["calls"] == now["unpriced_calls"]:
        note = "None of these calls has a known cost, so there is nothing to compare with."
        return Report(title=title, columns=_COLUMNS, rows=[], note=note)
    rows = [_row(option, now) for option in _worth_showing(found)]
    if commitment:
        rows.append(_committed(commitment, now))
    return Report(
        title=title,
        columns=_COLUMNS,
        rows=rows,
        note="\n".join(_notes(found, capacity, commitment)),
    )


def _worth_showing(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """As now; one instance; the cheapest number and its neighbours; enough for the peak."""
    always = [option for option in found if 0 < option["number"] < _AS_NEEDED]
    if not always:
        return list(found)
    best = min(always, key=lambda option: option["usd"])["number"]
    shown = {0, 1, best - 1, best, best + 1, always[-1]["number"], _AS_NEEDED}
    return [option for option in found if option["number"] in shown]


def _row(option: dict[str, Any], now: dict[str, Any]) -> Row:
    scale = _MONTH_HOURS / option["hours"]
    many = option["number"]
    if many == 0:
        name = "as now, by the token"
    elif many == _AS_NEEDED:
        name = "instances by the hour, where cheaper"
    else:
        name = f"{many} instance{'s' * (many != 1)}, always on"
    return (
        name,
        option["usd"] * scale,
        (now["usd"] - option["usd"]) * scale,
        option["utilisation"],
        option["idle_hours"],
        option["overflow_hours"],
        option["overflow_share"],
        None if many == _AS_NEEDED else many,
        option["usd"],
        option["hours"],
    )


def _committed(commitment: Commitment, now: dict[str, Any]) -> Row:
    """The commitment buys usage worth more than it; what is beyond that costs list price."""
    scale = _MONTH_HOURS / now["hours"]
    spent = now["usd"] * scale
    bought = commitment.usd_per_month / (1 - commitment.discount)
    cost = commitment.usd_per_month + max(0.0, spent - bought)
    name = f"{usd(commitment.usd_per_month)} a month committed, {share(commitment.discount)} off"
    used = min(spent / bought, 1.0)
    window = cost / scale
    return (name, cost, spent - cost, used, None, None, None, None, window, now["hours"])


def _load(instances: float) -> str:
    few = "fewer than 0.01" if 0 < instances < 0.01 else f"{instances:.2f}"
    return f"{few} instances"


def _notes(
    found: Sequence[dict[str, Any]], capacity: Capacity, commitment: Commitment | None
) -> list[str]:
    now = found[0]
    hours, busy = now["hours"], now["busy_hours"]
    notes: list[str] = []
    if busy:
        worth = now["usd"] / busy
        needed = capacity.usd_per_hour / worth
        notes.append(
            f"An instance that is always busy does work that costs {usd(worth)} an hour by the "
            f"token; at {usd(capacity.usd_per_hour)} an hour it has to be busy "
            + (
                f"{share(needed)} of the time to pay off."
                if needed <= 1
                else "more than always: it never pays off on these calls."
            )
        )
        one = next((o for o in found if o["number"] == 1), None)
        if one:
            served = now["usd"] - (one["usd"] - capacity.usd_per_hour * hours)
            notes.append(
                f"Always on, the first instance pays off below {usd(served / hours)} an hour. "
                f"Your busiest hour needs {_load(now['peak_load'])}."
            )
    else:
        notes.append("These calls have no output tokens, so the load of an instance is unknown.")
    if hours < _WEEK_HOURS:
        notes.append(
            f"There {'is' if hours == 1 else 'are'} {count(hours)} hour{'s' * (hours != 1)} of "
            f"data ({duration(hours * 3_600_000)}): "
            "less than a week may lack nights and weekends."
        )
    if now["unpriced_calls"]:
        notes.append(
            f"{calls(now['unpriced_calls'])} of unknown cost take capacity here, but their "
            "cost by the token is left out: the saving is a lower bound."
        )
    if commitment:
        least = commitment.usd_per_month
        notes.append(
            f"The commitment pays off while a month costs more than {usd(least)} by the token."
        )
    notes.append(
        "Load is spread evenly within an hour, and another model is assumed to need as many tokens "
        "and to answer as well: check both."
    )
    return notes
