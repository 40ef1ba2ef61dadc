# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime as dt
import html.parser
import json
import re
from decimal import Decimal
from typing import Any

import pytest

from otel_llmcost.reports.comparison import month
from otel_llmcost.review import html_page, markdown
from otel_llmcost.review.build import ORDER, Review, review
from otel_llmcost.store import Store
from tests.cli.calls import add, call
from tests.cli.conftest import Command, rows
from tests.review.traffic import Call, fill, priced, unpriced
from tests.support.embedded import empty, shared_store

pytestmark = pytest.mark.slow

SEPTEMBER = dt.datetime(2026, 9, 12, 10, tzinfo=dt.UTC)
OCTOBER = dt.datetime(2026, 10, 12, 10, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)


def of(store: Store, text: str = "2026-10", now: dt.datetime = LATER) -> Review:
    return review(store.query, month(text), now=now)


def section(found: Review, key: str) -> list[dict[str, Any]]:
    (one,) = [one for one in found.sections if one.key == key]
    return one.report.records()


def text(found: Review, key: str) -> str:
    (one,) = [one for one in found.sections if one.key == key]
    return one.text


def traffic() -> list[Call]:
    """Two months; the second one has most kinds of things to say something about."""
    hit, miss = {"input": 100, "cache_read": 9900, "output": 10}, {"input": 10_000, "output": 10}
    day = dt.timedelta(days=1)
    return [
        *(priced(SEPTEMBER + n * day, buckets=miss, team="cx") for n in range(3)),
        *(priced(OCTOBER + n * day, buckets=hit, team="cx", user_id=f"u{n}") for n in range(4)),
        priced(OCTOBER, feature="cut", finish_reason="length"),
        priced(OCTOBER, feature="bad", error_type="overloaded_error", finish_reason="length"),
        priced(OCTOBER, feature="left", stream_outcome="abandoned", error_type="x"),
        priced(OCTOBER, feature="slow", attempts_unmetered=2, duration_ms=60_000),
        *(priced(OCTOBER, feature="same", request_fingerprint="f1", ttft_ms=1) for _ in "123"),
        priced(OCTOBER, feature="", call_site="load (app.py:3)"),
        unpriced(OCTOBER, model="house-1"),
    ]


@pytest.fixture(scope="module")
def october() -> Review:
    """The review of that traffic. A review takes seconds, so it is made once."""
    store = shared_store()
    empty(store)
    fill(store, traffic())
    return of(store)


def test_the_change_adds_up_to_the_difference_of_the_totals(october: Review) -> None:
    found = october
    now, before = section(found, "total")
    parts = section(found, "change")
    assert sum(row["change_usd"] for row in parts) == now["cost_usd"] - before["cost_usd"]
    assert {row["part"] for row in parts} >= {"cache", "volume", "new"}
    assert any("more from the cache of support" in line for line in found.summary)


def test_every_figure_has_sql_that_gives_it_again(october: Review, embedded_store: Store) -> None:
    fill(embedded_store, traffic())
    for one in october.sections:
        assert one.statements or one.key == "taken", one.key
        for statement in one.statements:
            assert "{" not in statement
            embedded_store.query(statement)
    (cost,) = {row["cost_usd"] for row in section(october, "total")[:1]}
    (statement,) = next(one.statements for one in october.sections if one.key == "total")
    again = embedded_store.query(statement)
    assert again.rows[0][again.columns.index("cost_usd")] == cost


def test_waste_is_reported_in_dollars_and_no_call_twice(october: Review) -> None:
    one = Decimal("0.01")
    reported = {row["what"].split()[0]: row for row in section(october, "waste")}
    assert reported["answers"]["cost_usd"] == one
    assert reported["replies"]["cost_usd"] == one
    assert reported["streams"]["cost_usd"] == one
    assert (reported["attempts"]["calls"], reported["attempts"]["cost_usd"]) == (2, 2 * one)
    assert (reported["requests"]["calls"], reported["requests"]["cost_usd"]) == (2, 2 * one)


def test_waste_of_unknown_cost_is_unknown_not_zero(embedded_store: Store) -> None:
    fill(embedded_store, [priced(OCTOBER), unpriced(OCTOBER, finish_reason="length")])
    (cut,) = [r for r in section(of(embedded_store), "waste") if r["what"].startswith("answers")]
    assert (cut["calls"], cut["cost_usd"], cut["share"]) == (1, None, None)


