# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""One period of a comparison, as people write it: a range of time, a version, an environment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from otel_llmcost.errors import ConfigError
from otel_llmcost.moments import moment
from otel_llmcost.reports.window import Filters, Window
from otel_llmcost.timezones import midnight

HOW = (
    "use a range such as 2026-10-01..2026-10-08 or 14d..7d (its end is not in it), a day, a month "
    "such as 2026-10, version:1.2 or env:prod; or two of them with a comma"
)


@dataclass(frozen=True, slots=True)
class Period:
    """Half-open range of time, in the zone whose days it means; and which calls, "" for all."""

    since: datetime
    until: datetime
    environment: str = ""
    version: str = ""

    def window(self, filters: Filters) -> Window:
        """The same as a window of reports (which have no versions)."""
        return Window(
            self.since,
            self.until,
            Filters(
                environment=self.environment or filters.environment,
                service=filters.service,
                feature=filters.feature,
                model=filters.model,
            ),
            zone=self.zone,
        )

    @property
    def zone(self) -> tzinfo:
        """Whose days and months it means."""
        return self.since.tzinfo or UTC

    @property
    def days(self) -> float:
        """Its length by the clock: a day on which clocks change is one day."""
        return (self.until - self.since) / timedelta(days=1)

    def __str__(self) -> str:
        name = [self.version and f"version {self.version}", self.environment]
        return ", ".join(filter(None, [*name, span(self.since, self.until)]))


def period(text: str, since: datetime, until: datetime, *, now: datetime | None = None) -> Period:
    """Read one period; where it names no time, `since` and `until` are meant. Its zone is theirs.

    Raises ConfigError that says how to write it.
    """
    found = {"version": "", "environment": ""}
    ends: tuple[datetime, datetime] | None = None
    for part in (part.strip() for part in text.split(",")):
        kind, colon, value = part.partition(":")
        kind = {"env": "environment"}.get(kind, kind)
        if colon and kind in found and value:
            found[kind] = value
        else:
            ends = _ends(part, (now or datetime.now(UTC)).astimezone(since.tzinfo))
    start, end = ends or (since, until)
    if start >= end:
        raise ConfigError(f"{text!r} ends before it begins: {HOW}")
    return Period(start, end, **found)


def month(text: str, zone: tzinfo = UTC) -> Period:
    """A calendar month of a zone, of `2026-10`. Raises ConfigError."""
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text.strip()) or text.startswith("0000"):
        raise ConfigError(f"cannot read {text!r} as a month: use 2026-10")
    start = midnight(date.fromisoformat(f"{text.strip()}-01"), zone)
    return Period(start, _next_month(start))


def this_month(now: datetime, zone: tzinfo = UTC) -> Period:
    """The month that runs there."""
    return month(f"{now.astimezone(zone):%Y-%m}", zone)


def before(one: Period) -> Period:
    """The calendar month before a month."""
    start = (one.since - timedelta(days=1)).replace(day=1)
    return Period(start, one.since, one.environment, one.version)


def span(since: datetime, until: datetime) -> str:
    """A range of time in words; whole days by their dates, the last one included."""
    last = until - timedelta(microseconds=1)
    if since.day == 1 and until == _next_month(since) and _midnight(since):
        return f"{since:%B %Y}"
    if _midnight(since) and _midnight(until):
        return (
            f"{since:%Y-%m-%d}"
            if since.date() == last.date()
            else (f"{since:%Y-%m-%d} to {last:%Y-%m-%d}")
        )
    start = f"{since:%Y-%m-%d}" if _midnight(since) else f"{since:%Y-%m-%d %H:%M}"
    return f"{start} to {until:%Y-%m-%d %H:%M}"


def _ends(part: str, now: datetime) -> tuple[datetime, datetime]:
    zone = now.tzinfo or UTC
    try:
        if re.fullmatch(r"\d{4}-\d\d", part):
            found = month(part, zone)
            return found.since, found.until
        if ".." in part:
            first, _, last = part.partition("..")
            start = moment(first, now=now, zone=zone)
            return start, moment(last, now=now, zone=zone) if last.strip() else now
        if re.fullmatch(r"\d{4}-\d\d-\d\d", part):
            day = moment(part, zone=zone)
            return day, day + timedelta(days=1)
    except ConfigError:
        pass
    raise ConfigError(f"cannot read {part!r} as a period to compare: {HOW}")


def _midnight(at: datetime) -> bool:
    return at.hour == at.minute == at.second == at.microsecond == 0


def _next_month(start: datetime) -> datetime:
    return (start.replace(day=1) + timedelta(days=32)).replace(day=1)
