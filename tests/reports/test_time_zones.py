# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Days and months of any zone: every figure is that of Python over the same calls.

The year 2026 has changes of clocks by an hour (most), by half an hour (Lord Howe), at midnight
(Cairo, Santiago), and zones that are half an hour or a quarter off.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otel_llmcost import schema
from otel_llmcost.billing.focus import focus
from otel_llmcost.detection.notices import notices
from otel_llmcost.instrumentation.budgets.store import Budget, _budget  # pyright: ignore[reportPrivateUsage]
from otel_llmcost.reports import Window, cache, moment, records, spend
from otel_llmcost.reports.budgets import budgets
from otel_llmcost.reports.comparison import before, month, period
from otel_llmcost.reports.explore import explore
from otel_llmcost.review.build import review
from otel_llmcost.serve.web.span import Span
from otel_llmcost.store import Store
from otel_llmcost.timezones import midnight, timezone
from tests.cli.calls import call
from tests.support.embedded import empty, shared_store

pytestmark = pytest.mark.slow

UTC = dt.UTC
ODD = (
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Pacific/Chatham",
    "Africa/Cairo",
    "America/Santiago",
    "America/Havana",
    "Europe/Berlin",
    "Pacific/Kiritimati",
    "Pacific/Marquesas",
)
ZONES = st.one_of(
    st.sampled_from(ODD),
    st.sampled_from(sorted(available_timezones() - {"localtime", "posixrules", "Factory"})),
)
FIRST, LAST = dt.datetime(2026, 2, 20, tzinfo=UTC), dt.datetime(2026, 11, 10, tzinfo=UTC)


class Stored:
    """The store of these tests, and when each call in it was and what it cost."""

    def __init__(self, store: Store, calls: list[tuple[dt.datetime, Decimal]]) -> None:
        self.store = store
        self.calls = calls


def changes(name: str) -> list[dt.datetime]:
    """When clocks change there in that time."""
    zone, found, at = ZoneInfo(name), [], FIRST
    while at < LAST:
        later = at + dt.timedelta(minutes=15)
        if at.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            found.append(later)
        at = later
    return found


