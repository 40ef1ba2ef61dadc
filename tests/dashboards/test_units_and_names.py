# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Unit costs, budgets, one call's bill, hard names and the annotations, on literal rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.dashboards.engine import Engine, engine
from tests.dashboards.files import BOARDS, PANELS, panel
from tests.dashboards.macros import Panel
from tests.dashboards.rows import EVERYTHING, HOUR, call

NOW = datetime.now(UTC).replace(microsecond=0)
RECORD = f"{1:016x}{2:016x}"
NAMES = ["it's", 'say "hi"', "<b>bold</b>", "🦆 & co", "a, b) OR (1=1", "100%"]


def records() -> list[dict[str, Any]]:
    """Ada: a session of 3 calls, 6 cents, and one of 1 call, 1 cent. Bo: one without a price."""
    at = NOW - HOUR
    ada = {"user_id": "ada", "feature": "chat", "allocation": {"customer": "acme"}}
    calls = [
        call(n, at + timedelta(minutes=n), session_id="s1", scope_id="r1", cost_usd=cents, **ada)
        for n, cents in enumerate((Decimal("0.01"), Decimal("0.02"), Decimal("0.03")), start=1)
    ]
    calls.append(call(4, at, session_id="s2", scope_id="r2", service_version="2", **ada))
    bo = {"user_id": "bo", "session_id": "s3", "feature": "chat", "model": "mystery-1"}
    unknown = {"cost_usd": None, "cost_status": "unpriced", "cost_reason": "unknown_model"}
    calls.append(call(5, at - HOUR, service_version="1", **bo, **unknown))
    calls += [call(10 + n, at, feature=name) for n, name in enumerate(NAMES)]
    return calls


@pytest.fixture(scope="module")
def filled() -> Engine:
    """A store with `records()`, an outcome and a budget."""
    made = engine()
    made.insert_calls(records())
    made.store.insert(
        "outcomes",
        [[NOW - HOUR, "o1", "resolved", "s1", "prod", "shop", "chat"]],
        ["ts", "outcome_id", "name", "session_id", "environment", "service", "feature"],
    )
    made.store.insert(
        "budgets",
        [["all", "total", "", "month", Decimal("0.10")], ["ch", "feature", "chat", "day", 100]],
        ["name", "scope", "scope_value", "period", "amount_usd"],
    )
    return made


def rows(engine: Engine, board: str, title: str, **variables: Any) -> list[dict[str, Any]]:
    view = Panel(NOW - 24 * HOUR, NOW, 3600, {**EVERYTHING, **variables})
    return engine.query(view.expand(panel(board, title)["targets"][0]["rawSql"])).rows


def test_what_a_session_a_user_a_run_and_a_customer_cost(filled: Engine) -> None:
    units = {
        row["unit"]: row for row in rows(filled, "feature", "Unit economics", feature=["chat"])
    }
    assert units["session"]["units"] == 3
    assert units["session"]["mean_usd"] == pytest.approx((0.06 + 0.01) / 2), "s3 is unknown, not 0"
    assert units["session"]["unknown_units"] == 1
    assert units["session"]["highest_usd"] == Decimal("0.06")
    assert (units["run"]["units"], units["run"]["calls_per_unit"]) == (2, 2.0)
    assert (units["user"]["units"], units["user"]["total_usd"]) == (2, Decimal("0.07"))
    assert units["customer"]["mean_usd"] == pytest.approx(0.07)


def test_who_comes_on_two_days_is_one_user(filled: Engine) -> None:
    """Rollups by day would count two: one of each day."""
    filled.insert_calls(
        [call(50 + day, NOW - day * 24 * HOUR, user_id="eve", feature="daily") for day in (2, 3)]
    )
    view = Panel(NOW - 8 * 24 * HOUR, NOW, 3600, {**EVERYTHING, "feature": ["daily"]})
    sql = panel("feature", "Unit economics")["targets"][0]["rawSql"]
    [user] = filled.query(view.expand(sql)).rows
    assert (user["unit"], user["units"], user["calls_per_unit"]) == ("user", 1, 2)
    assert user["mean_usd"] == pytest.approx(0.02)


def test_ad_hoc_filters_narrow_the_calls_by_any_column(filled: Engine) -> None:
    view = Panel(NOW - 24 * HOUR, NOW, 3600, EVERYTHING, ad_hoc="service_version = '2'")
    sql = panel("explorer", "Calls")["targets"][0]["rawSql"]
    [found] = filled.query(view.expand(sql)).rows
    assert found["session_id"] == "s2"


