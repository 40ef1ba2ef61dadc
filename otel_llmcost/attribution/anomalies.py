# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Why a feature cost more than usual: the parts of an anomaly's excess."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from otel_llmcost.attribution.price_volume_mix import Key, Used, split

_DIGITS = Decimal("1E-12")


def split_excess(
    usage: Sequence[Mapping[str, Any]], hours: float, *, more_calls: bool
) -> dict[str, Decimal]:
    """Parts of what the recent rows of query `detect_usage` cost beyond the normal ones, USD.

    They add up to the excess to the last digit; parts of 0 are left out. With `more_calls` the
    excess is over as many hours as usual, so that calls that should not have been made count; else
    over as many calls. Empty when there is nothing priced to compare.
    """
    recent = [row for row in usage if row["is_recent"]]
    normal = [row for row in usage if not row["is_recent"]]
    calls, usual = sum(row["calls"] for row in recent), sum(row["calls"] for row in normal)
    if not calls or all(row["usd"] is None for row in recent):
        return {}
    scale = _scale(normal, hours, calls / usual if usual else 0.0, more_calls=more_calls)
    before = {_key(row): _used(row, scale) for row in normal} if scale else {}
    after = {_key(row): _used(row, 1.0) for row in recent}
    sums: dict[str, Decimal] = {}
    for parts in split(before, after).values():
        for name, value in parts.items():
            sums[name] = sums.get(name, Decimal(0)) + value
    if more_calls:
        _take_retries(sums, recent, normal, scale)
    elif usual:
        _take_reasoning(sums, recent, normal, calls / usual)
    return {name: value for name, value in sums.items() if value}


def _scale(
    normal: Sequence[Mapping[str, Any]], hours: float, growth: float, *, more_calls: bool
) -> float:
    if not normal or not more_calls:
        return growth
    # An hour that has hardly begun is still an hour of calls.
    return max(hours, 1.0) / max(1, max(row["hours"] for row in normal))


def _take_retries(
    sums: dict[str, Decimal],
    recent: Sequence[Mapping[str, Any]],
    normal: Sequence[Mapping[str, Any]],
    scale: float,
) -> None:
    """Replies to repeated requests are more calls than usual for a reason of their own."""
    more = sum(row["retried_usd"] for row in recent) - scale * sum(
        row["retried_usd"] for row in normal
    )
    retries = min(Decimal(repr(more)).quantize(_DIGITS), sums.get("volume", Decimal(0)))
    if retries > 0:
        sums["retries"] = retries
        sums["volume"] -= retries


def _take_reasoning(
    sums: dict[str, Decimal],
    recent: Sequence[Mapping[str, Any]],
    normal: Sequence[Mapping[str, Any]],
    growth: float,
) -> None:
    """Of what longer replies cost, the share of more reasoning in them."""
    longer, reasoned = (
        sum(row[part] for row in recent) - growth * sum(row[part] for row in normal)
        for part in ("output", "reasoning")
    )
    output = sums.get("output", Decimal(0))
    if output > 0 and longer > 0 and reasoned > 0:
        share = Decimal(repr(min(1.0, reasoned / longer)))
        sums["reasoning"] = (output * share).quantize(_DIGITS)
        sums["output"] = output - sums["reasoning"]


def _key(row: Mapping[str, Any]) -> Key:
    return "", row["provider"], row["model"], ""


def _used(row: Mapping[str, Any], scale: float) -> Used:
    usd = Decimal(0) if row["usd"] is None else row["usd"]
    return Used(
        replies=(row["calls"] - row["unpriced_calls"]) * scale,
        unpriced=row["unpriced_calls"],
        usd=usd if scale == 1 else (usd * Decimal(repr(scale))).quantize(_DIGITS),
        tokens=(
            row["input"] * scale,
            row["cache_read"] * scale,
            row["cache_write"] * scale,
            row["output"] * scale,
        ),
        token_usd=(
            row["input_usd"] * scale,
            row["cache_read_usd"] * scale,
            row["cache_write_usd"] * scale,
            row["output_usd"] * scale,
        ),
    )
