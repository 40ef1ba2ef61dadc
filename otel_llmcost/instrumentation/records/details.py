# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The small form of a record: what other backends seldom read is one attribute, `llmcost.details`.

It is text of the form `name=value name=value`. What follows from the rest or is constant is left
out: `expanded` and, in SQL, the pipeline into `calls` say what. Half of the attributes travel.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from otel_llmcost import semconv
from otel_llmcost.pricing.groups import USUAL_WRITE
from otel_llmcost.usage import EXACT, Quantity

NAMES = {
    "version": semconv.PRICE_VERSION,
    "mode": semconv.PRICE_MODE,
    "context": semconv.PRICE_CONTEXT,
    "geo": semconv.PRICE_GEO,
    "stream": semconv.STREAM_OUTCOME,
    "request": semconv.FINGERPRINT_REQUEST,
    "prefix": semconv.FINGERPRINT_PREFIX,
}
"""Short names, and the attributes that they stand for."""
COST, USAGE = "cost.", "usage."
"""`cost.<group>` and `usage.<bucket>` are attributes of ours without `llmcost.`."""

PRICED = ("priced", "partial", "estimated")
"""Statuses of a cost that was worked out: the factor of its geography is 1 unless it says other."""
_EXACT_BELOW = 1000
"""USD up to which a double holds all twelve decimals."""


def derived_buckets(attributes: Mapping[str, Any]) -> dict[str, int]:
    """The billable quantities that follow from the standard token counts."""
    read = attributes.get(semconv.CACHE_READ_TOKENS, 0)
    written = attributes.get(semconv.CACHE_WRITE_TOKENS, 0)
    buckets = {
        "input": attributes.get(semconv.INPUT_TOKENS, 0) - read - written,
        "cache_read": read,
        USUAL_WRITE: written,
        "output": attributes.get(semconv.OUTPUT_TOKENS, 0),
    }
    return {name: quantity for name, quantity in buckets.items() if quantity}


def add_buckets(
    details: list[str], attributes: Mapping[str, Any], buckets: Mapping[str, Quantity]
) -> None:
    """Name the quantities, unless they are those that `derived_buckets` finds."""
    if buckets == derived_buckets(attributes):
        return
    named = [f"{USAGE}{name}={_text(quantity)}" for name, quantity in buckets.items() if quantity]
    details += named or [f"{USAGE}input=0"]  # nothing at all is no reason to derive something


def add_groups(details: list[str], total: Decimal, groups: Mapping[Any, Decimal]) -> None:
    """Name the parts of a cost; `output` is what the others leave of the total."""
    for group, amount in groups.items():
        if group != "output" or total >= _EXACT_BELOW:
            details.append(f"{COST}{group}={float(amount)!r}")


def expanded(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record with every attribute on its own, those included that follow from others."""
    full = dict(record)
    pairs = _pairs(full.pop(semconv.DETAILS, ""))
    for name, attribute in NAMES.items():
        if name in pairs:
            full[attribute] = _factor(pairs[name]) if name == "geo" else pairs[name]
    full.setdefault(semconv.REQUEST_STREAM, False)
    _number(full)
    if semconv.COST_AMOUNT in full:
        full |= {semconv.COST_CURRENCY: "USD", semconv.COST_SOURCE: "local"}
    if not pairs:
        return full
    status = full.setdefault(semconv.COST_STATUS, "priced")
    if semconv.COST_AMOUNT in full and status in PRICED:
        full.setdefault(semconv.PRICE_GEO, 1.0)
        _add_groups(full, {k: v for k, v in pairs.items() if k.startswith(COST)})
    if semconv.PRICE_VERSION in full or semconv.RESPONSE_MODEL in full:
        full.setdefault(semconv.PRICE_MODE, "standard")
    named = {k[len(USAGE) :]: _value(v) for k, v in pairs.items() if k.startswith(USAGE)}
    for bucket, quantity in (named or derived_buckets(full)).items():
        if quantity:
            full[semconv.USAGE_PREFIX + bucket] = quantity
    return full


def _number(full: dict[str, Any]) -> None:
    """The number of a record in its process is the second half of its id."""
    record_id = full.get(semconv.RECORD_ID, "")
    in_sequence = len(record_id) == 32 and "-" not in record_id
    full[semconv.RECORD_SEQ] = int(record_id[16:], 16) if in_sequence else 0


def _add_groups(full: dict[str, Any], groups: Mapping[str, str]) -> None:
    rest = Decimal(repr(full[semconv.COST_AMOUNT]))
    for name, amount in groups.items():
        full["llmcost." + name] = float(amount)
        rest = EXACT.subtract(rest, Decimal(amount))
    if rest and "cost.output" not in groups:
        full[semconv.COST_GROUP_PREFIX + "output"] = float(rest)


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in text.split())


def _value(text: str) -> int | float:
    return int(text) if text.lstrip("-").isdigit() else float(text)


def _factor(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:  # the name of a geography
        return text


def _text(quantity: Quantity) -> str:
    return str(quantity) if type(quantity) is int else repr(float(quantity))
