# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The time zone whose days and months reports and budgets use; UTC unless somebody chose another.

Points in time are stored and shown in UTC everywhere; a zone only says where days begin.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo

VARIABLE = "LLMCOST_TIMEZONE"


def timezone(name: str) -> tzinfo:
    """The zone of a name of the IANA database, such as `Europe/Berlin`. Raises ValueError that says
    what is wrong with any other."""
    text = name.strip()
    if text.upper() == "UTC":
        return UTC
    # Here, because applications import this and few name a zone.
    from difflib import get_close_matches
    from zoneinfo import ZoneInfo, available_timezones

    try:
        return ZoneInfo(text)
    except (OSError, ValueError, KeyError):  # a directory, a path that leads out, an unknown name
        known = available_timezones()
    if not known:
        raise ValueError(
            f"the time zone {text!r} cannot be read, because this machine has no database of time "
            "zones: pip install tzdata"
        )
    close = get_close_matches(text, known, n=1) or [n for n in sorted(known) if n.endswith(text)]
    rather = f" (did you mean {close[0]}?)" if close and text else ""
    raise ValueError(f"{text!r} is no time zone{rather}: use a name such as Europe/Berlin or UTC")


def name_of(zone: tzinfo) -> str:
    """Its name, as the engine has it."""
    return str(getattr(zone, "key", "UTC"))


def midnight(day: date, zone: tzinfo) -> datetime:
    """When a day begins there. Where clocks jump over midnight, that is the jump."""
    return datetime.combine(day, time(), zone)
