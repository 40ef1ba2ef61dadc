# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What a reader may not do, however it is written."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.serve.attacks import ATTACKS, Attack
from tests.serve.running import Running


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_a_reader_cannot_leave_the_views(
    daemon: Running, canary: Path, tmp_path: Path, attack: Attack
) -> None:
    made = tmp_path / "made"
    query = {name: value.format(p=canary) for name, value in attack.query.items()}
    reply = daemon.sql(attack.sql.format(p=canary, o=made) or " ", **query)
    assert reply.status in (400, 403, 404, 500), reply.body
    assert b"DB::Exception" in reply.body
    assert b"CANARY" not in reply.body
    assert not made.exists()
    assert reply.headers["x-clickhouse-exception-code"] != "0"


@pytest.mark.parametrize(
    ("sql", "answer"),
    [
        ("SELECT 1", b"1\n"),
        ("(SELECT 1) UNION ALL (SELECT 1)", b"1\n1\n"),
        ("WITH 2 AS x SELECT x -- done", b"2\n"),
        ("SELECT 'file(', 'INTO OUTFILE', `a` FROM (SELECT 3 AS a)", b"file(\tINTO OUTFILE\t3\n"),
        ("SELECT 'a\nb'", b"a\\nb\n"),
        ("SELECT sum(number) FROM numbers(4)", b"6\n"),
        ("SELECT number FROM numbers(9) SETTINGS limit = 1, max_threads = 1", b"0\n"),
        ("SELECT 1 FORMAT JSONCompactEachRow SETTINGS max_threads = 1", b"[1]\n"),
        ("EXISTS TABLE llmcost.otel_logs", b"1\n"),
        ("SELECT 1 SETTINGS final, extremes = 0", b"1\n"),
        ("SELECT format('{}-{}', 'a', 'b'), 'SETTINGS x'", b"a-b\tSETTINGS x\n"),
        ("SELECT * FROM values('a String, b Enum8(\\'x\\' = -1)', ('y', 'x'))", b"y\tx\n"),
        ("SELECT * FROM values((1, 2), (3, 4))", b"1\t2\n3\t4\n"),
        ("SELECT count() FROM (SELECT * FROM generateRandom('`a b` UInt8', 1) LIMIT 2)", b"2\n"),
        ("SELECT count() FROM null('a UInt8')", b"0\n"),
        ("SELECT name FROM system.databases WHERE name = 'llmcost'", b"llmcost\n"),
        ("SHOW TABLES FROM llmcost LIKE 'calls'", b"calls\n"),
        ("SELECT count() >= 0 FROM calls", b"1\n"),
        ("EXPLAIN SYNTAX oneline = 1 SELECT 1", b"SELECT 1 FROM system.one\n"),
        (
            "SELECT count() FROM system.one "
            "SETTINGS additional_table_filters = {'system.one': 'dummy = 1'}",
            b"0\n",
        ),
    ],
)
def test_a_reader_may_read(daemon: Running, sql: str, answer: bytes) -> None:
    reply = daemon.sql(sql)
    assert (reply.status, reply.body) == (200, answer)


def test_settings_in_the_url_cannot_lift_the_limits(daemon: Running) -> None:
    requested = (
        "SELECT name, value FROM system.settings WHERE name IN ('readonly', 'max_memory_usage')"
    )
    reply = daemon.sql(requested, readonly="0", max_memory_usage="0", max_execution_time="0")
    assert dict(line.split("\t") for line in reply.body.decode().splitlines()) == {
        "readonly": "1",
        "max_memory_usage": str(2 << 30),
    }


@pytest.mark.parametrize("value", ["1e-7", "'1e-9'", "0.0000004", "-1", "'-0'", "0e5"])
def test_a_fraction_that_rounds_to_no_limit_lifts_none(daemon: Running, value: str) -> None:
    requested = "SELECT toFloat64(getSetting('max_execution_time')), getSetting('max_result_bytes')"
    lifted = f"{requested} SETTINGS max_execution_time = {value}, max_result_bytes = {value}"
    assert daemon.sql(lifted).body == daemon.sql(requested).body == b"120\t536870912\n"
    assert daemon.sql(requested, max_execution_time=value.strip("'")).body == b"120\t536870912\n"
    tightened = f"{requested} SETTINGS max_execution_time = 0.5, max_result_bytes = 9999"
    assert daemon.sql(tightened).body == b"0.5\t9999\n"