def test_features_models_teams_and_users(october: Review) -> None:
    found = october
    support = next(row for row in section(found, "feature") if row["feature"] == "support")
    before, after = 3 * Decimal("0.05025"), 4 * Decimal("0.0057")
    assert (support["cost_usd"], support["change_usd"]) == (after, after - before)
    assert section(found, "team")[0]["team"] in ("cx", "(none)")
    assert len(section(found, "user")) == 5
    (unit,) = section(found, "units")
    assert unit["count"] == 5  # u0 to u3, and ada of the others
    assert unit["each_usd"] == pytest.approx(section(found, "total")[0]["cost_usd"] / 5)


def test_an_outcome_has_its_cost(embedded_store: Store) -> None:
    fill(embedded_store, [priced(OCTOBER, scope_id="s1"), priced(OCTOBER, scope_id="s1")])
    embedded_store.insert(
        "outcomes",
        [(OCTOBER, "o1", "ticket_resolved", 1.0, "s1", "prod", "shop", "support")],
        ["ts", "outcome_id", "name", "value", "scope_id", "environment", "service", "feature"],
    )
    reported = {row["unit"]: row for row in section(of(embedded_store), "units")}
    assert reported["ticket_resolved (support)"]["each_usd"] == Decimal("0.02")


def test_savings_taken_are_the_parts_that_fell(october: Review) -> None:
    (row,) = section(october, "taken")
    assert (row["feature"], row["how"]) == ("support", "more from the cache")
    assert row["saved_usd"] > 0


def test_the_next_savings_are_of_the_plan(october: Review) -> None:
    found = section(october, "next")
    assert 0 < len(found) <= 5
    assert found == sorted(found, key=lambda row: -row["saving_usd"])


def test_eighty_percent_names_the_places(embedded_store: Store) -> None:
    big = {"input": 100_000}
    fill(embedded_store, [priced(OCTOBER, feature="big", buckets=big), *map(_small, range(9))])
    found = of(embedded_store)
    assert [row["feature"] for row in section(found, "pareto")] == ["big"]
    assert "1 of 10 places in the code, with 10.0% of the calls" in text(found, "pareto")


def _small(n: int) -> Call:
    return priced(OCTOBER, feature=f"f{n}", buckets={"input": 100})


def test_a_running_month_is_compared_with_as_many_days_and_has_a_forecast(
    embedded_store: Store,
) -> None:
    day = dt.timedelta(days=1)
    start = dt.datetime(2026, 10, 1, 6, tzinfo=dt.UTC)
    end_of_september = dt.datetime(2026, 9, 29, tzinfo=dt.UTC)
    fill(
        embedded_store,
        [
            priced(dt.datetime(2026, 9, 3, tzinfo=dt.UTC)), priced(end_of_september),
            *(priced(start + n * day) for n in range(10)),
        ],
    )  # fmt: skip
    found = of(embedded_store, now=dt.datetime(2026, 10, 11, 0, 30, tzinfo=dt.UTC))
    assert [row["calls"] for row in section(found, "total")] == [10, 1]
    assert "the month ends with $0.31" in text(found, "budgets")
    assert found.headline[0][0] == "spent so far"


def test_an_empty_store_or_month_says_so_and_nothing_else(
    cli: Command, embedded_store: Store
) -> None:
    empty = cli("review", "--month", "2026-10")
    assert empty.exit_code == 0
    assert "no records yet" in empty.stdout
    fill(embedded_store, [priced(OCTOBER)])
    reported = cli("review", "--month", "2026-03", "--format", "html").stdout
    assert "No calls" in reported
    assert "<table>" not in reported


def test_the_running_hour_is_part_of_a_running_month(embedded_store: Store) -> None:
    now = dt.datetime(2026, 10, 11, 0, 30, tzinfo=dt.UTC)
    fill(embedded_store, [priced(now - dt.timedelta(minutes=10))])
    found = of(embedded_store, now=now)
    assert [row["calls"] for row in section(found, "total")] == [1]
    last = dt.datetime(2026, 10, 31, 23, 50, tzinfo=dt.UTC)
    fill(embedded_store, [priced(last - dt.timedelta(minutes=10))])
    assert of(embedded_store, now=last).headline[0][0] == "spent so far"


@pytest.mark.parametrize("output", ["md", "html", "json"])
def test_without_a_month_an_empty_one_gives_way_to_the_running_one(
    cli: Command, embedded_store: Store, output: str
) -> None:
    add(embedded_store, call(hours_ago=0))
    result = cli("review", "--format", output)
    now = dt.datetime.now(dt.UTC)
    assert "this is the running month" in result.stderr
    assert f"{now:%Y-%m-}" in result.stdout
    requested = cli("review", "--month", "2026-03", "--format", output)
    assert f"use --month {now:%Y-%m}" in requested.stdout
    assert "--since" not in requested.stdout


