# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What a page shows: a range of time in buckets, what it is compared with, and which calls."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cached_property
from urllib.parse import urlencode

from otel_llmcost.errors import ConfigError
from otel_llmcost.reports import Window
from otel_llmcost.reports.selection import NOT, SELECTABLE, TAG, Selection
from otel_llmcost.timezones import midnight, timezone

MINUTES, HOUR, SIX_HOURS, DAY, WEEK = (
    *(timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6)),
    *(timedelta(days=1), timedelta(days=7)),
)
_ROLLING = {
    "1h": (12, MINUTES),
    "24h": (24, HOUR),
    "7d": (28, SIX_HOURS),
    "30d": (30, DAY),
}
RANGES = {
    "1h": "1 hour",
    "24h": "24 hours",
    "7d": "7 days",
    "30d": "30 days",
    "this-month": "This month",
    "last-month": "Last month",
}
"""What the page offers, beside any time from-to."""
COMPARED = {
    "previous": "the time before",
    "last-month": "the same days last month",
    "none": "nothing",
}
_STEPS = ((3, MINUTES), (48, HOUR), (8 * 24, SIX_HOURS), (100 * 24, DAY))
"""Up to so many hours, buckets are that long."""
_LONGEST = timedelta(days=3660)
_OWN = ("range", "from", "to", "compare", "zone")


