# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from otel_llmcost.store import Store
from tests.cli.conftest import Command, rows
from tests.review.traffic import Call, fill, priced, unpriced

START = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
WEEK = ("--since", "2026-10-01", "--until", "2026-10-08")
RENT = ("--instance-usd-per-hour", "1", "--tokens-per-second", "10")  # 36,000 tokens an hour
JSON = ("--format", "json")


def busy(hour: int, tokens: int) -> Call:
    """One hour's output: USD 0.50 for 20,000 tokens."""
    return priced(START + hour * HOUR, buckets={"output": tokens}, ttft_ms=1)


def by_instances(cli: Command, *more: str) -> dict[int | None, dict[str, Any]]:
    return {row["instances"]: row for row in rows(cli("breakeven", *RENT, *WEEK, *more, *JSON))}


def test_every_hour_is_put_on_the_instances(cli: Command, embedded_store: Store) -> None:
    # Two busy hours, one of which needs one and a half instances; then a week of nothing.
    fill(embedded_store, [busy(0, 36_000), busy(1, 54_000)])
    reported = by_instances(cli)
    assert set(reported) == {0, 1, 2, None}
    assert reported[0]["window_usd"] == pytest.approx(2.25)
    # 168 hours of rent, and a third of the second hour with the provider.
    assert reported[1]["window_usd"] == pytest.approx(168 + 1.35 / 3)
    assert reported[1]["utilisation"] == pytest.approx(2 / 168)
    assert (reported[1]["idle_hours"], reported[1]["overflow_hours"]) == (166, 1)
    assert reported[1]["overflow_share"] == pytest.approx(0.5 / 2.5)
    assert (reported[2]["window_usd"], reported[2]["overflow_hours"]) == (336, 0)
    # By the hour neither is worth it: 0.9 < 1 and 1.35 < 2.
    assert reported[None]["window_usd"] == pytest.approx(2.25)


def test_steady_load_pays_off_and_says_from_where(cli: Command, embedded_store: Store) -> None:
    fill(embedded_store, [busy(n, 72_000) for n in range(168)])
    reported = by_instances(cli)
    assert reported[0]["window_usd"] == pytest.approx(1.8 * 168)
    result = cli("breakeven", *RENT, *WEEK)
    assert "more than always" in result.stderr  # 36,000 tokens cost 0.90 by the token
    cheap = ("--instance-usd-per-hour", "0.45", "--tokens-per-second", "10")
    found = {r["instances"]: r for r in rows(cli("breakeven", *cheap, *WEEK, *JSON))}
    assert found[2]["saving_per_month_usd"] == pytest.approx((1.8 - 0.9) * 730)
    assert found[2]["utilisation"] == pytest.approx(1)
    assert "busy 50.0% of the time" in cli("breakeven", *cheap, *WEEK).stderr


def test_reading_prompts_takes_time_too(cli: Command, embedded_store: Store) -> None:
    fill(embedded_store, [priced(START, buckets={"input": 360_000, "output": 18_000})])
    reported = by_instances(cli, "--input-tokens-per-second", "100")
    assert reported[1]["overflow_share"] == pytest.approx(0.5 / 1.5)


def test_a_commitment_is_compared_with_list_price(cli: Command, embedded_store: Store) -> None:
    fill(embedded_store, [busy(n, 40_000) for n in range(168)])  # USD 730 a month
    for sum_, cost in ((365, 365 + 730 - 365 / 0.9), (730, 730), (1000, 1000)):
        found = rows(cli("breakeven", *RENT, *WEEK, "--commit-usd-per-month", str(sum_),
                         "--discount", "10%", *JSON))[-1]  # fmt: skip
        assert found["usd_per_month"] == pytest.approx(cost)
        assert found["saving_per_month_usd"] == pytest.approx(730 - cost)


def test_other_models_and_features_stay_where_they_are(cli: Command, embedded_store: Store) -> None:
    fill(embedded_store, [busy(0, 36_000), busy(0, 36_000) | {"model": "other", "feature": "x"}])
    assert by_instances(cli, "--model", "other")[0]["window_usd"] == pytest.approx(0.9)
    assert by_instances(cli, "--feature", "support")[0]["window_usd"] == pytest.approx(0.9)


def test_hours_before_the_first_call_do_not_idle(cli: Command, embedded_store: Store) -> None:
    fill(embedded_store, [busy(160, 3600)])
    reported = by_instances(cli)
    assert reported[1]["window_hours"] == 8
    assert "8 hours of data" in cli("breakeven", *RENT, *WEEK).stderr


def test_unknown_costs_are_said_and_never_zero(cli: Command, embedded_store: Store) -> None:
    fill(embedded_store, [unpriced(START, output_tokens=100)])
    result = cli("breakeven", *RENT, *WEEK, *JSON)
    assert rows(result) == []
    assert "None of these calls has a known cost" in result.stderr
    fill(embedded_store, [busy(0, 3600)])
    assert "lower bound" in cli("breakeven", *RENT, *WEEK).stderr


def test_no_calls_and_no_output_say_so(cli: Command, embedded_store: Store) -> None:
    assert "no records yet" in cli("breakeven", *RENT, *WEEK).stderr
    fill(embedded_store, [priced(START, model="text-embedding-3-small", provider="openai",
                                 buckets={"input": 1000})])  # fmt: skip
    result = cli("breakeven", *RENT, *WEEK)
    assert "no output tokens" in result.stderr
    assert result.exit_code == 0


@pytest.mark.parametrize(
    "wrong",
    [
        ("--commit-usd-per-month", "10"),
        ("--discount", "10%"),
        ("--commit-usd-per-month", "10", "--discount", "all"),
        ("--commit-usd-per-month", "10", "--discount", "100%"),
        ("--since", "2026-10-01T00:30"),
    ],
)
def test_half_a_question_is_one_line(cli: Command, wrong: tuple[str, ...]) -> None:
    result = cli("breakeven", *RENT, *WEEK, *wrong)
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("rent", ["0", "-1", "nan", "much"])
def test_rent_is_a_number_of_dollars(cli: Command, rent: str) -> None:
    result = cli("breakeven", "--instance-usd-per-hour", rent, "--tokens-per-second", "1")
    assert result.exit_code == 2