@pytest.fixture(scope="module")
def stored() -> Iterator[Stored]:
    """Calls on both sides of changed clocks, of midnights in many zones, and anywhere else."""
    rng = random.Random(15)
    instants = [FIRST + rng.random() * (LAST - FIRST) for _ in range(1500)]
    for name in ODD:
        edges = changes(name)
        for day in range(0, 250, 9):
            date = FIRST.date() + dt.timedelta(days=day)
            edges.append(midnight(date, ZoneInfo(name)).astimezone(UTC))
        instants += [edge + dt.timedelta(milliseconds=ms) for edge in edges for ms in (-1, 0, 1)]
        instants += [edge + dt.timedelta(minutes=rng.randint(-200, 200)) for edge in edges]
    calls = [
        (
            at.replace(microsecond=at.microsecond // 1000 * 1000),
            Decimal(rng.randint(1, 10**6)) / 10**6,
        )
        for at in instants
    ]
    store = shared_store()
    empty(store)
    made = [
        {**call(usd=str(usd)), "ts": at, "feature": f"f{n % 3}", "user_id": f"u{n % 5}"}
        for n, (at, usd) in enumerate(calls)
    ]
    for one in made:
        one["other_usage"] = {
            "input": Decimal(250),
            "cache_read": Decimal(750),
            "output": Decimal(100),
        }
        one["price_version"] = ""
        one["model"] = "claude-haiku-4-5"  # has a price in all of the time
    store.insert("llm_calls", [list(one.values()) for one in made], list(made[0]))
    store.refresh()
    yield Stored(store, calls)
    empty(store)


FORMS = {"month": "%Y-%m", "day": "%Y-%m-%d", "hour": "%Y-%m-%d %H:00"}


def grouped(stored: Stored, window: Window, by: str) -> dict[str, tuple[int, Decimal]]:
    """Calls and dollars of the window, by the month, day or hour of their local time."""
    found: dict[str, tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    for at, usd in stored.calls:
        if window.since <= at and (window.until is None or at < window.until):
            name = at.astimezone(window.zone).strftime(FORMS[by])
            found[name] = found[name][0] + 1, found[name][1] + usd
    return dict(found)


def reported(stored: Stored, window: Window, by: str) -> dict[str, tuple[int, Decimal]]:
    rows = spend(stored.store.query, window, [by], 100_000).records()
    return {row[by]: (row["calls"], row["cost_usd"]) for row in rows}


_EXAMPLES = settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@_EXAMPLES
@given(name=ZONES, first=st.integers(0, 255), days=st.integers(1, 60), is_open=st.booleans())
def test_days_and_months_are_those_of_the_zone(
    stored: Stored, name: str, first: int, days: int, is_open: bool
) -> None:
    zone = timezone(name)
    day = FIRST.date() + dt.timedelta(days=first)
    until = None if is_open else midnight(day + dt.timedelta(days=days), zone)
    window = Window(midnight(day, zone), until, zone=zone)
    for by in ("day", "month"):
        assert reported(stored, window, by) == grouped(stored, window, by), by


@_EXAMPLES
@given(
    name=ZONES,
    seconds=st.integers(0, 260 * 86400),
    hours=st.integers(1, 200),
)
def test_hours_are_those_of_the_zone_and_windows_may_begin_anywhere(
    stored: Stored, name: str, seconds: int, hours: int
) -> None:
    zone = timezone(name)
    start = FIRST + dt.timedelta(seconds=seconds)
    window = Window(start, start + dt.timedelta(hours=hours), zone=zone)
    for by in ("hour", "day"):
        assert reported(stored, window, by) == grouped(stored, window, by), by


def spent(stored: Stored, shown: Span, by: str) -> dict[tuple[dt.datetime, str], Decimal | None]:
    rows = explore(stored.store.query, shown.window, shown.selection, [by], starts=shown.buckets)
    return {(row["bucket"], row[by]): row["cost_usd"] for row in rows}


@_EXAMPLES
@given(
    name=ZONES,
    span=st.sampled_from(("1h", "24h", "7d", "30d", "this-month")),
    seconds=st.integers(33 * 86400, 260 * 86400),
)
def test_buckets_of_the_page_are_those_of_the_zone(
    stored: Stored, name: str, span: str, seconds: int
) -> None:
    zone = timezone(name)
    shown = Span.of([("range", span)], (FIRST + dt.timedelta(seconds=seconds)).astimezone(zone))
    ends = [*shown.buckets, shown.until]
    assert ends == sorted(set(ends))
    assert ends[-2] <= shown.now < ends[-1]
    found = spent(stored, shown, "service")
    wanted = {
        (start, "shop"): usd
        for start, end in pairwise(ends)
        if (usd := sum((usd for at, usd in stored.calls if start <= at < end), Decimal(0)))
    }
    assert found == wanted
    by_user = spent(stored, shown, "session")
    assert {start: usd for (start, _), usd in by_user.items()} == {
        s: u for (s, _), u in wanted.items()
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("UTC", "2026-10"),
        ("Europe/Berlin", "2026-03"),
        ("Asia/Kolkata", "2026-04"),
        ("Australia/Lord_Howe", "2026-04"),
        ("America/Santiago", "2026-04"),
        ("Africa/Cairo", "2026-10"),
    ],
)
def test_a_month_is_that_of_the_zone_in_reviews_and_exports(
    stored: Stored, name: str, text: str
) -> None:
    zone = timezone(name)
    of = month(text, zone)
    mine = [usd for at, usd in stored.calls if f"{at.astimezone(zone):%Y-%m}" == text]
    found = review(stored.store.query, of, now=LAST)
    rows = {section.key: section.report.records() for section in found.sections}
    assert rows["total"][0]["calls"] == len(mine)
    assert rows["total"][0]["cost_usd"] == sum(mine)
    assert sum(row["calls"] for row in rows["feature"]) == len(mine)
    earlier = [usd for at, usd in stored.calls if before(of).since <= at < before(of).until]
    if earlier:
        assert rows["total"][1]["cost_usd"] == sum(earlier)
        assert sum(row["change_usd"] for row in rows["feature"]) == sum(mine) - sum(earlier)
        assert sum(row["change_usd"] for row in rows["change"]) == sum(mine) - sum(earlier)


@pytest.mark.parametrize("name", ["UTC", "Asia/Kathmandu", "Europe/Berlin"])
def test_focus_has_the_days_of_the_zone_with_their_ends_in_utc(stored: Stored, name: str) -> None:
    zone = timezone(name)
    day = dt.date(2026, 3, 29)  # 23 hours in Berlin
    since, until = midnight(day, zone), midnight(day + dt.timedelta(days=1), zone)
    found = focus(stored.store.query, Window(since, until, zone=zone)).records()
    mine = [usd for at, usd in stored.calls if since <= at < until]
    assert len(mine) > 0
    assert sum(row["x_Calls"] for row in found if row["SkuMeter"] == "Input") == len(mine)
    ends = {(row["ChargePeriodStart"], row["ChargePeriodEnd"]) for row in found}
    assert ends == {tuple(f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for at in (since, until))}


@pytest.mark.parametrize("name", ["Asia/Kolkata", "Europe/Berlin", "Australia/Lord_Howe"])
def test_what_caches_did_counts_the_calls_of_the_window(stored: Stored, name: str) -> None:
    of = month("2026-04", timezone(name))
    window = Window(of.since, of.until, zone=of.zone)
    found = cache(stored.store.query, window, 100).records()
    calls = sum(of.since <= at < of.until for at, _ in stored.calls)
    assert sum(row["input_tokens"] for row in found) == 1000 * calls


def test_the_digest_is_of_the_day_of_the_zone(stored: Stored) -> None:
    zone = timezone("Asia/Kolkata")
    now = dt.datetime(2026, 10, 5, 3, tzinfo=zone)
    (digest,) = [n for n in notices(stored.store.query, now, zone=zone) if n.kind == "digest_day"]
    day = dt.date(2026, 10, 4)
    mine = sum(usd for at, usd in stored.calls if at.astimezone(zone).date() == day)
    assert digest.notice_id == "digest:day:2026-10-04"
    assert Decimal(digest.facts["cost_usd"]) == mine


def test_times_are_read_in_the_zone() -> None:
    berlin = timezone("Europe/Berlin")
    assert moment("2026-10-25", zone=berlin) == dt.datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert moment("2026-10-25T12:00", zone=berlin) == dt.datetime(2026, 10, 25, 11, tzinfo=UTC)
    assert moment("2026-10-25T12:00Z", zone=berlin) == dt.datetime(2026, 10, 25, 12, tzinfo=UTC)
    day = period("2026-10-25", *[dt.datetime.now(berlin)] * 2)
    assert day.until.timestamp() - day.since.timestamp() == 25 * 3600
    assert str(day) == "2026-10-25"
    assert str(month("2026-10", berlin)) == "October 2026"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Europe/Brelin", "did you mean Europe/Berlin?"),
        ("Kolkata", "did you mean Asia/Kolkata?"),
        ("../passwd", "use a name such as"),
        ("CET+1", "use a name such as"),
        ("", "use a name such as"),
    ],
)
def test_an_unknown_zone_is_an_error_that_names_one(name: str, says: str) -> None:
    with pytest.raises(ValueError, match="is no time zone") as refused:
        timezone(name)
    assert says in str(refused.value)


