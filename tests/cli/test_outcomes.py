# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from otel_llmcost.store import Store
from tests.cli.calls import add, call
from tests.cli.conftest import Command, rows

JSON = ("--format", "json")
COLUMNS = ("ts", "outcome_id", "name", "value", "scope_id", "feature")


def test_spend_by_outcome_is_the_cost_per_outcome(cli: Command, embedded_store: Store) -> None:
    add(
        embedded_store,
        call(usd="0.03", scope_id="run-1"),
        call(usd="0.01", scope_id="run-2"),
        call(usd=None, scope_id="run-3"),
        call(usd="5", scope_id="elsewhere"),
    )
    now = datetime.now(UTC) - timedelta(hours=1)
    noted = [(now, f"o{n}", "resolved", 1.0, f"run-{n}", "support") for n in (1, 2, 3)]
    embedded_store.insert("outcomes", noted, COLUMNS)
    (row,) = rows(cli("spend", "--by", "outcome", *JSON))
    assert (row["outcome"], row["outcomes"], row["unknown_outcomes"]) == ("resolved", 3, 1)
    assert row["cost_usd"] == 0.04
    assert row["cost_per_outcome_usd"] == 0.02


def test_no_outcomes_say_how_to_note_one(cli: Command, embedded_store: Store) -> None:
    result = cli("spend", "--by", "outcome")
    assert result.exit_code == 0
    assert "llmcost.outcome(" in result.stdout + result.stderr
