# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""One pass: find what is unusual, put it into incidents, and decide what is to be reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from otel_llmcost import schema
from otel_llmcost.detection.acks import Ack, acks
from otel_llmcost.detection.detect import Anomaly, Store, detect
from otel_llmcost.detection.going_on import Ended, ended
from otel_llmcost.detection.incidents import Incident, joined, load, save, summed, written
from otel_llmcost.detection.reporting import reported
from otel_llmcost.reports.report import Query, records

Row = Mapping[str, Any]

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_NOW = timedelta(hours=1)
"""A line whose last unusual hour ended longer ago is past, whatever its quarters say."""
_UNSEEN = timedelta(minutes=45)
_RECOUNTED, _LISTED_HOURS = 2, 24
_CALL_SITES = 5
_DIGITS = Decimal("1E-12")


def look(store: Store, now: datetime | None = None, **limits: float) -> list[Anomaly]:
    """Look at the hours since the last pass, 24 at most, then at `now`. Returns what is found now.

    `limits` are those of `detect`. Raises StoreError.
    """
    present = (now or datetime.now(UTC)).replace(microsecond=0)
    missed = store.query(schema.query("detect_missed"), {"now": written(present)}).rows
    for (at,) in missed:
        look_at(store, at, **limits)
    return look_at(store, present, **limits)


def look_at(store: Store, at: datetime, **limits: float) -> list[Anomaly]:
    """Detect at one moment and bring the incidents up to date. Raises StoreError."""
    moment = at.replace(microsecond=0)
    found = detect(store, moment, **limits)
    update(store, moment)
    return found


def update(store: Store, now: datetime) -> list[Incident]:
    """Bring `incident_log` up to date with `anomaly_log`; the incidents that changed.

    Raises StoreError.
    """
    known = {incident.incident_id: incident for incident in load(store, now)}
    going_on = [name for name, incident in known.items() if incident.is_open(now)]
    parameters = {"now": written(now), "incident_ids": going_on}
    lines = records(store.query(schema.query("incident_lines"), parameters))
    pairs = joined((known[name] for name in going_on), lines)
    said = acks(store)
    changed: list[Incident] = []
    if pairs:
        measures = _Measures(store.query, [incident for incident, _ in pairs], now)
        for incident, own in pairs:
            after, is_over = measures.seen(
                summed(incident, own), own, known.get(incident.incident_id)
            )
            changed.append(_judged(measures.counted(after), said, now, is_over=is_over))
    closed = (one for one in known.values() if not one.is_open(now) and not one.expected_by)
    changed += [_judged(one, said, now, is_over=True) for one in closed]
    fresh = [one for one in changed if one != known.get(one.incident_id)]
    detailed = _detailed(store.query, fresh, known, now)
    save(store, detailed)
    return detailed


def _judged(
    incident: Incident, said: Mapping[str, Ack], now: datetime, *, is_over: bool
) -> Incident:
    own = said.get(incident.incident_id)
    others = (ack for ack in said.values() if own is None and ack.covers(incident))
    by = next((ack.incident_id for ack in others), "")
    return reported(replace(incident, expected_by=by), own, now, is_over=is_over)