def test_a_filter_in_the_url_is_not_obeyed(daemon: Running, canary: Path) -> None:
    given = f"{{'system.one': 'file(\\'{canary}\\') = \\'\\''}}"
    assert daemon.sql("SELECT 1 FROM system.one", additional_table_filters=given).body == b"1\n"


def test_the_writer_fills_the_two_raw_tables_only(daemon: Running) -> None:
    refused = [
        "INSERT INTO llmcost.prices (provider) FORMAT TSV",
        "INSERT INTO llmcost.otel_logs (Body) SELECT 'x'",
        "INSERT INTO llmcost.otel_logs (Body) VALUES ('x')",
        "INSERT INTO FUNCTION file('x') FORMAT TSV",
        "INSERT INTO system.otel_logs FORMAT TSV",
        "DROP TABLE llmcost.otel_logs",
    ]
    for sql in refused:
        data = b"x\n" if sql.endswith("TSV") else b""
        assert daemon.sql(sql, "writer", data).status == 403, sql
    sql = "INSERT INTO llmcost.otel_logs (Timestamp, ScopeName) FORMAT TSV"
    assert daemon.sql(sql, "writer", f"{time.time():.0f}\twritten\n".encode()).status == 200
    assert daemon.rows("SELECT ScopeName FROM otel_logs WHERE ScopeName = 'written'") == [
        ["written"]
    ]


def test_the_rows_of_a_writer_are_data_and_never_expressions(daemon: Running, canary: Path) -> None:
    sql = "INSERT INTO llmcost.otel_logs (Body) FORMAT "
    for form in ("Values", "CSV", "JSONEachRow", "Template", "MySQLDump"):
        for row in (f"(file('{canary}'))", f"file('{canary}')", f'{{"Body": file("{canary}")}}'):
            daemon.sql(sql + form, "writer", row.encode())
    found = daemon.sql("SELECT count() FROM otel_logs WHERE Body LIKE '%CANARY%'").body
    assert found == b"0\n"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 'x' INTO OUTFILE '{o}'",
        "SELECT 1; SELECT 'x' INTO OUTFILE '{o}'",
        "INSERT INTO llmcost.otel_logs (Body) VALUES ('x'); SELECT 'x' INTO OUTFILE '{o}'",
        "INSERT INTO llmcost.otel_logs (Body) SELECT 'x'; SELECT 'x' INTO OUTFILE '{o}'",
        "INSERT INTO llmcost.otel_logs (Body) VALUES ('x') --'\n; SELECT 'x' INTO OUTFILE '{o}'",
        "INSERT INTO llmcost.otel_logs (Body) SELECT 'x'; SELECT 'x' INTO OUTFILE '{o}'; "
        "INSERT INTO llmcost.otel_logs (Body) FORMAT TSV",
    ],
)
def test_not_even_the_admin_writes_files(daemon: Running, tmp_path: Path, sql: str) -> None:
    daemon.sql(sql.format(o=tmp_path / "made"), "admin")
    assert not (tmp_path / "made").exists()


def test_the_admin_inserts_in_every_way(daemon: Running) -> None:
    head = "INSERT INTO llmcost.otel_logs (Timestamp, Body) "
    assert daemon.sql(head + "VALUES (now(), 'one;'), (now(), {p:String})", "admin", param_p="two")
    assert daemon.sql(head + "SELECT now(), 'three' AS `VALUES`", "admin").status == 200
    assert (
        daemon.sql(head + "FORMAT CSV", "admin", f"{time.time():.0f},four\n".encode()).status == 200
    )
    assert daemon.sql(head + "values (now(), 'five');", "admin").status == 200
    wanted = ["five", "four", "one;", "three", "two"]
    found = daemon.sql(f"SELECT Body FROM otel_logs WHERE Body IN {tuple(wanted)} ORDER BY Body")
    assert found.body.decode().split() == wanted


@pytest.mark.parametrize("user", ["writer", "admin", "unknown", "reader"])
def test_a_wrong_password_is_refused(daemon: Running, user: str) -> None:
    import base64

    from tests.serve.running import post

    login = base64.b64encode(f"{user}:wrong".encode()).decode()
    reply = post(daemon.facts["http_url"], b"SELECT 1", {"Authorization": f"Basic {login}"})
    assert reply.status == 403
    assert reply.headers["x-clickhouse-exception-code"] == "516"
