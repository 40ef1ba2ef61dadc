# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A second engine, straight from the facts: what some tokens cost, by nothing but look-up."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import NamedTuple

FACTS = Path(__file__).parent.parent / "data" / "prices_facts.csv"
MILLION = Decimal(1_000_000)
PREFIX = {"standard": "", "window_2h": "", "window_8h": ""}
FREE_WRITES = ("cache_write_30m", "cache_write_12h")


class Fact(NamedTuple):
    """One row of the facts."""

    provider: str
    patterns: list[str]
    component: str
    price: Decimal
    start: dt.date
    end: dt.date | None

    def names(self, model: str) -> bool:
        return any(fnmatchcase(model, pattern) for pattern in self.patterns)

    def holds(self, day: dt.date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


def _read() -> list[Fact]:
    with FACTS.open(encoding="utf-8", newline="") as file:
        return [
            Fact(
                row["provider"],
                row["model_pattern"].split("|"),
                row["component"],
                Decimal(row["usd_per_million_or_unit"]),
                dt.date.fromisoformat(row["effective_from"]),
                dt.date.fromisoformat(row["effective_to"]) if row["effective_to"] else None,
            )
            for row in csv.DictReader(file)
        ]


ROWS = _read()


def models(provider: str, component: str = "input") -> list[str]:
    """Every model pattern that has such a price, in the order of the facts."""
    rows = [row for row in ROWS if (row.provider, row.component) == (provider, component)]
    return list(dict.fromkeys(pattern for row in rows for pattern in row.patterns))


def edges(provider: str, model: str) -> list[dt.date]:
    """Days on which some token price of the model changes, and the days before."""
    rows = [row for row in ROWS if row.provider == provider and row.names(model)]
    own = [row for row in rows if row.component.endswith(("input", "cache_read"))]
    days = {row.start for row in own} | {row.end for row in own if row.end}
    return sorted(day - dt.timedelta(days=back) for day in days for back in (0, 1))


@cache
def price(provider: str, model: str, component: str, day: dt.date) -> Decimal | None:
    """The listed price; a model's own row wins over a pattern."""
    rows = [
        row
        for row in ROWS
        if (row.provider, row.component) == (provider, component)
        and row.names(model)
        and row.holds(day)
    ]
    own = [row for row in rows if model in row.patterns] or rows
    assert len({row.price for row in own}) <= 1, (model, component, day)
    return own[0].price if own else None


def bill(
    provider: str,
    model: str,
    day: dt.date,
    tokens: Mapping[str, int],
    mode: str = "standard",
    factor: str = "1",
) -> Decimal | None:
    """What these tokens cost; None when one of them has no price."""
    threshold = price(provider, model, "long_context_threshold", day)
    prompt = sum(count for bucket, count in tokens.items() if not bucket.startswith("output"))
    prefix = PREFIX.get(mode, f"{mode}_")
    if threshold is not None and prompt > threshold:
        prefix += "long_"
    product = Decimal(factor)
    if mode.startswith("window"):
        window = price(provider, model, f"background_completion_{mode}_multiplier", day)
        if window is None:
            return None
        product *= window
    if price(provider, model, f"{prefix}input", day) is None:
        return None
    writes_are_free = price(provider, model, "cache_write_30m", day) is None
    total = Decimal(0)
    for bucket, count in tokens.items():
        as_input = bucket in FREE_WRITES and writes_are_free
        rate = price(provider, model, prefix + ("input" if as_input else bucket), day)
        if count and rate is None:
            return None
        total += count * (rate or 0) * product / MILLION
    return total
