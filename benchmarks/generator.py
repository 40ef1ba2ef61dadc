# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Thirty days of calls with the skew of real ones, made by the engine itself.

Few features and users make most calls (Zipf), prompts are log-normal, nights and weekends are
quiet, most long prompts are read from the cache, some calls fail or are retried, agents make four
calls a run. Ids are random, as real ones are: they are most of what a call weighs on disk. The
parts of a day are merged at the end, as the store does by itself an hour after they are written.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from otel_llmcost import schema
from otel_llmcost.store import Store

DAYS = 30
_AT_ONCE = 1_000_000

_HERE = Path(__file__).parent
_UNROLLED = (
    "SELECT count() FROM llmcost_internal.lever_hours__behind WHERE hour NOT IN "
    "(SELECT hour FROM llmcost_internal.stale_hours)"
)
_COLUMNS = ", ".join(schema.rollups()["hourly_spend"].columns)
_ROLLED_UP = (
    f"INSERT INTO llmcost.hourly_spend__rows ({_COLUMNS}, built_at) "
    f"SELECT {_COLUMNS}, {{since:DateTime64(3)}} + INTERVAL 25 HOUR "
    "FROM llmcost_internal.hourly_spend__live WHERE toDate(hour) = toDate({since:DateTime64(3)})"
)
"""As the store did it at the time."""
_DOORWAYS = ("llm_records_from_traces", "llm_records_from_foreign_spans")


def fill(store: Store, calls: int, spans: int) -> None:
    """A new store with so many typed calls, their rollups, and so many of them as raw spans too."""
    store.apply_schema(schema.Options(raw_ttl_days=90))
    store.refresh()
    until = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    days = [until - dt.timedelta(days=DAYS - day) for day in range(DAYS)]
    weights = [1 if day.weekday() < 5 else 1 / 3 for day in days]
    made = 0
    for number, since in enumerate(days):
        wanted = round(calls * sum(weights[: number + 1]) / sum(weights))
        one_day(store, since, made, wanted - made)
        made = wanted
    while store.query(_UNROLLED).rows[0][0]:
        store.refresh_savings()
    raw_spans(store, calls, spans)
    for _ in days:
        store.refresh()
        store.refresh_savings()


def one_day(store: Store, since: dt.datetime, first: int, count: int) -> None:
    """Calls of the day that begins then, numbered from `first`, and their hours."""
    for number in range(first, first + count, _AT_ONCE):
        some = {
            "day": since.date(),
            "first": number,
            "count": min(_AT_ONCE, first + count - number),
        }
        store.command(_sql("calls"), some)
    store.command(f"OPTIMIZE TABLE llmcost.llm_calls PARTITION '{since.date()}' FINAL")
    store.command(_ROLLED_UP, {"since": since})


def raw_spans(store: Store, calls: int, spans: int) -> None:
    """Some of the calls as the spans they would have come from, which are not read again."""
    for view in _DOORWAYS:
        store.command(f"DETACH TABLE llmcost.{view}")
    store.command(_sql("spans"), {"count": spans, "one_in": max(1, calls // spans)})
    for view in _DOORWAYS:
        store.command(f"ATTACH TABLE llmcost.{view}")


def _sql(name: str) -> str:
    return (_HERE / f"generator_{name}.sql").read_text()
