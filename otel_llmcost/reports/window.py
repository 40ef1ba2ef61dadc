# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Which calls a report is about: a half-open window of time, and filters."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

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

    @property
    def is_full_hours(self) -> bool:
        """Whether hourly rollups can answer exactly."""
        ends = [self.since] if self.until is None else [self.since, self.until]
        return all(end.minute == end.second == end.microsecond == 0 for end in ends)

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
            **more,
        }

    def __str__(self) -> str:
        start = f"{self.since:%Y-%m-%d %H:%M}"
        span = f"since {start} UTC"
        if self.until:
            span = f"{start} to {self.until:%Y-%m-%d %H:%M} UTC"
        filters = str(self.filters)
        return f"{span}, {filters}" if filters else span


def sql_time(when: datetime) -> str:
    """A time as the parameter of a query, to the millisecond."""
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.") + f"{when.microsecond // 1000:03d}"
