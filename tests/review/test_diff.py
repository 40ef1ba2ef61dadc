# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import csv
import datetime as dt
import io
import json

import pytest

from otel_llmcost.errors import ConfigError
from otel_llmcost.reports.comparison import Period, before, month, period
from otel_llmcost.store import Store
from tests.cli.conftest import Command, rows
from tests.review.traffic import DAY, A, B, Call, fill, priced, unpriced

pytestmark = pytest.mark.slow

NOW = dt.datetime(2026, 11, 24, 9, 30, tzinfo=dt.UTC)
DAYS = ("2026-08-10", "2026-08-25")
JSON = ("--format", "json")


def _utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> dt.datetime:
    return dt.datetime(year, month, day, hour, minute, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10-01..2026-10-08", Period(_utc(2026, 10, 1), _utc(2026, 10, 8))),
        ("2026-10-01T06:30..2026-10-02", Period(_utc(2026, 10, 1, 6, 30), _utc(2026, 10, 2))),
        ("2026-10-05", Period(_utc(2026, 10, 5), _utc(2026, 10, 6))),
        ("2026-12", Period(_utc(2026, 12, 1), _utc(2027, 1, 1))),
        ("14d..7d", Period(_utc(2026, 11, 10, 9), _utc(2026, 11, 17, 9))),
        ("7d..", Period(_utc(2026, 11, 17, 9), NOW)),
        ("version:1.2", Period(A, B, version="1.2")),
        ("env:prod", Period(A, B, environment="prod")),
        ("env:prod, version:1, 2026-10", Period(_utc(2026, 10, 1), _utc(2026, 11, 1), "prod", "1")),
    ],
)  # fmt: skip
def test_periods_are_written_as_people_say_them(text: str, expected: Period) -> None:
    assert period(text, A, B, now=NOW) == expected


@pytest.mark.parametrize(
    "text", ["", "last week", "version:", "1.2", "2026-13", "2026-10-08..2026-10-01", "a..b", "env"]
)
def test_a_period_that_cannot_be_read_says_how_to_write_it(text: str) -> None:
    with pytest.raises(ConfigError, match=r"version:1\.2"):
        period(text, A, B, now=NOW)


def test_the_month_before_january_is_december() -> None:
    assert before(month("2026-01")) == month("2025-12")


def test_a_difference_has_reasons_that_add_up(cli: Command, embedded_store: Store) -> None:
    fill(embedded_store, [priced(A), priced(B), priced(B, buckets={"input": 5000, "output": 200})])
    found = cli("diff", *DAYS, *JSON)
    (reported,) = rows(found)
    assert reported["change_usd"] == 0.03
    assert {name for name, usd in reported["parts"].items() if usd} == {"volume", "prompt"}
    assert reported["per_call"]["prompt"] == 0.01
    assert reported["per_call"]["volume"] == 0
    assert [one["calls"] for one in reported["periods"]] == [1, 2, 1]
    assert reported["periods"][1]["input_per_call"] == 3000


def _of(feature: str, at: dt.datetime) -> Call:
    model = "claude-haiku-4-5" if feature == "cheap" else "claude-opus-5"
    return priced(at, feature=feature, model=model)


def test_what_a_call_costs_is_distinguished_from_how_many_there_are(
    cli: Command, embedded_store: Store
) -> None:
    fill(
        embedded_store,
        [
            *(_of("cheap", A) for _ in range(6)), _of("costly", A),
            *(_of("cheap", B) for _ in range(2)), *(_of("costly", B) for _ in "12"),
            priced(B, feature="fresh"),
        ],
    )  # fmt: skip
    (reported,) = rows(cli("diff", *DAYS, *JSON))
    a, b, more = (one["cost_per_call_usd"] for one in reported["periods"])
    assert more == pytest.approx(b - a)
    assert sum(reported["per_call"].values()) == pytest.approx(more, abs=1e-11)
    assert reported["parts"]["volume"] == pytest.approx(0.01 - 4 * 0.002)
    assert reported["per_call"]["volume"] > 0


