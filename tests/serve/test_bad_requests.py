# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Requests that no good client sends: each is refused with a reason, none with a failure."""

from __future__ import annotations

import base64
import gzip
import json
import socket
import zlib
from urllib.parse import quote

import lz4.frame  # pyright: ignore[reportMissingTypeStubs]
import pytest
from backports import zstd

from otel_llmcost.serve.transport.encodings import MAX_MEMBERS, BadEncoding, TooLarge, unpack
from tests.ingest.bodies import records
from tests.serve.running import Reply, Running, post

ENCODINGS = ("gzip", "x-gzip", "deflate", "lz4", "zstd", "br", "gzip, gzip", "snappy", "\xe9")
PACKERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "lz4": lz4.frame.compress,  # pyright: ignore[reportUnknownMemberType]
    "zstd": zstd.compress,
}
GARBAGE = {
    "a letter": b"x",
    "zstd head": b"\x28\xb5\x2f\xfd" + b"\xff" * 50,
    "gzip head": b"\x1f\x8b" + b"\xff" * 40,
    "lz4 head": b"\x04\x22\x4d\x18" + b"\xff" * 40,
    "cut gzip": gzip.compress(b"SELECT 1")[:-3],
    "cut zstd": zstd.compress(b"SELECT 1" * 99)[:-3],
    "gzip and more": gzip.compress(b"SELECT 1") + b"more",
    "zlib and more": zlib.compress(b"SELECT 1") + b"more",
    "raw deflate": zlib.compress(b"SELECT 1")[2:-4],
    "zstd that wants 2 GB": b"\x28\xb5\x2f\xfd\x00\xa8" + b"\x01\x00\x00",
}
STATEMENTS = {
    "message is no UTF-8": b"SELECT toInt8(unhex('fffe'))",
    "thrown text is no UTF-8": b"SELECT throwIf(1, unhex('fffe'))",
    "name is no UTF-8": b"SELECT * FROM `\xff\xfe`",
    "unknown format": b"SELECT 1 FORMAT Nope",
    "a format of Python": b"SELECT 1 FORMAT DataFrame",
    "a format that needs more": b"SELECT 1 FORMAT Template",
    "zero byte": b"SELECT '\0' \0",
    "deep": b"SELECT " + b"(" * 100_000 + b"1" + b")" * 100_000,
    "no parameter": b"SELECT {x:UInt8}",
    "wrong parameter": b"SELECT {a:UInt8}",
}
QUERIES = {
    **{f"format {name}": f"default_format={quote(name)}" for name in ("Nope", "\xe9", "\0", "One")},
    **{f"{name} of Python": f"default_format={name}" for name in ("DataFrame", "ArrowTable")},
    "datastore": "default_format=DataStore",
    "no such database": "database=nope",
    "database is a backquote": "database=%60",
    "threads are text": "max_threads=abc",
    "threads are negative": "max_threads=-1",
    "seconds are no number": "max_execution_time=nan",
    "block of nothing": "max_block_size=0",
    "rows are broken": "max_result_rows=1.5",
    "bool is text": "final=x",
    "no such zone": "session_timezone=Nope",
    "no such algorithm": "join_algorithm=nope",
    "compressed frames": "decompress=1",
}
CHUNKS = {
    "no number": b"Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n",
    "negative": b"Transfer-Encoding: chunked\r\n\r\n-5\r\nab",
    "endless": b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nab",
    "of another kind": b"Transfer-Encoding: gzip\r\n\r\nab",
    "length is text": b"Content-Length: abc\r\n\r\nab",
    "length is negative": b"Content-Length: -1\r\n\r\nab",
    "length is endless": b"Content-Length: 99999999999999999999\r\n\r\nab",
    "two lengths": b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
    "length and chunks": b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
}
LOGINS = (
    "Basic \xe9",
    "Basic",
    "Basic !",
    "Basic eA==",
    "Bearer \xe9",
    "Digest x",
    "\xe9",
    "Negotiate",
)


def sql(daemon: Running, body: bytes, query: str = "", **headers: str) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return post(f"{daemon.facts['http_url']}/?{query}", body, sent)


def assert_refused(reply: Reply) -> None:
    assert 400 <= reply.status < 500 or reply.status == 501, reply
    assert reply.body.startswith(b"Code: "), reply.body
    assert reply.headers["x-clickhouse-exception-code"] != "0"


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
def test_a_bad_statement_is_an_error_of_the_statement(daemon: Running, statement: bytes) -> None:
    assert_refused(sql(daemon, statement, "param_a=x"))


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_bad_parameter_is_an_error_of_the_request(daemon: Running, query: str) -> None:
    reply = sql(daemon, b"SELECT 1", query)
    if query == "default_format=One":  # a format that only reads: the engine says so
        assert reply.status in (200, 400)
    else:
        assert_refused(reply)


def test_errors_of_a_writer_and_an_admin_are_read_too(daemon: Running) -> None:
    assert_refused(daemon.sql("SELECT toInt8(unhex('fffe'))", "admin"))
    insert = "INSERT INTO llmcost.otel_logs (Timestamp) FORMAT"
    assert_refused(daemon.sql(f"{insert} TSV", "writer", b"\xff\xfe\n"))
    assert_refused(daemon.sql(f"{insert} Nope", "writer", b"1\n"))
    assert_refused(daemon.sql(f"{insert} DataFrame", "writer", b"1\n"))


