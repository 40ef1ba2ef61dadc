# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a trouble goes on, and since when it has stopped: within an hour, where calls allow it.

Detection looks at windows of up to six hours and still finds a trouble for hours after its end.
Here the last six hours are read in quarters. Where calls became more expensive, the end is where
the logarithms of their costs went back to the usual (a sequential probability ratio test); where
there were too many calls or failures, it is the last quarter with more than half as many.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from math import log
from typing import Any, NamedTuple

from otel_llmcost.detection.detect import MORE_CALLS

Row = Mapping[str, Any]

_CALM = timedelta(minutes=45)
_ENOUGH = 7.0
"""The usual is a thousand times as likely as the trouble (e ** 7)."""
_CALLS = 3
_SPREAD = 0.05
"""Least variance of ln(cost) that is believed."""
_FAILING = {"retry_storm": "failed", "unpriced_model": "unpriced"}
_OFTEN = MORE_CALLS | {"duplicate_requests"}


class Ended(NamedTuple):
    """When a trouble was last seen, and whether that was its end, as far as can be said."""

    last_seen_at: datetime
    is_over: bool


def ended(line: Row, quarters: Sequence[Row], hours: Sequence[Row], now: datetime) -> Ended:
    """What the quarters since a line began say of it; `hours` are those in which it went on."""
    since = [row for row in quarters if row["last_ts"] >= line["started_at"]]
    calls = sum(row["calls"] for row in hours)
    if not since or not calls:
        return Ended(line["ended_at"], False)
    if line["kind"] in _OFTEN and line["excess_usd"] is None:
        return Ended(line["ended_at"], False)  # dollars do not say, where they are unknown
    if line["kind"] in _FAILING:
        at = _last(since, _fails(line, _FAILING[line["kind"]]))
    elif line["kind"] in _OFTEN:
        at = _last(since, _is_too_much(line, hours))
    else:
        at = _change(line, since, hours)
    if at is None:
        return Ended(line["ended_at"], False)
    last = since[at]["last_ts"] if at >= 0 else line["started_at"]
    quiet = now - last
    patience = max(_CALM, 5 * timedelta(hours=len(hours)) / calls)
    is_calm = sum(row["calls"] for row in since[at + 1 :]) >= _CALLS or quiet >= patience
    return Ended(last, is_calm and quiet >= _CALM)


def _last(quarters: Sequence[Row], is_bad: Callable[[Row], bool]) -> int:
    """Index of the last bad quarter; -1 when there is none."""
    return max((n for n, row in enumerate(quarters) if is_bad(row)), default=-1)


def _fails(line: Row, name: str) -> Callable[[Row], bool]:
    share = line["actual"] if line["unit"].startswith("share of ") and line["actual"] else 0.0
    return lambda row: row[name] > row["calls"] * share / 2


def _is_too_much(line: Row, hours: Sequence[Row]) -> Callable[[Row], bool]:
    """More than half way from the usual dollars of a quarter to those of the trouble."""
    usd = sum(float(row["usd"] or 0) for row in hours)
    limit = (usd - float(line["excess_usd"]) / 2) / len(hours) / 4
    return lambda row: float(row["usd"] or 0) > limit


def _change(line: Row, quarters: Sequence[Row], hours: Sequence[Row]) -> int | None:
    """Index of the last quarter before calls went back to their usual cost; None: not known."""
    usd = sum(float(row["usd"] or 0) for row in hours)
    calls = sum(row["costing"] for row in hours)
    usual = usd - float(line["excess_usd"] or 0)
    if not calls or not 0 < usual < usd:
        return None
    growth = log(usd / usual)
    mean = sum(row["log_usd"] for row in hours) / calls
    spread = sum(row["log_usd_sq"] for row in hours) / calls - mean * mean
    limit, weight = mean - growth / 2, growth / max(spread, _SPREAD)
    best, at, evidence = 0.0, len(quarters) - 1, 0.0
    for n in range(len(quarters) - 1, -1, -1):
        row = quarters[n]
        evidence += weight * (row["costing"] * limit - row["log_usd"])
        if evidence > best:
            best, at = evidence, n - 1
    return at if best >= _ENOUGH else len(quarters) - 1
