# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Costs in the columns of FOCUS, the FinOps Open Cost and Usage Specification.

The dataset is Cost and Usage as of FOCUS 1.3, which has ServiceProviderName and HostProviderName in
the place of ProviderName and PublisherName: its mandatory columns and those conditional ones that
calls have, in alphabetical order, then columns of our own (`x_…`), as the specification requires.

One rule is broken on purpose: BilledCost is empty, because only an invoice has it. EffectiveCost
is the contracted cost, which is the list cost where no contract is configured.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Set
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from otel_llmcost import schema
from otel_llmcost.providers import provider_named
from otel_llmcost.reports.diagnosis import why_empty
from otel_llmcost.reports.formatting import calls, usd
from otel_llmcost.reports.report import Column, Query, Report, Row, records
from otel_llmcost.reports.window import Window
from otel_llmcost.timezones import midnight

VERSION = "1.3"
COLUMNS = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
    "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency",
    "ChargePeriodEnd", "ChargePeriodStart", "ConsumedQuantity", "ConsumedUnit", "ContractedCost",
    "ContractedUnitPrice", "EffectiveCost", "HostProviderName", "InvoiceIssuerName", "ListCost",
    "ListUnitPrice", "PricingCategory", "PricingQuantity", "PricingUnit", "ServiceCategory",
    "ServiceName", "ServiceProviderName", "ServiceSubcategory", "SkuId", "SkuMeter",
    "SkuPriceDetails", "SkuPriceId", "Tags", "x_Calls", "x_Model", "x_TokenType",
)  # fmt: skip

_UNITS = {"characters": "Characters", "audio_second": "Seconds", "request": "Requests"}


def focus(query: Query, window: Window, *, account: str = "unknown") -> Report:
    """One row per day, price and allocation of a window; `account` is the billing account's id.

    The note says what FOCUS cannot hold: calls of unknown cost, and what SQL cannot price.
    """
    (recorded,) = records(query(schema.query("export_recorded"), window.parameters()))
    priced = set(recorded["priced_days"])
    found = [row for day in _days(window, priced) for row in _of_day(query, day)]
    rows = [_row(row, account, window.zone) for row in found]
    return Report(
        title=f"FOCUS {VERSION}, {window}",
        columns=tuple(Column(name, "raw") for name in COLUMNS),
        rows=rows,
        note="\n".join(_notes(query, window, found, recorded)),
    )


def _days(window: Window, priced: Set[date]) -> Iterator[Window]:
    """The days with priced calls: a month of bills at once would not fit into memory."""
    since, end = window.since, min(window.until or datetime.now(UTC), datetime.now(UTC))
    while since < end:
        # By the clock: the next midnight of the zone, after 23, 24 or 25 hours.
        until = min(since + timedelta(days=1), end)
        ends = (since, until - datetime.resolution)
        if not priced.isdisjoint(end.astimezone(window.zone).date() for end in ends):
            yield Window(since, until, window.filters, zone=window.zone)
        since = until


def _of_day(query: Query, day: Window) -> list[dict[str, Any]]:
    return records(query(schema.query("export_focus"), day.parameters()))


def _row(row: Mapping[str, Any], account: str, zone: tzinfo) -> Row:
    provider = provider_named(row["provider"])
    seller, service = provider.company or provider.name, provider.service or provider.name
    day, bucket = row["day"], str(row["bucket"])
    unit = _UNITS.get(bucket, "Requests" if bucket.endswith("_call") else "Tokens")
    quantity, contracted = row["quantity"], row["contracted_cost"]
    sku = "/".join((row["provider"], row["model"], bucket))
    price = "/".join((sku, row["mode"], row["context"], _plain(row["geo"])))
    month_end = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    values = {
        "BilledCost": None,
        "BillingAccountId": account,
        "BillingAccountName": None,
        "BillingCurrency": "USD",
        "BillingPeriodStart": _midnight(day.replace(day=1), zone),
        "BillingPeriodEnd": _midnight(month_end, zone),
        "ChargeCategory": "Usage",
        "ChargeClass": None,
        "ChargeDescription": f"{service}, {row['model']}: {bucket.replace('_', ' ')}",
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodStart": _midnight(day, zone),
        "ChargePeriodEnd": _midnight(day + timedelta(days=1), zone),
        "ConsumedQuantity": _plain(quantity),
        "ConsumedUnit": unit,
        "ContractedCost": _plain(contracted),
        "ContractedUnitPrice": _each(contracted, quantity),
        "EffectiveCost": _plain(contracted),
        "HostProviderName": seller,
        "InvoiceIssuerName": seller,
        "ListCost": _plain(row["list_cost"]),
        "ListUnitPrice": _plain(row["unit_price"] * row["mode_factor"] * row["geo"]),
        "PricingCategory": "Standard",
        "PricingQuantity": _plain(quantity),
        "PricingUnit": unit,
        "ServiceCategory": "AI and Machine Learning",
        "ServiceName": service,
        "ServiceProviderName": seller,
        "ServiceSubcategory": "Generative AI",
        "SkuId": sku,
        "SkuMeter": bucket.replace("_", " ").title(),
        "SkuPriceDetails": json.dumps(
            {"x_Mode": row["mode"], "x_Context": row["context"], "x_Geography": _plain(row["geo"])}
        ),
        "SkuPriceId": price,
        "Tags": json.dumps(
            {n: row[n] for n in ("feature", "team", "environment", "service") if row[n]},
            ensure_ascii=False,
        ),
        "x_Calls": row["calls"],
        "x_Model": row["model"],
        "x_TokenType": bucket,
    }
    return tuple(values[name] for name in COLUMNS)


def _notes(
    query: Query, window: Window, found: list[dict[str, Any]], recorded: Mapping[str, Any]
) -> list[str]:
    if not recorded["calls"]:
        return [why_empty(query, window, "calls")]
    notes: list[str] = []
    if recorded["unpriced_calls"]:
        notes.append(
            f"Left out: {calls(recorded['unpriced_calls'])} of unknown cost. FOCUS allows "
            "no empty cost."
        )
    exported = sum((row["list_cost"] for row in found), Decimal(0))
    missing = (recorded["cost_usd"] or Decimal(0)) - exported
    if abs(missing) > Decimal("1E-9"):
        notes.append(
            f"ListCost adds up to {usd(exported)}, recorded were {usd(recorded['cost_usd'])}: "
            "prices changed since, or a line cannot be priced in SQL (`otel-llmcost reprice`)."
        )
    notes.append("BilledCost is empty: only the provider's invoice has it.")
    return notes


def _each(amount: Decimal, quantity: Decimal) -> str | None:
    if not quantity:
        return None
    return _plain((amount / quantity).quantize(Decimal("1E-18")))


def _plain(value: Decimal) -> str:
    """All digits, no exponent, no trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _midnight(day: date, zone: tzinfo) -> str:
    """FOCUS has times in UTC only."""
    return f"{midnight(day, zone).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
