# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from otel_llmcost.billing.invoices import read_invoice
from otel_llmcost.errors import ConfigError
from otel_llmcost.pricing import PriceBook
from otel_llmcost.store import Store
from tests.cli.conftest import Command, rows
from tests.review.provider_reports import (
    DAY,
    anthropic,
    anthropic_cost,
    cents,
    openai_costs,
    openai_usage,
)
from tests.review.traffic import Call, fill, priced, unpriced

JSON = ("--format", "json")
USED = {"input": 1000, "cache_read": 5000, "cache_write_5m": 300, "output": 200}
GPT: dict[str, Any] = {
    "model": "gpt-5.6-terra",
    "provider": "openai",
    "buckets": {"input": 1000, "cache_read": 5000, "output": 200},
}


def anthropic_usage(**more: Any) -> dict[str, Any]:
    return {
        "uncached_input_tokens": 1000,
        "cache_creation": {"ephemeral_1h_input_tokens": 0, "ephemeral_5m_input_tokens": 300},
        "cache_read_input_tokens": 5000,
        "output_tokens": 200,
        "server_tool_use": {"web_search_requests": 0},
        "api_key_id": None,
        "workspace_id": None,
        "model": "claude-opus-5",
        "service_tier": "standard",
        "context_window": "0-200k",
        **more,
    }


def bring(cli: Command, *reported: Any, more: tuple[str, ...] = ()) -> None:
    """Import each as a file of its own."""
    names = [f"{n}.json" for n, _ in enumerate(reported)]
    for name, one in zip(names, reported, strict=True):
        Path(name).write_text(one if isinstance(one, str) else json.dumps(one))
    result = cli("invoices", "import", *names, *more)
    assert result.exit_code == 0, result.stderr


def reconciled(cli: Command) -> dict[str, dict[str, Any]]:
    found = rows(cli("reconcile", "--month", "2026-10", *JSON))
    return {row["model"]: row for row in found}


def claude(**more: Any) -> Call:
    return priced(DAY, buckets=USED, **more)


COST = claude()["cost_usd"]


def test_what_agrees_agrees(cli: Command, embedded_store: Store) -> None:
    fill(embedded_store, [claude(), priced(DAY, **GPT)])
    theirs = str(priced(DAY, **GPT)["cost_usd"])
    bring(
        cli,
        anthropic(anthropic_cost(cents(COST))),
        anthropic(anthropic_usage()),
        openai_costs(("gpt-5.6-terra, input", theirs)),
        openai_usage(input_tokens=6000, input_cached_tokens=5000, output_tokens=200,
                     model="gpt-5.6-terra"),
    )  # fmt: skip
    found = reconciled(cli)
    assert {row["likely_cause"] for row in found.values()} == {"agrees"}
    assert found["claude-opus-5"]["captured"] == 1
    assert found["gpt-5.6-terra"]["ours_tokens"] == found["gpt-5.6-terra"]["theirs_tokens"] == 6200
    table = cli("reconcile", "--month", "2026-10")
    assert table.stdout == ""
    assert "2 of 2 days and models agree" in table.stderr
    assert "anthropic: 100.0% of their tokens were recorded" in table.stderr


def test_calls_that_were_not_recorded_are_distinguished_from_a_discount(
    cli: Command, embedded_store: Store
) -> None:
    fill(embedded_store, [claude() for _ in range(10)])
    twice = anthropic_usage(**{k: v * 20 for k, v in _numbers(anthropic_usage()).items()},
                            cache_creation={"ephemeral_5m_input_tokens": 6000})  # fmt: skip
    bring(cli, anthropic(anthropic_cost(cents(COST * 20))), anthropic(twice))
    assert reconciled(cli)["claude-opus-5"]["likely_cause"].startswith("only 50 % of their tokens")
    ten = anthropic_usage(**{k: v * 10 for k, v in _numbers(anthropic_usage()).items()},
                          cache_creation={"ephemeral_5m_input_tokens": 3000})  # fmt: skip
    bring(cli, anthropic(anthropic_cost(cents(COST * 8))), anthropic(ten))
    row = reconciled(cli)["claude-opus-5"]
    assert row["likely_cause"].startswith("a discount of 20 %")
    assert row["paid_share"] == pytest.approx(0.8)


