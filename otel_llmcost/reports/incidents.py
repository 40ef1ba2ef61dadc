# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Incidents: what is unusual of one feature in one environment, as one thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from otel_llmcost import schema
from otel_llmcost.reports.diagnosis import why_empty
from otel_llmcost.reports.report import Column, Query, Report, marked, pick, records
from otel_llmcost.reports.selection import ALL, Selection
from otel_llmcost.reports.window import Window

_COLUMNS = (
    Column("start", "time", spare=3),
    Column("end", "time", detail=True),
    Column("last_seen_at", "time", detail=True),
    Column("state", detail=True),
    Column("status", people=True),
    Column("level", detail=True),
    Column("environment", detail=True),
    Column("feature"),
    Column("kinds", detail=True),
    Column("model", detail=True),
    Column("service_version", detail=True),
    Column("version_since", "time", detail=True),
    Column("days", "count", spare=4),
    Column("calls", "count", detail=True),
    Column("expected", detail=True),
    Column("actual", detail=True),
    Column("unit", detail=True),
    Column("excess_usd", "usd"),
    Column("excess_usd_per_day", "usd", spare=2),
    Column("share_of_feature", "share", detail=True),
    Column("share_of_bill", "share", detail=True),
    Column("cause", spare=1),
    Column("evidence", footnote=True),
    Column("parts", detail=True),
    Column("users", "count", detail=True),
    Column("sessions", "count", detail=True),
    Column("call_sites", detail=True),
    Column("incident_id"),
    Column("worst_record_id", detail=True),
    Column("worst_trace_id", detail=True),
    Column("reported_usd", "usd", detail=True),
    Column("detected_at", "time", detail=True),
    Column("note", detail=True),
)
_ACKS = (
    Column("acked_at", "time"),
    Column("acked_by"),
    Column("state"),
    Column("excess_usd", "usd"),
    Column("note"),
)
_CALLS = (
    Column("ts", "time"),
    Column("cost_usd", "exact_usd"),
    Column("model"),
    Column("service_version"),
    Column("user_id"),
    Column("input_tokens", "count"),
    Column("output_tokens", "count"),
    Column("record_id"),
    Column("trace_id"),
    Column("feature", detail=True),
)
_NOTICES = (
    Column("noticed_at", "time"),
    Column("kind"),
    Column("title"),
    Column("state"),
    Column("attempts", "count"),
)


def incidents(query: Query, window: Window, limit: int = 20, selection: Selection = ALL) -> Report:
    """Incidents that went on in a window, the newest first; unknown excess is None."""
    sql = marked(schema.query("incidents"), "only", selection.where("i"))
    found = records(query(sql, window.parameters(limit=limit, **selection.parameters)))
    return Report(
        title=f"Incidents, {window}",
        columns=_COLUMNS,
        rows=[pick(record, _COLUMNS) for record in found],
        note=None if found else why_empty(query, window, what="incidents"),
    )


def incident(query: Query, incident_id: str) -> dict[str, Any] | None:
    """One row of the view `incidents`; None when there is no such incident."""
    sql = "SELECT * FROM llmcost.incidents WHERE incident_id = {incident_id:String}"
    found = records(query(sql, {"incident_id": incident_id}))
    return found[0] if found else None


def hours(
    query: Query, since: datetime, until: datetime, features: Sequence[str]
) -> dict[tuple[str, str], dict[datetime, Decimal | None]]:
    """What features cost hour by hour, by environment and feature; hours without calls are absent,
    None is an hour of unknown cost."""
    found: dict[tuple[str, str], dict[datetime, Decimal | None]] = {}
    if not features:
        return found
    ends = {"since": f"{since:%Y-%m-%d %H:%M:%S}", "until": f"{until:%Y-%m-%d %H:%M:%S}"}
    sql = schema.query("incident_costs")
    for row in records(query(sql, {**ends, "features": sorted(set(features))})):
        key = str(row["environment"]), str(row["feature"])
        found.setdefault(key, {})[row["hour"]] = row["cost_usd"]
    return found


def calls(query: Query, row: Mapping[str, Any], limit: int = 5) -> Report:
    """The most expensive calls of an incident, a row of the view `incidents`."""
    window = Window(row["start"], row["last_seen_at"] + timedelta(minutes=1))
    own = {"environment": row["environment"], "feature": row["feature"], "limit": limit}
    found = records(query(schema.query("incident_calls"), {**window.parameters(), **own}))
    return Report(
        title="Its most expensive calls",
        columns=_CALLS,
        rows=[pick(record, _CALLS) for record in found],
        note=None if found else "Its calls are not in the store any more.",
    )


def notices(query: Query, incident_id: str) -> Report:
    """When an incident was reported, to how many receivers, and why."""
    found = records(query(schema.query("incident_notices"), {"incident_id": incident_id}))
    return Report(
        title="Notices",
        columns=_NOTICES,
        rows=[pick({**row, "kind": _why(row["kind"])}, _NOTICES) for row in found],
        note=None if found else "None: `serve --slack`, --webhook or --exec names a receiver.",
    )


def _why(kind: str) -> str:
    return kind.removeprefix("incident_")


def acknowledgements(query: Query, incident_id: str) -> Report:
    """Who said what about an incident, and when."""
    found = records(query(schema.query("incident_acks"), {"incident_id": incident_id}))
    return Report(
        title="Acknowledgements", columns=_ACKS, rows=[pick(record, _ACKS) for record in found]
    )
