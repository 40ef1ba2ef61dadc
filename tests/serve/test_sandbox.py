# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What a reader may not do, however it is written."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.serve.running import Running

# {p} is a file outside of the store, {o} one that must not come to be.
ESCAPES = [
    "SELECT file('{p}')",
    "SELECT FILE('{p}')",
    "SELECT `file`('{p}')",
    "SELECT \"file\"('{p}')",
    "SELECT file/* */('{p}')",
    "SELECT file -- x\n ('{p}')",
    "SELECT `a'b`, file('{p}') AS `c'd`",
    "SELECT 1 AS `x``'`, file('{p}'), '`'",
    "SELECT $$'$$, file('{p}'), $$'$$",
    "SELECT '\\'', file('{p}')",
    "SELECT 'it''s', file('{p}')",
    "SELECT \u2018a\u2019, file('{p}')",
    "SELECT arrayMap(x -> file(x), ['{p}'])",
    "SELECT arrayMap(file, ['{p}'])",
    "SELECT * APPLY(file) FROM (SELECT '{p}')",
    "SELECT * APPLY file FROM (SELECT '{p}')",
    "WITH x -> file(x) AS f SELECT f('{p}')",
    "SELECT * FROM file('{p}', 'LineAsString', 's String')",
    "SELECT * FROM `file`('{p}', LineAsString)",
    "SELECT * FROM fileCluster('default', '{p}', 'LineAsString')",
    "DESCRIBE TABLE file('{p}', 'LineAsString')",
    "DESC file('{p}', 'LineAsString')",
    "EXPLAIN SELECT * FROM file('{p}', 'LineAsString')",
    "EXISTS (SELECT file('{p}'))",
    "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString', 's String')",
    "SELECT * FROM s3('http://127.0.0.1:1/b/k', 'TSV', 's String')",
    "SELECT * FROM remote('127.0.0.1:9000', system.one)",
    "SELECT * FROM mysql('127.0.0.1:1', 'd', 't', 'u', 'p')",
    "SELECT * FROM postgresql('127.0.0.1:1', 'd', 't', 'u', 'p')",
    "SELECT * FROM sqlite('{p}', 't')",
    "SELECT * FROM executable('id', TSV, 's String')",
    "SELECT * FROM Python(data)",
    "SELECT * FROM python(request)",
    "SELECT * FROM merge('system', '.*') AS m, input('x String')",
    "SELECT * FROM eval('SELECT 1')",
    "SELECT * FROM filesystem('{p}')",
    "SELECT * FROM deltaLakeLocal('{p}')",
    "SELECT reverseDNSQuery('127.0.0.1')",
    "SELECT 'x' INTO OUTFILE '{o}'",
    "SELECT 'x' INTO\tOUTFILE '{o}' TRUNCATE",
    "SELECT 'x' into/**/outfile '{o}' AND STDOUT FORMAT TSV",
    "SELECT 1; SELECT file('{p}')",
    "SELECT 1; DROP TABLE llmcost.otel_logs",
    "SELECT 1;; SET readonly = 0",
    "INSERT INTO llmcost.otel_logs (Body) VALUES ('x')",
    "INSERT INTO FUNCTION file('{o}', 'TSV', 's String') VALUES ('x')",
    "WITH a AS (SELECT 1) INSERT INTO llmcost.otel_logs (Body) SELECT 'x'",
    "/* SELECT */ INSERT INTO llmcost.otel_logs (Body) SELECT 'x'",
    "CREATE TABLE llmcost.x (a Int8) ENGINE = Memory",
    "CREATE TEMPORARY TABLE x (a Int8)",
    "CREATE FUNCTION f AS x -> x",
    "DROP TABLE llmcost.otel_logs",
    "TRUNCATE TABLE llmcost.otel_logs",
    "ALTER TABLE llmcost.otel_logs DELETE WHERE 1",
    "DELETE FROM llmcost.otel_logs WHERE 1",
    "OPTIMIZE TABLE llmcost.otel_logs",
    "SET readonly = 0",
    "USE system",
    "KILL QUERY WHERE 1",
    "SYSTEM SHUTDOWN",
    "GRANT ALL ON *.* TO reader",
    "ATTACH DATABASE x",
    "BACKUP TABLE llmcost.otel_logs TO File('{o}')",
    "SELECT 1 SETTINGS readonly = 0",
    "SELECT 1 SETTINGS max_memory_usage = 0",
    "SELECT 1 SETTINGS log_comment = 'x'",
    "SELECT 1 FORMAT Template SETTINGS format_template_row = '{p}'",
    "SELECT * FROM (SELECT 1 SETTINGS readonly = 0)",
    "SELECT 1 WHERE 1 IN (SELECT 1 SETTINGS max_execution_time = 0)",
    "SELECT 1 FROM system.one SETTINGS additional_table_filters = "
    "{{'system.one': 'file(\\'{p}\\') = \\'\\''}}",
    "SELECT 1 FROM system.one SETTINGS additional_table_filters = "
    "{{'system.one': '\\x66ile(\\'{p}\\') = \\'\\''}}",
    "CREATE TABLE a (x Int8) ENGINE=Memory PARALLEL WITH CREATE TABLE b (x Int8) ENGINE=Memory",
    "",
    ";",
    "nonsense",
]


@pytest.mark.parametrize("attempt", ESCAPES)
def test_a_reader_cannot_leave_the_views(
    daemon: Running, canary: Path, tmp_path: Path, attempt: str
) -> None:
    made = tmp_path / "made"
    sql = attempt.format(p=canary, o=made)
    reply = daemon.sql(sql) if sql else daemon.sql(" ")
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
    asked = "SELECT name, value FROM system.settings WHERE name IN ('readonly', 'max_memory_usage')"
    reply = daemon.sql(asked, readonly="0", max_memory_usage="0", max_execution_time="0")
    assert dict(line.split("\t") for line in reply.body.decode().splitlines()) == {
        "readonly": "1",
        "max_memory_usage": str(2 << 30),
    }


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


@pytest.mark.parametrize("user", ["writer", "admin", "nobody", "reader"])
def test_a_wrong_password_is_refused(daemon: Running, user: str) -> None:
    import base64

    from tests.serve.running import post

    login = base64.b64encode(f"{user}:wrong".encode()).decode()
    reply = post(daemon.facts["http_url"], b"SELECT 1", {"Authorization": f"Basic {login}"})
    assert reply.status == 403
    assert reply.headers["x-clickhouse-exception-code"] == "516"
