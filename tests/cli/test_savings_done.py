# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Savings that are done, on the command line."""

from __future__ import annotations

import getpass

from otel_llmcost.store import Store
from tests.cli.calls import add, priced_call
from tests.cli.conftest import Command, rows

JSON = ("--format", "json")
LEVER = "duplicate_requests"


def test_a_saving_is_done_measured_and_undone(cli: Command, embedded_store: Store) -> None:
    for feature in ("support", "faq"):
        same = {"feature": feature, "request_fingerprint": feature}
        add(embedded_store, *(priced_call(hours_ago=30 + n / 60, **same) for n in range(10)))
    assert "No saving is marked as done" in cli("savings", "realised").output
    several = cli("savings", "done", LEVER)
    assert several.exit_code != 0
    assert "name one by --feature" in several.output
    done = cli("savings", "done", LEVER, "--feature", "faq", "--note", "Redis")
    assert done.exit_code == 0
    assert "a month was predicted" in done.output
    (row,) = rows(cli("savings", "realised", *JSON))
    assert (row["lever"], row["feature"], row["model"]) == (LEVER, "faq", "claude-opus-5")
    assert row["realised_usd"] is None
    assert row["saving_usd_per_month"] > 0
    after = (priced_call(hours_ago=0, feature="faq", request_fingerprint=f"r{n}") for n in range(2))
    add(embedded_store, *after)
    (row,) = rows(cli("savings", "realised", *JSON))
    assert row["realised_usd"] == 2 * 9 * 0.0075  # nine repeats for each kept call before
    assert cli("savings", "undo", LEVER).exit_code == 0
    assert rows(cli("savings", "realised", *JSON)) == []
    sql = "SELECT changed_by, origin, action FROM llmcost.audit ORDER BY changed_at"
    me = (getpass.getuser(), "command line")
    assert embedded_store.query(sql).rows == [(*me, "saving done"), (*me, "saving undone")]


def test_what_is_not_found_is_said(cli: Command, embedded_store: Store) -> None:
    for command in ("done", "undo"):
        wrong = cli("savings", command, "batch", "--feature", "nothing")
        assert wrong.exit_code != 0
        assert "no saving of lever batch, feature nothing" in wrong.output


def test_a_budget_that_is_set_here_is_in_the_audit(cli: Command, embedded_store: Store) -> None:
    cli("budgets", "set", "5", "--per", "day")
    cli("budgets", "remove", "--per", "day")
    sql = "SELECT action, subject, origin FROM llmcost.audit ORDER BY changed_at"
    assert embedded_store.query(sql).rows == [
        ("budget set", "total per day", "command line"),
        ("budget removed", "total per day", "command line"),
    ]
