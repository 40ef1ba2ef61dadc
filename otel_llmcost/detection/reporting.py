# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""When an incident is reported: at first, when it costs four times as much, when a cause of another
owner joins, and when it is over. A pure function over one incident, so that nothing is sent twice.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from otel_llmcost.detection.acks import Ack
from otel_llmcost.detection.incidents import Incident, owner

_TIMES = 4
_JOINING = {"model", "cache", "loop"}


def reported(incident: Incident, ack: Ack | None, now: datetime, *, is_over: bool) -> Incident:
    """The incident with its next report, if one is due; else as it was.

    `is_over` says that what it was about has stopped, though it may come back.
    """
    reason = _reason(incident, ack, now, is_over)
    if not reason:
        return incident
    return replace(
        incident,
        reports=incident.reports + 1,
        report_reason=reason,
        reported_at=now,
        reported_usd=incident.excess_usd,
        reported_kinds=sorted({*incident.reported_kinds, *incident.kinds}),
    )


def _reason(incident: Incident, ack: Ack | None, now: datetime, is_over: bool) -> str:
    if incident.level != "report" or _is_silent(incident, ack):
        return ""
    if not incident.reports:
        return "over" if is_over else "new"
    if is_over and incident.report_reason != "over":
        return "over"
    if not is_over and _has_grown(incident, ack):
        return "grown"
    if not is_over and _has_joined(incident):
        return "joined"
    # It came back after it was reported to be over, and that was not worth a report until now.
    came_back = incident.reported_at is not None and incident.last_seen_at > incident.reported_at
    return "over" if came_back and not incident.is_open(now) else ""


def _is_silent(incident: Incident, ack: Ack | None) -> bool:
    if ack is None:
        return incident.expected_by != ""
    return ack.state != "acknowledged" and ack.holds(incident.excess_usd)


def _has_grown(incident: Incident, ack: Ack | None) -> bool:
    if incident.excess_usd is None:
        return False
    at = incident.reported_at
    if ack is not None and (at is None or ack.acked_at > at):
        if ack.state == "expected":
            return not ack.holds(incident.excess_usd)
        known = [usd for usd in (ack.excess_usd, incident.reported_usd) if usd is not None]
        base = max(known, default=None)
    else:
        base = incident.reported_usd
    return base is not None and incident.excess_usd >= _TIMES * base


def _has_joined(incident: Incident) -> bool:
    known = {owner(kind) for kind in incident.reported_kinds}
    return bool({owner(kind) for kind in incident.kinds} & _JOINING - known)
