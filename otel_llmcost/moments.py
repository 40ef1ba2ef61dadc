# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Times as people write them: `24h`, `7d`, `2026-11-23`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

from otel_llmcost.errors import ConfigError

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_EXACT_BELOW = timedelta(hours=6)


def moment(text: str, *, now: datetime | None = None, zone: tzinfo = UTC) -> datetime:
    """`30m`, `24h`, `7d`, `2w` before now, or an ISO date or time, in `zone` unless it says
    otherwise. The answer is in `zone`.

    From six hours on, "ago" begins on the full hour, so that rolled-up hours can answer.
    """
    now = now or datetime.now(UTC)
    ago = re.fullmatch(r"(\d{1,5})([mhdw])", text.strip())
    if ago:
        span = timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        start = now.astimezone(UTC) - span
        if span >= _EXACT_BELOW:
            start = start.replace(minute=0, second=0, microsecond=0)
        return start.astimezone(zone)
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ConfigError(
            f"cannot read {text!r} as a time: use 30m, 24h, 7d, 2w or 2026-11-23T10:00"
        ) from None
    return when.replace(tzinfo=zone) if when.tzinfo is None else when.astimezone(zone)
