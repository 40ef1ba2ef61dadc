# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import json
from pathlib import Path

import pytest

from otel_llmcost.store import Store
from tests.cli.calls import add, call
from tests.cli.conftest import Command, rows

pytestmark = pytest.mark.slow

JSON = ("--format", "json")
HOUSE = {
    "provider": "anthropic",
    "entries": [
        {
            "models": ["house-1"], "from": "2026-01-01", "to": None, "source": "https://example.com",
            "prices": {"input": "2", "output": "10"},
        }
    ],
}  # fmt: skip


def house(path: Path) -> str:
    file = path / "house.json"
    file.write_text(json.dumps(HOUSE))
    return str(file)


def test_a_dry_run_prints_the_delta_and_says_that_nothing_changed(
    cli: Command, embedded_store: Store, tmp_path: Path
) -> None:
    used = {"input": 1000, "output": 100}
    add(embedded_store, call(usd=None, model="house-1", other_usage=used))
    result = cli("reprice", "--since", "2d", "--book", house(tmp_path), *JSON)
    (row,) = rows(result)
    assert (row["model"], row["feature"], row["newly_priced"]) == ("house-1", "support", 1)
    assert (row["before_usd"], row["after_usd"]) == (None, 0.003)
    assert "Nothing was changed" in result.stderr
    assert rows(cli("spend", *JSON))[0]["cost_usd"] is None


def test_apply_writes_it_down(cli: Command, embedded_store: Store, tmp_path: Path) -> None:
    used = {"input": 1000, "output": 100}
    add(embedded_store, call(usd=None, model="house-1", other_usage=used))
    result = cli("reprice", "--since", "2d", "--book", house(tmp_path), "--apply")
    assert result.exit_code == 0
    assert "1 records repriced" in result.stderr
    assert rows(cli("spend", *JSON))[0]["cost_usd"] == 0.003
    again = cli("reprice", "--since", "2d", "--book", house(tmp_path), "--apply")
    assert "repriced" not in again.stderr


def test_a_book_of_discounts_shows_contracted_cost_before_and_after(
    cli: Command, embedded_store: Store, tmp_path: Path
) -> None:
    used = {"input": 1_000_000}
    add(embedded_store, call(usd="5", model="claude-opus-5", other_usage=used))
    plain = cli("reprice", "--since", "2d").stdout
    assert "contracted" not in plain
    discount = {"kind": "discount", "models": ["*"], "from": "2026-01-01", "prices": {"*": "0.8"}}
    file = tmp_path / "contract.json"
    file.write_text(json.dumps({"provider": "anthropic", "entries": [discount]}))
    out = cli("reprice", "--since", "2d", "--book", str(file)).stdout
    assert "contracted before" in out
    assert "contracted after" in out
    assert "$4.00" in out


def test_no_calls_say_so(cli: Command, embedded_store: Store) -> None:
    result = cli("reprice", "--since", "2d")
    assert result.exit_code == 0
    assert "widen --since" in result.stdout + result.stderr


def test_a_broken_book_is_named(cli: Command, embedded_store: Store, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    result = cli("reprice", "--since", "2d", "--book", str(broken))
    assert result.exit_code == 1
    assert "broken.json" in result.stderr
