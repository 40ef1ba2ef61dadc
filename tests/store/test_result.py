# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What a query returned, in Python and in a notebook."""

from __future__ import annotations

import datetime as dt
import sys
from decimal import Decimal

import pytest

from otel_llmcost.errors import MissingExtraError
from otel_llmcost.store import Result, Store

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


@pytest.fixture
def found(embedded_store: Store) -> Result:
    return embedded_store.query(
        "SELECT arrayElement(['<script>', 'chat'], number + 1) AS feature, "
        "if(number = 0, NULL, toDecimal128('0.000000480000', 12)) AS cost_usd, "
        "toUInt64(5) AS calls, if(number = 0, NULL, toUInt64(7)) AS tokens, "
        "toDateTime('2026-11-20 12:00:00', 'UTC') AS hour FROM numbers(2)"
    )


def test_rows_are_read_by_name(found: Result) -> None:
    assert len(found) == 2
    assert [row["feature"] for row in found] == ["<script>", "chat"]
    assert list(found)[1] == {
        "feature": "chat",
        "cost_usd": Decimal("0.00000048"),
        "calls": 5,
        "tokens": 7,
        "hour": NOON,
    }


def test_a_frame_keeps_money_exact_and_unknown_missing(found: Result) -> None:
    frame = found.df()
    assert list(frame.columns) == ["feature", "cost_usd", "calls", "tokens", "hour"]
    assert frame["cost_usd"][1] == Decimal("0.00000048")
    assert frame["cost_usd"].isna().tolist() == [True, False]
    assert frame["tokens"].isna().tolist() == [True, False]
    assert [str(frame[name].dtype) for name in ("calls", "tokens", "hour")] == [
        "uint64",
        "UInt64",
        "datetime64[ns, UTC]",
    ]
    assert frame["hour"][0] == NOON


def test_a_frame_has_money_as_float_by_choice(found: Result) -> None:
    money = found.df(money="float")["cost_usd"]
    assert str(money.dtype) == "float64"
    assert money.isna().tolist() == [True, False]
    assert money.sum() == pytest.approx(4.8e-7)
    with pytest.raises(ValueError, match="neither 'decimal' nor 'float'"):
        found.df(money="dollars")  # pyright: ignore[reportArgumentType] - what is wrong with it


def test_two_columns_of_one_name_both_come_through() -> None:
    twice = Result(["a", "a"], ["UInt8", "UInt8"], [(1, 2)])
    assert twice.df().to_numpy().tolist() == [[1, 2]]


def test_without_pandas_the_error_names_the_extra(
    found: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match=r"otel-llmcost\[notebook\]"):
        found.df()


def test_a_notebook_shows_a_table_in_which_no_name_is_markup(found: Result) -> None:
    html = found._repr_html_()
    assert "&lt;script&gt;" in html
    assert "<script>" not in html
    assert "<em>NULL</em>" in html
    assert "more" not in html
    assert repr(found) == "<Result of 2 rows: feature, cost_usd, calls, tokens, hour>"


def test_a_long_table_says_how_many_rows_it_leaves_out() -> None:
    html = Result(["n"], ["UInt8"], [(n,) for n in range(1051)])._repr_html_()
    assert html.count("<tr>") == 51
    assert "1,001 rows more" in html


def test_a_store_says_where_it_is(embedded_store: Store) -> None:
    assert repr(embedded_store) == f"<Store {embedded_store.url}>"
