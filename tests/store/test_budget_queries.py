# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What an application with budgets queries of the store, and what is kept of its decisions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from otel_llmcost import schema
from otel_llmcost.store import Store
from tests.cli.calls import add, call

COLUMNS = ["name", "scope", "scope_value", "period", "amount_usd", "action"]
NONCE = "00000000000000aa"


def records(store: Store, query: str, **parameters: Any) -> list[dict[str, Any]]:
    found = store.query(schema.query(query), {"timezone": "UTC", **parameters})
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def test_a_snapshot_has_every_budget_with_what_was_spent_of_it(embedded_store: Store) -> None:
    embedded_store.insert(
        "budgets",
        [
            ["all", "total", "", "day", 5, "block"],
            ["search", "feature", "search", "month", Decimal("0.5"), "warn"],
        ],
        COLUMNS,
    )
    add(embedded_store, call(hours_ago=0, usd="0.02"), call(hours_ago=0, feature="search"))
    found = {row["name"]: row for row in records(embedded_store, "budget_snapshot", nonce=NONCE)}
    assert Decimal(found["all"]["spent_usd"]) == Decimal("0.03")
    assert (found["all"]["action"], Decimal(found["all"]["amount_usd"])) == ("block", 5)
    assert Decimal(found["search"]["spent_usd"]) == Decimal("0.01")
    assert found["search"]["action"] == "warn"
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, datetime.min.time(), UTC)
    assert found["all"]["ends_at"] == midnight.timestamp()


def test_a_snapshot_names_the_last_record_of_the_asker_that_it_counts(
    embedded_store: Store,
) -> None:
    embedded_store.insert("budgets", [["all", "total", "", "day", 5, "warn"]], COLUMNS)
    earlier = datetime.now(UTC) - timedelta(seconds=30)
    add(
        embedded_store,
        call(hours_ago=0, record_id=f"{NONCE}{1:016x}", ingested_at=earlier),
        call(hours_ago=0, record_id=f"{NONCE}{2:016x}", ingested_at=earlier),
        # Stored while the rollup was being rebuilt: perhaps not part of it.
        call(hours_ago=0, record_id=f"{NONCE}{3:016x}", ingested_at=earlier + timedelta(hours=1)),
        call(hours_ago=0, record_id=f"{'b' * 16}{9:016x}", ingested_at=earlier),
    )
    (row,) = records(embedded_store, "budget_snapshot", nonce=NONCE)
    assert row["newest_own"] == f"{NONCE}{2:016x}"
    (row,) = records(embedded_store, "budget_snapshot", nonce="f" * 16)
    assert row["newest_own"] == ""


def test_a_norm_needs_twenty_priced_calls_and_ignores_the_rest(embedded_store: Store) -> None:
    add(
        embedded_store,
        *(call(usd=f"0.{n:03d}") for n in range(1, 101)),
        *(call(usd=None) for _ in range(5)),
        *(call(usd="0.5", feature="rare") for _ in range(19)),
        *(call(usd="9", hours_ago=24 * 8) for _ in range(9)),
    )
    found = records(embedded_store, "budget_norms")
    assert [(row["feature"], row["model"]) for row in found] == [("support", "claude-opus-5")]
    assert Decimal(found[0]["p99_usd"]) in (Decimal("0.099"), Decimal("0.100"))


def test_a_decision_that_arrives_twice_is_one_row(embedded_store: Store) -> None:
    attributes = {
        "llmcost.budget.decision": "blocked",
        "llmcost.budget.decision.id": "d" * 32,
        "llmcost.budget.name": "all",
        "llmcost.budget.amount": "5",
        "llmcost.budget.committed": "4.990000000001",
        "llmcost.feature": "search",
        "gen_ai.request.model": "claude-opus-5",
        "user.id": "ada",
    }
    unknown = {
        "llmcost.budget.decision": "warned",
        "llmcost.budget.name": "all",
        "llmcost.budget.amount": "many",
    }
    for sent in (attributes, attributes, unknown):
        row = [datetime(2026, 11, 20, 12, tzinfo=UTC), "shop", "otel_llmcost", sent]
        embedded_store.insert(
            "otel_logs", [row], ["Timestamp", "ServiceName", "ScopeName", "LogAttributes"]
        )
    found = embedded_store.query(
        "SELECT decision, budget, amount_usd, committed_usd, estimate_usd, service, feature, "
        "request_model, user_id FROM llmcost.budget_decisions FINAL ORDER BY decision"
    )
    assert found.rows == [
        ("blocked", "all", Decimal(5), Decimal("4.990000000001"), None, "shop", "search",
         "claude-opus-5", "ada"),
        ("warned", "all", None, None, None, "shop", "", "", ""),
    ]  # fmt: skip
