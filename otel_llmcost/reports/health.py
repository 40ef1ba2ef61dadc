# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Reports beside spend itself: anomalies, caching, and how far the numbers can be trusted."""

from __future__ import annotations

from functools import partial
from typing import Any

from otel_llmcost import schema
from otel_llmcost.reports.diagnosis import why_empty
from otel_llmcost.reports.report import Column, Query, Report, marked, read
from otel_llmcost.reports.selection import ALL, Selection
from otel_llmcost.reports.window import Window

_ANOMALIES = (
    Column("start", "time", spare=3),
    Column("end", "time", detail=True),
    Column("state", spare=4),
    Column("kind"),
    Column("environment", detail=True),
    Column("feature"),
    Column("model", spare=2),
    Column("calls", "count", detail=True),
    Column("excess_usd", "usd"),
    Column("cause", spare=1),
    Column("evidence", footnote=True),
    Column("parts", detail=True),
    Column("anomaly_id", spare=5),
    Column("incident_id", detail=True),
    Column("level", detail=True),
    Column("worst_record_id", detail=True),
    Column("worst_trace_id", detail=True),
)
_CACHE = (
    Column("feature"),
    Column("model"),
    Column("input_tokens", "count"),
    Column("cache_read_tokens", "count"),
    Column("cache_write_tokens", "count"),
    Column("hit_rate", "share"),
    Column("cost_cache_read_usd", "usd"),
    Column("cost_cache_write_usd", "usd"),
    Column("net_saving_usd", "usd"),
)
_TRUST = (
    Column("environment"),
    Column("service"),
    Column("records", "count"),
    Column("calls", "count"),
    Column("priced_share", "share"),
    Column("tagged_share", "share"),
    Column("unpriced_calls", "count"),
    Column("partial_calls", "count"),
    Column("lost_records", "count"),
    Column("duplicate_records", "count"),
    Column("max_lag_s", "seconds"),
    Column("reported_calls", "count"),
    Column("reported_cost_usd", "usd"),
    Column("own_cost_usd", "usd"),
)


def anomalies(query: Query, window: Window, limit: int = 20, selection: Selection = ALL) -> Report:
    """What cost more than it should, as detection found it; unknown excess is None."""
    sql = marked(schema.query("anomalies"), "only", selection.where("a"))
    parameters = window.parameters(limit=limit, **selection.parameters)
    return _report(query, sql, parameters, "Anomalies", _ANOMALIES, window)


def cache(query: Query, window: Window, limit: int = 50, selection: Selection = ALL) -> Report:
    """Prompt caching by feature and model: hit rate by tokens, and dollars saved net of writes."""
    sql = marked(schema.query("cache"), "only", selection.where("c"))
    parameters = window.parameters(limit=limit, **selection.parameters)
    return _report(query, sql, parameters, "Prompt caching", _CACHE, window)


def trust(query: Query, window: Window, limit: int = 50, selection: Selection = ALL) -> Report:
    """Priced and tagged shares, loss, duplicates and lag, by environment and service.

    For calls whose cost somebody else reports too, such as a gateway: both sums.
    """
    sql = marked(schema.query("trust"), "only", selection.where("t"))
    parameters = window.parameters(limit=limit, **selection.parameters)
    return _report(query, sql, parameters, "Trust", _TRUST, window)


def _report(
    query: Query,
    sql: str,
    parameters: dict[str, Any],
    title: str,
    columns: tuple[Column, ...],
    window: Window,
) -> Report:
    empty = partial(why_empty, query, window, what=title.lower())
    return read(query, sql, parameters, f"{title}, {window}", columns, empty)
