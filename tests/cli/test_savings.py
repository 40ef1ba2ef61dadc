# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Every lever on a few literal calls; what it must save is priced in Python."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Generator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from otel_llmcost.reports.formatting import usd
from otel_llmcost.store import Store
from tests.cli.calls import add, call
from tests.cli.conftest import Command, command_in, rows
from tests.cli.savings import NO_USER, NOON, USED, cost, stored, usage
from tests.support.embedded import empty, shared_store

JSON = ("--format", "json")
STREAMED = {"ttft_ms": 300}


Levers = dict[str, dict[str, Any]]
Scenario = Generator[list[dict[str, Any]], Levers, None]
SCENARIOS: dict[str, Callable[[], Scenario]] = {}


def scenario(steps: Callable[[], Scenario]) -> Callable[[dict[str, Levers]], None]:
    """A test that yields its calls and is sent their levers. The calls of all such tests are in one
    store, an environment each, and one `savings` answers for all of them."""
    name = steps.__name__
    SCENARIOS[name] = steps

    def test(answers: dict[str, Levers]) -> None:
        running = steps()
        next(running)
        with pytest.raises(StopIteration):
            running.send(answers[name])

    test.__name__ = name
    return test


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Levers]:
    store = shared_store()
    empty(store)
    sent = {name: next(steps()) for name, steps in SCENARIOS.items()}
    add(store, *({**one, "environment": name} for name, calls in sent.items() for one in calls))
    with pytest.MonkeyPatch.context() as monkeypatch:
        cli = command_in(tmp_path_factory.mktemp("savings"), monkeypatch)
        found: dict[str, Levers] = {name: {} for name in SCENARIOS}
        for row in rows(cli("savings", *JSON, "--limit", "1000")):
            found[row["environment"]][row["lever"]] = row
    return found


def levers_of(cli: Command, *words: str) -> Levers:
    """The levers of a store of a test's own."""
    return {row["lever"]: row for row in rows(cli("savings", *JSON, *words))}


def saves(row: dict[str, Any], usd: Decimal, low: Decimal | None = None) -> None:
    assert row["saving_usd"] == pytest.approx(float(usd), abs=1e-12)
    assert row["saving_low_usd"] == pytest.approx(float(usd if low is None else low), abs=1e-12)


# Other terms


@scenario
def test_batch_and_flex_are_the_calls_without_a_waiting_user() -> Scenario:
    one = usage("gpt-6.1-sol", input=4000, output=600)
    levers = yield [
        stored(one, allocation={"deferrable": "True"}, **STREAMED),
        stored(one, **NO_USER),
        stored(one, duration_ms=45_000),
        stored(one),
        stored(one, allocation={"deferrable": "False"}, **NO_USER),
        stored(one, **NO_USER, **STREAMED),
    ]
    for mode in ("batch", "flex"):
        saving = cost(one) - cost(dataclasses.replace(one, mode=mode))
        assert levers[mode]["calls"] == 3
        saves(levers[mode], 3 * saving, low=2 * saving)
        assert levers[mode]["confidence"] == "inferred"


@scenario
def test_what_is_declared_deferrable_is_certain() -> Scenario:
    levers = yield [stored(usage(), allocation={"deferrable": "true"})]
    assert levers["batch"]["confidence"] == "declared"


@scenario
def test_twenty_calls_of_one_scope_are_a_job_that_can_wait() -> Scenario:
    job = [stored(usage(), scope_id="s1") for _ in range(20)]
    levers = yield [*job, *(stored(usage(), scope_id="s2") for _ in range(19))]
    found = levers["batch"]
    assert found["calls"] == 20
    assert found["saving_low_usd"] == 0


@scenario
def test_calls_at_an_hour_when_little_happens_can_wait() -> Scenario:
    one = usage()
    busy = [
        stored(one, after=-86_400 * day + n * 3600)
        for day in range(3)
        for n in range(6)
        for _ in range(6)
    ]
    levers = yield [*busy, stored(one, after=-9 * 3600)]
    found = levers["batch"]
    assert found["calls"] == 1


@scenario
def test_the_fast_tier_is_needed_only_where_answers_are_streamed() -> Scenario:
    fast = usage("gpt-6.1-sol", "fast", input=4000, output=600)
    slow = dataclasses.replace(fast, mode="standard")
    levers = yield [stored(fast, **STREAMED), stored(fast), stored(fast, **NO_USER)]
    saving = cost(fast) - cost(slow)
    saves(levers["standard_tier"], 2 * saving, low=saving)


@scenario
def test_a_regional_endpoint_costs_its_uplift() -> Scenario:
    home = usage("claude-opus-5-5")
    away = dataclasses.replace(home, geo="us")
    levers = yield [stored(home, usd=str(cost(away)), price_geo="1.1", **STREAMED)]
    saves(levers["global_endpoint"], cost(away) - cost(home))


