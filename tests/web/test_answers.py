# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Answers to statements somebody wrote: errors at their position, charts, numbers as they are."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from otel_llmcost.serve.web.answers import Answer, problem


def answer(columns: dict[str, str], *rows: list[Any]) -> Answer:
    meta = [{"name": name, "type": kind} for name, kind in columns.items()]
    statistics = {"elapsed": 0.5, "rows_read": 7, "bytes_read": 8}
    found = Answer.of(json.dumps({"meta": meta, "data": rows, "statistics": statistics}).encode())
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("sql", "error", "marked", "place"),
    [
        ("SELEC 1", "failed at position 7 (1): 1. Expected one of: token", "1", "line 1, column 7"),
        ("SELECT 'é', 1,, 2", "failed at position 16 (,): , 2.", ",", "line 1, column 15"),
        (
            "SELECT 1\nFRM x",
            "failed at position 10 (FRM) (line 2, col 1)",
            "FRM",
            "line 2, column 1",
        ),
        (
            "SELECT a,\n nofun(b)",
            "Function with name `nofun` does not",
            "nofun",
            "line 2, column 2",
        ),
        ("SELECT 1", "failed at position 900 (end of query)", "1", "line 1, column 8"),
        ("SELECT x", "Unknown expression identifier `y` in", "", ""),
        ("SELECT 1", "this user may only read", "", ""),
        ("", "failed at position 1", "", ""),
    ],
)
def test_an_error_is_marked_where_it_is(sql: str, error: str, marked: str, place: str) -> None:
    found = problem(sql, f"Code: 62. DB::Exception: Syntax error: {error}")
    assert (found.marked, found.place) == (marked, place)
    assert found.before + found.marked + found.after == (sql if marked else "")
    assert "Code:" not in found.message
    assert "Expected one of" not in found.message


def test_an_answer_in_a_format_of_its_own_is_no_table() -> None:
    assert Answer.of(b"1\t2\n") is None
    assert Answer.of(b"[1]") is None
    assert Answer.of(b'{"meta": [], "data": 3, "statistics": {}}') is None


def test_numbers_keep_their_digits_and_null_is_a_dash() -> None:
    found = answer(
        {"a": "Nullable(Decimal(38, 12))", "b": "UInt64", "c": "Array(String)", "d": "Float64"},
        [0.5, 2**64 - 1, ["x"], 1e300],
        [None, 0, [], 0],
    )
    cells = [[cell.text for cell in row] for row in found.table(10).rows]
    assert cells == [
        ["0.5", str(2**64 - 1), '["x"]', "1E+300"],
        ["—", "0", "[]", "0"],
    ]
    assert found.report(1).rows == [(Decimal("0.5"), 2**64 - 1, '["x"]', Decimal("1E+300"))]


def test_a_time_a_name_and_a_number_become_a_line_for_each_name() -> None:
    found = answer(
        {"model": "LowCardinality(String)", "day": "Date", "usd": "Nullable(Decimal(38, 12))"},
        ["a", "2026-11-01", 1],
        ["b", "2026-11-01", 5],
        ["a", "2026-11-02", None],
        ["b", "2026-11-02", 7],
    )
    chart = found.chart()
    assert chart is not None
    assert (chart.kind, chart.unit, list(chart.names)) == (
        "line",
        "usd",
        ["2026-11-01", "2026-11-02"],
    )
    assert {one.name: list(one.values) for one in chart.series} == {"b": [5, 7], "a": [1, None]}


def test_a_name_and_a_number_become_bars() -> None:
    chart = answer({"n": "UInt8", "model": "String"}, [1, "a"], [2, "b"]).chart()
    assert chart is not None
    assert (chart.kind, chart.unit, list(chart.names)) == ("bar", "count", ["a", "b"])
    assert list(chart.series[0].values) == [1, 2]


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        ({"a": "UInt8"}, [[1], [2]]),
        ({"a": "String", "b": "String"}, [["x", "y"], ["x", "y"]]),
        ({"a": "String", "b": "UInt8"}, [["x", 1]]),
        ({"a": "String", "b": "UInt8"}, [["x", 1]] * 401),
    ],
)
def test_what_says_nothing_as_a_chart_is_none(columns: dict[str, str], rows: list[Any]) -> None:
    assert answer(columns, *rows).chart() is None


def test_what_is_no_number_leaves_a_gap() -> None:
    chart = answer({"a": "String", "b": "Float64"}, ["x", "nan"], ["y", 2]).chart()
    assert chart is not None
    assert list(chart.series[0].values) == [None, 2]
