# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest

from otel_llmcost.errors import SchemaError, StoreError
from otel_llmcost.pricing import PriceBook
from otel_llmcost.pricing.rates import rates
from otel_llmcost.store import Store, open_store, refresh
from otel_llmcost.store.session import open_session
from tests.cli.calls import call, put
from tests.support.embedded import store_directory


def test_rows_come_back_typed(embedded_store: Store):
    found = embedded_store.query(
        "SELECT toDecimal64('0.0416', 12) AS money, toDateTime('2026-11-20 12:00:00', 'UTC') AS a, "
        "toDateTime64('2026-11-20 12:00:00.125', 3, 'UTC') AS b, NULL AS nothing, {n:UInt8} AS n",
        {"n": 7},
    )
    noon = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
    assert found.columns == ["money", "a", "b", "nothing", "n"]
    assert found.types[0] == "Decimal(18, 12)"
    later = noon + dt.timedelta(milliseconds=125)
    assert found.rows == [(Decimal("0.0416"), noon, later, None, 7)]
    assert [value.tzinfo for value in found.rows[0][1:3]] == [dt.UTC, dt.UTC]


def test_times_travel_as_parameters_without_losing_their_fraction(embedded_store: Store):
    moment = dt.datetime(2026, 11, 20, 14, 0, 0, 125000, dt.timezone(dt.timedelta(hours=2)))
    sql = "SELECT {at:DateTime64(3, 'UTC')}"
    assert embedded_store.query(sql, {"at": moment}).rows == [(moment,)]


@pytest.mark.parametrize("write", [False, True])
def test_the_embedded_engine_compiles_no_expression(embedded_store: Store, write: bool):
    [(compiled,)] = embedded_store.query(
        "SELECT getSetting('compile_expressions')", write=write
    ).rows
    assert not compiled


def test_text_parameters_are_never_sql(embedded_store: Store):
    text = "'; DROP TABLE llmcost.llm_calls --\\ é"
    assert embedded_store.query("SELECT {t:String}", {"t": text}).rows == [(text,)]


@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 INTO OUTFILE '{}'",
        "select 1 into/**/\noutfile '{}' FORMAT CSV",
        "SELECT 1 UNION ALL SELECT 2 INTO OUTFILE '{}' TRUNCATE",
        "EXPLAIN SELECT 1 INTO OUTFILE '{}'",
    ],
)
def test_no_query_writes_a_file(embedded_store: Store, tmp_path: Path, sql: str, write: bool):
    with pytest.raises(StoreError, match="INTO OUTFILE is not allowed"):
        embedded_store.query(sql.format(tmp_path / "out"), write=write)
    assert not list(tmp_path.iterdir())


def test_a_text_that_speaks_of_outfiles_is_no_outfile(embedded_store: Store):
    text = "x\nINTO OUTFILE '/tmp/x'"
    quoted = text.replace("'", "\\'")
    assert embedded_store.query(f"SELECT '{quoted}'").rows == [(text,)]


def test_inserted_rows_are_read_back(embedded_store: Store):
    rows = [("docs", "team", "docs", "month", Decimal("100.5"))]
    columns = ["name", "scope", "scope_value", "period", "amount_usd"]
    embedded_store.insert("budgets", rows, columns)
    embedded_store.insert("budgets", [], columns)
    assert embedded_store.query(
        "SELECT name, amount_usd, soft_percent FROM llmcost.budgets"
    ).rows == [("docs", Decimal("100.5"), 80)]


def test_views_need_no_database_before_their_name(embedded_store: Store):
    assert embedded_store.query("SELECT count() FROM calls").rows == [(0,)]
    assert embedded_store.query("SELECT currentDatabase()").rows == [("llmcost",)]


def test_an_error_is_one_line_with_clickhouses_code(embedded_store: Store):
    for run in (embedded_store.query, embedded_store.command):
        with pytest.raises(StoreError) as caught:
            run("SELECT nonsense")
        assert caught.value.code == 47
        assert "\n" not in str(caught.value)
    with pytest.raises(StoreError):
        embedded_store.insert("budgets", [("x",)], ["no_such_column"])


