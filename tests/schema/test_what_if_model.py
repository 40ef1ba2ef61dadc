# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from decimal import Decimal

from otel_llmcost.pricing import rate
from otel_llmcost.store import Store
from otel_llmcost.usage import Charge, Usage
from tests.schema.sql_bill import as_span
from tests.support.otlp_rows import NOON, send


def usage(model: str, mode: str = "standard", **buckets: int) -> Usage:
    charge = Charge(model=model, buckets=buckets)
    return Usage(provider="anthropic", model=model, mode=mode, charges=(charge,))


def would_cost(store: Store, candidate: str) -> Decimal | None:
    return store.query(
        "SELECT sum(candidate_cost_usd) FROM llmcost.what_if_model "
        "WHERE candidate_provider = 'anthropic' AND candidate_model = {candidate:String}",
        {"candidate": candidate},
    ).rows[0][0]


def test_the_same_tokens_at_the_price_of_another_model(embedded_store: Store):
    tokens = {"input": 1000, "cache_read": 500, "cache_write_5m": 200, "output": 100}
    modes = ("standard", "batch")
    used = [usage("claude-opus-5", mode, **tokens) for mode in modes]
    send(embedded_store, [as_span(n, rate(one, NOON), NOON) for n, one in enumerate(used)])
    embedded_store.refresh()
    for candidate in ("claude-opus-5", "claude-haiku-4-5"):
        expected = [rate(usage(candidate, mode, **tokens), NOON).total for mode in modes]
        assert would_cost(embedded_store, candidate) == sum(filter(None, expected)) > 0


def test_a_candidate_that_does_not_sell_what_was_used_has_no_cost(embedded_store: Store):
    used = usage("claude-opus-5", input=1000, output=10, cache_write_1h=1)
    send(embedded_store, [as_span(1, rate(used, NOON), NOON)])
    embedded_store.refresh()
    rows = embedded_store.query(
        "SELECT candidate_cost_usd FROM llmcost.what_if_model "
        "WHERE candidate_provider = 'openai' AND candidate_model = 'text-embedding-3-small'"
    ).rows
    assert rows == [(None,)]


def test_a_name_of_a_candidate_stands_for_one_seller(embedded_store: Store):
    used = usage("claude-opus-5", input=1000, output=10)
    send(embedded_store, [as_span(1, rate(used, NOON), NOON)])
    embedded_store.refresh()
    rows = embedded_store.query(
        "SELECT candidate_model, sum(calls), sum(cost_usd), any(candidate_provider) "
        "FROM llmcost.what_if_model GROUP BY candidate_model"
    ).rows
    assert {(calls, cost) for _, calls, cost, _ in rows} == {(1, rate(used, NOON).total)}
    sellers = {name: seller for name, _, _, seller in rows}
    assert sellers["claude-haiku-4-5"] == "anthropic"
    assert sellers["gpt-5"] == "openai"
    assert sellers["aws.bedrock/claude-haiku-4-5"] == "aws.bedrock"
    names = embedded_store.query("SELECT candidate_model FROM llmcost.candidate_models").rows
    assert len(names) == len(set(names)) == len(sellers)


def test_prompts_beyond_a_candidates_threshold_pay_its_long_context_price(embedded_store: Store):
    sizes = (100_000, 250_000)
    used = [usage("claude-opus-5", input=size, output=10) for size in sizes]
    send(embedded_store, [as_span(n, rate(one, NOON), NOON) for n, one in enumerate(used)])
    embedded_store.refresh()
    rows = embedded_store.query(
        "SELECT candidate_model FROM (SELECT DISTINCT model AS candidate_model FROM llmcost.rates "
        "WHERE provider = 'anthropic' AND bucket = 'long_context_threshold' "
        "AND valid_from <= {noon:DateTime64(3)} AND valid_to > {noon:DateTime64(3)})",
        {"noon": NOON},
    ).rows
    for (candidate,) in rows:
        expected = [rate(usage(candidate, input=size, output=10), NOON).total for size in sizes]
        assert would_cost(embedded_store, candidate) == sum(filter(None, expected))
