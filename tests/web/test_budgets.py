# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Budgets on the page: set, changed and removed; how they end; what they refused."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from otel_llmcost.serve.web.people import Doors
from otel_llmcost.store import Store
from tests.cli.calls import add, call
from tests.web.people import HOSTILE, client, send

BUDGET = {
    "scope": "feature",
    "scope_value": "support",
    "period": "month",
    "amount": "1.50",
    "soft_percent": "70",
    "action": "block",
    "name": "Support",
}
ONE = {name: BUDGET[name] for name in ("scope", "scope_value", "period")}


def budgets(store: Store) -> list[tuple[Any, ...]]:
    sql = (
        "SELECT name, scope, scope_value, period, amount_usd, soft_percent, action "
        "FROM llmcost.budget_status"
    )
    return store.query(sql).rows


def actions(store: Store) -> list[tuple[Any, ...]]:
    sql = "SELECT action, subject, before, after FROM llmcost.audit ORDER BY changed_at"
    return store.query(sql).rows


def test_a_budget_is_set_changed_and_removed_and_each_is_in_the_audit(
    embedded_store: Store,
) -> None:
    page = client(embedded_store)
    assert send(page, "/budgets/set", "/budgets", **BUDGET).status_code == 303
    assert budgets(embedded_store) == [
        ("Support", "feature", "support", "month", Decimal("1.5"), 70, "block")
    ]
    send(page, "/budgets/set", "/budgets", **{**BUDGET, "amount": "$2,000"})
    assert budgets(embedded_store)[0][4] == 2000
    assert send(page, "/budgets/remove", "/budgets", **ONE).status_code == 303
    assert budgets(embedded_store) == []
    made, changed, removed = actions(embedded_store)
    assert (made[0], made[1], made[2]) == ("budget set", "feature=support per month", "")
    assert json.loads(changed[2])["amount_usd"] == "1.500000"
    assert json.loads(changed[3])["amount_usd"] == "2000"
    assert (removed[0], removed[3]) == ("budget removed", "")


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "0"},
        {"amount": "-5"},
        {"amount": "much"},
        {"scope": "galaxy"},
        {"scope_value": ""},
        {"period": "year"},
        {"soft_percent": "0"},
        {"soft_percent": "x"},
        {"action": "explode"},
        {"name": "n" * 201},
    ],
)
def test_what_is_no_budget_is_refused_and_not_in_the_audit(
    embedded_store: Store, wrong: dict[str, str]
) -> None:
    reply = send(client(embedded_store), "/budgets/set", "/budgets", **{**BUDGET, **wrong})
    assert reply.status_code == 400
    assert budgets(embedded_store) == actions(embedded_store) == []


def test_a_budget_that_is_not_there_cannot_be_removed(embedded_store: Store) -> None:
    assert send(client(embedded_store), "/budgets/remove", "/budgets", **ONE).status_code == 400


def test_a_card_says_what_was_spent_and_how_it_ends(embedded_store: Store) -> None:
    page = client(embedded_store)
    send(page, "/budgets/set", "/budgets", **{**BUDGET, "period": "day"})
    now = datetime.now(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    times = [midnight + n * (now - midnight) / 4 for n in range(4)]
    add(embedded_store, *(call(ts=at, usd="0.25") for at in times), call(feature="other", usd="9"))
    html = page.get("/budgets").text
    sql = (
        "SELECT sum(cost_usd) FROM llmcost.calls WHERE feature = 'support' "
        "AND ts >= toStartOfDay(now('UTC'))"
    )
    assert f'value="{embedded_store.query(sql).rows[0][0]:f}"' in html
    assert "$1.00</data> of $1.50" in html
    assert "The day ends with $" in html
    drawn = re.search(r'<polyline class="actual" points="([^"]+)"', html)
    assert drawn
    heights = [float(point.split(",")[1]) for point in drawn[1].split()]
    # From all of it at the top to a third that is left; 2 is the margin of the drawing.
    assert heights[0] == 2.0
    assert heights[-1] == pytest.approx(2 + 116 * 2 / 3, abs=0.1)
    assert 'style="' not in html


def test_what_block_refused_is_counted(embedded_store: Store) -> None:
    now = datetime.now(UTC)
    rows = [
        {
            "ts": now - timedelta(hours=n),
            "decision_id": f"d{n}",
            "decision": decision,
            "budget": "Support",
            "estimate_usd": usd,
            "feature": "support",
            "request_model": "m",
        }
        for n, (decision, usd) in enumerate(
            [("blocked", Decimal("0.5")), ("blocked", None), ("warned", Decimal(7))]
        )
    ]
    embedded_store.insert("budget_decisions", [list(r.values()) for r in rows], tuple(rows[0]))
    csv = client(embedded_store).get("/budgets?csv=0").text.splitlines()
    found = dict(zip(csv[0].split(","), csv[1].split(","), strict=True))
    assert (found["budget"], found["refused"]) == ("Support", "2")
    assert (Decimal(found["estimate_usd"]), found["unknown_estimates"]) == (Decimal("0.5"), "1")
    assert len(csv) == 2


def test_a_viewer_sees_budgets_and_no_form(embedded_store: Store) -> None:
    page = client(embedded_store, Doors(token="t", viewer_token="v"))
    html = page.get("/budgets", headers={"Authorization": "Bearer v"}).text
    assert "No budgets" in html
    assert 'action="/budgets/set"' not in html


def test_hostile_names_of_budgets_are_text(embedded_store: Store) -> None:
    page = client(embedded_store)
    send(page, "/budgets/set", "/budgets", **{**BUDGET, "name": HOSTILE, "scope_value": HOSTILE})
    html = page.get("/budgets").text
    assert "<script>alert" not in html
    assert "<img" not in html
    assert budgets(embedded_store)[0][2] == HOSTILE
