# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Thirty days of calls with the skew of real ones, made by the engine itself.

Few features and users make most calls (Zipf), prompts are log-normal, nights and weekends are
quiet, most long prompts are read from the cache, some calls fail or are retried. Ids are random,
as real ones are: they are most of what a call weighs on disk.
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
    "SELECT count() FROM llmcost.lever_hours_live WHERE hour NOT IN "
    "(SELECT hour FROM llmcost.stale_hours)"
)
_DOORWAYS = ("llm_records_from_traces", "llm_records_from_foreign_spans")


def fill(store: Store, calls: int, spans: int) -> None:
    """A new store with so many typed calls, their rollups, and so many of them as raw spans too."""
    store.apply_schema(schema.Options(raw_ttl_days=90))
    store.refresh()
    until = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for first in range(0, calls, _AT_ONCE):
        count = min(_AT_ONCE, calls - first)
        place = {"until": until, "first": first, "count": count, "days": DAYS}
        store.command(_sql("calls"), place)
    for day in range(DAYS):
        since = until - dt.timedelta(days=DAYS - day)
        bounds = {"since": since, "until": since + dt.timedelta(days=1)}
        store.command(schema.query("reprice_rebuild_hours"), bounds)
    while store.query(_UNROLLED).rows[0][0]:
        store.refresh_levers()
    for view in _DOORWAYS:
        store.command(f"DETACH TABLE llmcost.{view}")
    store.command(_sql("spans"), {"count": min(spans, calls)})
    for view in _DOORWAYS:
        store.command(f"ATTACH TABLE llmcost.{view}")


def _sql(name: str) -> str:
    return (_HERE / f"generator_{name}.sql").read_text()
