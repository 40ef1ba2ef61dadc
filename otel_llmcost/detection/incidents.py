# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Incidents: all that is unusual of one feature in one environment, reported as one.

Kinds are the lines of an incident. It stays open until 24 hours have been quiet, so what comes back
every day is the same incident. Everything is in `incident_log`: a restart reports nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from otel_llmcost import schema
from otel_llmcost.detection.detect import Store, written
from otel_llmcost.reports.report import records

QUIET = timedelta(hours=24)
"""After as long a time without excess an incident is closed."""

_OWNERS = {
    "model_swap": "model",
    "cache_collapse": "cache",
    "loop": "loop",
    "retry_storm": "loop",
    "duplicate_requests": "loop",
    "volume_surge": "volume",
    "untagged_spend": "tag",
    "new_feature": "feature",
    "unpriced_model": "price",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One row of `incident_log`; the names are its columns."""

    incident_id: str
    environment: str
    feature: str
    started_at: datetime
    detected_at: datetime
    last_seen_at: datetime
    """When it last cost more than usual."""
    level: str = "report"
    """`report`, or `digest`: only a line of the daily digest."""
    kinds: list[str] = field(default_factory=list[str])
    """The most expensive first."""
    anomaly_ids: list[str] = field(default_factory=list[str])
    seen_hours: list[datetime] = field(default_factory=list[datetime])
    """Hours in which it went on."""
    cause: str = "unknown"
    evidence: str = ""
    model: str = ""
    service_version: str = ""
    version_since: datetime | None = None
    calls: int = 0
    expected: float | None = None
    actual: float | None = None
    unit: str = ""
    excess_usd: Decimal | None = None
    """What it cost beyond the usual so far; None = unknown."""
    excess_usd_per_day: Decimal | None = None
    share_of_feature: float | None = None
    """Of what the feature cost since it began, 0 to 1."""
    share_of_bill: float | None = None
    parts: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    """Why; they add up to `excess_usd`."""
    users: int = 0
    sessions: int = 0
    call_sites: list[str] = field(default_factory=list[str])
    details_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    worst_record_id: str = ""
    worst_trace_id: str = ""
    expected_by: str = ""
    reports: int = 0
    report_reason: str = ""
    reported_at: datetime | None = None
    reported_usd: Decimal | None = None
    reported_kinds: list[str] = field(default_factory=list[str])

    @property
    def days(self) -> int:
        """On how many days (UTC) it went on."""
        return len({hour.date() for hour in self.seen_hours})

    def is_open(self, now: datetime) -> bool:
        """Whether it was seen within the last 24 hours."""
        return self.last_seen_at >= now - QUIET


COLUMNS = tuple(one.name for one in fields(Incident))


def owner(kind: str) -> str:
    """Whose a kind of anomaly is to repair: what is its own makes a report of its own."""
    return _OWNERS.get(kind, "size")


def load(store: Store, now: datetime) -> list[Incident]:
    """The incidents of the nine days before `now`, as they were last written."""
    found = records(store.query(schema.query("incident_log_rows"), {"now": written(now)}))
    return [Incident(**{name: _utc(row[name]) for name in COLUMNS}) for row in found]


def save(store: Store, incidents: Sequence[Incident]) -> None:
    """Write them; the row that is written last counts."""
    rows = [[getattr(incident, name) for name in COLUMNS] for incident in incidents]
    if rows:
        store.insert("incident_log", rows, COLUMNS)


def joined(
    known: Iterable[Incident], lines: Sequence[Mapping[str, Any]]
) -> list[tuple[Incident, list[Mapping[str, Any]]]]:
    """Each incident with its lines; a line that belongs to none begins one.

    `lines` are rows of query `incident_lines`, the earliest first.
    """
    incidents = {one.incident_id: one for one in known}
    held: dict[str, list[Mapping[str, Any]]] = {name: [] for name in incidents}
    for line in lines:
        name = line["incident_id"] or _place(incidents.values(), line)
        if name not in incidents:
            name = line["anomaly_id"]
            incidents[name], held[name] = _begun(line), []
        incident = incidents[name]
        held[name].append(line)
        incidents[name] = replace(
            incident,
            started_at=min(incident.started_at, line["started_at"]),
            last_seen_at=max(incident.last_seen_at, line["ended_at"]),
        )
    return [(incidents[name], own) for name, own in held.items() if own]


def _place(incidents: Iterable[Incident], line: Mapping[str, Any]) -> str:
    """The incident that a new line continues; empty when it begins one."""
    for one in incidents:
        same = (one.environment, one.feature) == (line["environment"], line["feature"])
        after = line["started_at"] <= one.last_seen_at + QUIET
        if same and after and line["ended_at"] >= one.started_at - QUIET:
            return one.incident_id
    return ""


def _begun(line: Mapping[str, Any]) -> Incident:
    return Incident(
        incident_id=line["anomaly_id"],
        environment=line["environment"],
        feature=line["feature"],
        started_at=line["started_at"],
        detected_at=line["detected_at"],
        last_seen_at=line["ended_at"],
    )


def summed(incident: Incident, lines: Sequence[Mapping[str, Any]]) -> Incident:
    """With what its lines say.

    Lines that overlap in time describe the same dollars under several names: the largest of them
    counts. Lines one after another add up. Those for the digest count only without others.
    """
    reported = [line for line in lines if line["level"] == "report"]
    counted = _apart(reported or lines)
    main = max(counted, key=_weight)
    parts: dict[str, Decimal] = {}
    for line in counted:
        for name, usd in line["parts"].items():
            parts[name] = parts.get(name, Decimal(0)) + usd
    priced = [line["excess_usd"] for line in counted if line["excess_usd"] is not None]
    by_cost = sorted(lines, key=lambda line: (line["level"] == "report", _weight(line)))
    return replace(
        incident,
        level="report" if reported else "digest",
        kinds=list(dict.fromkeys(line["kind"] for line in reversed(by_cost))),
        anomaly_ids=list(dict.fromkeys(line["anomaly_id"] for line in lines)),
        cause=_cause(main, parts),
        evidence=main["evidence"],
        model=main["model"],
        calls=sum(line["calls"] for line in counted),
        expected=main["expected"],
        actual=main["actual"],
        unit=main["unit"],
        excess_usd=sum(priced, Decimal(0)) if priced else None,
        parts=parts,
        worst_record_id=main["worst_record_id"],
        worst_trace_id=main["worst_trace_id"],
    )


def _apart(lines: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The largest line of each stretch of time."""
    found: list[Mapping[str, Any]] = []
    end = datetime.min.replace(tzinfo=UTC)
    for line in sorted(lines, key=lambda line: line["started_at"]):
        if line["started_at"] >= end:
            found.append(line)
        elif _weight(line) > _weight(found[-1]):
            found[-1] = line
        end = max(end, line["ended_at"])
    return found


def _weight(line: Mapping[str, Any]) -> tuple[Decimal, datetime]:
    usd = line["excess_usd"]
    return Decimal(-1) if usd is None else usd, line["ended_at"]


def _cause(main: Mapping[str, Any], parts: Mapping[str, Decimal]) -> str:
    if main["kind"] == "loop":
        return "loop"
    return max(parts, key=lambda name: parts[name]) if parts else main["cause"] or "unknown"


def _utc(value: Any) -> Any:
    """Times of arrays come without their zone."""
    if isinstance(value, list):
        return [_utc(one) for one in cast("list[Any]", value)]
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and not value.tzinfo else value
