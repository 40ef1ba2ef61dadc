# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What calls can be grouped and narrowed by."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from otel_llmcost.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Dimension:
    """One thing spend can be grouped by, as our own SQL."""

    call: str
    """Expression over the `calls` view."""
    hour: str | None = None
    """Expression over `spend_between`; None when the rollup does not keep it."""
    user: str | None = None
    """Expression over `daily_users`; None when that does not keep it."""


_ROLLED_UP = ("feature", "model", "provider", "team", "service", "environment", "operation", "mode")
_BY_USER = ("feature", "team", "service", "environment")
DIMENSIONS: dict[str, Dimension] = {
    **{name: Dimension(call=name, hour=name) for name in _ROLLED_UP},
    **{name: Dimension(call=name, hour=name, user=name) for name in _BY_USER},
    "day": Dimension(
        call="toString(toDate(c.ts, {timezone:String}))",
        hour="toString(toDate(s.hour, {timezone:String}))",
    ),
    "hour": Dimension(
        call="formatDateTime(c.ts, '%Y-%m-%d %H:00', {timezone:String})",
        hour="formatDateTime(s.hour, '%Y-%m-%d %H:00', {timezone:String})",
    ),
    "month": Dimension(
        call="formatDateTime(c.ts, '%Y-%m', {timezone:String})",
        hour="formatDateTime(s.hour, '%Y-%m', {timezone:String})",
    ),
    "user": Dimension(call="user_id", user="user_id"),
    "session": Dimension(call="session_id"),
    "agent": Dimension(call="agent_name"),
    "workflow": Dimension(call="workflow_name"),
    "version": Dimension(call="service_version"),
    "status": Dimension(call="cost_status"),
    "call_site": Dimension(call="call_site"),
    "source": Dimension(call="source"),
}
"""What spend can be grouped by. Any other word is the key of an `allocate(key=…)`."""

_ALLOCATION_KEY = re.compile(r"[a-z][a-z0-9_]{0,31}")


def dimension(name: str) -> Dimension:
    """What a name groups by. Raises ConfigError for what is no dimension and no allocation key."""
    known = DIMENSIONS.get(name)
    if known:
        return known
    if name == "outcome":
        raise ConfigError("cannot group by outcome and something else: use --by outcome alone")
    if not _ALLOCATION_KEY.fullmatch(name):
        raise ConfigError(
            f"cannot group by {name!r}{or_rather(name, DIMENSIONS)}: "
            f"use {', '.join(DIMENSIONS)}, or an allocation key"
        )
    return Dimension(call=f"c.allocation['{name}']")


def or_rather(name: str, known: Iterable[str]) -> str:
    """A question in brackets when one of the known names is close; empty otherwise."""
    close = get_close_matches(name.lower(), list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