def test_a_record_is_found_whatever_the_range(filled: Engine) -> None:
    """A link from a panel carries the range of its board, which need not hold the call."""
    view = Panel(NOW - timedelta(minutes=5), NOW, 3600, {**EVERYTHING, "record_id": RECORD})
    for title in ("Calls", "About the record"):
        sql = panel("explorer", title)["targets"][0]["rawSql"]
        assert filled.query(view.expand(sql)).rows, title


def test_an_outcome_costs_what_its_session_did(filled: Engine) -> None:
    [row] = rows(filled, "feature", "Cost per outcome")
    assert (row["outcome"], row["outcomes"]) == ("resolved", 1)
    assert row["usd_per_outcome"] == pytest.approx(0.06)


def test_the_most_expensive_session_leads_and_an_unknown_one_is_last(filled: Engine) -> None:
    sessions = rows(filled, "explorer", "Sessions")
    assert [row["session_id"] for row in sessions] == ["s1", "s2", "s3"]
    assert sessions[2]["total_usd"] is None


def test_boxes_narrow_the_calls(filled: Engine) -> None:
    assert len(rows(filled, "explorer", "Calls")) == len(records())
    assert len(rows(filled, "explorer", "Calls", session_id="s1")) == 3
    assert len(rows(filled, "explorer", "Calls", user_id="bo")) == 1
    assert rows(filled, "explorer", "Calls", record_id="it's not one") == []
    by_call = rows(filled, "explorer", "Cost by call of the trace", trace_id=f"{2:032x}")
    assert [row["cost_usd"] for row in by_call] == [Decimal("0.02")]


def test_the_facts_of_a_record_leave_out_what_is_not_known(filled: Engine) -> None:
    facts = rows(filled, "explorer", "About the record", record_id=f"{1:016x}{5:016x}")
    reported = {row["name"]: row["content"] for row in facts}
    assert reported["cost is"] == "unpriced: unknown_model"
    assert "response id" not in reported


def test_budgets_stand_where_their_spend_is(filled: Engine) -> None:
    budgets = {row["name"]: row for row in rows(filled, "overview", "Budgets")}
    assert set(budgets) == {"all", "ch"}
    assert budgets["ch"]["state"] == "ok"
    [used] = rows(filled, "overview", "Budget used")
    assert used["used_share"] == budgets["all"]["used_share"]
    pace = [
        row["usd_so_far"]
        for row in rows(filled, "overview", "Month so far")
        if row["series"] == "budget pace"
    ]
    assert pace[-1] == pytest.approx(0.10)


@pytest.mark.parametrize("name", NAMES)
def test_a_hard_name_is_chosen_like_any_other(filled: Engine, name: str) -> None:
    [row] = rows(filled, "overview", "Cost by ${group_by}", feature=[name])
    assert (row["series"], row["usd"]) == (name, Decimal("0.01"))
    [chosen] = rows(filled, "explorer", "Calls", feature=[name])
    assert chosen["feature"] == name


def test_every_panel_takes_hard_names(filled: Engine) -> None:
    chosen = {**EVERYTHING, "feature": [*NAMES, "chat"], "team": NAMES, "user_id": NAMES[0]}
    view = Panel(NOW - HOUR, NOW, 3600, chosen)
    for shown in PANELS:
        for target in shown["targets"]:
            filled.query(view.expand(target["rawSql"]))


def notes(engine: Engine, name: str, view: Panel) -> list[dict[str, Any]]:
    board = BOARDS["llmcost-overview"]
    [entry] = [entry for entry in board["annotations"]["list"] if entry["name"] == name]
    return engine.query(view.expand(entry["target"]["rawSql"])).rows


def test_a_new_version_of_a_service_is_noted_and_the_first_is_not(filled: Engine) -> None:
    [deploy] = notes(filled, "Deploys", Panel(NOW - 24 * HOUR, NOW, 3600, EVERYTHING))
    assert deploy["title"] == "Deploy: shop 2"


def test_a_changed_list_price_of_a_used_model_is_noted(filled: Engine) -> None:
    changed = filled.query(
        "SELECT p.model AS model, max(p.valid_from) AS at FROM llmcost.prices AS p "
        "WHERE book_version = (SELECT argMax(book_version, loaded_at) FROM llmcost.prices) "
        "AND NOT endsWith(p.model, '*') "
        "GROUP BY p.provider, p.model, p.component HAVING count() > 1 ORDER BY at DESC LIMIT 1"
    ).rows[0]
    at = changed["at"].replace(tzinfo=UTC)
    view = Panel(at - HOUR, at + HOUR, 3600, EVERYTHING)
    assert changed["model"] not in str(notes(filled, "Price changes", view)), "it is not used"
    filled.insert_calls([call(900, at, model=changed["model"])])
    assert f"Price change: {changed['model']}" in {
        row["title"] for row in notes(filled, "Price changes", view)
    }
