# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""SQL prices a record as Python did, to the last digit."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otel_llmcost.pricing import PriceBook, rate
from otel_llmcost.pricing.groups import BUCKETS, MODES
from otel_llmcost.pricing.rates import GEO_PREFIX, KNOWN_MODEL, rates
from otel_llmcost.store import Store
from otel_llmcost.usage import Charge, Cost, Usage
from tests.pricing.billing_cases import load, price
from tests.pricing.models import (
    ANTHROPIC,
    ON_CLOUDS,
    OPENAI,
    claudes,
    claudes_on_clouds,
    gpts,
    noon,
)
from tests.schema.sql_bill import Bill, bills
from tests.support.embedded import empty

pytestmark = pytest.mark.slow

ON_SALE = sorted(
    {(row.provider, row.model.replace(":*", ":acme::1")) for row in rates(PriceBook.default())}
)
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
YEAR_BEGAN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
DAYS = st.integers(0, 360 * 86_400).map(lambda seconds: YEAR_BEGAN + dt.timedelta(seconds=seconds))
COUNTS = st.one_of(st.integers(0, 1000), st.integers(100_000, 400_000), st.integers(0, 10**9))
SECONDS = st.decimals(min_value=0, max_value=10_000, places=3)


def agree(cost: Cost, bill: Bill) -> None:
    assert bill.total == cost.total, (cost.reason, bill.reasons)
    if cost.total is not None:
        assert {g: a for g, a in bill.groups.items() if a} == {
            g: a for g, a in cost.by_group().items() if a
        }


@pytest.fixture
def priced_store(embedded_store: Store) -> Store:
    embedded_store.refresh()
    return embedded_store


def test_every_worked_bill_that_attributes_can_carry_is_the_same_in_sql(priced_store: Store):
    worked = {number: price(case.values[0]) for number, case in enumerate(load())}
    found = bills(priced_store, worked)
    reported = 0
    for number, (cost, _) in worked.items():
        if cost.status in ("unpriced", "not_billed"):
            continue  # nothing to price: the reader said so, and SQL leaves such records alone
        agree(cost, found[number])
        reported += 1
    assert reported >= 80


def test_a_place_that_raises_the_price_of_one_model_and_not_of_another(priced_store: Store):
    """An advisor or an image tool may be older than the uplift, or newer (A11, O11)."""
    costs = {
        number: (rate(two_models(*models), NOON), NOON)
        for number, models in enumerate(
            [
                ("anthropic", "us", "claude-opus-5-5", "claude-haiku-4-5"),
                ("anthropic", "us", "claude-haiku-4-5", "claude-opus-5-5"),
                ("openai", "regional", "gpt-5.4", "gpt-image-1.5"),
                ("openai", "regional", "gpt-5.2", "gpt-image-2"),
            ]
        )
    }
    found = bills(priced_store, costs)
    for number, (cost, _) in costs.items():
        assert any(line.multipliers for line in cost.lines)
        assert not all(line.multipliers for line in cost.lines)
        agree(cost, found[number])


def two_models(provider: str, geo: str, first: str, second: str) -> Usage:
    charges = tuple(Charge(model=model, buckets={"input": 1000}) for model in (first, second))
    return Usage(provider=provider, model=first, geo=geo, charges=charges)


def test_every_model_before_and_after_a_change_is_priced_alike(priced_store: Store):
    kinds = [(claudes, ANTHROPIC), (claudes_on_clouds, ON_CLOUDS), (gpts, OPENAI)]
    reported = [one for price_all, models in kinds for model in models for one in price_all(model)]
    known = [(cost, noon(case[0])) for case, cost, _ in reported if cost.lines]
    costs = dict(enumerate(random.Random(4).sample(known, 1500)))
    found = bills(priced_store, costs)
    for number, (cost, _) in costs.items():
        agree(cost, found[number])


@given(data=st.data())
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
def test_any_usage_of_any_model_is_priced_alike(priced_store: Store, data: st.DataObject):
    empty(priced_store)
    usages = data.draw(st.lists(st.tuples(any_usage(), DAYS), min_size=20, max_size=20))
    costs = {number: (rate(usage, at), at) for number, (usage, at) in enumerate(usages)}
    found = bills(priced_store, costs)
    for number, (cost, _) in costs.items():
        if cost.usage and any(q for c in cost.usage.charges for q in c.buckets.values()):
            agree(cost, found[number])


@st.composite
def any_usage(draw: st.DrawFn) -> Usage:
    provider, model = draw(st.sampled_from(ON_SALE))
    buckets = {
        bucket: draw(SECONDS if bucket == "audio_second" else COUNTS)
        for bucket in draw(
            st.lists(st.sampled_from(sorted(BUCKETS)), min_size=1, max_size=4, unique=True)
        )
    }
    if draw(st.booleans()):  # most models sell just these
        buckets = {bucket: draw(COUNTS) for bucket in ("input", "cache_read", "output")}
    return Usage(
        provider=provider,
        model=model,
        mode=draw(st.sampled_from(MODES)),
        geo=draw(st.sampled_from([None, None, "us", "regional", "data_zone"])),
        charges=(Charge(model=model, buckets={b: q for b, q in buckets.items() if q}),),
    )


def test_the_exact_id_wins_over_a_pattern_and_an_unknown_model_has_no_price(priced_store: Store):
    at = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
    children = [model for _, model in ON_SALE if model.endswith(":acme::1")]
    assert children
    names = [children[0], "unknown-1", "gpt-"]
    costs = {
        number: (
            rate(
                Usage(
                    provider="openai", model=n, charges=(Charge(model=n, buckets={"input": 10}),)
                ),
                at,
            ),
            at,
        )
        for number, n in enumerate(names)
    }
    found = bills(priced_store, costs)
    assert found[0].total == costs[0][0].total is not None
    assert found[1] == found[2]
    assert found[1].total is None
    assert found[1].reasons == {"unknown_model"}


def test_prices_have_no_more_digits_than_sql_keeps():
    for row in rates(PriceBook.default()):
        decimals = -int(row.product_usd.normalize().as_tuple().exponent)
        assert decimals <= (6 if row.bucket.startswith(GEO_PREFIX) else 24)


def test_each_model_is_known_once_a_day():
    seen: dict[tuple[str, str], dt.date | None] = {}
    for row in rates(PriceBook.default()):
        if row.bucket == KNOWN_MODEL:
            before = seen.get((row.provider, row.model), row.valid_from)
            assert before is not None
            assert before <= row.valid_from
            seen[row.provider, row.model] = row.valid_to