def test_the_next_tier_of_the_family_is_for_short_answers_only(
    cli: Command, embedded_store: Store
) -> None:
    next_tier = {
        "claude-opus-5": "claude-sonnet-5-5",
        "gpt-5": "gpt-5-mini",
        "gpt-6-sol": "gpt-6.1-terra",
    }
    short = {model: usage(model, input=4000, output=100) for model in next_tier}
    add(embedded_store, *(stored(one, **STREAMED) for one in short.values()))
    add(embedded_store, *(stored(usage(model, **USED), **STREAMED) for model in next_tier))
    found = [row for row in rows(cli("savings", *JSON)) if row["lever"] == "cheaper_model"]
    assert {row["model"]: row["change"] for row in found} == {
        model: f"model {cheaper}" for model, cheaper in next_tier.items()
    }
    for row in found:
        cheaper = usage(next_tier[row["model"]], input=4000, output=100)
        assert (row["calls"], row["needs_quality_check"]) == (1, "yes")
        saves(row, cost(short[row["model"]]) - cost(cheaper), low=Decimal(0))


def test_a_candidate_of_ones_own_takes_the_share_it_is_given(
    cli: Command, embedded_store: Store
) -> None:
    one = usage(input=4000, output=600)
    add(embedded_store, *(stored(one, **STREAMED) for _ in range(4)))
    found = levers_of(cli, "--candidate", "gpt-6-luna", "--share", "0.5")["cheaper_model"]
    assert found["calls"] == 2
    saves(found, 2 * (cost(one) - cost(usage("gpt-6-luna", input=4000, output=600))))


def test_an_unknown_candidate_is_named(cli: Command, embedded_store: Store) -> None:
    add(embedded_store, stored(usage()))
    result = cli("savings", *JSON, "--candidate", "unknown-1", "--share", "1")
    assert "unknown-1 would not have been cheaper" in result.stderr


@scenario
def test_a_prompt_past_the_long_context_step_is_replayed_past_it() -> Scenario:
    long = usage("claude-sonnet-5-5", input=150_000, output=100)
    levers = yield [stored(long, **STREAMED)]
    saves(
        levers["cheaper_model"],
        cost(long) - cost(usage("claude-haiku-5-5", input=150_000, output=100)),
        low=Decimal(0),
    )


# Prompt caching


def shared(prefix: str = "p1", **more: Any) -> dict[str, Any]:
    return {"prefix_fingerprint": prefix, **STREAMED, **more}


@scenario
def test_a_prefix_that_is_not_cached_would_have_been_written_and_read() -> Scenario:
    one, longer = usage(input=3000, output=300), usage(input=3500, output=300)
    calls = [stored(one, after=0, **shared()), stored(longer, after=200, **shared())]
    levers = yield [*calls, stored(one, after=900, **shared())]
    found = levers
    paid = cost(usage(input=9000))
    short = paid - cost(usage(cache_write_5m=6000, cache_read=3000))
    saves(found["prompt_cache"], short, low=Decimal(0))
    long = paid - cost(usage(cache_write_1h=3000, cache_read=6000))
    saves(found["prompt_cache_long"], long, low=Decimal(0))
    assert found["prompt_cache_long"]["change"] == "cache_control, ttl 1h"


@scenario
def test_pauses_are_counted_across_hours() -> Scenario:
    one = usage(input=3000, output=300)
    levers = yield [*(stored(one, after=3500 + n * 200, **shared()) for n in range(4))]
    saving = cost(usage(input=12_000)) - cost(usage(cache_write_5m=3000, cache_read=9000))
    saves(levers["prompt_cache"], saving, low=Decimal(0))


@scenario
def test_what_some_calls_cached_of_a_prefix_is_the_least_that_others_can() -> Scenario:
    off, on = usage(input=3000, output=300), usage(input=800, cache_read=2200, output=300)
    levers = yield [stored(on, **shared()), stored(off, after=60, **shared())]
    expected = cost(usage(input=3000)) - cost(usage(cache_read=3000))
    low = cost(usage(input=2200)) - cost(usage(cache_read=2200))
    saves(levers["prompt_cache"], expected, low=low)


@scenario
def test_a_prefix_too_short_for_the_provider_is_not_cached() -> Scenario:
    one = usage("claude-haiku-4-5", input=4000, output=300)
    levers = yield [*(stored(one, after=n, **shared()) for n in range(9))]
    assert "prompt_cache" not in levers


