# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Which calls a report is about: a half-open window of time, and filters."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from otel_llmcost.timezones import name_of

_FOREVER = datetime(2200, 1, 1, tzinfo=UTC)

BY_MONTH = "use --month {newest:%Y-%m}"
"""What to do when a month is empty, for commands that take months."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Only calls whose column equals the value; "" keeps all."""

    environment: str = ""
    service: str = ""
    feature: str = ""
    model: str = ""

    def __str__(self) -> str:
        named = [f"{name}={getattr(self, name)}" for name in self.__slots__ if getattr(self, name)]
        return ", ".join(named)


@dataclass(frozen=True, slots=True)
class Window:
    """From `since` (inclusive) to `until` (exclusive; None = open end), and the filters."""

    since: datetime
    until: datetime | None = None
    filters: Filters = field(default_factory=Filters)
    widen: str = field(default="choose a longer time", compare=False)
    """What to do when nothing is in it; may name the `newest` call, as `str.format` does."""
    zone: tzinfo = UTC
    """Whose days and months are meant."""

    @property
    def is_full_hours(self) -> bool:
        """Whether it begins and ends on the full hour, UTC."""
        ends = [self.since] if self.until is None else [self.since, self.until]
        return all(end.timestamp() % 3600 == 0 for end in ends)

    @property
    def has_full_hours(self) -> bool:
        """Whether every hour of its zone is an hour of UTC too, as rollups have them."""
        ends = (self.since, self.until or self.since)
        offsets = (end.astimezone(self.zone).utcoffset() for end in ends)
        return all(offset is None or offset.total_seconds() % 3600 == 0 for offset in offsets)

    def parameters(self, **more: Any) -> dict[str, Any]:
        """The query parameters every report shares."""
        filters = self.filters
        return {
            "since": sql_time(self.since),
            "until": sql_time(self.until or _FOREVER),
            "environment": filters.environment,
            "service": filters.service,
            "feature": filters.feature,
            "model": filters.model,
            "timezone": name_of(self.zone),
            **more,
        }

    def __str__(self) -> str:
        zone = name_of(self.zone)
        start = f"{self.since.astimezone(self.zone):%Y-%m-%d %H:%M}"
        span = f"since {start} {zone}"
        if self.until:
            span = f"{start} to {self.until.astimezone(self.zone):%Y-%m-%d %H:%M} {zone}"
        filters = str(self.filters)
        return f"{span}, {filters}" if filters else span


def sql_time(when: datetime) -> str:
    """A time as the parameter of a query, to the millisecond."""
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.") + f"{when.microsecond // 1000:03d}"
