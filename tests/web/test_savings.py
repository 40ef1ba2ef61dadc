# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Savings on the page: cards, what is done, and what it has saved since."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from otel_llmcost.reports.levers import LEVERS, effort, sentence, snippet
from otel_llmcost.reports.realised import KEY, measured
from otel_llmcost.reports.savings import levers
from otel_llmcost.reports.window import sql_time
from otel_llmcost.store import Store
from tests.cli.calls import add, call, priced_call
from tests.web.people import HOSTILE, client, send

pytestmark = pytest.mark.slow

PAGE = "/savings?range=30d"
NOW = datetime.now(UTC)
DONE_AT = NOW - timedelta(hours=6)


@pytest.fixture(autouse=True)
def at_present(monkeypatch: pytest.MonkeyPatch) -> None:
    """The calls are some hours ago when a test runs, which can be long after it was loaded."""
    here, now = sys.modules[__name__], datetime.now(UTC)
    monkeypatch.setattr(here, "NOW", now)
    monkeypatch.setattr(here, "DONE_AT", now - timedelta(hours=6))


SCOPE = {
    "environment": "prod",
    "feature": "support",
    "provider": "anthropic",
    "model": "claude-opus-5",
}


def repeated(count: int = 40, hours_ago: float = 30, **more: Any) -> list[dict[str, Any]]:
    """The same request again and again: the lever duplicate_requests."""
    return [
        priced_call(hours_ago=hours_ago + n / 60, request_fingerprint="same", **more)
        for n in range(count)
    ]


def decision(lever: str, **more: Any) -> dict[str, Any]:
    return {
        "lever": lever,
        **SCOPE,
        "decided_at": DONE_AT,
        "decided_by": "ada",
        "change": "",
        "saving_usd_per_month": Decimal(30),
        "saving_low_usd_per_month": Decimal(0),
        "cost_usd_per_month": Decimal(60),
        "note": "",
        **more,
    }


def test_the_cards_add_up_to_the_plan_of_the_view(embedded_store: Store) -> None:
    add(embedded_store, *repeated(), *repeated(feature="faq", count=20))
    html = client(embedded_store).get(PAGE).text
    ends = {"since": sql_time(NOW - timedelta(days=30)), "until": sql_time(NOW)}
    sql = (
        "SELECT feature, lever, saving_usd FROM llmcost.savings_between("
        "since = {since:DateTime64(3)}, until = {until:DateTime64(3)}, candidate = '', share = 0) "
        "WHERE in_plan"
    )
    plan = embedded_store.query(sql, ends).rows
    (first,) = embedded_store.query("SELECT toStartOfHour(min(ts)) FROM llmcost.calls").rows[0]
    scale = timedelta(days=365.25 / 12) / (datetime.now(UTC) - first)
    shown = [float(value) for value in re.findall(r'class="amount" value="([\d.]+)"', html)]
    total, cards = shown[0], shown[1:]
    assert {row[:2] for row in plan} >= {
        ("support", "duplicate_requests"),
        ("faq", "duplicate_requests"),
    }
    assert total == pytest.approx(float(sum(row[2] for row in plan)) * scale, rel=1e-3)
    assert total == pytest.approx(sum(cards), rel=1e-9)
    assert "lru_cache" in html


def test_done_and_undone_are_kept_with_what_was_predicted(embedded_store: Store) -> None:
    add(embedded_store, *repeated())
    page = client(embedded_store)
    key = {"lever": "duplicate_requests", **SCOPE}
    assert send(page, "/savings/done", PAGE, **key, by="ada", note="Redis").status_code == 303
    html = page.get(PAGE).text
    assert "Redis" in html
    assert "was predicted" in html
    assert send(page, "/savings/done", PAGE, **key).status_code == 400  # it is done already
    assert send(page, "/savings/undo", PAGE, **key).status_code == 303
    assert "was predicted" not in page.get(PAGE).text
    assert send(page, "/savings/undo", PAGE, **key).status_code == 400
    sql = "SELECT action, subject FROM llmcost.audit ORDER BY changed_at"
    name = "duplicate_requests of support, claude-opus-5 (prod)"
    assert embedded_store.query(sql).rows == [("saving done", name), ("saving undone", name)]


def test_what_was_not_found_cannot_be_done(embedded_store: Store) -> None:
    add(embedded_store, *repeated())
    page = client(embedded_store)
    assert send(page, "/savings/done", PAGE, lever="batch", feature="x").status_code == 400


def test_cheaper_calls_are_compared_with_those_before(embedded_store: Store) -> None:
    before = [call(hours_ago=10 + n / 10, usd="0.02") for n in range(40)]
    after = [call(hours_ago=n / 10, usd="0.01" if n % 2 else "0.012") for n in range(1, 41)]
    add(embedded_store, *before, *after, call(hours_ago=2, usd="5", feature="other"))
    found = measured(embedded_store.query, decision("cap_output"), NOW)
    assert (found.method, found.calls) == ("compared", 40)
    sql = (
        "SELECT avgIf(cost_usd, ts < {at:DateTime64(3)}) * countIf(ts >= {at:DateTime64(3)}) "
        "- sumIf(cost_usd, ts >= {at:DateTime64(3)}) FROM llmcost.calls WHERE feature = 'support'"
    )
    at = {"at": f"{DONE_AT:%Y-%m-%d %H:%M:%S}"}
    assert float(found.saved_usd or 0) == pytest.approx(embedded_store.query(sql, at).rows[0][0])
    assert found.saved_usd == Decimal("0.36")
    # 40 calls of 1 and 1.2 cents: 1.645 x sqrt(40) x 0.1 cents x sqrt(40 / 39).
    assert float(found.error_usd or 0) == pytest.approx(
        1.645 * (40**0.5) * 0.001 * (40 / 39) ** 0.5
    )
    # Six hours of thirty dollars a month.
    assert float(found.predicted_usd or 0) == pytest.approx(30 * 6 / (24 * 365.25 / 12))


