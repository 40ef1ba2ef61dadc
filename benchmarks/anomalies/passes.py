# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A store with every feature of the benchmark, and a pass of detection at the end of every hour.

Hours are made once, in bulk, by the query that makes them in production, and set aside. Each pass
then sees those that have arrived. Trouble is in the store from its onset until it is counted; the
hours before are its untouched twin's.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.anomalies.judge import REPORT, Incident, Sighting
from benchmarks.anomalies.traffic import WEEK, Background, Calls, Client
from benchmarks.anomalies.trouble import GRACE_HOURS, Event
from otel_llmcost import schema
from otel_llmcost.detection.look import look
from otel_llmcost.store import Store

_TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
START = _TODAY - timedelta(days=14 + _TODAY.weekday())
"""Hour 0: a Monday, recent enough for every table to keep its rows."""
_CALLS = (Path(__file__).parent / "calls.sql").read_text("utf-8")
_TABLES = {
    "bench_plan": """(
        feature String, background String, part String, hour DateTime('UTC'), calls UInt32,
        client String, window UInt16, price Float64, cached Float64, input Float64, output Float64,
        thinking Float64, model String, rise Float64, version String, failed Float64,
        resent Float64, repeated Float64, truncated Float64, together Bool, growth Float64,
        twice Bool
    ) ENGINE = MergeTree ORDER BY (hour, feature)""",
    "bench_lengths": """(
        client String, window UInt16, input Array(Float64), output Array(Float64)
    ) ENGINE = MergeTree ORDER BY (client, window)""",
    "bench_arrivals": """(
        at Int32 COMMENT 'the hour at whose end it is seen', feature String, hour DateTime('UTC'),
        source String COMMENT 'whose hour it is'
    ) ENGINE = MergeTree ORDER BY (at, hour)""",
    "bench_hours": "AS llmcost.feature_hours",
}
_ARRIVE = """
INSERT INTO llmcost.feature_hours
SELECT h.* REPLACE (a.feature AS feature)
FROM llmcost.bench_hours AS h
INNER JOIN llmcost.bench_arrivals AS a ON h.feature = a.source AND h.hour = a.hour
WHERE a.at = {at:Int32}
"""
_DAYS = "SELECT DISTINCT toDate(hour) AS day FROM llmcost.bench_plan ORDER BY day"
_LEAVE = "DELETE FROM llmcost.feature_hours WHERE feature IN {names:Array(String)}"
_SPENT = """
SELECT
    feature, dateDiff('hour', {start:DateTime64(3, 'UTC')}, hour) AS n,
    toFloat64(ifNull(sum(cost_usd), 0)), sum(calls),
    sum(uncached_input_tokens + cache_read_tokens + output_tokens)
FROM llmcost.bench_hours
GROUP BY feature, n
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """An hour of a feature, as the usual rules see it."""

    usd: float
    calls: int
    tokens: float
    """Of a call."""


NOTHING = Spent(usd=0, calls=0, tokens=0)
Hours = Mapping[str, Mapping[int, Spent]]


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What a run gives, by feature: sightings, incidents, hours; and what each pass took."""

    sightings: Mapping[str, Sequence[Sighting]]
    incidents: Mapping[str, Sequence[Incident]]
    hours: Hours
    pass_seconds: Sequence[float]


def run(
    store: Store,
    clients: Iterable[Client],
    quiet: Sequence[Background],
    events: Sequence[Event],
    hours: int = WEEK,
) -> Watched:
    """The past, then so many hours of passes."""
    make_hours(store, clients, quiet, events, hours)
    _arrivals(store, quiet, events)
    leaving = defaultdict[int, list[str]](list)
    for event in events:
        leaving[event.end + GRACE_HOURS].append(event.name)
    sightings = defaultdict[str, list[Sighting]](list)
    seconds: list[float] = []
    for hour in range(hours):
        store.command(_ARRIVE, {"at": hour})
        if leaving[hour]:
            store.command(_LEAVE, {"names": leaving[hour]})
        began = time.process_time()
        now = hour_at(hour + 1) - timedelta(seconds=1)
        # The features are copies of each other: what all of them cost is not a bill.
        for anomaly in look(store, now, floor_of_bill=0):
            level = getattr(anomaly, "level", REPORT)
            one = Sighting(hour=hour, kind=anomaly.kind, level=level)
            sightings[anomaly.feature].append(one)
        seconds.append(time.process_time() - began)
        _progress(f"hour {hour + 1} of {hours}")
    watched = Watched(
        sightings=sightings,
        incidents=_incidents(store),
        hours=_spent(store),
        pass_seconds=seconds,
    )
    for name in _TABLES:
        store.command(f"DROP TABLE llmcost.{name}")
    return watched


