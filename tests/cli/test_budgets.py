# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import calendar
from datetime import UTC, datetime

import pytest

from otel_llmcost.store import Store
from tests.cli.calls import add, call
from tests.cli.conftest import Command, rows

JSON = ("--format", "json")


def test_a_budget_shows_what_was_spent_of_it(cli: Command, embedded_store: Store) -> None:
    cli("budgets", "set", "1", "--per", "month", "--for", "feature=support")
    cli("budgets", "set", "0.04", "--per", "month", "--warn-at", "50")
    cli("budgets", "set", "5", "--per", "month", "--for", "user=bob")
    add(
        embedded_store,
        call(hours_ago=0, usd="0.01"),
        call(hours_ago=0, usd="0.02", feature="other", user_id="bob"),
        call(hours_ago=0, usd=None),
    )
    found = {row["scope"]: row for row in rows(cli("budgets", "list", *JSON))}
    assert found["feature"]["spent_usd"] == 0.01
    assert found["feature"]["state"] == "ok"
    assert found["total"]["spent_usd"] == 0.03
    assert found["total"]["state"] == "warning"
    assert found["user"]["spent_usd"] == 0.02


def test_an_exceeded_budget_is_exit_code_1(cli: Command, embedded_store: Store) -> None:
    cli("budgets", "set", "0.005", "--per", "day", "--for", "model=claude-opus-5")
    assert cli("budgets", "list", "--check").exit_code == 0
    add(embedded_store, call(hours_ago=0, usd="0.01"))
    result = cli("budgets", "list", "--check")
    assert result.exit_code == 1
    assert "exceeded" in result.stdout


def test_a_later_budget_replaces_an_earlier_one_and_remove_drops_it(
    cli: Command, embedded_store: Store
) -> None:
    cli("budgets", "set", "5")
    cli("budgets", "set", "7")
    (row,) = rows(cli("budgets", "list", *JSON))
    assert row["amount_usd"] == 7
    assert cli("budgets", "remove").exit_code == 0
    assert rows(cli("budgets", "list", *JSON)) == []
    gone = cli("budgets", "remove")
    assert gone.exit_code == 1
    assert "budgets list" in gone.stderr


def test_a_budget_per_call_looks_at_the_most_expensive_call(
    cli: Command, embedded_store: Store
) -> None:
    cli("budgets", "set", "0.05", "--per", "call")
    add(embedded_store, *(call(hours_ago=1, usd="0.03") for _ in range(3)))
    (row,) = rows(cli("budgets", "list", *JSON))
    assert (row["spent_usd"], row["state"]) == (0.03, "ok")
    assert row["forecast_usd"] is None
    add(embedded_store, call(hours_ago=1, usd="0.06"))
    assert cli("budgets", "list", "--check").exit_code == 1


def test_a_budget_per_call_counts_the_calls_over_it(cli: Command, embedded_store: Store) -> None:
    cli("budgets", "set", "0.0001", "--per", "call", "--for", "feature=support")
    add(embedded_store, *(call(usd="0.03") for _ in range(3)), call(usd="0.00005"), call(usd=None))
    add(embedded_store, call(feature="other", usd="9"), call(hours_ago=30, usd="9"))
    result = cli("budgets", "list")
    assert "3 of 5 calls" in result.stdout
    assert "%" not in result.stdout
    assert "unknown" not in result.stdout
    (row,) = rows(cli("budgets", "list", *JSON))
    assert (row["calls_over_limit"], row["calls"], row["burn_usd_per_day"]) == (3, 5, None)


def test_the_forecast_extends_the_burn_of_the_last_days(
    cli: Command, embedded_store: Store
) -> None:
    cli("budgets", "set", "10", "--per", "month")
    add(embedded_store, *(call(hours_ago=24 * day, usd="1") for day in range(1, 8)))
    (row,) = rows(cli("budgets", "list", *JSON))
    now = datetime.now(UTC)
    this_month = min(7, now.day - 1)
    assert row["spent_usd"] == this_month
    assert row["burn_usd_per_day"] == pytest.approx(1)
    month_end = calendar.monthrange(now.year, now.month)[1]
    assert row["forecast_usd"] == pytest.approx(this_month + month_end - now.day + 1, abs=1.01)
    assert row["forecast_low_usd"] <= row["forecast_usd"] <= row["forecast_high_usd"]


@pytest.mark.parametrize(
    ("arguments", "fix"),
    [
        (("many",), "use a number"),
        (("-5x",), "no such option"),
        (("-5",), "a budget is more than 0"),
        (("0",), "a budget is more than 0"),
        (("-0.5", "--per", "day"), "a budget is more than 0"),
        (("5", "--for", "moon=1"), "use one of total"),
        (("5", "--for", "feature"), "--for feature=NAME"),
        (("5", "--for", "total=1"), "--for total"),
    ],
)
def test_bad_input_names_the_fix(cli: Command, arguments: tuple[str, ...], fix: str) -> None:
    result = cli("budgets", "set", *arguments)
    assert result.exit_code in (1, 2)
    assert fix.lower() in result.stderr.lower()


def test_no_budgets_say_how_to_set_one(cli: Command, embedded_store: Store) -> None:
    result = cli("budgets", "list")
    assert result.exit_code == 0
    assert "budgets set" in result.stdout + result.stderr


def test_a_budget_says_what_applications_do_when_it_is_used_up(cli: Command) -> None:
    cli("budgets", "set", "5", "--action", "block")
    cli("budgets", "set", "1", "--for", "team=docs")
    found = {row["scope"]: row["action"] for row in rows(cli("budgets", "list", *JSON))}
    assert found == {"total": "block", "team": "warn"}
