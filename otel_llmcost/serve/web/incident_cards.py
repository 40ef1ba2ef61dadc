# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""An incident as a card: what it cost beside what is usual, why, and how it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from otel_llmcost.detection.messages import message, words
from otel_llmcost.reports import Query, formatting
from otel_llmcost.reports.incidents import hours as hours_of
from otel_llmcost.serve.web.drawing import Drawing
from otel_llmcost.serve.web.span import Span

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_BEFORE, _AFTER = DAY, 6 * HOUR
_LONGEST = 7 * DAY
_PAST = 7
"""Days before an incident that say what was usual."""
Hours = Mapping[datetime, Decimal | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the excess, with its share of the largest one."""

    name: str
    amount: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What the template draws of one incident."""

    incident_id: str
    title: str
    state: str
    excess: str
    excess_exact: str
    evidence: str
    lines: Sequence[tuple[str, str]]
    parts: Sequence[Part]
    drawing: Drawing | None
    """None where the store has no hours of it any more."""
    caption: str
    href: str
    worst_href: str
    """The most expensive call; empty when it is not known."""
    calls_href: str
    """All calls of its feature while it went on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What an hour cost in the week before: 8 of 10 times between these."""

    low: float
    high: float


def cards(query: Query, rows: Sequence[Mapping[str, Any]], span: Span) -> list[Card]:
    """One card for each row of the view `incidents`; one query for all their hours."""
    if not rows:
        return []
    now = span.now
    since = min(row["start"] for row in rows) - _PAST * DAY - HOUR
    until = max(_end(row, now) for row in rows)
    found = hours_of(query, since, until, [row["feature"] for row in rows])
    return [_card(row, found.get((row["environment"], row["feature"]), {}), span) for row in rows]


def usual(hours: Hours, start: datetime, at: datetime) -> Usual | None:
    """What the hour of the day of `at`, an hour earlier and later, cost on the seven days before an
    incident began; hours without calls cost 0. None without any call in them."""
    near = [
        at + timedelta(hours=shift) - days * DAY
        for days in range(1, 2 * _PAST + 1)
        for shift in (-1, 0, 1)
    ]
    own = [hour for hour in near if start - _PAST * DAY - HOUR <= hour < start.replace(minute=0)]
    if not own or not any(hour in hours for hour in own):
        return None
    values = sorted(float(hours.get(hour) or 0) for hour in own)
    return Usual(low=_quantile(values, 0.1), high=_quantile(values, 0.9))


def _quantile(values: Sequence[float], share: float) -> float:
    place = share * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)


def _card(row: Mapping[str, Any], hours: Hours, span: Span) -> Card:
    said = message(row, span.now)
    parts = sorted(row["parts"].items(), key=lambda part: -part[1])
    most = max((abs(value) for _, value in parts), default=Decimal(0))
    drawing = _drawing(row, hours, span)
    own = span.over(**{"from": _given(row["start"]), "to": _given(row["last_seen_at"] + HOUR)})
    narrowed = own.of_all_calls().adding("feature", row["feature"])
    if row["environment"]:
        narrowed = narrowed.adding("environment", row["environment"])
    worst = row["worst_record_id"]
    return Card(
        incident_id=row["incident_id"],
        title=said.title,
        state=row["state"],
        excess=formatting.usd(row["excess_usd"]),
        excess_exact="" if row["excess_usd"] is None else format(row["excess_usd"], "f"),
        evidence=row["evidence"] or words(row["kinds"][0]),
        lines=[
            (name, text)
            for name, text in said.lines
            if name in ("Since", "Cost", "Where", "Affected", "What to do")
        ],
        parts=[
            Part(
                name=words(name),
                amount=formatting.usd(value),
                share=float(abs(value) / most) if most else 0.0,
            )
            for name, value in parts
        ],
        drawing=drawing,
        caption=_caption(drawing),
        href=f"/incident?{urlencode({'id': row['incident_id']})}",
        worst_href=span.href("/call", id=worst) if worst else "",
        calls_href=narrowed.href("/calls", sort="cost") if row["feature"] else "",
    )


def _caption(drawing: Drawing | None) -> str:
    if drawing and any(shape.attributes["class"] == "band" for shape in drawing.shapes):
        return (
            f"Cost an hour, up to {drawing.highest}. The band holds 8 of 10 of the same hours of "
            "the week before."
        )
    highest = f", up to {drawing.highest}" if drawing else ""
    return f"Cost an hour{highest}; there is no week before to compare with."


def _drawing(row: Mapping[str, Any], hours: Hours, span: Span) -> Drawing | None:
    """Actual cost by the hour over the usual band, the first hour marked."""
    end = _full(_end(row, span.now)) + HOUR
    begin = max(_full(row["start"]) - _BEFORE, end - _LONGEST)
    shown = list(_between(begin, end))
    if not any(hour in hours for hour in shown):
        return None
    band = [(n, usual(hours, row["start"], hour)) for n, hour in enumerate(shown)]
    known = [(n, one) for n, one in band if one is not None]
    actual = [(float(n), hours.get(hour, Decimal(0))) for n, hour in enumerate(shown)]
    most = max([*(float(up or 0) for _, up in actual), *(one.high for _, one in known)])
    peak, highest = max(actual, key=lambda point: point[1] or 0)
    drawing = Drawing(
        highest=formatting.usd(highest),
        label=f"{row['feature']} by the hour from {begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} "
        f"UTC: up to {formatting.usd(highest)} an hour, "
        + (f"usually up to {formatting.usd(max(o.high for _, o in known))}." if known else "")
        + f" It began at {row['start']:%Y-%m-%d %H:%M} UTC.",
        most_along=max(len(shown) - 1, 1),
        most_up=most,
    )
    if known:
        drawing.band(
            [(n, one.low) for n, one in known], [(n, one.high) for n, one in known], "band"
        )
    if row["start"] >= begin:
        drawing.mark((_full(row["start"]) - begin) / HOUR, "mark")
    drawing.line(actual, "actual")
    drawing.dot(peak, highest, "peak")
    return drawing


def _end(row: Mapping[str, Any], now: datetime) -> datetime:
    return min(now, row["last_seen_at"] + _AFTER)


def _full(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _between(begin: datetime, end: datetime) -> Iterable[datetime]:
    while begin < end:
        yield begin
        begin += HOUR


def _given(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S+00:00}"
