# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What is worth a notice: incidents, budgets, silence, and what a day or a week cost.

Each notice has an id made of its subject, so that it can be sent once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, cast

from otel_llmcost import schema
from otel_llmcost.detection.detect import written
from otel_llmcost.detection.messages import extra, message, one_line, words
from otel_llmcost.pricing.retirements import RETIREMENTS, SOURCE
from otel_llmcost.reports.formatting import share, usd
from otel_llmcost.reports.report import Query, records
from otel_llmcost.reports.retiring import retiring, sentence
from otel_llmcost.reports.spend import spend
from otel_llmcost.reports.window import Window
from otel_llmcost.timezones import midnight, name_of

_LATE = timedelta(hours=1)
_NEW = timedelta(days=1)
_FEATURES = 8
_USED_WITHIN = timedelta(days=7)
_DAYS_OF_NOTICE = (0, 7, 30, 90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message to send."""

    notice_id: str
    kind: str
    title: str
    text: str
    facts: Mapping[str, Any]
    """For machines: money as decimal strings, times as ISO 8601; null is unknown."""


def notices(
    query: Query,
    now: datetime,
    sent: frozenset[str] = frozenset(),
    zone: tzinfo = UTC,
    *,
    page_url: str = "",
) -> list[Notice]:
    """All notices at `now`; days, weeks and months are those of `zone`.

    `sent` holds the ids that were sent. `page_url` is where people reach the page; without, notices
    have no links.
    """
    return [
        *_incidents(query, now, sent, page_url),
        *_budgets(query, zone),
        *_silence(query, now),
        *_retiring(query, now, sent),
        *_digest(query, "day", now.astimezone(zone)),
        *_digest(query, "week", now.astimezone(zone)),
    ]


def _incidents(query: Query, now: datetime, sent: frozenset[str], page_url: str) -> list[Notice]:
    """The newest report of each incident.

    A receiver that was sent nothing yet is new: it gets what is going on, not what is past.
    """
    found = records(query(schema.query("watch_incidents"), {"now": written(now)}))
    made: list[Notice] = []
    for row in found:
        reason = row["report_reason"]
        if not sent and reason == "over" and now - row["reported_at"] > _NEW:
            continue
        said = message(row, now, reason=reason, page_url=page_url)
        made.append(
            Notice(
                notice_id=f"incident:{row['incident_id']}:{row['reports']}",
                kind=f"incident_{reason}",
                title=said.title,
                text=said.text,
                facts={
                    **_plain(row),
                    "advice": dict(said.lines)["What to do"],
                    "links": said.links,
                },
            )
        )
    return made


def _budgets(query: Query, zone: tzinfo) -> list[Notice]:
    return [
        Notice(
            notice_id=":".join(
                str(row[name])
                for name in ("scope", "scope_value", "period", "period_start", "state")
            ),
            kind=f"budget_{row['state']}",
            title=f"Budget {row['name']}: {share(row['used_share'])} used",
            text=f"{usd(row['spent_usd'])} of {usd(row['amount_usd'])} per {row['period']}.",
            facts=_plain(row),
        )
        for row in records(query(schema.query("watch_budgets"), {"timezone": name_of(zone)}))
    ]


def _silence(query: Query, now: datetime) -> list[Notice]:
    return [
        Notice(
            notice_id=f"no_data:{row['environment']}:{row['service']}:{row['last_hour']:%Y%m%d%H}",
            kind="no_data",
            title=f"No calls from {row['service']} since {row['last_hour']:%Y-%m-%d %H:59} UTC",
            text=f"It used to report {usd(row['usd_per_hour'])} an hour "
            f"(environment {row['environment'] or 'none'}): it stopped, or its telemetry did.",
            facts=_plain(row),
        )
        for row in records(query(schema.query("watch_silent"), {"now": written(now)}))
    ]


def _retiring(query: Query, now: datetime, sent: frozenset[str]) -> list[Notice]:
    """Models in use that will be switched off, each sent again as its day comes nearer."""
    today = now.astimezone(UTC).date()
    due = {
        f"retirement:{one.model}:{stage}": one
        for one in RETIREMENTS.values()
        if (stage := _stage((one.day - today).days)) is not None
    }
    due = {notice_id: one for notice_id, one in due.items() if notice_id not in sent}
    if not due:
        return []
    window = Window(now - _USED_WITHIN, now)
    used: dict[str, list[dict[str, Any]]] = {}
    for row in retiring(query, window, due.values()).records():
        used.setdefault(row["model"], []).append(row)
    return [
        Notice(
            notice_id=notice_id,
            kind="model_retirement",
            title=f"{one.model} is switched off on {one.day}",
            text=f"In {_USED_WITHIN.days} days: {sentence(one.model, used[one.model], today)}.",
            facts={
                **_plain(one._asdict()),
                "source": SOURCE,
                "features": [_plain(row) for row in used[one.model]],
            },
        )
        for notice_id, one in due.items()
        if one.model in used
    ]


def _stage(days_left: int) -> int | None:
    """The smallest number of days' notice that has been reached; None while it is far away."""
    return next((stage for stage in _DAYS_OF_NOTICE if days_left <= stage), None)


def _digest(query: Query, period: str, now: datetime) -> list[Notice]:
    """The last whole day or week (from Monday) of the zone of `now`, once late calls have arrived.

    Lengths are by the clock, so that days of 23 and 25 hours are days.
    """
    zone = now.tzinfo or UTC
    until = midnight((now.astimezone(UTC) - _LATE).astimezone(zone).date(), zone)
    length = timedelta(days=1)
    if period == "week":
        until, length = until - timedelta(days=until.weekday()), timedelta(days=7)
    since = until - length
    spent = spend(query, Window(since, until, zone=zone), ["feature"], _FEATURES)
    if not spent.rows or spent.total is None:
        return []
    earlier = spend(query, Window(since - length, since, zone=zone), ["feature"], 1)
    names = [column.name for column in spent.columns]
    total = dict(zip(names, spent.total, strict=True))
    before = dict(zip(names, earlier.total, strict=True))["cost_usd"] if earlier.total else None
    cost, unpriced = total["cost_usd"], total["unpriced_calls"]
    lines = [f"{row['feature']}: {usd(row['cost_usd'])}" for row in spent.records()]
    lines += _grown(query, since, until) if period == "day" else []
    when = f"{since:%Y-%m-%d}" if period == "day" else f"the week of {since:%Y-%m-%d}"
    return [
        Notice(
            notice_id=f"digest:{period}:{since:%Y-%m-%d}",
            kind=f"digest_{period}",
            title=f"LLM spend of {when}: {usd(cost)}{_change(cost, before, period)}",
            text="\n".join([*lines, *([f"{unpriced} calls have no price."] if unpriced else [])]),
            facts=_plain(
                {
                    "since": since,
                    "until": until,
                    "cost_usd": cost,
                    "earlier_cost_usd": before,
                    "calls": total["calls"],
                    "unpriced_calls": unpriced,
                    "features": [_plain(row) for row in spent.records()],
                }
            ),
        )
    ]


def _grown(query: Query, since: datetime, until: datetime) -> list[str]:
    """A line for each incident that is too little for a notice of its own."""
    span = {"since": written(since), "until": written(until)}
    found = records(query(schema.query("watch_digest"), span))
    return [
        f"{one_line(row['feature']) or 'no feature'}: {_growth(row)} since "
        f"{row['start']:%A %d %B}, {extra(row)}"
        for row in found
    ]


def _growth(row: Mapping[str, Any]) -> str:
    if row["expected"] and row["actual"] and row["actual"] > row["expected"]:
        return f"{row['unit']} grew {row['actual'] / row['expected']:.1f}x"
    return words(row["kinds"][0])


def _change(cost: Decimal | None, before: Decimal | None, period: str) -> str:
    if cost is None or not before:
        return ""
    return f", {float(cost / before) - 1:+.0%} on the {period} before"


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _json(value) for name, value in row.items()}


def _json(value: Any) -> Any:
    match value:
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.replace(tzinfo=value.tzinfo or UTC).isoformat()
        case date():
            return value.isoformat()
        case dict() | list():
            items = cast("dict[str, Any] | list[Any]", value)
            if isinstance(items, dict):
                return {name: _json(one) for name, one in items.items()}
            return [_json(one) for one in items]
        case _:
            return value