def make_hours(
    store: Store,
    clients: Iterable[Client],
    quiet: Sequence[Background],
    events: Sequence[Event],
    until: int = WEEK,
) -> None:
    """Every call of every feature, and of those the hours, into `bench_hours`."""
    for name, columns in _TABLES.items():
        store.command(f"CREATE TABLE llmcost.{name} {columns}")
    _plan(store, clients, quiet, events, until)
    for (day,) in store.query(_DAYS, write=True).rows:
        _progress(f"calls of {day}")
        store.command(_CALLS, {"day": day})
        store.command(f"OPTIMIZE TABLE llmcost.llm_calls PARTITION '{day}' FINAL")
        written = [f"{day} {hour:02}:00:00" for hour in range(24)]
        store.command(schema.query("detect_hours"), {"day": day, "hours": written})
    store.command("INSERT INTO llmcost.bench_hours SELECT * FROM llmcost.feature_hours")
    store.command("TRUNCATE TABLE llmcost.feature_hours")


def _plan(
    store: Store,
    clients: Iterable[Client],
    quiet: Sequence[Background],
    events: Sequence[Event],
    until: int,
) -> None:
    lengths = [
        (client.name, window, *([each[0], *each, each[-1]] for each in pair))
        for client in clients
        for window, pair in enumerate(client.lengths)
    ]
    _insert(store, "lengths", ("client", "window", "input", "output"), lengths)
    names = tuple(one.name for one in fields(Calls))
    place = names.index("hour")
    calls = [c for b in quiet for h in range(b.habit.since, until) for c in b.calls(h)]
    calls += [c for e in events for h in range(e.onset, e.end) for c in e.calls(h)]
    rows = [astuple(one) for one in calls]
    dated = [(*row[:place], hour_at(row[place]), *row[place + 1 :]) for row in rows]
    _insert(store, "plan", names, dated)


def _arrivals(store: Store, quiet: Sequence[Background], events: Sequence[Event]) -> None:
    rows = [
        (max(0, one.habit.arrives(hour)), one.name, hour_at(hour), one.name)
        for one in quiet
        for hour in range(one.habit.since, WEEK)
    ]
    for one in events:
        usual = one.background.name
        past = range(one.background.habit.since, one.onset)
        after = range(one.end, min(one.end + GRACE_HOURS, WEEK))
        rows += [(one.onset, one.name, hour_at(hour), usual) for hour in past]
        rows += [(hour, one.name, hour_at(hour), one.name) for hour in range(one.onset, one.end)]
        rows += [(hour, one.name, hour_at(hour), usual) for hour in after]
    _insert(store, "arrivals", ("at", "feature", "hour", "source"), rows)


def _incidents(store: Store) -> Mapping[str, Sequence[Incident]]:
    found = defaultdict[str, list[Incident]](list)
    for feature, detected_at, last_seen_at, level, kinds, cause, usd, evidence in store.query(
        "SELECT feature, detected_at, last_seen_at, level, kinds, cause, excess_usd, evidence"
        " FROM llmcost.incidents ORDER BY detected_at"
    ).rows:
        start = _hour_of(detected_at)
        found[feature].append(
            Incident(
                start=start,
                last=max(start, _hour_of(last_seen_at)),
                kinds=kinds,
                level=level,
                cause=cause,
                usd=float(usd or 0),
                evidence=evidence,
            )
        )
    return found


def _spent(store: Store) -> Hours:
    spent = defaultdict[str, dict[int, Spent]](dict)
    for feature, hour, usd, calls, tokens in store.query(_SPENT, {"start": START}, write=True).rows:
        spent[feature][hour] = Spent(usd=usd, calls=calls, tokens=tokens / calls)
    return spent


def _insert(
    store: Store, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    for first in range(0, len(rows), 100_000):
        store.insert(f"bench_{table}", rows[first : first + 100_000], columns)


def hour_at(hour: int) -> datetime:
    """Its beginning."""
    return START + timedelta(hours=hour)


def _hour_of(moment: datetime) -> int:
    return (moment - START) // timedelta(hours=1)


def _progress(what: str) -> None:
    print(f"\r{what}    ", end="", file=sys.stderr, flush=True)
