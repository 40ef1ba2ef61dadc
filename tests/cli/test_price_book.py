# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`prices check`: broken overlays, contradictory data, and what other catalogues say."""

from __future__ import annotations

import csv
import datetime as dt
import importlib
import io
import json
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from otel_llmcost.pricing import PriceBook, check
from tests.cli.conftest import Command, rows

AT = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
GENAI_PRICES = """
from decimal import Decimal
from types import SimpleNamespace

def Usage(**tokens):
    return tokens

def calc_price(usage, model_ref, *, provider_id, genai_request_timestamp):
    if model_ref != "claude-opus-5-5":
        raise LookupError(model_ref)
    cached = usage.get("cache_read_tokens", 0)
    total = (usage.get("input_tokens", 0) - cached) * 4 + cached * Decimal("0.2")
    total += usage.get("output_tokens", 0) * 25
    return SimpleNamespace(total_price=total / Decimal(1000000))
"""
LITELLM = {
    "claude-opus-5-5": {
        "litellm_provider": "anthropic",
        "input_cost_per_token": 5e-06,
        "cache_read_input_token_cost": 2e-07,
        "output_cost_per_token": 2e-05,
    },
    "gpt-5": {"litellm_provider": "openrouter", "input_cost_per_token": 1},
    "no-model-of-ours": {"litellm_provider": "openai", "input_cost_per_token": 1},
}


@pytest.fixture(autouse=True)
def neither_is_installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever this machine has."""
    monkeypatch.delenv("LLMCOST_PRICES", raising=False)
    real = check.find_spec

    def only_fakes(name: str) -> Any:
        spec = real(name)
        return spec if spec and spec.origin and "fakes" in spec.origin else None

    monkeypatch.setattr(check, "find_spec", only_fakes)
    known = sys.modules.pop("genai_prices", None)
    yield
    sys.modules.pop("genai_prices", None)
    if known is not None:
        sys.modules["genai_prices"] = known


@pytest.fixture
def both_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fakes = tmp_path / "fakes"
    (fakes / "genai_prices").mkdir(parents=True)
    (fakes / "genai_prices" / "__init__.py").write_text(GENAI_PRICES)
    (fakes / "litellm").mkdir()
    # It must not be imported: that takes seconds.
    (fakes / "litellm" / "__init__.py").write_text("raise RuntimeError('imported')")
    name = "model_prices_and_context_window_backup.json"
    (fakes / "litellm" / name).write_text(json.dumps(LITELLM))
    monkeypatch.syspath_prepend(str(fakes))
    importlib.invalidate_caches()


def overlay(tmp_path: Path, *entries: Mapping[str, Any], provider: str = "acme") -> Path:
    path = tmp_path / "overlay.json"
    path.write_text(json.dumps({"provider": provider, "entries": entries}), encoding="utf-8")
    return path


def entry(prices: Mapping[str, Any], start: str = "2026-01-01", **more: Any) -> dict[str, Any]:
    return {"models": ["own"], "from": start, "prices": prices, **more}


def test_the_shipped_prices_have_no_problems(cli: Command) -> None:
    assert check.problems(PriceBook()) == []
    result = cli("price-book", "check")
    assert result.exit_code == 0
    assert "0 problems" in result.stderr


def test_a_missing_catalogue_says_how_to_get_it(cli: Command) -> None:
    result = cli("price-book", "check")
    assert "genai-prices is not installed" in result.stderr
    assert "pip install litellm" in result.stderr


def test_differences_come_largest_first_with_their_effect(
    cli: Command, both_installed: None
) -> None:
    found = rows(cli("price-book", "check", "--format", "json"))
    assert [
        (row["compared_with"], row["component"], row["ours"], row["theirs"], row["effect_usd"])
        for row in found
    ] == [("genai-prices", "output", 20, 25, 1500), ("litellm", "input", 4, 5, 1000)]
    result = cli("price-book", "check")
    assert "1,000,000 calls of 1,000 input, 3,000 cache_read, 300 output tokens" in result.stderr
    assert "not installed" not in result.stderr


def test_csv_has_the_same_rows(cli: Command, both_installed: None) -> None:
    result = cli("price-book", "check", "--format", "csv")
    found = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["theirs"] for row in found] == ["25", "5"]


def test_a_price_that_a_catalogue_does_not_list_is_no_difference() -> None:
    def has_output(provider: str, model: str, at: dt.datetime) -> Mapping[str, Decimal] | None:
        return {"output": Decimal(20)} if model == "claude-opus-5-5" else None

    compared = check.compare(PriceBook(), {"other": has_output}, AT)
    assert (compared.models, compared.differences) == ({"other": 1}, [])


def test_a_broken_overlay_names_file_entry_and_fix(
    cli: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = overlay(tmp_path, entry({"input": "1"}), entry({"input": 2.5}, "2026-02-01"))
    by_argument = cli("price-book", "check", str(path))
    monkeypatch.setenv("LLMCOST_PRICES", str(path))
    by_environment = cli("price-book", "check")
    for result in (by_argument, by_environment):
        assert result.exit_code == 1
        assert f"{path}: entry 2" in result.stderr
        assert 'decimal text such as "2.50"' in result.stderr


def test_a_file_that_is_not_there_is_an_error(cli: Command, tmp_path: Path) -> None:
    result = cli("price-book", "check", str(tmp_path / "none.json"))
    assert result.exit_code == 1
    assert "cannot read price overlay" in result.stderr


def test_two_prices_on_one_day_are_a_problem(cli: Command, tmp_path: Path) -> None:
    path = overlay(tmp_path, entry({"input": "1"}), entry({"input": "2"}, "2026-06-01"))
    result = cli("price-book", "check", str(path), "--format", "json")
    assert result.exit_code == 1
    (problem,) = json.loads(result.stdout)
    assert (problem["model"], problem["problem"]) == ("own", "two prices on 2026-06-01")


def test_days_without_a_price_inside_a_model_s_life_are_a_problem(tmp_path: Path) -> None:
    path = overlay(
        tmp_path,
        entry({"input": "1"}, to="2026-03-01"),
        entry({"input": "2"}, "2026-04-01"),
    )
    (problem,) = check.problems(PriceBook.load([path]))
    assert problem.what == "no price from 2026-03-01 to 2026-04-01"


def test_a_derived_price_that_disagrees_is_a_problem(tmp_path: Path) -> None:
    path = overlay(tmp_path, entry({"input": "4", "cache_write_1h": "7.5"}), provider="anthropic")
    (problem,) = check.problems(PriceBook.load([path]))
    assert (problem.component, problem.what) == ("cache_write_1h", "7.5 is not 2 x input = 8")


def test_the_documented_overlay_example_is_sound(cli: Command) -> None:
    example = Path(__file__).parents[1] / "data" / "overlay_example.json"
    assert cli("price-book", "check", str(example)).exit_code == 0
    book = PriceBook.load([example])
    assert book.prices("our-cluster", "llama-house-70b", AT.date())["output"] == Decimal("1.20")
    assert [entry.kind for entry in book.contract] == ["discount", "rate"]