# Last, because it empties the store.
@pytest.mark.parametrize(
    "name", ["UTC", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Kiritimati", "Europe/Berlin"]
)
def test_budgets_have_the_periods_of_the_zone(embedded_store: Store, name: str) -> None:
    zone, now = timezone(name), dt.datetime.now(UTC)
    rng = random.Random(name)
    made = [call(hours_ago=rng.random() * 24 * 33, usd=f"0.{n:03}") for n in range(1, 400)]
    embedded_store.insert("llm_calls", [list(one.values()) for one in made], list(made[0]))
    embedded_store.refresh()
    columns = ("name", "scope", "scope_value", "period", "amount_usd")
    scopes = (("total", ""), ("feature", "support"), ("user", "ada"))
    rows = [(f"{s} {p}", s, v, p, 1) for s, v in scopes for p in ("day", "week", "month")]
    embedded_store.insert("budgets", rows, columns)
    today = now.astimezone(zone).date()
    monday, first = today - dt.timedelta(days=today.weekday()), today.replace(day=1)
    starts = {"day": today, "week": monday, "month": first}
    ends = {
        "day": today + dt.timedelta(days=1),
        "week": monday + dt.timedelta(days=7),
        "month": (first + dt.timedelta(days=32)).replace(day=1),
    }
    found = budgets(embedded_store.query, zone).records()
    assert len(found) == 9
    for row in found:
        since = midnight(starts[row["period"]], zone)
        mine = sum((one["cost_usd"] for one in made if one["ts"] >= since), Decimal(0))
        assert row["spent_usd"] == mine, row
    # The application gets the same, and when to begin anew.
    for row in records(
        embedded_store.query(schema.query("budget_snapshot"), {"nonce": "x", "timezone": name})
    ):
        held: Budget = _budget(row)
        assert held.ends_at == midnight(ends[held.period], zone).timestamp()
