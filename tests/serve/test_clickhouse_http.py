# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The ClickHouse HTTP dialect, through its clients and byte by byte."""

from __future__ import annotations

import gzip
import socket
import time
from datetime import UTC, datetime
from decimal import Decimal

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from otel_llmcost.errors import StoreError
from otel_llmcost.store import open_store
from tests.serve.running import Running, get


def client(daemon: Running, user: str) -> Client:
    return clickhouse_connect.get_client(
        host="127.0.0.1",
        port=daemon.facts["ports"]["clickhouse"],
        username=user,
        password=daemon.facts["users"][user],
        database="llmcost",
    )


def test_clickhouse_connect_reads_typed_values(daemon: Running) -> None:
    reader = client(daemon, "reader")
    found = reader.query(
        "SELECT {d:Decimal(18, 12)} AS d, {t:DateTime64(3, 'UTC')} AS t, {s:String} AS s, "
        "map('a', 'b') AS m, CAST(NULL, 'Nullable(String)') AS n, toLowCardinality('x') AS l",
        parameters={"d": "0.1", "t": datetime(2026, 1, 2, tzinfo=UTC), "s": "it's\n\\"},
    )
    decimal, instant, *rest = found.result_rows[0]
    assert decimal == Decimal("0.1")
    assert instant.replace(tzinfo=UTC) == datetime(2026, 1, 2, tzinfo=UTC)
    assert rest == ["it's\n\\", {"a": "b"}, None, "x"]


def test_clickhouse_connect_cannot_write_as_reader(daemon: Running) -> None:
    with pytest.raises(DatabaseError, match="READONLY"):
        client(daemon, "reader").command("DROP TABLE llmcost.otel_logs")


def test_what_a_user_may_not_write_names_the_users_that_may(daemon: Running) -> None:
    address = daemon.facts["http_url"].replace("http://", "http://reader@")
    with (
        open_store(f"{address}/llmcost") as store,
        pytest.raises(StoreError, match="`finance` for budgets, invoices and acknowledgements"),
    ):
        store.insert("budgets", [("all",)], ["name"])


def test_clickhouse_connect_inserts_as_admin(daemon: Running) -> None:
    admin = client(daemon, "admin")
    admin.command("CREATE TABLE scratch (a UInt8, b Map(String, String)) ENGINE = Memory")
    admin.insert("scratch", [[1, {"x": "y"}], [2, {}]], ["a", "b"])
    assert admin.query("SELECT a, b FROM scratch").result_rows == [(1, {"x": "y"}), (2, {})]
    admin.command("DROP TABLE scratch")


def test_a_second_process_reaches_the_store_through_its_owner(daemon: Running) -> None:
    store = open_store(f"chdb://{daemon.store}")
    assert store.url.startswith("http://127.0.0.1")
    assert {status.state for status in store.schema_status()} == {"applied"}
    store.apply_schema()
    store.refresh()
    store.close()


def test_the_go_client_gets_its_handshake(daemon: Running) -> None:
    reply = daemon.sql(
        "SELECT displayName(), version(), revision(), timezone()",
        client_protocol_version="54460",
        default_format="Native",
    )
    assert reply.body.startswith(bytes.fromhex("010002ffffffff000401"))
    assert b"revision()\x06UInt32\x00\x00\x00\x00\x00" in reply.body
    assert reply.body.endswith(b"timezone()\x06String\x00\x03UTC")
    one = daemon.sql("SELECT 1", client_protocol_version="54460", default_format="Native")
    assert one.body == b"\x01\x01\x011\x05UInt8\x01"
    nothing = daemon.sql("SELECT 1 WHERE 0", default_format="Native")
    assert (nothing.status, nothing.body) == (200, b"")


def test_the_collector_describes_and_inserts(daemon: Running) -> None:
    columns = daemon.sql("DESC TABLE `llmcost`.`otel_traces`", "writer")
    assert columns.body.startswith(b"Timestamp\tDateTime64(9)")
    block = daemon.sql(
        "SELECT now64(9) AS Timestamp, 'go' AS ScopeName",
        default_format="Native",
    ).body
    sql = 'INSERT INTO "llmcost"."otel_traces" (`Timestamp`, `ScopeName`) FORMAT Native'
    assert daemon.sql(sql, "writer", block, async_insert="1").status == 200
    assert daemon.rows("SELECT ScopeName FROM otel_traces WHERE ScopeName = 'go'") == [["go"]]


def test_errors_look_like_clickhouse(daemon: Running) -> None:
    reply = daemon.sql("SELECT nothing FROM nowhere")
    assert reply.status == 404
    assert reply.headers["x-clickhouse-exception-code"] == "60"
    assert reply.body.startswith(b"Code: 60. DB::Exception: ")
    assert b"(version 26." in reply.body
    assert daemon.sql("SELECT (").status == 400


def test_curl_needs_no_user_and_gets_what_it_requests(daemon: Running) -> None:
    url = daemon.facts["http_url"]
    assert get(f"{url}/ping").body == b"Ok.\n"
    assert get(url).body == b"Ok.\n"
    assert get(f"{url}/?query=SELECT+1,2+FORMAT+CSV").body == b"1,2\n"
    requested = f"{url}/?query=SELECT+{{x:UInt8}}&param_x=7&session_id=s&unknown_setting=1"
    assert get(requested).body == b"7\n"
    packed = get(f"{url}/?query=SELECT+1&enable_http_compression=1", **{"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.body) == b"1\n"


def test_what_a_client_names_in_the_url_cannot_break_the_headers(daemon: Running) -> None:
    for name in ("TSV\r\nSet-Cookie: a=b", "日本"):
        reply = daemon.sql("SELECT 1 FORMAT TSV", default_format=name, query_id=name)
        assert (reply.status, reply.body) == (200, b"1\n")
        assert reply.headers.keys().isdisjoint({"set-cookie", "x-clickhouse-format"})
        assert daemon.sql("SELECT bad(", query_id=name).status == 400


def test_times_are_utc(daemon: Running) -> None:
    assert daemon.rows("SELECT timezone(), toString(toDateTime(0))") == [
        ["UTC", "1970-01-01 00:00:00"]
    ]


def test_a_query_stops_when_its_client_hangs_up(daemon: Running) -> None:
    endless = "SELECT max(sipHash64(number)) FROM numbers(1e13)"
    with socket.create_connection(("127.0.0.1", daemon.facts["ports"]["clickhouse"])) as client:
        head = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(endless)}\r\n\r\n"
        client.sendall((head + endless).encode())
        while not running_queries(daemon):
            time.sleep(0.05)
    deadline = time.monotonic() + 20
    while running_queries(daemon):
        assert time.monotonic() < deadline, "its client is gone, and it still runs"
        time.sleep(0.05)


def running_queries(daemon: Running) -> list[str]:
    sql = "SELECT query FROM system.processes WHERE startsWith(query, 'SELECT max(')"
    return daemon.sql(sql, "admin").body.decode().splitlines()