def test_versions_and_environments_are_compared_over_the_same_time(
    cli: Command, embedded_store: Store
) -> None:
    fill(
        embedded_store,
        [
            priced(A, service_version="1.2", environment="prod"),
            priced(A, service_version="1.3", environment="stage", mode="batch"),
        ],
    )
    for one, two in (("version:1.2", "version:1.3"), ("env:prod", "env:stage")):
        (reported,) = rows(cli("diff", one, two, "--since", "2026-08-01", *JSON))
        assert {name for name, usd in reported["parts"].items() if usd} == {"mode"}


def test_filters_keep_only_their_rows(cli: Command, embedded_store: Store) -> None:
    fill(embedded_store, [priced(A), priced(B), priced(B, feature="other"), priced(B, service="x")])
    (reported,) = rows(cli("diff", *DAYS, "--feature", "support", "--service", "shop", *JSON))
    assert reported["change_usd"] == 0
    assert [one["calls"] for one in reported["periods"]][:2] == [1, 1]


def test_the_table_names_the_reason(cli: Command, embedded_store: Store) -> None:
    fill(embedded_store, [priced(A), priced(B), priced(B)])
    out = cli("diff", *DAYS).stdout
    assert "more or fewer calls" in out
    assert "+$0.01 more calls" in out


def test_csv_has_every_row_and_every_digit(cli: Command, embedded_store: Store) -> None:
    fill(embedded_store, [priced(A), *(priced(B, feature=f"f{n}") for n in range(12))])
    found = list(csv.DictReader(io.StringIO(cli("diff", *DAYS, "--format", "csv").stdout)))
    assert len(found) == 13
    assert {row["change_usd"] for row in found} == {"-0.010000000000", "0.010000000000"}


def test_unpriced_calls_are_stated_apart(cli: Command, embedded_store: Store) -> None:
    fill(embedded_store, [priced(A), unpriced(B, model="house-1")])
    result = cli("diff", *DAYS, *JSON)
    (reported,) = rows(result)
    assert reported["periods"][1]["cost_usd"] is None
    assert reported["periods"][2]["cost_usd"] is None
    assert reported["per_call"] is None
    assert "B leaves out 1 call of unknown cost" in result.stderr
    assert "no price for house-1" in result.stderr


def test_an_empty_period_says_so(cli: Command, embedded_store: Store) -> None:
    assert "no records yet" in cli("diff", *DAYS).stderr
    fill(embedded_store, [priced(A)])
    assert "B: No calls" in cli("diff", *DAYS).stderr
    assert "service.version" in cli("diff", "version:1", "version:2").stderr


def test_unlike_lengths_are_said(cli: Command, embedded_store: Store) -> None:
    fill(embedded_store, [priced(A), priced(B)])
    result = cli("diff", "2026-08-10", "2026-08-20..2026-08-27")
    assert "A spans 1.0 days and B 7.0" in result.stderr


def test_words_cannot_become_sql_or_steer_a_terminal(cli: Command, embedded_store: Store) -> None:
    fill(embedded_store, [priced(A, feature="x'; \x1b[31m"), priced(B, feature="x'; \x1b[31m")])
    assert "\x1b" not in cli("diff", *DAYS).stdout
    result = cli("diff", "version:'", "env:' OR 1", "--feature", "x'; \x1b[31m", *JSON)
    assert json.loads(result.stdout)[0]["periods"][0]["calls"] == 0


def test_short_windows_are_exact(cli: Command, embedded_store: Store) -> None:
    fill(embedded_store, [priced(A), priced(A + dt.timedelta(minutes=40)), priced(A + DAY)])
    half_hours = ("2026-08-10T10:00..2026-08-10T10:30", "2026-08-10T10:30..2026-08-11")
    (reported,) = rows(cli("diff", *half_hours, *JSON))
    assert [one["calls"] for one in reported["periods"]] == [1, 1, 0]