def _numbers(reported: dict[str, Any]) -> dict[str, int]:
    return {name: value for name, value in reported.items() if isinstance(value, int)}


def test_costs_alone_do_not_distinguish_a_discount_from_missing_calls(
    cli: Command, embedded_store: Store
) -> None:
    fill(embedded_store, [claude(), claude()])
    bring(cli, anthropic(anthropic_cost(cents(COST))))
    row = reconciled(cli)["claude-opus-5"]
    assert "import their usage to find out" in row["likely_cause"]
    assert row["paid_share"] is None


def test_a_list_amount_shows_the_discount_and_an_overlay_is_suggested(
    cli: Command, embedded_store: Store, tmp_path: Path
) -> None:
    later = DAY + dt.timedelta(days=1)
    much = {name: 1000 * n for name, n in USED.items()}
    fill(embedded_store, [priced(DAY, buckets=much), claude(), priced(later, buckets=much)])
    for day, usd in ((DAY, 1001 * COST), (later, 1000 * COST)):
        reported = anthropic_cost(cents(usd * Decimal("0.85")), list_amount=cents(usd))
        bring(cli, anthropic(reported, day=day))
    assert {row["likely_cause"] for row in reconciled(cli).values()} == {"a discount of 15 %"}
    done = cli("reconcile", "--month", "2026-10", "--overlay", "deal.json")
    assert done.exit_code == 0, done.stderr
    assert "claude-opus-5 costs 85.0% of list price, every day alike" in done.stderr
    (entry,) = PriceBook.load([tmp_path / "deal.json"]).contract
    assert (entry.kind, entry.models, entry.prices["*"]) == (
        "discount", ("claude-opus-5",), "0.8500",
    )  # fmt: skip


def test_a_discount_that_differs_from_day_to_day_is_no_overlay(
    cli: Command, embedded_store: Store
) -> None:
    later = DAY + dt.timedelta(days=1)
    fill(embedded_store, [claude(), priced(later, buckets=USED)])
    for day, share in ((DAY, "0.85"), (later, "0.5")):
        reported = anthropic_cost(cents(COST * Decimal(share)), list_amount=cents(COST))
        bring(cli, anthropic(reported, day=day))
    done = cli("reconcile", "--month", "2026-10", "--overlay", "deal.json")
    assert done.exit_code == 1
    assert "but not every day" in done.stderr
    assert not Path("deal.json").exists()


def test_a_contract_that_is_configured_is_compared_with_what_was_paid(
    cli: Command, embedded_store: Store
) -> None:
    paid = COST * Decimal("0.85")
    fill(embedded_store, [claude(contracted_cost_usd=paid)])
    bring(cli, anthropic(anthropic_cost(cents(paid), list_amount=cents(COST))))
    assert reconciled(cli)["claude-opus-5"]["likely_cause"] == "agrees"


def test_fees_and_tools_stand_apart_from_models(cli: Command, embedded_store: Store) -> None:
    searched = priced(DAY, buckets={"input": 1000, "web_search_call": 3})
    fill(embedded_store, [searched])
    bring(
        cli,
        anthropic(
            anthropic_cost("0.5"),
            anthropic_cost("3", None, cost_type="web_search", model=None),
        ),
    )
    assert {row["likely_cause"] for row in reconciled(cli).values()} == {"agrees"}
    bring(
        cli,
        anthropic(
            anthropic_cost("0.5"),
            anthropic_cost("3", None, cost_type="web_search", model=None),
            anthropic_cost("700", None, cost_type="code_execution", model=None),
        ),
    )
    assert "fees that calls do not show" in reconciled(cli)[""]["likely_cause"]


