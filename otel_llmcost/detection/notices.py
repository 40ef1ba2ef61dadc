# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What is worth a notice: anomalies, budgets, silence, and what a day or a week cost.

Each notice has an id made of its subject, so that it can be sent once. Untagged
and unpriced spend and collapsed caches are anomalies of those kinds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from otel_llmcost import schema
from otel_llmcost.pricing.retirements import RETIREMENTS, SOURCE
from otel_llmcost.reports.formatting import share, usd
from otel_llmcost.reports.report import Query, records
from otel_llmcost.reports.retiring import retiring, sentence
from otel_llmcost.reports.spend import spend
from otel_llmcost.reports.window import Window
from otel_llmcost.timezones import midnight, name_of

_LATE = timedelta(hours=1)
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
    query: Query, now: datetime, sent: frozenset[str] = frozenset(), zone: tzinfo = UTC
) -> list[Notice]:
    """All notices at `now`; days, weeks and months are those of `zone`.

    `sent` holds the ids that were sent: only an anomaly whose beginning was sent is reported to be
    over.
    """
    return [
        *_anomalies(query, now, sent),
        *_budgets(query, zone),
        *_silence(query, now),
        *_retiring(query, now, sent),
        *_digest(query, "day", now.astimezone(zone)),
        *_digest(query, "week", now.astimezone(zone)),
    ]


def _anomalies(query: Query, now: datetime, sent: frozenset[str]) -> list[Notice]:
    found = records(query(schema.query("watch_anomalies"), {"now": _written(now)}))
    made: list[Notice] = []
    for row in found:
        begun, over = (f"anomaly:{row['anomaly_id']}:{state}" for state in ("open", "closed"))
        closed = row["state"] == "closed"
        if closed and begun not in sent:
            continue
        what = f"{_words(row['kind'])} in {row['feature']}"
        excess = "cost unknown" if row["excess_usd"] is None else f"{usd(row['excess_usd'])} extra"
        cause = f" Cause: {_words(row['cause'])}." if row["cause"] else ""
        made.append(
            Notice(
                notice_id=over if closed else begun,
                kind="anomaly_closed" if closed else "anomaly",
                title=f"{'Over: ' if closed else ''}{excess}: {what}",
                text=f"{row['evidence']}.{cause} Model {row['model'] or 'unknown'}, environment "
                f"{row['environment'] or 'none'}, since {row['start']:%Y-%m-%d %H:%M} UTC.",
                facts=_plain(row),
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
        for row in records(query(schema.query("watch_silent"), {"now": _written(now)}))
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


def _change(cost: Decimal | None, before: Decimal | None, period: str) -> str:
    if cost is None or not before:
        return ""
    return f", {float(cost / before) - 1:+.0%} on the {period} before"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


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
        case _:
            return value
