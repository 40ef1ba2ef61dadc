# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest

from otel_llmcost.store import Store
from tests.cli.calls import USD, add, call, priced
from tests.cli.conftest import Command, rows


@pytest.mark.parametrize("by", ["record_id", "span_id", "response_id", "trace_id"])
def test_every_id_a_call_has_finds_its_bill(embedded_store: Store, cli: Command, by: str) -> None:
    one = priced()
    add(embedded_store, one, call())
    (found,) = rows(cli("explain", one[by], "--format", "json"))
    assert found["record_id"] == one["record_id"]
    assert [line["bucket"] for line in found["lines"]] == ["input", "cache_read", "output"]
    amounts = [Decimal(str(line["amount_usd"])) for line in found["lines"]]
    assert sum(amounts) == Decimal(USD)
    assert all(line["source"].startswith("https://") for line in found["lines"])
    assert found["note"] is None


def test_the_table_shows_the_facts_and_the_bill(embedded_store: Store, cli: Command) -> None:
    one = priced(mode="standard", feature="support", error_type="")
    add(embedded_store, one)
    shown = cli("explain", "msg_01").stdout
    for text in (one["record_id"], "claude-opus-5", "support", "cache_read", USD, "[1] https://"):
        assert text in shown
    assert "error type" not in shown


def test_a_geography_multiplies_and_names_its_rule(embedded_store: Store, cli: Command) -> None:
    add(embedded_store, priced(usd="0.0045375", price_geo="1.1"))
    (found,) = rows(cli("explain", "msg_01", "--format", "json"))
    assert {line["multipliers"] for line in found["lines"]} == {"x1.1 geo"}
    assert found["lines"][0]["rule"] == "anthropic 1, 11"
    assert found["note"] is None


@pytest.mark.parametrize(("geo", "words"), [("1.1", "x1.1"), ("1", "as everywhere")])
def test_the_price_of_a_region_is_said_in_words(
    embedded_store: Store, cli: Command, geo: str, words: str
) -> None:
    add(embedded_store, priced(price_geo=geo))
    said = cli("explain", "msg_01").stdout
    assert re.search(rf"price by region +{re.escape(words)}\n", said)


def test_a_lower_bound_is_called_one(embedded_store: Store, cli: Command) -> None:
    add(embedded_store, priced(cost_status="partial", cost_reason="stream_abandoned"))
    assert "Lower bound (stream_abandoned)" in cli("explain", "msg_01").stderr


def test_another_price_book_and_another_amount_are_said(
    embedded_store: Store, cli: Command
) -> None:
    add(embedded_store, priced(usd="0.005", price_version="2025-01-01"))
    result = cli("explain", "msg_01")
    assert "Recorded with price book 2025-01-01" in result.stderr
    assert "Recorded cost: $0.005; by these lines: $0.004125" in result.stderr
    assert "(difference $-0.000875)" in result.stderr


def test_an_unpriced_call_says_why(embedded_store: Store, cli: Command) -> None:
    one = priced(usd=None, model="claude-nonesuch")
    add(embedded_store, one)
    result = cli("explain", "msg_01")
    assert result.exit_code == 0
    assert "unknown_model" in result.stdout + result.stderr
    assert "x0 mode" not in result.stdout
    lines = cli("explain", "msg_01", "--format", "csv").stdout.splitlines()
    assert one["record_id"] in lines[1]


def test_every_record_of_a_retried_call_is_shown(embedded_store: Store, cli: Command) -> None:
    first, second = priced(hours_ago=2, trace_id="f" * 32), priced(trace_id="f" * 32)
    add(embedded_store, first, second)
    found = rows(cli("explain", "f" * 32, "--format", "json"))
    assert [one["record_id"] for one in found] == [first["record_id"], second["record_id"]]
    assert all(len(one["lines"]) == 3 for one in found)
    assert cli("explain", "f" * 32).stdout.count("Call 00c0ffee") == 2


def test_an_unknown_id_says_what_ids_there_are(embedded_store: Store, cli: Command) -> None:
    add(embedded_store, priced(), call())
    for name in ("msg_02", "", "'; DROP TABLE calls"):
        result = cli("explain", name)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "span id" in result.stderr
        assert "takes some seconds to arrive" in result.stderr


def test_csv_has_a_row_for_every_line(embedded_store: Store, cli: Command) -> None:
    add(embedded_store, priced())
    head, *lines = cli("explain", "msg_01", "--format", "csv").stdout.splitlines()
    assert head.startswith("ts,record_id,cost_status")
    assert len(lines) == 3
    assert json.dumps(lines).count("msg_01") == 0
