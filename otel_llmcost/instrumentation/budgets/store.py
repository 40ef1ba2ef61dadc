# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What the store holds about budgets, read over ClickHouse's HTTP interface with only Python.

An application that obeys budgets needs no database client, and `http.client` is a library that no
instrumentation follows, so a query leaves no spans in the application's traces.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from decimal import Decimal
from http.client import HTTPConnection, HTTPSConnection
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from otel_llmcost import schema
from otel_llmcost.timezones import name_of

_TIMEOUT = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """One budget as it was when the store was queried."""

    name: str
    scope: str
    """`total environment service feature team model user`"""
    value: str
    period: str
    """`call day week month`"""
    blocks: bool
    """Whether a call beyond it is refused; else it is only warned of."""
    amount: Decimal
    """USD"""
    warn_at: Decimal
    """USD from which on calls are warned of."""
    spent: Decimal
    """USD in the current period; for a budget per call, without meaning."""
    ends_at: int
    """Unix time at which the period ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All budgets, and up to which record of this process they count."""

    budgets: tuple[Budget, ...]
    newest_own: str
    """Id of the last record of this process that is in `spent`; empty = none."""


class BudgetStore:
    """A store at `http(s)://[user[:password]@]host[:port]`; every method may raise.

    Days, weeks and months of budgets are those of `zone`.
    """

    def __init__(self, url: str, zone: tzinfo = UTC) -> None:
        self._timezone = name_of(zone)
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        port = parts.port or (8443 if parts.scheme == "https" else 8123)
        self._connect = lambda: kind(parts.hostname or "127.0.0.1", port, timeout=_TIMEOUT)
        user, password = unquote(parts.username or "reader"), unquote(parts.password or "")
        login = b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {login}"}

    def snapshot(self, nonce: str) -> Snapshot:
        """Every budget; `nonce` is what the ids of this process's records start with."""
        rows = self._rows("budget_snapshot", {"nonce": nonce, "timezone": self._timezone})
        return Snapshot(
            budgets=tuple(_budget(row) for row in rows),
            newest_own=str(rows[0]["newest_own"]) if rows else "",
        )

    def norms(self) -> dict[tuple[str, str], Decimal]:
        """By feature and model, what one of its calls costs at most 99 times of 100."""
        rows = self._rows("budget_norms", {})
        return {(row["feature"], row["model"]): Decimal(row["p99_usd"]) for row in rows}

    def _rows(self, query: str, values: Mapping[str, str]) -> list[dict[str, Any]]:
        parameters = {f"param_{name}": value for name, value in values.items()}
        parameters["default_format"] = "JSONEachRow"
        connection = self._connect()
        try:
            body = schema.query(query).encode()
            connection.request("POST", f"/?{urlencode(parameters)}", body, self._headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        if response.status != 200:
            raise OSError(f"the store answered {response.status}: {text[:200].strip()}")
        return [json.loads(line) for line in text.splitlines() if line]


def _budget(row: Mapping[str, Any]) -> Budget:
    amount = Decimal(row["amount_usd"])
    return Budget(
        name=row["name"],
        scope=row["scope"],
        value=row["scope_value"],
        period=row["period"],
        blocks=row["action"] == "block",
        amount=amount,
        warn_at=amount * int(row["soft_percent"]) / 100,
        spent=Decimal(row["spent_usd"]),
        ends_at=int(row["ends_at"]),
    )
