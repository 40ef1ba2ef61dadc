# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from otel_llmcost.reports import DIMENSIONS
from otel_llmcost.store import Store
from tests.cli.calls import add, call
from tests.cli.conftest import Command, rows

JSON = ("--format", "json")


def test_spend_is_grouped_most_expensive_first_and_exact(
    cli: Command, embedded_store: Store
) -> None:
    add(
        embedded_store,
        call(usd="0.000000000001", feature="cheap"),
        call(usd="0.1", feature="costly"),
        call(usd="0.2", feature="costly"),
    )
    result = cli("spend", "--by", "feature", *JSON)
    found = rows(result)
    assert [(row["feature"], row["calls"]) for row in found] == [("costly", 2), ("cheap", 1)]
    assert '"cost_usd": 0.300000000000,' in result.stdout
    assert '"cost_usd": 0.000000000001,' in result.stdout


@pytest.mark.parametrize(
    "by", [*DIMENSIONS, "customer", "feature,customer,day", "model,mode,user,hour"]
)
def test_every_dimension_gives_the_same_total(cli: Command, embedded_store: Store, by: str) -> None:
    add(
        embedded_store,
        call(usd="0.1", allocation={"customer": "acme"}, model="claude-opus-5"),
        call(usd="0.02", allocation={"customer": "globex"}, hours_ago=4, user_id="bob"),
        call(usd="0.003", feature="triage", hours_ago=3, mode="batch"),
        call(usd=None),
    )
    found = rows(cli("spend", "--by", by, *JSON))
    assert sum(row["calls"] for row in found) == 4
    assert sum(row["unpriced_calls"] for row in found) == 1
    assert sum(row["cost_usd"] or 0 for row in found) == pytest.approx(0.123)
    assert list(found[0])[: by.count(",") + 1] == by.split(",")


def test_short_windows_are_exact_to_the_minute(cli: Command, embedded_store: Store) -> None:
    add(embedded_store, call(hours_ago=0.2), call(hours_ago=0.8))
    assert rows(cli("spend", "--since", "30m", *JSON))[0]["calls"] == 1
    assert rows(cli("spend", "--since", "1h", *JSON))[0]["calls"] == 2


def test_a_window_with_an_end_leaves_later_calls_out(cli: Command, embedded_store: Store) -> None:
    add(embedded_store, call(hours_ago=0.5), call(hours_ago=3))
    until = datetime.now(UTC) - timedelta(hours=1)
    assert rows(cli("spend", "--until", until.isoformat(), *JSON))[0]["calls"] == 1


def test_filters_keep_only_their_value(cli: Command, embedded_store: Store) -> None:
    add(embedded_store, call(environment="demo", usd="5"), call(model="gpt-5.5", usd="1"))
    (row,) = rows(cli("spend", "--by", "environment", "--model", "gpt-5.5", *JSON))
    assert (row["environment"], row["cost_usd"]) == ("prod", 1)
    (row,) = rows(cli("spend", "--by", "user", "--environment", "demo", *JSON))
    assert row["cost_usd"] == 5


def test_the_total_counts_rows_beyond_the_limit(cli: Command, embedded_store: Store) -> None:
    add(embedded_store, *(call(usd="1", feature=f"f{n}") for n in range(4)))
    result = cli("spend", "--limit", "2")
    assert "2 of 4 rows shown" in result.stderr
    total = next(line for line in result.stdout.splitlines() if line.lstrip().startswith("total"))
    assert "$4.00" in total


def test_an_unknown_cost_is_null_and_the_note_names_the_setting(
    cli: Command, embedded_store: Store
) -> None:
    add(
        embedded_store,
        call(usd=None, cost_reason="unknown_host", server_address="llm.corp:4000"),
        call(usd=None, model="gpt-nonesuch"),
    )
    result = cli("spend", *JSON)
    assert rows(result)[0]["cost_usd"] is None
    assert "LLMCOST_HOSTS=llm.corp:4000=" in result.stderr
    assert "no price for gpt-nonesuch" in result.stderr
    assert "unknown" in cli("spend").stdout
    (line,) = list(csv.DictReader(io.StringIO(cli("spend", "--format", "csv").stdout)))
    assert line["cost_usd"] == ""