def test_a_first_month_is_not_all_new(embedded_store: Store) -> None:
    fill(embedded_store, [priced(OCTOBER)])
    found = of(embedded_store)
    assert section(found, "change") == []
    assert "nothing to compare with" in text(found, "change")
    assert "There is one day of data" in found.summary[0]
    assert "change_usd" not in section(found, "feature")[0]


def test_what_is_missing_is_said_with_how_to_get_it(embedded_store: Store) -> None:
    bare: dict[str, Any] = {"feature": "", "user_id": "", "call_site": "", "team": ""}
    fill(embedded_store, [priced(OCTOBER, **bare), unpriced(OCTOBER, model="house-1", **bare)])
    found = of(embedded_store)
    assert "allocate(user=…)" in text(found, "user")
    assert "team=" in text(found, "team")
    assert "outcome(" in text(found, "units")
    assert "no call carries a fingerprint" in text(found, "waste")
    assert "@llmcost.feature" in text(found, "trust")
    assert {row["share"] for row in section(found, "trust")} == {0.5, 0.0}
    assert any("no price for house-1" in line for line in found.summary)


def test_nothing_priced_is_unknown_everywhere(embedded_store: Store) -> None:
    fill(embedded_store, [unpriced(OCTOBER), unpriced(SEPTEMBER)])
    found = of(embedded_store)
    assert found.headline[0] == ("spent", "unknown")
    assert "$" not in markdown.page(found, sql=False).replace("$LLM", "").split("## Paid")[0]


def test_filters_keep_one_environment(cli: Command, embedded_store: Store) -> None:
    fill(embedded_store, [priced(OCTOBER), priced(OCTOBER, environment="stage")])
    (reported,) = rows(
        cli("review", "--month", "2026-10", "--environment", "stage", "--format", "json")
    )
    assert reported["sections"][0]["rows"][0]["calls"] == 1
    assert "environment=stage" in reported["title"]
    assert [one["key"] for one in reported["sections"]] == list(ORDER)


class _Reading(html.parser.HTMLParser):
    """Checks that tags close, and collects what a browser would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loads += [f"{tag} {n}" for n, _ in attrs if n in ("src", "href") or n.startswith("on")]
        self.loads += [tag] if tag in ("script", "iframe", "object", "link", "img") else []
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


EVIL = '<script>alert(1)</script>"><img src=x onerror=y>|`\n\x1b[2J{{ 7*7 }}'


def test_the_page_loads_nothing_and_runs_nothing(embedded_store: Store) -> None:
    evil: Any = {"feature": EVIL, "model": EVIL, "team": EVIL, "user_id": EVIL, "call_site": EVIL}
    fill(embedded_store, [*traffic(), call(ts=OCTOBER, usd="9", **evil)])
    page = html_page.page(of(embedded_store))
    reading = _Reading()
    reading.feed(page)
    assert reading.open == []
    assert reading.loads == []
    assert "url(" not in page
    assert "{{ 7*7 }}" in page
    assert "prefers-color-scheme: dark" in page


def test_names_cannot_break_the_markdown(cli: Command, embedded_store: Store) -> None:
    fill(embedded_store, [call(ts=OCTOBER, usd="9", feature=EVIL)])
    out = cli("review", "--month", "2026-10", "--sql").stdout
    assert "\x1b" not in out
    assert "<script>" not in out.split("# SQL")[0]
    for line in out.split("# SQL")[0].splitlines():
        if line.startswith("|"):
            assert line.endswith(" |")
    assert out.count("```sql") == out.count("```") / 2


@pytest.mark.parametrize("wrong", ["2026-13", "october", "2026", "0000-01"])
def test_a_month_that_cannot_be_read_is_one_line(cli: Command, wrong: str) -> None:
    result = cli("review", "--month", wrong)
    assert result.exit_code == 1
    assert "use 2026-10" in result.stderr


def test_json_keeps_every_digit(cli: Command, embedded_store: Store) -> None:
    fill(embedded_store, [call(ts=OCTOBER, usd="0.000000000001")])
    out = cli("review", "--month", "2026-10", "--format", "json").stdout
    assert json.loads(out)
    assert re.search(r'"cost_usd": 0\.000000000001\b', out)