@pytest.mark.parametrize("login", LOGINS)
def test_a_login_that_cannot_be_read_is_a_wrong_one(daemon: Running, login: str) -> None:
    reply = sql(daemon, b"SELECT 1", Authorization=login)
    assert (reply.status, reply.headers["x-clickhouse-exception-code"]) == (403, "516")
    broken = base64.b64encode(b"\xff:\xff").decode()
    assert sql(daemon, b"SELECT 1", Authorization=f"Basic {broken}").status == 403


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("body", GARBAGE.values(), ids=GARBAGE)
def test_what_cannot_be_unpacked_is_refused(daemon: Running, encoding: str, body: bytes) -> None:
    assert_refused(sql(daemon, body, Content_Encoding=encoding))
    for media in ("application/x-protobuf", "application/json"):
        reply = daemon.otlp("traces", body, Content_Encoding=encoding, Content_Type=media)
        assert (reply.status, bool(reply.body)) == (400, True)


@pytest.mark.parametrize("encoding", PACKERS)
def test_what_is_packed_well_is_read(daemon: Running, encoding: str) -> None:
    pack = PACKERS[encoding]
    assert sql(daemon, pack(b"SELECT 1"), Content_Encoding=encoding).body == b"1\n"
    assert daemon.otlp("traces", pack(records(1)), Content_Encoding=encoding).status == 200
    large = bytes(9 << 20)
    assert unpack(pack(large), encoding, 9 << 20) == large
    with pytest.raises(TooLarge, match="smaller batches"):
        unpack(pack(large), encoding, (9 << 20) - 1)
    with pytest.raises(BadEncoding):
        unpack(pack(large)[:-1], encoding, 9 << 20)


def test_gzip_in_several_members_is_one_body(daemon: Running) -> None:
    packed = gzip.compress(b"SELECT ") + gzip.compress(b"4")
    assert sql(daemon, packed, Content_Encoding="gzip").body == b"4\n"


@pytest.mark.parametrize("encoding", PACKERS)
def test_members_without_bytes_do_not_hold_up_others(encoding: str) -> None:
    """A megabyte of them took seconds, of which every one is a round of the interpreter."""
    pack = PACKERS[encoding]
    assert unpack(pack(b"") * (MAX_MEMBERS - 1) + pack(b"end"), encoding, 1 << 20) == b"end"
    with pytest.raises(BadEncoding, match="members"):
        unpack(pack(b"") * MAX_MEMBERS + pack(b"end"), encoding, 1 << 20)


def test_no_bytes_are_no_body_however_they_are_packed(daemon: Running) -> None:
    for encoding in PACKERS:
        assert sql(daemon, b"", "query=SELECT+1", Content_Encoding=encoding).body == b"1\n"


@pytest.mark.parametrize("sent", CHUNKS.values(), ids=CHUNKS)
@pytest.mark.parametrize("port", ["clickhouse", "otlp_http", "web"])
def test_broken_framing_is_refused(daemon: Running, port: str, sent: bytes) -> None:
    head = b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    answer = raw(daemon.facts["ports"][port], head + sent)
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 405", b"HTTP/1.1 413")), answer
    assert b"\r\n\r\n" in answer


def test_a_body_over_the_limit_gets_a_413_that_says_what_to_do(daemon: Running) -> None:
    for media in ("application/x-protobuf", "application/json"):
        reply = daemon.otlp("traces", bytes(40 << 20), Content_Type=media)
        assert reply.status == 413
        assert b"more than 32 MB: send smaller batches" in reply.body
    reply = daemon.sql(
        "INSERT INTO llmcost.otel_logs (Body) FORMAT TSV", "writer", bytes(257 << 20)
    )
    assert reply.status == 413
    assert b"more than 256 MB: send smaller batches" in reply.body
    bomb = gzip.compress(bytes(257 << 20))
    reply = sql(daemon, bomb, "user=writer", Content_Encoding="gzip")
    assert reply.status in (403, 413)


def test_bad_json_is_malformed_and_says_where(daemon: Running) -> None:
    span = '{"resourceSpans":[{"scopeSpans":[{"spans":[{%s}]}]}]}'
    bodies = [b"null", b'"x"', b"\xff", b"[" * 1_000_000, b'{"resourceSpans":1}', b"{" * 5]
    for field in (
        '"startTimeUnixNano":"abc"',
        '"startTimeUnixNano":1e400',
        '"startTimeUnixNano":-1',
        f'"startTimeUnixNano":{"9" * 5000}',
        '"kind":99999999999',
        '"traceId":5',
        '"name":"\\ud800"',
        '"attributes":[{"key":"a","value":{"intValue":NaN}}]',
    ):
        bodies.append((span % field).encode())
    for body in bodies:
        reply = daemon.otlp("traces", body, Content_Type="application/json")
        assert reply.status == 400, (body[:80], reply)
        assert "not an OTLP traces request" in json.loads(reply.body)["message"]


def raw(port: int, sent: bytes) -> bytes:
    """Everything the daemon answers to these bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(sent)
        answer = b""
        while piece := client.recv(65536):
            answer += piece
            if b"Connection" not in sent and b"HTTP/1.1 4" in answer and b"\r\n\r\n" in answer:
                return answer
        return answer
