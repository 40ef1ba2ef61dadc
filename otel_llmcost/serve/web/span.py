# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The time a page shows: whole buckets up to now, and the same stretch one window earlier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from otel_llmcost.analysis import Filters, Window


@dataclass(frozen=True, slots=True)
class _Range:
    buckets: int
    step: timedelta
    label: str


RANGES = {
    "24h": _Range(24, timedelta(hours=1), "%H:%M"),
    "7d": _Range(28, timedelta(hours=6), "%a %d"),
    "30d": _Range(30, timedelta(days=1), "%d %b"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A page's range, cut into equal buckets whose last one holds now."""

    name: str
    environment: str
    now: datetime

    @classmethod
    def of(cls, name: str, environment: str, now: datetime) -> Span:
        """The named range; anything else is the last 24 hours."""
        return cls(name=name if name in RANGES else "24h", environment=environment, now=now)

    @property
    def step(self) -> timedelta:
        """Width of one bucket."""
        return RANGES[self.name].step

    @property
    def until(self) -> datetime:
        """End of the running bucket; in the future."""
        seconds = int(self.step.total_seconds())
        epoch = int(self.now.timestamp())
        return datetime.fromtimestamp(epoch - epoch % seconds + seconds, UTC)

    @property
    def since(self) -> datetime:
        """Start of the first bucket."""
        return self.until - RANGES[self.name].buckets * self.step

    @property
    def buckets(self) -> list[datetime]:
        """Start of every bucket, in order."""
        return [self.since + n * self.step for n in range(RANGES[self.name].buckets)]

    @property
    def window(self) -> Window:
        """For the reports."""
        return Window(self.since, self.until, Filters(environment=self.environment))

    @property
    def earlier(self) -> Window:
        """The same stretch one window ago, up to the same moment of its running bucket."""
        length = self.until - self.since
        now = self.now.replace(minute=0, second=0, microsecond=0)
        return Window(self.since - length, now - length, Filters(environment=self.environment))

    def tick(self, bucket: datetime) -> str:
        """Axis label of a bucket."""
        return bucket.strftime(RANGES[self.name].label)

    def title(self, bucket: datetime) -> str:
        """A bucket in words."""
        if self.step >= timedelta(days=1):
            return bucket.strftime("%a %d %b")
        end = bucket + self.step
        return f"{bucket:%a %d %b %H:%M} to {end:%H:%M} UTC"