def test_an_empty_store_says_how_to_begin(cli: Command, embedded_store: Store) -> None:
    result = cli("spend", *JSON)
    assert rows(result) == []
    assert "no records yet" in result.stderr


def test_an_empty_window_says_when_the_newest_call_was(cli: Command, embedded_store: Store) -> None:
    add(embedded_store, call(hours_ago=72))
    newest = datetime.now(UTC) - timedelta(hours=72)
    result = cli("spend", "--since", "24h")
    assert result.stdout == ""
    assert f"is from {newest:%Y-%m-%d}" in result.stderr


def test_a_filter_that_matches_nothing_is_named(cli: Command, embedded_store: Store) -> None:
    add(embedded_store, call())
    assert "none with environment=stage" in cli("spend", "--environment", "stage").stderr


@pytest.mark.parametrize("output", ["table", "json", "csv"])
@pytest.mark.parametrize(
    ("by", "rather"),
    [("featrue", "feature"), ("Model", "model"), ("day,custmer", "customer"), ("xyzzy", None)],
)
def test_a_key_that_no_call_carries_is_an_error(
    cli: Command, embedded_store: Store, by: str, rather: str | None, output: str
) -> None:
    add(embedded_store, call(allocation={"customer": "acme"}))
    result = cli("spend", "--by", by, "--format", output)
    assert (result.exit_code, result.stdout) == (1, "")
    assert ("did you mean" in result.stderr) is (rather is not None)
    assert f"did you mean {rather}?" in result.stderr or rather is None
    assert "customer" in result.stderr or by == "Model"


def test_a_key_that_only_calls_beyond_the_limit_carry_is_none(
    cli: Command, embedded_store: Store
) -> None:
    add(embedded_store, call(usd="5"), call(usd="0.1", allocation={"tenant": "acme"}))
    assert cli("spend", "--by", "tenant", "--limit", "1").exit_code == 0


def test_outcome_stands_alone(cli: Command, embedded_store: Store) -> None:
    result = cli("spend", "--by", "feature,outcome")
    assert result.exit_code == 1
    assert "--by outcome alone" in result.stderr


@pytest.mark.parametrize(("by", "digits"), [("hour", 16), ("day", 10), ("month", 7)])
def test_time_is_in_order_of_time(
    cli: Command, embedded_store: Store, by: str, digits: int
) -> None:
    ago = (900, 1, 30, 60, 2)
    add(embedded_store, *(call(hours_ago=h, usd=str(h), model=f"m{h}") for h in ago))
    for names in (by, f"model,{by}"):
        found = rows(cli("spend", "--by", names, "--since", "60d", *JSON))
        times = [row[by] for row in found]
        assert times == sorted(times)
        assert {len(text) for text in times} == {digits}
    result = cli("spend", "--by", by, "--since", "60d", "--limit", "1", *JSON)
    assert rows(result)[0][by] == times[-1]
    assert "The newest 1 of" in result.stderr


def test_an_amount_below_what_is_shown_is_not_nothing(cli: Command, embedded_store: Store) -> None:
    add(embedded_store, call(usd="0.00000048"))
    out = cli("spend").stdout
    assert out.count("<$0.000001") == 2
    assert "$0.00 " not in out.replace("<$0.00", "")


@pytest.mark.parametrize(
    "by", ["feature; DROP TABLE llmcost.llm_calls", "count()", "feature AS x", "a'] FROM x --", "A"]
)
def test_nothing_but_names_can_be_grouped_by(cli: Command, embedded_store: Store, by: str) -> None:
    add(embedded_store, call())
    result = cli("spend", "--by", by)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: cannot group by")
    assert len(result.stderr.splitlines()) == 1


