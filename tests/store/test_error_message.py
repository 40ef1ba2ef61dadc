# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What ClickHouse complained about stays, what the driver wraps around it goes."""

from __future__ import annotations

import pytest

from otel_llmcost.errors import StoreError
from otel_llmcost.store import Store
from otel_llmcost.store.error_message import error_message

WRAPPED = "Received ClickHouse exception, code: 1, server response: Code: 1. DB::Exception: "
WHERE = " (version 26.9.2.1 (official build)) (for url http://127.0.0.1:8123)"


class Refused(Exception):
    code = 1


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Syntax error: at 7: 1. Expected one of: Dot, IN. (SYNTAX_ERROR)", "at 7: 1. (SYNTAX_"),
        ("Unknown table 'a.b'. In scope SELECT f(x) FROM a.b. (UNKNOWN_TABLE)", "'a.b'. (UNKNOWN_"),
        ("this user may only read, and DROP does not. (READONLY)", "not. (READONLY)"),
    ],
)
def test_the_engine_s_own_words_are_left(said: str, kept: str) -> None:
    left = error_message(Refused(WRAPPED + said + WHERE))
    assert kept in left
    assert left.startswith(said[:10])
    assert left.endswith(")")
    assert not any(noise in left for noise in ("version", "for url", "Expected", "In scope", "::"))


@pytest.mark.parametrize("sql", ["SELECT 1 WHERE (", "SELECT 1 FROM system.one WHERE", "SELECT ("])
def test_what_the_client_appends_to_a_query_is_not_shown(embedded_store: Store, sql: str) -> None:
    with pytest.raises(StoreError) as refused:
        embedded_store.query(sql)
    assert "failed at its end" in str(refused.value)
    assert "Native" not in str(refused.value)
    assert "FORMAT" not in str(refused.value)


def test_an_unreachable_server_is_reported_in_the_system_s_words() -> None:
    wrapped = RuntimeError("Max retries exceeded with url: /?query_id=1")
    wrapped.__cause__ = ConnectionRefusedError(111, "Connection refused")
    assert error_message(wrapped) == "Connection refused"


def test_other_words_are_left_alone_but_for_further_lines() -> None:
    assert error_message(ValueError("no such thing\nat frame 1")) == "no such thing"
