# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from otel_llmcost.pricing import rate
from otel_llmcost.store import Store
from otel_llmcost.usage import Charge, Usage
from tests.cli.calls import add, call
from tests.cli.conftest import Command, rows

JSON = ("--format", "json")
NOW = dt.datetime.now(dt.UTC)
USED = {"input": 4000, "cache_read": 1000, "output": 600}


def usage(model: str = "claude-opus-5", mode: str = "standard", **buckets: int) -> Usage:
    charge = Charge(model=model, buckets=buckets or USED)
    return Usage(provider="anthropic", model=model, mode=mode, charges=(charge,))


def cost(one: Usage) -> Decimal:
    total = rate(one, NOW).total
    assert total is not None
    return total


def stored(one: Usage, **more: Any) -> dict[str, Any]:
    buckets = dict(one.charges[0].buckets)
    return call(
        hours_ago=0.1, usd=str(cost(one)), model=one.model, mode=one.mode, other_usage=buckets,
        output_tokens=buckets.get("output", 0), **more,
    )  # fmt: skip


def levers(cli: Command) -> dict[str, dict[str, Any]]:
    return {row["lever"]: row for row in rows(cli("savings", *JSON))}


def test_batch_is_the_same_calls_at_batch_prices(cli: Command, embedded_store: Store) -> None:
    one = usage()
    add(embedded_store, stored(one), stored(one), stored(one, ttft_ms=300))
    found = levers(cli)["batch"]
    saving = 2 * (cost(one) - cost(dataclasses.replace(one, mode="batch")))
    assert found["calls"] == 2  # the streamed one has somebody waiting
    assert found["saving_usd"] == pytest.approx(float(saving), abs=0)
    assert found["saving_low_usd"] == found["saving_usd"]


def test_the_next_cheaper_family_is_asked_for_short_answers_only(
    cli: Command, embedded_store: Store
) -> None:
    short = usage(input=4000, output=100)
    add(embedded_store, stored(short, ttft_ms=1), stored(usage(), ttft_ms=1))
    found = levers(cli)["cheaper_model"]
    assert found["calls"] == 1
    assert found["needs_quality_check"] == "yes"
    assert found["saving_low_usd"] == 0
    assert 0 < found["cost_after_usd"] < found["cost_usd"]


def test_a_repeated_request_is_saved_but_its_first_call_is_not(
    cli: Command, embedded_store: Store
) -> None:
    one = usage()
    same = {"request_fingerprint": "f1", "ttft_ms": 1}
    add(embedded_store, *(stored(one, **same) for _ in range(3)))
    add(embedded_store, stored(one, request_fingerprint="f2", ttft_ms=1))
    found = levers(cli)["duplicate_requests"]
    assert found["calls"] == 2
    assert found["saving_usd"] == pytest.approx(float(2 * cost(one)), abs=0)


def test_the_plan_takes_one_lever_for_each_feature_and_model(
    cli: Command, embedded_store: Store
) -> None:
    one = usage(input=4000, output=100)
    add(embedded_store, stored(one, request_fingerprint="f"), stored(one, request_fingerprint="f"))
    result = cli("savings", *JSON)
    found = rows(result)
    assert len(found) >= 3
    planned = [row for row in found if row["in_plan"] == "yes"]
    assert len(planned) == 1
    assert planned[0]["saving_usd"] == max(row["saving_usd"] for row in found)


def test_what_is_unpriced_or_bills_several_models_gives_no_figure(
    cli: Command, embedded_store: Store
) -> None:
    add(embedded_store, call(usd=None), stored(usage(), usage_items='[{"model":"x"}]'))
    result = cli("savings", *JSON)
    assert rows(result) == []
    assert "no call carries a fingerprint" in result.stderr


def test_explain_prints_the_sql(cli: Command) -> None:
    result = cli("savings", "--explain")
    assert "savings_between" in result.stdout
    assert "rate_dict" in result.stdout
