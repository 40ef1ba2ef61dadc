# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What the emulated providers charge: their own price list and their own arithmetic.

Deliberately shares nothing with `otel_llmcost.pricing`: the ledger is the invoice our costs are
checked against, and a check that computes with the same code proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

MILLION = 1_000_000
SEARCH_FEE = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Price:
    """USD per million tokens. A price of None means the model does not charge that separately."""

    provider: str
    uncached: str
    output: str = "0"
    read: str | None = None
    write: str | None = None
    write_long: str | None = None
    cache_from: int = 1024
    """Shortest prompt prefix the provider caches."""
    reasoning: bool = False
    us_geo: bool = False
    """Whether inference kept in the US costs 10 % more."""
    tiers: dict[str, str] = field(default_factory=dict[str, str])
    """Multiplier per service tier; a tier that is missing here is served as standard."""
    batch: str = "0.5"
    """Multiplier of what comes through the Batch API."""


FLEX_AND_FAST = {"flex": "0.5", "priority": "2"}

PRICES = {
    "claude-opus-5-5": Price("anthropic", "4", "20", "0.20", "5", "8", 512, us_geo=True),
    "claude-sonnet-5-5": Price("anthropic", "2", "10", "0.10", "2.5", "4", 512, us_geo=True),
    "claude-haiku-5-5": Price(
        "anthropic", "0.10", "0.50", "0.01", "0.125", "0.20", 512, us_geo=True
    ),
    "claude-haiku-4-5": Price("anthropic", "1", "5", "0.10", "1.25", "2", 4096),
    "gpt-6.2-sol": Price(
        "openai", "2", "10", "0.10", "2.50", "5", reasoning=True, tiers={"priority": "2"}
    ),
    "gpt-6.1-sol": Price(
        "openai", "2", "10", "0.10", "2.50", "5", reasoning=True, tiers=FLEX_AND_FAST
    ),
    "gpt-6.1-terra": Price(
        "openai", "1", "5", "0.05", "1.25", "2.50", reasoning=True, tiers=FLEX_AND_FAST
    ),
    "gpt-6-luna": Price(
        "openai", "0.10", "0.50", "0.01", "0.125", "0.25", reasoning=True, tiers=FLEX_AND_FAST
    ),
    "gpt-5-mini": Price("openai", "0.25", "2", "0.025", reasoning=True),
    "gpt-4.1-mini": Price("openai", "0.40", "1.60", "0.10"),
    "text-embedding-3-small": Price("openai", "0.02"),
    # Served and billed, but on no public price list: what a cost tool must leave unpriced.
    "claude-unlisted-1": Price("anthropic", "7", "35", "0.70", "8.75", "14", 512),
    "gpt-unlisted-1": Price("openai", "7", "35", "0.70"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledUsage:
    """What one reply consumed; the five token counts are disjoint."""

    model: str
    uncached: int = 0
    read: int = 0
    write: int = 0
    write_long: int = 0
    output: int = 0
    searches: int = 0
    tier: str = "standard"
    geo: str | None = None


def charge(billed: BilledUsage) -> Decimal:
    """USD this reply costs, exact."""
    price = PRICES[billed.model]
    per_million = (
        billed.uncached * Decimal(price.uncached)
        + billed.read * Decimal(price.read or 0)
        + billed.write * Decimal(price.write or 0)
        + billed.write_long * Decimal(price.write_long or 0)
        + billed.output * Decimal(price.output)
    )
    if billed.geo == "us":
        per_million *= Decimal("1.1")
    tiers = {**price.tiers, "batch": price.batch}
    per_million *= Decimal(tiers.get(billed.tier, "1"))
    return per_million / MILLION + billed.searches * SEARCH_FEE
