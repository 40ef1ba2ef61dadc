# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from decimal import Decimal

from otel_llmcost.billing.focus import COLUMNS
from otel_llmcost.store import Store
from tests.cli.conftest import Command
from tests.review.traffic import fill, priced, unpriced

OCTOBER = dt.datetime(2026, 10, 12, 10, tzinfo=dt.UTC)

# FinOps-Open-Cost-and-Usage-Spec/FOCUS_Spec, specification/datasets/cost_and_usage/dataset.md
MANDATORY = [
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "ContractedCost",
    "EffectiveCost",
    "HostProviderName",
    "InvoiceIssuerName",
    "ListCost",
    "PricingQuantity",
    "PricingUnit",
    "ServiceCategory",
    "ServiceName",
    "ServiceProviderName",
]
MAY_BE_NULL = {"BilledCost", "BillingAccountName", "ChargeClass"}


def exported(cli: Command, *more: str) -> list[dict[str, str]]:
    result = cli("export", "focus", "--month", "2026-10", *more)
    assert result.exit_code == 0, result.stderr
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_the_columns_are_those_of_the_specification_then_ours() -> None:
    ours = [name for name in COLUMNS if name.startswith("x_")]
    theirs = [name for name in COLUMNS if not name.startswith("x_")]
    assert set(MANDATORY) <= set(theirs)
    assert list(COLUMNS) == [*sorted(theirs), *ours]
    assert all(len(name) <= 50 for name in COLUMNS)


def test_costs_and_quantities_are_those_of_the_calls(cli: Command, embedded_store: Store) -> None:
    used = {"input": 1000, "cache_write_1h": 300, "cache_read": 5000, "web_search_call": 2}
    calls = [priced(OCTOBER, buckets=used, team="cx") for _ in range(3)]
    calls.append(priced(OCTOBER, model="gpt-5.6-terra", provider="openai", mode="batch"))
    fill(embedded_store, calls)
    rows = exported(cli)
    total = sum(Decimal(row["ListCost"]) for row in rows)
    assert total == sum(Decimal(str(call["cost_usd"])) for call in calls)
    by_type = {(row["x_Model"], row["x_TokenType"]): row for row in rows}
    read = by_type["claude-opus-5", "cache_read"]
    assert (read["ConsumedQuantity"], read["PricingUnit"]) == ("15000", "Tokens")
    assert Decimal(read["ListUnitPrice"]) * 15000 == Decimal(read["ListCost"])
    assert by_type["claude-opus-5", "web_search_call"]["ConsumedUnit"] == "Requests"
    assert json.loads(read["Tags"]) == {
        "feature": "support", "team": "cx", "environment": "prod", "service": "shop",
    }  # fmt: skip
    assert by_type["gpt-5.6-terra", "output"]["ServiceProviderName"] == "OpenAI"


def test_nothing_mandatory_is_empty_but_what_only_an_invoice_has(
    cli: Command, embedded_store: Store
) -> None:
    fill(embedded_store, [priced(OCTOBER)])
    for row in exported(cli, "--account", "acme"):
        assert all(row[name] for name in set(MANDATORY) - MAY_BE_NULL)
        assert row["BilledCost"] == ""
        assert row["BillingAccountId"] == "acme"
        for name in COLUMNS:
            if name.endswith(("PeriodStart", "PeriodEnd")):
                assert re.fullmatch(r"2026-1\d-\d\dT00:00:00Z", row[name])
        assert row["ChargePeriodStart"] < row["ChargePeriodEnd"] < row["BillingPeriodEnd"]


def test_what_is_unknown_is_left_out_and_said(cli: Command, embedded_store: Store) -> None:
    fill(embedded_store, [priced(OCTOBER), unpriced(OCTOBER, model="house-1")])
    assert {row["x_Model"] for row in exported(cli)} == {"claude-opus-5"}
    result = cli("export", "focus", "--month", "2026-10")
    assert "Left out: 1 call of unknown cost" in result.stderr
    fill(embedded_store, [priced(OCTOBER, cost_usd=Decimal(7))])
    assert "recorded were $7.01" in cli("export", "focus", "--month", "2026-10").stderr


def test_an_empty_month_has_a_header_and_says_why(cli: Command, embedded_store: Store) -> None:
    result = cli("export", "focus", "--month", "2026-10")
    assert result.stdout.strip() == ",".join(COLUMNS)
    assert "no records yet" in result.stderr
