# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The page `/sql`: it runs what the reader of the SQL port may run, and nothing more."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from tests.serve.attacks import ATTACKS, Attack
from tests.serve.running import Reply, Running, get

OWN = {"Sec-Fetch-Site": "same-origin"}
PLAIN = [attack for attack in ATTACKS if attack.sql.strip() and not attack.query]


def console(daemon: Running, sql: str, headers: dict[str, str] | None = None, **more: str) -> Reply:
    address = f"{daemon.facts['web']}/sql?{urlencode({'q': sql, **more})}"
    return get(address, **(OWN if headers is None else headers))


def text(reply: Reply) -> str:
    main = reply.body.decode().split("<main")[1].split("<aside aria-label")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


@pytest.mark.parametrize("attack", PLAIN, ids=str)
def test_what_the_sql_port_refuses_is_refused_here(
    daemon: Running, canary: Path, tmp_path: Path, attack: Attack
) -> None:
    made = tmp_path / "made"
    reply = console(daemon, attack.sql.format(p=canary, o=made))
    assert reply.status == 200
    assert b"The statement was not run" in reply.body
    assert b"CANARY" not in reply.body
    assert not made.exists()


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO llmcost.otel_logs (Body) VALUES ('x')",
        "DROP TABLE llmcost.llm_calls",
        "ALTER TABLE llmcost.llm_calls DELETE WHERE 1",
        "SYSTEM SHUTDOWN",
        "KILL QUERY WHERE 1",
        "SET readonly = 0",
        "SELECT 1; DROP TABLE llmcost.llm_calls",
    ],
)
def test_nothing_is_changed(daemon: Running, sql: str) -> None:
    assert "The statement was not run" in text(console(daemon, sql))
    assert daemon.rows("SELECT count() FROM system.tables WHERE name = 'llm_calls'") == [[1]]


def test_limits_cannot_be_lifted(daemon: Running) -> None:
    requested = (
        "SELECT toString(getSetting('max_result_bytes')) AS a, "
        "toString(getSetting('max_execution_time')) AS b, toString(getSetting('readonly')) AS c"
    )
    lifted = f"{requested} SETTINGS max_result_bytes = 0, max_execution_time = 999"
    for sql in (requested, lifted, f"{requested} SETTINGS max_result_bytes = 536870912"):
        assert "33554432 120 1" in text(console(daemon, sql)), sql
    assert "not run" in text(console(daemon, "SELECT 1 SETTINGS readonly = 0"))


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "document"},
        {},
        {"Referer": "http://evil.test/sql"},
    ],
    ids=str,
)
def test_a_statement_that_comes_with_a_link_from_elsewhere_is_not_run(
    daemon: Running, headers: dict[str, str]
) -> None:
    reply = console(daemon, "SELECT 6 * 7 AS found", headers)
    assert reply.status == 200
    assert "read it, then run it" in text(reply)
    assert "SELECT 6 * 7 AS found" in text(reply)
    assert "42" not in text(reply)


def test_a_page_elsewhere_cannot_read_an_answer(daemon: Running) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.test"}
    assert console(daemon, "SELECT 1", headers).status == 403


def test_a_browser_without_fetch_metadata_names_the_page_it_is_on(daemon: Running) -> None:
    reply = console(daemon, "SELECT 6 * 7", {"Referer": f"{daemon.facts['web']}/sql?q=x"})
    assert "42" in text(reply)


def test_an_answer_has_types_its_time_and_what_was_read(daemon: Running) -> None:
    sql = "SELECT toDecimal64('0.000000000123', 12) AS usd, NULL AS nothing, '' AS empty"
    reply = console(daemon, sql)
    assert "0.000000000123" in text(reply)
    assert 'title="NULL">—' in reply.body.decode()
    assert re.search(r"1 rows in [\d,]+ ms; 1 rows and [\d.]+ MB were read", text(reply))


def test_long_answers_are_cut_and_say_so(daemon: Running) -> None:
    reply = console(daemon, "SELECT number FROM numbers(5000)")
    assert "the first 1,000 rows" in text(reply)
    assert reply.body.decode().count('<th scope="row">') == 1000
    as_csv = console(daemon, "SELECT number, '=1+1' AS f FROM numbers(5000)", csv="0")
    rows = list(csv.reader(io.StringIO(as_csv.body.decode())))
    assert len(rows) == 5001
    assert rows[1] == ["0", "'=1+1"]


def test_a_name_of_a_column_is_only_a_name(daemon: Running) -> None:
    name = "<script>alert(1)</script>"
    body = console(daemon, f"SELECT '{name}' AS `{name}`, 'x' AS parts, 1 AS usd").body.decode()
    assert name not in body
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in body


def test_times_and_numbers_become_a_chart(daemon: Running) -> None:
    sql = "SELECT toDate('2026-11-01') + number AS day, number * 2 AS usd FROM numbers(5)"
    assert 'data-figure="' in console(daemon, sql).body.decode()
    assert 'data-figure="' not in console(daemon, "SELECT 1 AS a, 2 AS b").body.decode()


def test_play_leads_to_the_console(daemon: Running) -> None:
    reply = get(f"{daemon.facts['http_url']}/play")
    assert reply.status == 200
    assert b"One statement that reads" in reply.body


def test_a_statement_in_the_address_is_filled_in(daemon: Running) -> None:
    address = f"{daemon.facts['web']}/sql?q={quote('SELECT 1 -- </textarea><b>')}"
    body = get(address, **OWN).body.decode()
    assert "SELECT 1 -- &lt;/textarea&gt;&lt;b&gt;" in body


def test_what_is_too_long_is_said(daemon: Running) -> None:
    assert "at most 20,000 characters" in text(console(daemon, f"SELECT 1 {' ' * 21_000}-- x"))
