# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Acknowledgements of incidents: who said what about which, and what it covers from then on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, get_args

from otel_llmcost import schema
from otel_llmcost.actions import audit
from otel_llmcost.detection.detect import Store
from otel_llmcost.detection.incidents import Incident, owner
from otel_llmcost.errors import ConfigError
from otel_llmcost.reports.report import records

State = Literal["acknowledged", "expected", "muted"]
STATES: tuple[State, ...] = get_args(State)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """The newest acknowledgement of one incident, and what that incident is by now."""

    incident_id: str
    state: State
    acked_at: datetime
    excess_usd: Decimal | None
    """What it had cost by then; None = unknown."""
    environment: str
    feature: str
    kinds: list[str]
    service_version: str
    seen_hours: list[datetime]

    def holds(self, excess_usd: Decimal | None) -> bool:
        """Whether what was said still stands at this excess: expected does until it doubles."""
        if self.state != "expected" or self.excess_usd is None or excess_usd is None:
            return True
        return excess_usd < 2 * self.excess_usd

    def covers(self, incident: Incident) -> bool:
        """Whether another incident is the expected thing again.

        That is the same hours of the week or the same version, with no cause that another person
        would have to repair, at less than twice the dollars.
        """
        if self.state != "expected" or not self.holds(incident.excess_usd):
            return False
        if (self.environment, self.feature) != (incident.environment, incident.feature):
            return False
        if not {*map(owner, incident.kinds)} <= {*map(owner, self.kinds)}:
            return False
        same_version = self.service_version == incident.service_version != ""
        return same_version or self._has_hours(incident.seen_hours)

    def _has_hours(self, hours: Iterable[datetime]) -> bool:
        near = {_of_week(hour + n * _HOUR) for hour in self.seen_hours for n in (-1, 0, 1)}
        return bool(near) and {_of_week(hour) for hour in hours} <= near


def _of_week(hour: datetime) -> tuple[int, int]:
    return hour.weekday(), hour.hour


def acks(store: Store) -> dict[str, Ack]:
    """The newest acknowledgement of every incident, by its id."""
    found = records(store.query(schema.query("incident_ack_rows")))
    return {row["incident_id"]: Ack(**row) for row in found}


def acknowledge(
    store: audit.Store,
    incident_id: str,
    state: State,
    *,
    by: str,
    note: str,
    origin: audit.Origin = "command line",
    now: datetime | None = None,
) -> None:
    """Write down who said what about an incident. Raises ConfigError when there is none."""
    known = store.query(
        "SELECT excess_usd, state, note FROM llmcost.incidents WHERE incident_id = {id:String}",
        {"id": incident_id},
    ).rows
    if not known:
        raise ConfigError(
            f"there is no incident {incident_id}: "
            "`otel-llmcost incidents --since 30d` has their ids"
        )
    at = now or datetime.now(UTC)
    audit.record(
        store,
        audit.Author(by, origin),
        "incident acknowledged",
        incident_id,
        before={"state": known[0][1], "note": known[0][2]},
        after={"state": state, "note": note},
        now=at,
    )
    row: list[Any] = [incident_id, at, by, state, note, known[0][0]]
    store.insert(
        "incident_acks",
        [row],
        ("incident_id", "acked_at", "acked_by", "state", "note", "excess_usd"),
    )