@pytest.mark.parametrize("view", ["no_such_view", "no_such_view(since = 1)"])
def test_a_missing_view_names_the_command_that_makes_it(embedded_store: Store, view: str):
    with pytest.raises(SchemaError, match="otel-llmcost schema apply"):
        embedded_store.query(f"SELECT * FROM llmcost.{view}")


def test_a_second_store_of_the_process_and_many_threads_read_the_same_data(embedded_store: Store):
    embedded_store.command("INSERT INTO llmcost.budgets (name) VALUES ('x')")
    with open_store(f"chdb://{store_directory()}") as second:
        with ThreadPoolExecutor(4) as pool:
            answers = pool.map(
                lambda n: (
                    second.query("SELECT {n:UInt32}, count() FROM llmcost.budgets", {"n": n}).rows
                ),
                range(40),
            )
            assert list(answers) == [[(n, 1)] for n in range(40)]


def test_a_refresh_loads_the_price_book_once(embedded_store: Store):
    embedded_store.refresh()
    embedded_store.refresh()
    version = PriceBook.default().version
    loaded = embedded_store.query(
        "SELECT book_version, count() FROM llmcost.prices GROUP BY ALL"
    ).rows
    assert loaded == [(version, sum(1 for _ in PriceBook.default().rows()))]


def test_the_price_dictionary_answers_by_day(embedded_store: Store):
    embedded_store.refresh()
    rows = {(*row[:5], row.valid_from): row for row in rates(PriceBook.default())}
    row, successor = next(
        (row, rows[(*row[:5], row.valid_to)])
        for row in rows.values()
        if row.usd_per_unit != rows.get((*row[:5], row.valid_to), row).usd_per_unit
    )
    sql = """
        SELECT dictGetOrNull('llmcost.rate_dict', 'usd_per_unit',
            ('current', {p:String}, {m:String}, {mode:String}, {c:String}, {b:String}),
            {at:DateTime('UTC')})
    """
    of = dict(zip(("p", "m", "mode", "c", "b"), row[:5], strict=True))

    def price(moment: str) -> Decimal | None:
        return embedded_store.query(sql, {**of, "at": moment}).rows[0][0]

    assert row.valid_to is not None
    assert price(f"{row.valid_to - dt.timedelta(days=1)} 23:59:59") == row.usd_per_unit
    assert price(f"{row.valid_to} 00:00:00") == successor.usd_per_unit
    assert price("1999-01-01 00:00:00") is None


def test_a_pass_writes_only_when_something_arrived(embedded_store: Store):
    def written() -> list[str]:
        statements: list[str] = []
        refresh.refresh(statements.append, lambda sql: embedded_store.query(sql).rows)
        return statements

    assert written() == []
    put(embedded_store, call())
    assert len(written()) >= 2


FAILS_HALFWAY = (
    "SELECT number FROM numbers(9) WHERE throwIf(number = 5) = 0 SETTINGS max_block_size = 1"
)


@pytest.mark.parametrize("write", [False, True])
def test_a_query_that_fails_halfway_leaves_nothing_for_the_next(embedded_store: Store, write: bool):
    with pytest.raises(StoreError):
        embedded_store.query(FAILS_HALFWAY, write=write)
    assert embedded_store.query("SELECT 7 AS seven", write=write).rows == [(7,)]
    with pytest.raises(StoreError):
        embedded_store.read_native(FAILS_HALFWAY)
    seven = embedded_store.read_native("SELECT 7 AS seven")
    assert seven == embedded_store.read_native("SELECT 7 AS seven")


@pytest.mark.parametrize("output", ["Native", "JSONCompactEachRow"])
def test_rows_of_a_query_that_failed_are_not_in_the_next_answer_of_a_session(output: str):
    session = open_session(store_directory())
    with pytest.raises(RuntimeError):
        session.query(FAILS_HALFWAY, output)
    after = bytes(session.query("SELECT 7 AS seven", output).bytes())
    assert after == bytes(session.query("SELECT 7 AS seven", output).bytes())
    session.close()