@dataclass(frozen=True, kw_only=True)
class Span:
    """A page's range, cut into buckets, and which of its calls count."""

    since: datetime
    until: datetime
    step: timedelta
    now: datetime
    """In the zone whose days are shown."""
    range: Mapping[str, str]
    """The parameters of the range in a URL."""
    compare: str = "previous"
    selection: Selection = field(default_factory=Selection)
    chosen_zone: str = ""
    """The zone that the URL names; "" for the usual one."""

    @classmethod
    def of(
        cls, items: Iterable[tuple[str, str]], now: datetime, known: Collection[str] = ()
    ) -> Span:
        """As the parameters of a URL say; the last 24 hours when they name no range, in the zone of
        `now` when they name none.

        Raises ConfigError for contradictions, and for a parameter that is none of the page's own,
        which are `known`.
        """
        given = [(name, value.strip()) for name, value in items if value.strip()]
        chosen = {name: value for name, value in given if name in _OWN}
        rest = [(name, value) for name, value in given if name not in _OWN and name not in known]
        for name, _ in rest:
            if not (name.removeprefix(NOT) in SELECTABLE or name.startswith((TAG, NOT + TAG))):
                takes = ", ".join((*_OWN, *known, *SELECTABLE))
                raise ConfigError(
                    f"this page has no parameter {name!r}: it takes {takes}, "
                    "tag.<allocation key>, and not-<one of these dimensions>"
                )
        compare = chosen.pop("compare", "previous")
        if compare not in COMPARED:
            raise ConfigError(f"compare={compare!r} is none of {', '.join(COMPARED)}")
        zone = chosen.pop("zone", "")
        if zone:
            now = now.astimezone(_zone(zone))
        since, until, step = _bounds(chosen, now)
        return cls(
            since=since.astimezone(UTC),
            until=until.astimezone(UTC),
            step=step,
            now=now,
            range=chosen or {"range": "24h"},
            compare=compare,
            selection=Selection.of(rest),
            chosen_zone=zone,
        )

    @property
    def name(self) -> str:
        """The range in words."""
        if "range" in self.range:
            return RANGES[self.range["range"]]
        since, until = self.since.astimezone(self.zone), self.until.astimezone(self.zone)
        if since.time() == until.time() == datetime.min.time():
            last = (until - timedelta(days=1)).date()
            return f"{since:%Y-%m-%d}" if last == since.date() else f"{since:%Y-%m-%d} to {last}"
        return f"{since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M}"

    @property
    def items(self) -> list[tuple[str, str]]:
        """The parameters of a URL that shows the same."""
        compare = [("compare", self.compare)] if self.compare != "previous" else []
        zone = [("zone", self.chosen_zone)] if self.chosen_zone else []
        return [*self.range.items(), *compare, *zone, *self.selection.items]

    def href(self, path: str, **more: str) -> str:
        """A link to a page of the same span, with the parameters of its own."""
        own = [(name, value) for name, value in more.items() if value]
        return f"{path}?{urlencode([*self.items, *own])}"

    def adding(self, name: str, value: str, *, excluded: bool = False) -> Span:
        """Narrowed by one more value."""
        return replace(self, selection=self.selection.adding(name, value, excluded=excluded))

    def without(self, name: str, value: str, *, excluded: bool = False) -> Span:
        """With one value less."""
        return replace(self, selection=self.selection.without(name, value, excluded=excluded))

    def over(self, **range_: str) -> Span:
        """The same calls over another range, of which only the address is wanted."""
        return replace(self, range=range_)

    def in_zone(self, name: str) -> Span:
        """The same in another zone ("" is the usual one), of which only the address is wanted."""
        return replace(self, chosen_zone=name)

    def of_all_calls(self) -> Span:
        """The same time without conditions."""
        return replace(self, selection=Selection())

    def shown(self, at: datetime) -> str:
        """A moment as a field of a form has it."""
        return f"{at.astimezone(self.zone):%Y-%m-%dT%H:%M}"

    @property
    def zone(self) -> tzinfo:
        """Whose days are shown."""
        return self.now.tzinfo or UTC

    @cached_property
    def buckets(self) -> list[datetime]:
        """Start of every bucket, in order, in UTC. Those of an hour or less begin where hours of
        UTC do, as rollups have them; longer ones at the same times of every day of the zone, so one
        is longer or shorter when clocks change."""
        starts = [self.since]
        for begin in _regular(self.since, self.step, self.zone):
            if begin >= self.until:
                return starts
            if begin > self.since:
                starts.append(begin)
        return starts

    def end(self, bucket: datetime) -> datetime:
        """Where a bucket ends."""
        later = [start for start in self.buckets if start > bucket]
        return later[0] if later else self.until

    @property
    def window(self) -> Window:
        """The same span as a window of reports, which know the simple conditions only."""
        return Window(self.since, self.until, self.selection.filters, zone=self.zone)

    @property
    def earlier(self) -> Window | None:
        """What it is compared with, up to the same moment; None for nothing."""
        if self.compare == "none":
            return None
        end = min(self.until, max(self.now.astimezone(UTC), self.since))
        if self.compare == "last-month" or self.range.get("range") in ("this-month", "last-month"):
            since, until = (_month_before(at.astimezone(self.zone)) for at in (self.since, end))
        else:
            length = self.until - self.since
            since, until = self.since - length, end - length
        return replace(self.window, since=since.astimezone(UTC), until=until.astimezone(UTC))

    @property
    def earlier_buckets(self) -> list[datetime]:
        """The buckets of what it is compared with, each as far from its begin; they may be fewer
        where a month is shorter."""
        if self.earlier is None:
            return []
        since, until = self.earlier.since, self.earlier.until or self.now
        starts = [since + (bucket - self.since) for bucket in self.buckets]
        return [start for start in starts if start < until]

    @property
    def compared(self) -> str:
        """What it is compared with, in words."""
        if self.range.get("range") in ("this-month", "last-month") and self.compare != "none":
            return COMPARED["last-month"]
        return COMPARED[self.compare]

    def title(self, bucket: datetime) -> str:
        """A bucket in words."""
        start, end = bucket.astimezone(self.zone), self.end(bucket).astimezone(self.zone)
        if self.step == DAY:
            return start.strftime("%a %d %b")
        if self.step > DAY:
            return f"{start:%d %b %Y} to {end:%d %b}"
        return f"{start:%a %d %b %H:%M} to {end:%H:%M} {start:%Z}"

    def tick(self, bucket: datetime) -> str:
        """A bucket on an axis, short; "" where the axis has no mark."""
        at = bucket.astimezone(self.zone)
        if self.step >= DAY:
            return f"{at:%d %b}"
        if self.step == SIX_HOURS:
            return f"{at:%a %d %b}" if at.hour < 6 else ""
        if at.hour == at.minute == 0:
            return f"{at:%d %b}"
        is_marked = at.minute % 15 == 0 if self.step < HOUR else at.hour % 3 == 0
        return f"{at:%H:%M}" if is_marked else ""


