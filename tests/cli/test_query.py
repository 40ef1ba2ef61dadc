# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`query` reads; it changes the store only when that was requested."""

from __future__ import annotations

import pytest

from otel_llmcost.store import Store
from tests.cli.conftest import Command, rows

CHANGES = [
    "DROP TABLE calls",
    "TRUNCATE TABLE llm_calls",
    "INSERT INTO budgets (name) VALUES ('x')",
    "CREATE TABLE llmcost.x (a Int8) ENGINE = Memory",
    "ALTER TABLE llm_calls DELETE WHERE 1",
    "SELECT 1; DROP TABLE calls",
]


@pytest.mark.parametrize("sql", CHANGES)
def test_a_query_cannot_change_the_store(cli: Command, embedded_store: Store, sql: str) -> None:
    result = cli("query", sql)
    assert result.exit_code == 1
    assert "--write" in result.stderr
    assert embedded_store.query("EXISTS VIEW calls").rows == [(1,)]


def test_it_cannot_read_other_files(cli: Command, embedded_store: Store) -> None:
    for sql in ("SELECT * FROM default.`/etc/hostname`", "SELECT * FROM file('/etc/hostname')"):
        assert cli("query", sql).exit_code == 1


def test_it_changes_the_store_with_write(cli: Command, embedded_store: Store) -> None:
    assert cli("query", "--write", "CREATE TABLE llmcost.x (a Int8) ENGINE = Memory").exit_code == 0
    assert cli("query", "--write", "INSERT INTO llmcost.x VALUES (7)").exit_code == 0
    assert rows(cli("query", "SELECT a FROM x", "--format", "json")) == [{"a": 7}]
    assert cli("query", "--write", "DROP TABLE llmcost.x").exit_code == 0


def test_on_a_terminal_it_needs_a_confirmation_before_it_writes(
    cli: Command, embedded_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    requested: list[str] = []

    def confirm(text: str, **_: object) -> None:
        requested.append(text)
        raise SystemExit(1)

    monkeypatch.setattr("otel_llmcost.cli.commands.query.click.confirm", confirm)
    monkeypatch.setattr("otel_llmcost.cli.commands.query._at_a_terminal", lambda: True)
    assert cli("query", "--write", "DROP TABLE calls").exit_code == 1
    assert "DROP TABLE calls" in requested[0]
    assert embedded_store.query("EXISTS VIEW calls").rows == [(1,)]
    assert cli("query", "SELECT 1").exit_code == 0
    assert len(requested) == 1