def test_values_of_filters_are_never_sql(cli: Command, embedded_store: Store) -> None:
    add(embedded_store, call(feature="o'hare \\ {x:String}", usd="2"), call(usd="1"))
    found = rows(cli("spend", "--feature", "o'hare \\ {x:String}", *JSON))
    assert [row["cost_usd"] for row in found] == [2]


def test_a_name_cannot_steer_the_terminal(cli: Command, embedded_store: Store) -> None:
    add(embedded_store, call(feature="\x1b]0;owned\x07[bold]x"))
    out = cli("spend").stdout
    assert "\x1b" not in out
    assert "\x07" not in out
    assert "[bold]x" in out


def test_top_calls_are_the_most_expensive_first(cli: Command, embedded_store: Store) -> None:
    add(embedded_store, call(usd="1"), call(usd="3", user_id="eve"), call(usd=None), call(usd="2"))
    found = rows(cli("spend", "--top-calls", "--limit", "3", *JSON))
    assert [row["cost_usd"] for row in found] == [3, 2, 1]
    assert found[0]["user_id"] == "eve"
    assert datetime.fromisoformat(found[0]["ts"]).utcoffset() == timedelta(0)


@pytest.mark.parametrize("since", ["yesterday", "24", "5 h", "-1h", "2026-13-01"])
def test_a_time_that_cannot_be_read_is_one_line(cli: Command, since: str) -> None:
    result = cli("spend", "--since", since)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "24h" in result.stderr


def test_query_prints_rows_as_they_are(cli: Command, embedded_store: Store) -> None:
    add(embedded_store, call(usd="0.5"), call(usd=None))
    sql = "SELECT record_id, cost_usd, ts FROM llmcost.calls ORDER BY cost_usd;"
    found = rows(cli("query", sql, *JSON))
    assert [row["cost_usd"] for row in found] == [0.5, None]
    assert "NULL" in cli("query", "-", input=sql).stdout
    assert "0.5" in cli("query", sql).stdout


def test_a_mistake_in_sql_is_one_line(cli: Command, embedded_store: Store) -> None:
    result = cli("query", "SELECT nonsense FROM llmcost.calls")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "nonsense" in result.stderr


def test_json_holds_maps_arrays_and_no_nan(cli: Command, embedded_store: Store) -> None:
    sql = "SELECT map('a', toDecimal32(1.5, 2)) AS m, [1, 2] AS l, nan AS n, toDate(20000) AS d"
    (row,) = json.loads(cli("query", sql, *JSON).stdout)
    assert row == {"m": {"a": 1.5}, "l": [1, 2], "n": None, "d": "2024-10-04"}


@pytest.mark.parametrize("how", ["option", "variable"])
def test_a_day_of_another_zone_is_from_its_midnight_on(
    embedded_store: Store, cli: Command, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    for hour, minute in ((18, 29), (18, 30), (23, 59)):  # midnight in Kolkata is 18:30 UTC
        add(embedded_store, {**call(), "ts": datetime(2026, 10, 1, hour, minute, tzinfo=UTC)})
    if how == "variable":
        monkeypatch.setenv("LLMCOST_TIMEZONE", "Asia/Kolkata")
    zone = ("--timezone", "Asia/Kolkata") if how == "option" else ()
    given = ("--since", "2026-10-01", "--until", "2026-10-03", "--format", "json")
    found = rows(cli("spend", "--by", "day", *given, *zone))
    assert [(row["day"], row["calls"]) for row in found] == [("2026-10-01", 1), ("2026-10-02", 2)]
    found = rows(cli("spend", "--by", "day", *given, "--timezone", "UTC"))
    assert [(row["day"], row["calls"]) for row in found] == [("2026-10-01", 3)]


def test_an_unknown_zone_is_an_error_of_usage(cli: Command) -> None:
    result = cli("spend", "--timezone", "Europe/Brelin")
    assert result.exit_code == 2
    assert "did you mean Europe/Berlin?" in " ".join(result.stderr.split())
