# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What a reply used and what it costs: the plain data every layer hands on.

`Usage` is read from provider JSON by `providers`, `Cost` is computed from it by `pricing`.
Unknown is `None`, never 0. Quantities are whole numbers or `Decimal`; money is `Decimal` USD.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Literal, NamedTuple, TypeVar, dataclass_transform

Quantity = int | Decimal
Status = Literal["priced", "partial", "estimated", "unpriced", "not_billed"]
Group = Literal["input", "cache_read", "cache_write", "output", "tools"]

EXACT = Context(prec=100, rounding=ROUND_HALF_EVEN, traps=[])
"""Arithmetic for money, whatever the application did to its own decimal context."""


_T = TypeVar("_T")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def _plain_data(cls: type[_T]) -> type[_T]:
    # Frozen for the type checker only: at run time `frozen=True` makes the three classes that
    # every call creates three times as slow.
    return dataclass(slots=True, kw_only=True)(cls)


@_plain_data
class Charge:
    """One model's part of a reply; advisor, compaction, fallback and image tools add more."""

    model: str | None
    """Model that is billed, as the provider names it; None when the reply does not say."""
    buckets: Mapping[str, Quantity]
    """Disjoint billable quantities (`input`, `cache_read`, `output`, …), see `pricing.BUCKETS`."""
    provider: str | None = None
    """Who bills this part when it is not the reply's own provider."""
    mode: str | None = None
    """Mode this part was served in when it is not the reply's own."""
    declined: str | None = None
    """Set when this attempt was refused before any output: the category given, or `none`.

    Whether such an attempt is billed depends on the day (anthropic 15).
    """


@_plain_data
class Usage:
    """What one reply reported; totals contain their subsets, as OTel's `gen_ai.usage.*` do."""

    provider: str
    """`gen_ai.provider.name` of who bills."""
    model: str | None = None
    """Model of the reply, else of the request."""
    response_id: str | None = None
    """The provider's id of the reply."""
    finish_reasons: tuple[str, ...] = ()
    """Why the output ended, in the provider's words."""
    input_tokens: int | None = None
    """All input tokens, cached and written ones included; None when the reply did not say."""
    cache_read_tokens: int | None = None
    """The part of `input_tokens` that was read from a cache."""
    cache_write_tokens: int | None = None
    """The part of `input_tokens` that was written to a cache."""
    cache_write_long_tokens: int | None = None
    """The 1 h / 12 h part of `cache_write_tokens`."""
    output_tokens: int | None = None
    """All output tokens, reasoning included; None when the reply did not say."""
    reasoning_tokens: int | None = None
    """The part of `output_tokens` that was spent on reasoning."""
    charges: tuple[Charge, ...] = ()
    """What is billed, model by model."""
    mode: str = "standard"
    """`standard|batch|flex|fast|ultrafast|window_2h|window_8h`, as served, not as requested."""
    geo: str | None = None
    """Geography that prices differently: `us`, `regional`, `data_zone`; `unknown` when only the
    client could have said it and did not; None = global."""
    reason: str | None = None
    """Why this usage cannot be priced, or only as a lower bound or estimate; None = exact.

    unpriced: `no_usage invalid_usage contradictory_usage ambiguous_usage unknown_host unknown_model
    no_price_on_date unknown_tier unknown_region unknown_bucket unknown_iteration
    committed_capacity`; partial: `no_output_usage container_time unmetered_tool session_time
    unknown_context`; estimated:
    `unknown_sku announced_price secondary_source undocumented_fee cache_ttl_split no_output_split
    inference_profile committed_capacity unknown_iteration unexplained_tokens unknown_usage_field
    unknown_refusal several_models session_usage`; not_billed: `refusal http_error
    paid_by_customer`.
    """
    status: Status = "priced"
    """What the cost of this usage can be at best."""
    reported_cost: Decimal | None = None
    """USD that the server says the reply costs, such as a gateway's; never part of our own cost."""
    sums_replies: bool = False
    """Whether the counts are sums over several replies: then no prompt's size is known."""


class Line(NamedTuple):
    """One line of a bill: `quantity x unit_price x multipliers`, rounded to 12 decimals."""

    bucket: str
    """What is billed: `input`, `cache_read`, `output`, `web_search_call`, …"""
    group: Group
    """Which of the five parts of a cost the bucket belongs to."""
    model: str | None
    """Model that is billed; None when the reply does not say."""
    quantity: Quantity
    """How many units."""
    unit_price: Decimal
    """USD per single unit (token, call, minute, character)."""
    amount: Decimal
    """USD of the line."""
    multipliers: tuple[tuple[str, Decimal], ...] = ()
    """Name and factor of each, such as `geo` and 1.1."""
    source: str | None = None
    """URL the price was read from."""
    rule: str | None = None
    """Numbers of the rules behind it in docs/explanation/pricing-rules.md: `anthropic 2, 6, 11`."""
    component: str | None = None
    """Price component used: the bucket with its mode and context, e.g. `batch_long_input`."""


@_plain_data
class Cost:
    """List cost of one reply. `total` is None when it is unknown, 0 only when nothing is billed."""

    total: Decimal | None
    """USD; the sum of the lines. None when it is unknown, 0 only when nothing is billed."""
    status: Status
    """How sure the total is; `priced` is exact."""
    reason: str | None = None
    """Why the status is what it is; None when it is `priced`. `Usage.reason` has the words."""
    lines: tuple[Line, ...] = ()
    """What the total is made of."""
    version: str | None = None
    """Version of the price book that was used."""
    context: str | None = None
    """`short|long` where the model has a long-context price; None where it has not."""
    geo_multiplier: Decimal | None = None
    """Factor of the geography; None when the place makes no difference."""
    contracted: Decimal | None = None
    """After the user's own rate card; None when none is configured."""
    usage: Usage | None = field(default=None, repr=False)
    """What was read from the reply; None when it could not be read."""

    def by_group(self) -> dict[Group, Decimal]:
        """USD per bucket group; the values add up to `total`. Groups without a line are absent."""
        groups: dict[Group, Decimal] = {}
        for line in self.lines:
            before = groups.get(line.group)
            groups[line.group] = line.amount if before is None else EXACT.add(before, line.amount)
        return groups
