# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What a page shows: whole buckets up to now, filters, and the same stretch one window earlier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from urllib.parse import urlencode

from otel_llmcost.reports import Filters, Window


@dataclass(frozen=True, slots=True)
class _Range:
    buckets: int
    step: timedelta


RANGES = {
    "24h": _Range(24, timedelta(hours=1)),
    "7d": _Range(28, timedelta(hours=6)),
    "30d": _Range(30, timedelta(days=1)),
}
_FILTERS = ("environment", "service", "feature", "model")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A page's range, cut into equal buckets whose last one holds now; and which calls count."""

    name: str
    filters: Filters
    now: datetime
    """In the zone whose days are shown."""

    @classmethod
    def of(cls, wanted: Mapping[str, str], now: datetime) -> Span:
        """As the URL's parameters say; a range that is not offered is the last 24 hours."""
        name = wanted.get("range", "")
        filters = Filters(**{key: wanted.get(key, "") for key in _FILTERS})
        return cls(name=name if name in RANGES else "24h", filters=filters, now=now)

    @property
    def chosen(self) -> dict[str, str]:
        """The parameters of a URL that shows the same span."""
        filters = {name: getattr(self.filters, name) for name in _FILTERS}
        return {"range": self.name, **{name: value for name, value in filters.items() if value}}

    def href(self, path: str, **more: str) -> str:
        """A link to another page of the same span; empty values take a filter away."""
        chosen = {**self.chosen, **more}
        return f"{path}?{urlencode({name: value for name, value in chosen.items() if value})}"

    @property
    def step(self) -> timedelta:
        """Width of one bucket."""
        return RANGES[self.name].step

    @property
    def zone(self) -> tzinfo:
        """Whose days are shown."""
        return self.now.tzinfo or UTC

    @property
    def until(self) -> datetime:
        """End of the running bucket; in the future."""
        return self._ends[-1]

    @property
    def since(self) -> datetime:
        """Start of the first bucket."""
        return self._ends[0]

    @property
    def buckets(self) -> list[datetime]:
        """Start of every bucket, in order."""
        return self._ends[:-1]

    @property
    def _ends(self) -> list[datetime]:
        """Where buckets begin and end, in UTC. Those of an hour are hours of UTC, as rollups have
        them; longer ones begin at the same times of every day of the zone, so one is longer or
        shorter when clocks change."""
        hours = int(self.step / timedelta(hours=1))
        if hours == 1:
            running = self.now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        else:
            hour = self.now.hour - self.now.hour % hours
            running = self.now.replace(hour=hour, minute=0, second=0, microsecond=0, fold=0)
        count = RANGES[self.name].buckets
        return [(running + (n + 1) * self.step).astimezone(UTC) for n in range(-count, 1)]

    @property
    def window(self) -> Window:
        """The same span as a window of reports."""
        return Window(self.since, self.until, self.filters, zone=self.zone)

    @property
    def earlier(self) -> Window:
        """The same stretch one window ago, up to the same moment of its running bucket."""
        length = self.until - self.since
        now = self.now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return replace(self.window, since=self.since - length, until=now - length)

    def title(self, bucket: datetime) -> str:
        """A bucket in words."""
        start = bucket.astimezone(self.zone)
        if self.step >= timedelta(days=1):
            return start.strftime("%a %d %b")
        ends = self._ends
        end = ends[ends.index(bucket) + 1].astimezone(self.zone)
        return f"{start:%a %d %b %H:%M} to {end:%H:%M} {start:%Z}"

    def on_axis(self, bucket: datetime) -> str:
        """Where it is drawn. Hours keep the distance they have, also when clocks change."""
        if self.step > timedelta(hours=1):
            return f"{bucket.astimezone(self.zone):%Y-%m-%d %H:%M}"
        return f"{bucket + (self.now.utcoffset() or timedelta()):%Y-%m-%d %H:%M}"
