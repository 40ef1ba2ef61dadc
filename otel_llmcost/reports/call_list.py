# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""All calls of a selection: searched, sorted, a page at a time; and how many cost how much."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from otel_llmcost import schema
from otel_llmcost.errors import ConfigError
from otel_llmcost.reports.diagnosis import why_empty
from otel_llmcost.reports.report import Column, Query, Report, pick, records
from otel_llmcost.reports.selection import Selection
from otel_llmcost.reports.window import Window

SORTS: Mapping[str, str] = {
    "newest": "toUnixTimestamp64Milli(c.ts)",
    "cost": "ifNull(c.cost_usd, -1)",
    "duration": "c.duration_ms",
    "input": "c.input_tokens",
    "output": "c.output_tokens",
}
"""What calls are sorted by, highest first; a call of unknown cost comes last."""
COLUMNS = (
    *(Column("ts", "time"), Column("feature"), Column("model"), Column("user")),
    *(Column("input_tokens", "count"), Column("cache_read_tokens", "count")),
    *(Column("cache_write_tokens", "count"), Column("output_tokens", "count")),
    *(Column("reasoning_tokens", "count"), Column("cost_usd", "usd")),
    *(Column("duration_ms", "ms"), Column("ttft_ms", "ms"), Column("error"), Column("status")),
    *(Column("reason"), Column("retries", "count"), Column("environment"), Column("service")),
    *(Column("version"), Column("team"), Column("session"), Column("agent"), Column("provider")),
    *(Column("operation"), Column("mode"), Column("call_site"), Column("source")),
    *(Column("trace_id"), Column("record_id")),
)
USUAL = (
    *("ts", "feature", "model", "user", "input_tokens", "cache_read_tokens", "output_tokens"),
    *("cost_usd", "duration_ms", "error"),
)
"""The columns that are shown unless others are chosen."""
_AFTER = re.compile(r"(-?\d{1,26}(?:\.\d{1,12})?)~(.{1,200})", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which of the selected calls, and in which order."""

    search: str = ""
    """An id, or a part of feature, model, user, session, call site or error."""
    sort: str = "newest"
    after: str = ""
    """Where the page before ended, see `CallPage.next`."""
    at_least: Decimal | None = None
    """USD; calls of unknown cost are none of them."""
    below: Decimal | None = None
    """USD."""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Wanted:
        """From the parameters q, sort, after, at_least and below of a URL. Raises ConfigError."""
        sort = given.get("sort", "") or "newest"
        if sort not in SORTS:
            raise ConfigError(f"sort={sort!r} is none of {', '.join(SORTS)}")
        after = given.get("after", "")
        if after and not _AFTER.fullmatch(after):
            raise ConfigError(f"after={after!r} is no place in a list of calls: begin at its top")
        return cls(
            search=given.get("q", "").strip(),
            sort=sort,
            after=after,
            at_least=_usd("at_least", given),
            below=_usd("below", given),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPage:
    """Some calls, and where the next page begins; None at the end."""

    report: Report
    next: str | None


def call_page(
    query: Query, window: Window, selection: Selection, wanted: Wanted, limit: int = 50
) -> CallPage:
    """One page of calls, with all of `COLUMNS`."""
    found_after = _AFTER.fullmatch(wanted.after)
    after, after_id = found_after.groups() if found_after else ("0", "")
    sql = _selected("call_list", selection, wanted).replace(
        "/* key */ toUnixTimestamp64Milli(c.ts) /* key */", SORTS[wanted.sort]
    )
    parameters = window.parameters(
        limit=limit + 1,
        after=after,
        after_id=after_id,
        search=wanted.search,
        **selection.parameters,
    )
    found = records(query(sql, parameters))
    shown = found[:limit]
    is_last = len(found) <= limit
    return CallPage(
        report=Report(
            title=f"Calls, {window}",
            columns=COLUMNS,
            rows=[pick(record, COLUMNS) for record in shown],
            note=None if shown else why_empty(query, window, "such calls"),
        ),
        next=None if is_last else f"{shown[-1]['sort_key']:f}~{shown[-1]['record_id']}",
    )


def call_costs(
    query: Query, window: Window, selection: Selection, wanted: Wanted
) -> list[dict[str, Any]]:
    """How many calls cost how much: `from_usd`, `to_usd`, `calls`, `cost_usd`; half powers of ten.

    Bounds are None for calls of unknown cost, 0 for those that cost nothing.
    """
    sql = _selected("call_costs", selection, wanted)
    parameters = window.parameters(search=wanted.search, **selection.parameters)
    return records(query(sql, parameters))


def _selected(name: str, selection: Selection, wanted: Wanted) -> str:
    only = [selection.where("c")]
    if wanted.at_least is not None:
        only.append(f"c.cost_usd >= toDecimal128('{wanted.at_least:f}', 12)")
    if wanted.below is not None:
        only.append(f"c.cost_usd < toDecimal128('{wanted.below:f}', 12)")
    text = " AND ".join(only)
    return schema.query(name).replace("/* only */ 1 /* only */", text)


def _usd(name: str, given: Mapping[str, str]) -> Decimal | None:
    text = given.get(name, "").strip()
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not (value.is_finite() and 0 <= value < Decimal("1E12")):
        raise ConfigError(f"{name}={text!r} is no amount of USD like 0.25")
    return round(value, 12)