@pytest.mark.parametrize(
    ("calls", "usd", "cause"),
    [
        ([], "5", "no call of this model was recorded"),
        (
            [unpriced(DAY, provider="anthropic", model="claude-opus-5")],
            "5",
            "1 calls have no known",
        ),
        ([claude(cost_status="partial")], "5", "1 streams ended before"),
        ([claude()], "5", "missing calls, or another price"),
    ],
)
def test_every_difference_has_a_likely_cause(
    cli: Command, embedded_store: Store, calls: list[Call], usd: str, cause: str
) -> None:
    fill(embedded_store, calls)
    bring(cli, anthropic(anthropic_cost(cents(Decimal(usd)))))
    assert cause in reconciled(cli)["claude-opus-5"]["likely_cause"]


def test_a_day_without_their_costs_is_not_zero(cli: Command, embedded_store: Store) -> None:
    fill(embedded_store, [claude(), priced(DAY + dt.timedelta(days=1), buckets=USED)])
    bring(cli, anthropic(anthropic_cost(cents(COST))))
    found = rows(cli("reconcile", "--month", "2026-10", *JSON))
    assert found[1]["theirs_usd"] is None
    assert found[1]["difference_usd"] is None
    assert "not imported" in found[1]["likely_cause"]


def test_importing_again_replaces_the_day(cli: Command, embedded_store: Store) -> None:
    fill(embedded_store, [claude()])
    page = anthropic(anthropic_cost(cents(COST)))
    bring(cli, page, page)
    bring(cli, page)
    assert reconciled(cli)["claude-opus-5"]["theirs_usd"] == float(COST)
    # Another grouping of the same day, with other keys.
    split_ = anthropic(
        anthropic_cost(cents(COST / 2), workspace_id="w1"),
        anthropic_cost(cents(COST / 2), workspace_id="w2"),
    )
    bring(cli, split_)
    assert reconciled(cli)["claude-opus-5"]["theirs_usd"] == float(COST)
    bring(cli, page, more=("--account", "other"))
    assert reconciled(cli)["claude-opus-5"]["theirs_usd"] == float(2 * COST)


def test_rows_split_by_key_or_user_are_added_up(tmp_path: Path) -> None:
    path = tmp_path / "costs.json"
    path.write_text(
        json.dumps(
            openai_costs(
                ("gpt-5.6-terra, input", "0.1"),
            )
        )
    )
    page = json.loads(path.read_text())
    page["data"][0]["results"] *= 3
    path.write_text(json.dumps([page, page]))
    (line,) = read_invoice(path).lines
    assert line.amount_usd == Decimal("0.6")


def test_dated_ids_are_the_same_model(cli: Command, embedded_store: Store) -> None:
    fill(embedded_store, [priced(DAY, model="claude-haiku-4-5-20251001", buckets={"input": 1000})])
    bring(cli, anthropic(anthropic_cost("0.1", model="claude-haiku-4-5")))
    assert reconciled(cli)["claude-haiku-4-5"]["likely_cause"] == "agrees"


def test_line_items_name_models_and_buckets(tmp_path: Path) -> None:
    path = tmp_path / "costs.json"
    items = ("gpt-4o-2024-08-06, input", "gpt-5.6-terra, cached input", "gpt-5.6-luna",
             "web search tool calls", "house-7b, output")  # fmt: skip
    path.write_text(json.dumps(openai_costs(*((item, "1") for item in items))))
    reported = {line.line: (line.model, line.bucket) for line in read_invoice(path).lines}
    assert reported == {
        "gpt-4o-2024-08-06, input": ("gpt-4o-2024-08-06", "input"),
        "gpt-5.6-terra, cached input": ("gpt-5.6-terra", "cache_read"),
        "gpt-5.6-luna": ("gpt-5.6-luna", ""),
        "web search tool calls": ("", ""),
        "house-7b, output": ("house-7b", "output"),
    }


