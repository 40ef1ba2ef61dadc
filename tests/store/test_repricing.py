# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import pytest

from otel_llmcost.pricing import PriceBook, rate
from otel_llmcost.store import Store
from otel_llmcost.store.repricing import Repricing
from otel_llmcost.usage import Charge, Usage
from tests.schema.sql_bill import as_span
from tests.support.otlp_rows import NOON, send

pytestmark = pytest.mark.slow

SINCE, UNTIL = NOON - dt.timedelta(days=1), NOON + dt.timedelta(days=3)
NEW = "house-model-1"


def usage(model: str, provider: str = "anthropic", **buckets: int) -> Usage:
    charge = Charge(model=model, buckets=buckets or {"input": 1000, "output": 100})
    return Usage(provider=provider, model=model, charges=(charge,))


def fill(store: Store, *usages: Usage, at: dt.datetime = NOON, first: int = 1) -> None:
    send(store, [as_span(first + n, rate(one, at), at) for n, one in enumerate(usages)])
    store.refresh()


def costs(store: Store) -> dict[int, tuple[Decimal | None, str, str]]:
    rows = store.query(
        "SELECT record_id, cost_usd, cost_status, price_version FROM llmcost.calls"
    ).rows
    return {int(row[0], 16): row[1:] for row in rows}


def rolled_up(store: Store) -> Decimal:
    return store.query("SELECT sum(cost_usd) FROM llmcost.hourly_spend").rows[0][0]


@pytest.fixture
def house_book(tmp_path: Path) -> PriceBook:
    overlay = tmp_path / "house.json"
    entries = [
        {
            "models": [NEW], "from": "2026-01-01", "to": None, "source": "https://example.com",
            "prices": {"input": "1", "output": "2"},
        },
        {
            "kind": "discount", "models": ["claude-opus-5"], "from": "2026-01-01", "to": None,
            "prices": {"*": "0.5"},
        },
    ]  # fmt: skip
    overlay.write_text(json.dumps({"provider": "anthropic", "entries": entries}))
    return PriceBook.load([overlay])


def test_the_book_in_use_changes_nothing_that_it_priced(embedded_store: Store):
    fill(embedded_store, usage("claude-opus-5"), usage("claude-haiku-4-5"))
    before = costs(embedded_store)
    with Repricing(embedded_store) as repricing:
        rows = repricing.delta(SINCE, UNTIL).rows
        assert [row[3] for row in rows] == [0, 0]
        assert all(day.records == 0 for day in repricing.apply(SINCE, UNTIL))
    assert costs(embedded_store) == before
    assert embedded_store.query("SELECT count() FROM llmcost.reprices").rows == [(0,)]


def test_a_dry_run_changes_nothing_and_leaves_no_candidate(
    embedded_store: Store, house_book: PriceBook
):
    fill(embedded_store, usage(NEW))
    with Repricing(embedded_store, house_book) as repricing:
        found = repricing.delta(SINCE, UNTIL)
    row = dict(zip(found.columns, found.rows[0], strict=True))
    assert (row["newly_priced"], row["before_usd"], row["after_usd"]) == (
        1,
        None,
        Decimal("0.0012"),
    )
    assert costs(embedded_store)[1][:2] == (None, "unpriced")
    rows = embedded_store.query("SELECT count() FROM llmcost.rates WHERE candidate = 1").rows
    assert rows == [(0,)]


def test_apply_prices_what_was_unknown_and_what_the_contract_says(
    embedded_store: Store, house_book: PriceBook
):
    fill(embedded_store, usage(NEW), usage("claude-opus-5"))
    fill(embedded_store, usage(NEW), at=NOON + dt.timedelta(days=1), first=9)
    listed = rate(usage("claude-opus-5"), NOON).total
    assert listed is not None
    with Repricing(embedded_store, house_book) as repricing:
        done = list(repricing.apply(SINCE, UNTIL))
    assert [day.records for day in done if day.records] == [2, 1]
    found = costs(embedded_store)
    assert found[1] == found[9] == (Decimal("0.0012"), "priced", house_book.version)
    assert found[2][0] == listed  # a contract never changes the list cost
    contracted = "SELECT contracted_cost_usd FROM llmcost.calls WHERE model = 'claude-opus-5'"
    assert embedded_store.query(contracted).rows == [(listed / 2,)]
    embedded_store.refresh()
    assert rolled_up(embedded_store) == listed + Decimal("0.0024")
    log = embedded_store.query("SELECT records, price_version FROM llmcost.reprices ORDER BY since")
    assert log.rows == [(2, house_book.version), (1, house_book.version)]


def test_a_replay_of_the_span_does_not_undo_it_and_a_second_run_changes_nothing(
    embedded_store: Store, house_book: PriceBook
):
    fill(embedded_store, usage(NEW))
    for _ in range(2):
        with Repricing(embedded_store, house_book) as repricing:
            list(repricing.apply(SINCE, UNTIL))
        fill(embedded_store, usage(NEW))
        assert costs(embedded_store)[1][0] == Decimal("0.0012")
        assert rolled_up(embedded_store) == Decimal("0.0012")
    assert embedded_store.query("SELECT count() FROM llmcost.reprices").rows == [(1,)]


def test_what_was_not_billed_or_not_read_stays_untouched(embedded_store: Store):
    refused = Usage(provider="anthropic", model="claude-opus-5", status="not_billed")
    unread = Usage(
        provider="anthropic", model="claude-opus-5", status="unpriced", reason="invalid_usage",
        charges=(Charge(model="claude-opus-5", buckets={"input": 5}),),
    )  # fmt: skip
    fill(embedded_store, refused, unread)
    before = costs(embedded_store)
    with Repricing(embedded_store) as repricing:
        assert repricing.delta(SINCE, UNTIL).rows == []
    assert costs(embedded_store) == before


def test_a_cost_that_sql_cannot_compute_is_kept_and_counted(embedded_store: Store):
    fill(embedded_store, usage("claude-opus-5"))
    embedded_store.command(
        "INSERT INTO llmcost.llm_calls SELECT * REPLACE ('gone' AS model, version + 1 AS version) "
        "FROM llmcost.llm_calls"
    )
    with Repricing(embedded_store) as repricing:
        found = repricing.delta(SINCE, UNTIL)
    row = dict(zip(found.columns, found.rows[0], strict=True))
    assert row["kept"] == 1
    assert row["before_usd"] == row["after_usd"] is not None