@scenario
def test_the_other_ttl_is_the_same_calls_at_the_same_times() -> Scenario:
    wrote = usage(input=500, cache_write_5m=3000, output=300)
    read = usage(input=500, cache_read=3000, output=300)
    levers = yield [
        stored(wrote, after=0, **shared()),
        stored(read, after=100, **shared()),
        *(stored(wrote, after=100 + 1000 * n, **shared()) for n in range(1, 5)),
    ]
    paid = cost(usage(cache_write_5m=15_000, cache_read=3000))
    then = cost(usage(cache_write_1h=3000, cache_read=15_000))
    found = levers["cache_ttl"]
    saves(found, paid - then)
    assert (found["change"], found["confidence"]) == ("ttl 1h", "exact")


@scenario
def test_an_hour_is_too_long_where_calls_come_every_minute() -> Scenario:
    wrote = usage(input=500, cache_write_1h=3000, output=300)
    read = usage(input=500, cache_read=3000, output=300)
    rare = [stored(read, after=60 * n, **shared()) for n in range(1, 4)]
    levers = yield [stored(wrote, after=0, **shared()), *rare]
    saving = cost(usage(cache_write_1h=3000)) - cost(usage(cache_write_5m=3000))
    found = levers["cache_ttl"]
    saves(found, saving)
    assert found["change"] == "ttl 5m"


@scenario
def test_a_write_that_is_not_read_costs_more_than_plain_input() -> Scenario:
    wrote = usage(input=500, cache_write_5m=3000, output=300)
    levers = yield [stored(wrote, **shared("a")), stored(wrote, after=5000, **shared("b"))]
    saving = cost(usage(cache_write_5m=6000)) - cost(usage(input=6000))
    saves(levers["unread_writes"], saving)


@scenario
def test_prefixes_that_differ_every_time_could_be_one() -> Scenario:
    sizes = (3000, 3100, 3200)
    wrote = [usage(input=500, cache_write_5m=size, output=300) for size in sizes]
    levers = yield [*(stored(one, after=60 * n, **shared(f"p{n}")) for n, one in enumerate(wrote))]
    saving = cost(usage(cache_write_5m=6000)) - cost(usage(cache_read=6000))
    saves(levers["stable_prefix"], saving, low=Decimal(0))


# Sizes


@scenario
def test_a_cap_at_the_longest_finished_answer_cuts_none() -> Scenario:
    complete = usage(input=100, output=320)
    cut = usage(input=100, output=4000)
    ended = {"finish_reason": "max_tokens", "max_tokens": 4000}
    levers = yield [
        *(stored(complete, finish_reason="end_turn", **STREAMED) for _ in range(30)),
        *(stored(cut, **ended, **STREAMED) for _ in range(2)),
    ]
    found = levers["cap_output"]
    saves(found, 2 * (cost(cut) - cost(complete)))
    assert found["change"] == "max_tokens 320, cuts no finished answer"
    assert (found["confidence"], found["needs_quality_check"]) == ("exact", "")


@scenario
def test_a_cap_at_the_p99_says_how_many_it_cuts() -> Scenario:
    usual, long = usage(input=100, output=320), usage(input=100, output=2000)
    levers = yield [*(stored(usual, **STREAMED) for _ in range(99)), stored(long, **STREAMED)]
    found = levers["cap_output"]
    saves(found, cost(long) - cost(usual), low=Decimal(0))
    assert found["change"] == "max_tokens 320, cuts 1 finished answer"
    assert found["needs_quality_check"] == "yes"


@scenario
def test_reasoning_comes_down_to_its_own_median() -> Scenario:
    usual = {"reasoning_tokens": 128, **STREAMED}
    much = {"reasoning_tokens": 512, **STREAMED}
    levers = yield [*(stored(usage(), **usual) for _ in range(20)), stored(usage(), **much)]
    saves(levers["reasoning_effort"], cost(usage(output=384)), low=Decimal(0))


@scenario
def test_oversized_prompts_come_down_to_the_median_at_the_price_of_a_read() -> Scenario:
    usual = usage(input=1024, output=300)
    huge = usage(input=4000, cache_read=1000, output=300)
    levers = yield [*(stored(usual, **STREAMED) for _ in range(20)), stored(huge, **STREAMED)]
    saving = cost(usage(cache_read=1000, input=2976))
    saves(levers["oversized_prompts"], saving, low=Decimal(0))


@scenario
def test_a_history_that_grows_with_every_turn_could_be_summarised() -> Scenario:
    turns = [usage(input=1000 * n, output=300) for n in range(1, 6)]
    levers = yield [
        *(stored(one, after=n, session_id="t", **STREAMED) for n, one in enumerate(turns))
    ]
    saves(levers["growing_history"], cost(usage(input=2000 + 3000)), low=Decimal(0))


# Paid for nothing


@scenario
def test_a_repeated_request_is_saved_but_its_first_call_is_not() -> Scenario:
    one = usage()
    same = {"request_fingerprint": "f1", **STREAMED}
    levers = yield [
        *(stored(one, after=after, **same) for after in (-7200, 0, 1)),
        stored(one, request_fingerprint="f2", **STREAMED),
    ]
    found = levers["duplicate_requests"]
    assert found["calls"] == 2
    saves(found, 2 * cost(one), low=cost(one))