@pytest.mark.parametrize(
    "table",
    [
        "day,provider,model,amount_usd\n2026-10-12,anthropic,claude-opus-5,{usd}\n",
        "\ufeffusage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd"
        "\n2026-10-12,claude-opus-5,Default,k,message,0-200k,output_tokens,{usd}\n",
        "Date,Model,Cost,Currency,Provider\n2026-10-12T05:00:00Z,claude-opus-5,{usd},USD,anthropic\n",
    ],
)
def test_csv_of_consoles_and_spreadsheets(cli: Command, embedded_store: Store, table: str) -> None:
    fill(embedded_store, [claude()])
    bring(cli, table.format(usd=COST))
    assert reconciled(cli)["claude-opus-5"]["likely_cause"] == "agrees"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column"),
        ("{", "no cost export"),
        ("[]", "has no cost"),
        ('{"data": 1}', 'expected an object with "data"'),
        ('{"data": [{"start_time": 1}]}', "results"),
        ('{"data": [{"start_time": 1, "results": [{"object": "x"}]}]}', "unknown kind"),
        (json.dumps(openai_costs(("gpt-5", "1"))).replace("usd", "eur"), "only USD"),
        (json.dumps(anthropic(anthropic_cost("NaN"))), "no amount"),
        (json.dumps(anthropic(anthropic_cost("1e99"))), "no amount"),
        ("day,model,amount_usd\n2026-10-12,x,1\n", "--provider openai"),
        ("day,model,amount_usd,provider\nyesterday,x,1,openai\n", "yesterday"),
        ("day,model,amount_usd,provider\n2026-10-12,x,much,openai\n", "InvalidOperation"),
        ("a,b\n1,2\n", "no column for the day"),
        ("<html>", "no column"),
    ],
)
def test_what_cannot_be_read_says_why_and_imports_nothing(
    cli: Command, embedded_store: Store, text: str, said: str
) -> None:
    Path("good.json").write_text(json.dumps(anthropic(anthropic_cost("1"))))
    Path("bad").write_text(text)
    with pytest.raises(ConfigError, match=said):
        read_invoice(Path("bad"))
    result = cli("invoices", "import", "good.json", "bad")
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert rows(cli("invoices", "list", *JSON)) == []


def test_nothing_imported_says_how(cli: Command, embedded_store: Store) -> None:
    fill(embedded_store, [claude()])
    result = cli("reconcile", "--month", "2026-10")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "invoices import FILE" in result.stderr
    assert "invoices import FILE" in cli("invoices", "list").stderr


def pages(*days: int) -> list[dict[str, Any]]:
    """A report of one page a day of October, each but the last going on in the next."""
    made = [openai_costs(("gpt-5.6-terra, input", "1"), day=DAY.replace(day=day)) for day in days]
    for number, page in enumerate(made[:-1], start=2):
        page |= {"has_more": True, "next_page": f"page_{number}"}
    return made


def held(cli: Command) -> list[tuple[int, str]]:
    return [(row["days"], row["amount_usd"]) for row in rows(cli("invoices", "list", *JSON))]


def test_pages_of_a_report_are_imported_as_one(cli: Command, embedded_store: Store) -> None:
    bring(cli, *pages(1, 2, 3))
    ((days, usd),) = held(cli)
    assert (days, Decimal(str(usd))) == (3, Decimal(3))


def test_a_list_of_pages_is_a_report_too(cli: Command, embedded_store: Store) -> None:
    bring(cli, pages(1, 2, 3), pages(4, 5))
    assert held(cli)[0][0] == 5


def test_a_day_on_two_pages_is_added_up(cli: Command, embedded_store: Store) -> None:
    bring(cli, *pages(1, 1))
    ((days, usd),) = held(cli)
    assert (days, Decimal(str(usd))) == (1, Decimal(2))


@pytest.mark.parametrize(
    "given",
    [
        pages(1, 2)[:1],
        [pages(1, 2, 3)[:2]],
        [pages(1, 2)[0], anthropic(anthropic_cost("100"))],
        [openai_costs(("gpt-5.6-terra, input", "1")), pages(1, 2)[0]],
    ],
)
def test_a_report_without_its_end_is_refused_with_the_page_to_request(
    cli: Command, embedded_store: Store, given: list[Any]
) -> None:
    names = [f"{number}.json" for number, _ in enumerate(given)]
    for name, page in zip(names, given, strict=True):
        Path(name).write_text(json.dumps(page))
    result = cli("invoices", "import", *names)
    assert result.exit_code != 0
    assert "has_more" in result.stderr
    assert "page=page_" in result.stderr
    assert held(cli) == [], "nothing of the other files either"