def test_calls_that_became_more_expensive_are_a_negative_saving(embedded_store: Store) -> None:
    add(embedded_store, call(hours_ago=10, usd="0.01"), call(hours_ago=1, usd="0.03"))
    found = measured(embedded_store.query, decision("growing_history"), NOW)
    assert found.saved_usd == Decimal("-0.02")
    assert "first sign" in found.note


def test_without_calls_since_nothing_is_said(embedded_store: Store) -> None:
    add(embedded_store, call(hours_ago=10, usd="0.01"))
    for lever in ("cap_output", "batch"):
        found = measured(embedded_store.query, decision(lever), NOW)
        assert found.saved_usd is None
        assert found.calls == 0
        assert "No calls since" in found.note


def test_requests_that_are_not_repeated_any_more_are_a_saving(embedded_store: Store) -> None:
    # Before: ten calls, nine of which repeat the first within a day. After: ten that differ.
    before = repeated(count=10, hours_ago=8)
    after = [priced_call(hours_ago=n / 3, request_fingerprint=f"r{n}") for n in range(1, 11)]
    add(embedded_store, *before, *after)
    found = measured(embedded_store.query, decision("duplicate_requests"), NOW)
    # Nine repeats for each kept call before, none after: 10 kept calls would have had 90.
    assert found.saved_usd == Decimal("0.0075") * 90


def test_moved_calls_are_billed_again_on_the_terms_of_before(embedded_store: Store) -> None:
    # $5 and $25 a million in the standard tier; half of it in batches.
    half = {"usd": "0.00375", "mode": "batch"}
    before = [priced_call(hours_ago=9 + n) for n in range(4)]
    after = [{**priced_call(hours_ago=2 + n), **_cost(half)} for n in range(3)]
    still = [priced_call(hours_ago=3)]
    add(embedded_store, *before, *after, *still)
    found = measured(embedded_store.query, decision("batch", change="Batch API"), NOW)
    assert (found.method, found.calls, found.error_usd) == ("re-billed", 3, None)
    assert found.saved_usd == 3 * (Decimal("0.0075") - Decimal("0.00375"))


def test_what_was_in_batches_before_is_no_new_saving(embedded_store: Store) -> None:
    half = _cost({"usd": "0.00375", "mode": "batch"})
    before = [{**priced_call(hours_ago=9 + n), **(half if n % 2 else {})} for n in range(4)]
    after = [{**priced_call(hours_ago=2 + n), **half} for n in range(3)]
    add(embedded_store, *before, *after)
    found = measured(embedded_store.query, decision("batch"), NOW)
    assert found.saved_usd == 3 * Decimal("0.00375") / 2
    assert "50% of calls" in found.note


def test_calls_of_another_model_are_billed_again_as_the_old_one(embedded_store: Store) -> None:
    # claude-haiku-4-5 costs a fifth of claude-opus-5: $1 and $5 a million.
    haiku = _cost({"usd": "0.0015", "model": "claude-haiku-4-5"})
    before = [priced_call(hours_ago=9)]
    after = [{**priced_call(hours_ago=2 + n), **haiku} for n in range(2)]
    add(embedded_store, *before, *after)
    done = decision("cheaper_model", change="model claude-haiku-4-5")
    assert measured(embedded_store.query, done, NOW).saved_usd == 2 * Decimal("0.006")


def _cost(facts: dict[str, Any]) -> dict[str, Any]:
    more = {name: value for name, value in facts.items() if name != "usd"}
    return {"cost_usd": Decimal(facts["usd"]), **more}


def test_every_lever_has_a_sentence_an_effort_and_code() -> None:
    known = set(levers())
    assert known == LEVERS.keys()
    for lever in known:
        for provider, model in (("anthropic", "claude-opus-5"), ("openai", "gpt-6-luna")):
            row = {
                **dict.fromkeys(KEY, "x"),
                "lever": lever,
                "provider": provider,
                "model": model,
                "feature": HOSTILE,
                "change": "max_tokens 384, cuts no finished answer",
            }
            assert sentence(row).endswith(".")
            assert effort(row) != "unknown"
            assert "'" not in snippet(row) or lever == "failed_calls"
            assert "{" not in snippet(row).replace('{"', "") or lever in ("batch",)


def test_hostile_names_of_savings_are_text(embedded_store: Store) -> None:
    add(embedded_store, *repeated(feature=HOSTILE))
    page = client(embedded_store)
    key = {"lever": "duplicate_requests", **SCOPE, "feature": HOSTILE}
    assert send(page, "/savings/done", PAGE, **key, note=HOSTILE).status_code == 303
    html = page.get(PAGE).text
    assert "<script>alert" not in html
    assert "<img" not in html