@scenario
def test_failed_and_abandoned_replies_are_in_no_other_lever() -> Scenario:
    one = usage()
    levers = yield [
        stored(one, error_type="RateLimitError", **NO_USER),
        stored(one, stream_outcome="abandoned", **STREAMED),
    ]
    found = levers
    assert set(found) == {"failed_calls", "abandoned_streams"}
    assert found["failed_calls"]["saving_usd"] == pytest.approx(float(cost(one)), abs=1e-12)
    assert found["failed_calls"]["in_plan"] == found["abandoned_streams"]["in_plan"] == "yes"


# The plan, and what is unknown


def cached(store: Store) -> dict[str, list[Any]]:
    """What the levers of caching come to, by lever: calls first."""
    found = store.query(
        "SELECT lever, calls, cost_usd, cost_after_usd, saving_low_usd "
        "FROM llmcost_internal.levers_cached_between(since = {since:DateTime64(3)}, "
        "until = {until:DateTime64(3)})",
        {"since": NOON - timedelta(days=1), "until": NOON + timedelta(days=1)},
    )
    return {lever: numbers for lever, *numbers in found.rows}


def test_hours_that_are_over_are_rolled_up_and_answer_the_same(embedded_store: Store) -> None:
    one = usage(input=3000, output=300)
    old = shared(ingested_at=NOON)
    add(embedded_store, *(stored(one, after=3500 + n * 200, **old) for n in range(4)))
    before = cached(embedded_store)
    time.sleep(1.2)  # an hour is rolled up when nothing has changed it for a second
    embedded_store.refresh_savings()
    assert cached(embedded_store) == before
    rolled = "SELECT count() FROM llmcost.lever_hours__rows WHERE is_marker = 0"
    assert embedded_store.query(rolled).rows[0][0] > 0
    add(embedded_store, stored(one, after=5000, **shared()))
    after = cached(embedded_store)
    embedded_store.command("TRUNCATE TABLE llmcost.rollup_builds")
    assert cached(embedded_store) == after
    assert after["prompt_cache"][0] == before["prompt_cache"][0] + 1 == 5


def test_the_plan_takes_one_lever_for_each_feature_and_model(
    cli: Command, embedded_store: Store
) -> None:
    one = usage(input=4000, output=100)
    same = {"request_fingerprint": "f", **NO_USER}
    add(embedded_store, stored(one, **same), stored(one, after=1, **same))
    result = cli("savings", *JSON)
    found = rows(result)
    assert len(found) >= 3
    (planned,) = [row for row in found if row["in_plan"] == "yes"]
    assert planned["saving_usd"] == max(row["saving_usd"] for row in found)
    assert f"saves {usd(planned['saving_usd'])}" in result.stderr
    assert "$0.00 of it without a quality check" in result.stderr


@scenario
def test_another_emitters_calls_are_replayed_from_their_token_counts() -> Scenario:
    one = usage()
    foreign = {"source": "someone.else", "other_usage": {}, **NO_USER}
    levers = yield [stored(one, **foreign)]
    saves(levers["batch"], cost(one) - cost(dataclasses.replace(one, mode="batch")))


def test_what_is_unpriced_or_bills_several_models_gives_no_figure(
    cli: Command, embedded_store: Store
) -> None:
    add(embedded_store, call(usd=None), stored(usage(), usage_items='[{"model":"x"}]'))
    result = cli("savings", *JSON)
    assert rows(result) == []
    assert "the 1 unpriced calls" in result.stderr


def test_what_is_lacking_is_said_with_how_to_get_it(cli: Command, embedded_store: Store) -> None:
    add(embedded_store, stored(usage(), feature="", attempts_unmetered=1))
    said = cli("savings", *JSON).stderr
    assert "no call carries a fingerprint" in said
    assert "no call carries a prefix fingerprint" in said
    assert "No call has a feature tag" in said
    assert "1 day of calls" in said
    assert "1 calls had attempts without an answer" in said


def test_a_share_that_is_none_is_refused(cli: Command) -> None:
    assert cli("savings", "--share", "1.5").exit_code == 2


def test_explain_prints_assumption_and_sql_of_each_row(cli: Command, embedded_store: Store) -> None:
    add(embedded_store, stored(usage(), **NO_USER))
    said = cli("savings", "--sql").stdout
    assert "-- batch: No one waits" in said
    assert "VIEW llmcost_internal.levers_replayed_between" in said
    assert "VIEW llmcost_internal.levers_cached_between" not in said
    assert "FROM llmcost.savings_between(since = toDateTime64(" in said