def _zone(name: str) -> tzinfo:
    try:
        return timezone(name)
    except ValueError as error:
        raise ConfigError(f"zone={name!r}: {error}") from None


def _bounds(chosen: Mapping[str, str], now: datetime) -> tuple[datetime, datetime, timedelta]:
    """Begin, end and length of the buckets."""
    if "from" in chosen or "to" in chosen:
        if "range" in chosen:
            raise ConfigError("range and from/to contradict each other: use one of them")
        return _between(chosen, now)
    name = chosen.get("range", "24h")
    zone = now.tzinfo or UTC
    if name == "this-month":
        return midnight(now.date().replace(day=1), zone), _tomorrow(now), DAY
    if name == "last-month":
        end = now.date().replace(day=1)
        first = (end - timedelta(days=1)).replace(day=1)
        return midnight(first, zone), midnight(end, zone), DAY
    if name not in _ROLLING:
        raise ConfigError(f"range={name!r} is none of {', '.join(RANGES)}: or use from= and to=")
    count, step = _ROLLING[name]
    running = _begin(now, step)
    if step <= HOUR:
        end = running.astimezone(UTC) + step
        return end - count * step, end, step
    return running - (count - 1) * step, running + step, step


def _between(chosen: Mapping[str, str], now: datetime) -> tuple[datetime, datetime, timedelta]:
    since = _moment(chosen.get("from", ""), now, "from")
    until = _moment(chosen.get("to", ""), now, "to") or _tomorrow(now)
    if since is None:
        raise ConfigError("to= needs from= beside it")
    if since.astimezone(UTC) >= until.astimezone(UTC):
        raise ConfigError(f"from={chosen['from']!r} is not before to={chosen.get('to')!r}")
    length = until.astimezone(UTC) - since.astimezone(UTC)
    if length > _LONGEST:
        raise ConfigError(f"from-to spans {length.days:,} days: at most {_LONGEST.days:,}")
    hours = length / HOUR
    return since, until, next((step for most, step in _STEPS if hours <= most), WEEK)


def _moment(text: str, now: datetime, name: str) -> datetime | None:
    """A time of the zone; the end of the day where `to` is a date."""
    if not text:
        return None
    zone = now.tzinfo or UTC
    try:
        if len(text) == len("2026-11-20"):
            day = date.fromisoformat(text)
            return midnight(day + timedelta(days=name == "to"), zone)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise ConfigError(
            f"{name}={text!r} is no time like 2026-11-20 or 2026-11-20T14:30"
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _begin(at: datetime, step: timedelta) -> datetime:
    """Start of the bucket that holds a moment, in its zone."""
    if step < HOUR:
        return at.replace(minute=at.minute // 5 * 5, second=0, microsecond=0)
    if step == HOUR:
        return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    hours = int(step / HOUR)
    return at.replace(hour=at.hour - at.hour % hours, minute=0, second=0, microsecond=0, fold=0)


def _regular(since: datetime, step: timedelta, zone: tzinfo) -> Iterable[datetime]:
    """Starts of buckets from the one that holds `since` on, without end."""
    begin = since.astimezone(zone)
    if step != WEEK:
        begin = _begin(begin, step)
    if step <= HOUR:
        begin = begin.astimezone(UTC)
    n = 0
    while True:
        yield (begin + n * step).astimezone(UTC)
        n += 1


def _tomorrow(now: datetime) -> datetime:
    return midnight(now.date() + timedelta(days=1), now.tzinfo or UTC)


def _month_before(at: datetime) -> datetime:
    """The same time of the same day of the month before, or of its last day."""
    last = at.replace(day=1) - timedelta(days=1)
    return at.replace(year=last.year, month=last.month, day=min(at.day, last.day))
