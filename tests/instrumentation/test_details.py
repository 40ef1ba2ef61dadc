# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The small form of a record says all that the record with every attribute says."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest

from otel_llmcost.instrumentation.records.details import expanded
from otel_llmcost.usage import Charge, Cost, Line, Usage
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import Api
from tests.pricing.billing_cases import load, price
from tests.support.full_records import full, small


@pytest.mark.parametrize("case", load())
def test_the_small_record_of_every_worked_bill_expands_to_all_of_it(case: dict[str, Any]) -> None:
    cost, _ = price(case)
    assert expanded(small(cost, 7)) == full(cost, 7)


@pytest.mark.parametrize("status", ["partial", "estimated"])
@pytest.mark.parametrize("total", [None, Decimal("0.0012")])
def test_a_bound_keeps_the_geography_that_its_price_has(status: Any, total: Decimal | None) -> None:
    usage = Usage(provider="anthropic", model="m", input_tokens=3, output_tokens=None)
    cost = Cost(total=total, status=status, version="v", geo_multiplier=Decimal(1), usage=usage)
    lines = (Line("output", "output", "m", 1, Decimal("0.0012"), Decimal("0.0012")),)
    cost = dataclasses.replace(cost, lines=lines if total else ())
    assert expanded(small(cost, 7, "truncated")) == full(cost, 7, "truncated")


def test_a_reply_whose_quantities_are_unknown_gets_none_from_its_token_counts() -> None:
    usage = Usage(provider="x", model="m", input_tokens=3, output_tokens=5, status="unpriced")
    cost = Cost(total=None, status="unpriced", reason="unknown_tier", version="v", usage=usage)
    assert expanded(small(cost, 7)) == full(cost, 7)


def test_a_cost_beyond_what_a_double_holds_names_every_group() -> None:
    amounts = {"input": Decimal("1234.123456789012"), "output": Decimal("0.000000000001")}
    usage = Usage(
        provider="x",
        model="m",
        input_tokens=3,
        output_tokens=5,
        charges=(Charge(model="m", buckets={"input": 3, "output": 5}),),
    )
    lines = tuple(Line(g, g, "m", 1, amount, amount) for g, amount in amounts.items())  # pyright: ignore[reportArgumentType] - these are groups
    total = sum(amounts.values(), Decimal(0))
    cost = Cost(
        total=total,
        status="priced",
        version="v",
        geo_multiplier=Decimal(1),
        lines=lines,
        usage=usage,
    )
    assert expanded(small(cost, 7)) == full(cost, 7)


def test_a_usual_record_is_small() -> None:
    usage = Usage(
        provider="anthropic",
        model="claude-opus-5",
        response_id="msg_01XFDUDYJgAACzvnptvVoYEL",
        finish_reasons=("end_turn",),
        input_tokens=2168,
        cache_read_tokens=2048,
        cache_write_tokens=0,
        output_tokens=60,
        charges=(
            Charge(model="claude-opus-5", buckets={"input": 120, "cache_read": 2048, "output": 60}),
        ),
    )
    record = small(Cost(total=Decimal("0.002"), status="priced", version="v", usage=usage), 7)
    assert len(record) <= 17
    assert "llmcost.cost.status" not in record
    assert "usage." not in record["llmcost.details"]


async def test_every_attribute_can_be_sent_on_its_own(api: Api) -> None:
    telemetry = Telemetry().on(details=False)
    await api.create()
    (span,) = telemetry.spans
    attributes = dict(span.attributes or {})
    assert "llmcost.details" not in attributes
    assert attributes == expanded(attributes)
    assert attributes["llmcost.cost.status"] == "priced"
    assert attributes["gen_ai.usage.cost.currency"] == "USD"