class _Measures:
    """What was spent while the incidents of one pass went on."""

    def __init__(self, query: Query, incidents: Sequence[Incident], now: datetime) -> None:
        self._now = now
        since = written(_hour(min(incident.started_at for incident in incidents)))
        hours = {"since": since, "until": written(now)}
        self._hours = _by_feature(records(query(schema.query("incident_hours"), hours)))
        self._bill = {row["hour"]: row["bill_usd"] for rows in self._hours.values() for row in rows}
        features = {
            "now": written(now),
            "environments": [incident.environment for incident in incidents],
            "features": [incident.feature for incident in incidents],
        }
        self._quarters = _by_feature(records(query(schema.query("incident_recent"), features)))

    def seen(
        self, incident: Incident, lines: Sequence[Row], before: Incident | None
    ) -> tuple[Incident, bool]:
        """With the last moment and the hours in which it went on; and whether it is over."""
        key = incident.environment, incident.feature
        last = before.last_seen_at if before else incident.started_at
        hours = set(before.seen_hours if before else ())
        goes_on = False
        for line in lines:
            if self._now - line["ended_at"] < _NOW:
                rows = self._rows(key, line["started_at"], line["ended_at"])
                rows = [row for row in rows if row["hour"] in hours] or rows
                end = ended(line, self._quarters.get(key, ()), rows, self._now)
                goes_on = goes_on or not end.is_over
            elif before is None or line["anomaly_id"] not in before.anomaly_ids:
                end = Ended(line["ended_at"], True)
            else:
                continue
            last = max(last, end.last_seen_at)
            hours |= _hours_between(line["started_at"], end.last_seen_at)
        is_over = not goes_on and self._now - last >= _UNSEEN
        return replace(incident, last_seen_at=last, seen_hours=sorted(hours)), is_over

    def counted(self, incident: Incident) -> Incident:
        """With its dollars a day, its shares, and the version that most of its calls had."""
        key = incident.environment, incident.feature
        rows = self._rows(key, incident.started_at, incident.last_seen_at)
        spent = sum(row["usd"] or 0 for row in rows)
        first, last = _hour(incident.started_at), incident.last_seen_at
        bill = sum(usd or 0 for hour, usd in self._bill.items() if first <= hour <= last)
        versions = [row["version"] for row in rows if row["hour"] in incident.seen_hours]
        return replace(
            incident,
            excess_usd_per_day=_per_day(incident, self._now),
            share_of_feature=_share(incident.excess_usd, spent),
            share_of_bill=_share(incident.excess_usd, bill),
            service_version=versions[-1] if versions else incident.service_version,
        )

    def _rows(self, key: tuple[str, str], since: datetime, until: datetime) -> list[Row]:
        first = _hour(since)
        return [row for row in self._hours.get(key, ()) if first <= row["hour"] <= until]


def _per_day(incident: Incident, now: datetime) -> Decimal | None:
    """Dollars a day at the rate so far; None when it is unknown, or when it ended within a day."""
    length = incident.last_seen_at - incident.started_at
    is_past = now - incident.last_seen_at > _HOUR and length < _DAY
    if incident.excess_usd is None or is_past or incident.kinds == ["call_outlier"]:
        return None
    days = Decimal(max(length, _HOUR) / _DAY)
    return (incident.excess_usd / days).quantize(_DIGITS)


def _share(part: Decimal | None, total: Decimal | int) -> float | None:
    if part is None or total <= 0:
        return None
    return min(1.0, max(0.0, float(part / total)))


def _detailed(
    query: Query, incidents: Sequence[Incident], known: Mapping[str, Incident], now: datetime
) -> list[Incident]:
    """With whom they affect, counted anew for each report; else once an hour, a few in a pass."""
    left = _RECOUNTED
    found: list[Incident] = []
    for incident in incidents:
        before = known.get(incident.incident_id)
        is_due = before is None or _reported_of(before) != _reported_of(incident)
        if not is_due and left and now - incident.details_at >= _HOUR and incident.is_open(now):
            is_due, left = True, left - 1
        found.append(_counted(query, incident, before, now) if is_due else incident)
    return found


def _reported_of(incident: Incident) -> tuple[int, str]:
    return incident.reports, incident.service_version


def _counted(query: Query, incident: Incident, before: Incident | None, now: datetime) -> Incident:
    if not incident.seen_hours:
        return incident
    hours = incident.seen_hours[-_LISTED_HOURS:]
    where = {"environment": incident.environment, "feature": incident.feature}
    span = {
        "hours": [written(hour) for hour in hours],
        "since": written(hours[0]),
        "until": written(hours[-1] + _HOUR),
    }
    (counted,) = records(query(schema.query("incident_details"), where | span))
    since = incident.version_since
    if before is None or before.service_version != incident.service_version:
        version = {"version": incident.service_version, "now": written(now)}
        (first,) = records(query(schema.query("incident_version"), where | version))
        since = first["version_since"] if incident.service_version else None
    return replace(
        incident,
        users=counted["users"],
        sessions=counted["sessions"],
        call_sites=counted["sites"][:_CALL_SITES],
        version_since=since,
        details_at=now,
    )


def _by_feature(rows: Iterable[dict[str, Any]]) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row["environment"], row["feature"]), []).append(row)
    return found


def _hours_between(since: datetime, until: datetime) -> set[datetime]:
    first = _hour(since)
    return {first + n * _HOUR for n in range(int((until - first) / _HOUR) + 1)}


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
