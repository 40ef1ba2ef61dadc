# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Figures as people read them; the terminal and the page say the same. None is "unknown"."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from otel_llmcost.reports.report import Kind

UNKNOWN = "unknown"
_LEAST_USD = Decimal("0.000001")
_TEN_CENTS = Decimal("0.1")
_MINUTE_MS, _HOUR_MS, _DAY_MS = 60_000, 3_600_000, 86_400_000
_LISTED_BY = {
    "token": (1_000_000, "M"),
    "character": (1_000_000, "M characters"),
    "second": (60, "minute"),
}


def usd(value: Decimal | float | None) -> str:
    """Two decimals; below ten cents up to three digits that count. Data keeps all digits.

    Never more than six decimals, and what is less than the last of them never reads as nothing.
    """
    if value is None:
        return UNKNOWN
    size = abs(Decimal(str(value)))
    if 0 < size < _LEAST_USD:
        return f"<${_LEAST_USD}" if value > 0 else f">-${_LEAST_USD}"
    places = min(6, 2 - size.adjusted()) if 0 < size < _TEN_CENTS else 2
    cents, digits = f"{size:,.{places}f}"[:-places], f"{size:.{places}f}"[-places:]
    return f"{'-' if value < 0 else ''}${cents}{digits[:2]}{digits[2:].rstrip('0')}"


def count(value: float | None) -> str:
    """A whole number with thousands separators."""
    return UNKNOWN if value is None else f"{value:,.0f}"


def calls(number: int) -> str:
    """How many calls: `1 call`, `1,200 calls`."""
    return f"{count(number)} call{'s' * (number != 1)}"


def short(value: float | None) -> str:
    """A whole number in at most four digits: 1.2k, 34.5M."""
    if value is None:
        return UNKNOWN
    for size, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            scaled = value / size
            return f"{scaled:.0f}{unit}" if scaled >= 100 else f"{scaled:.1f}{unit}"
    return f"{value:.0f}"


def share(value: float | None) -> str:
    """A fraction as a percentage; what is not quite 0 or 100 % never reads as such."""
    if value is None:
        return UNKNOWN
    if 0 < value < 0.001:
        return "<0.1%"
    if -0.001 < value < 0:
        return ">-0.1%"
    if 0.999 < value < 1:
        return ">99.9%"
    return f"{value * 100:.1f}%"


def ratio(value: float | None) -> str:
    """How many times as much, to a tenth."""
    if value is None:
        return UNKNOWN
    return "<0.1x" if 0 < value < 0.1 else f"{value:.1f}x"


def duration(ms: float | None) -> str:
    """Milliseconds as 840 ms, 1.2 s, 3.4 min, 5.6 h, 14 days."""
    if ms is None:
        return UNKNOWN
    if 0 < ms < 1:
        return "<1 ms"
    if ms < 1000:
        return f"{ms:.0f} ms"
    if ms < 2 * _MINUTE_MS:
        return f"{ms / 1000:.1f} s"
    if ms < 2 * _HOUR_MS:
        return f"{ms / _MINUTE_MS:.1f} min"
    if ms < 2 * _DAY_MS:
        return f"{ms / _HOUR_MS:.1f} h"
    return f"{ms / _DAY_MS:.0f} days"


def when(value: datetime | None) -> str:
    """A UTC time to the second."""
    if value is None:
        return UNKNOWN
    return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def plain(value: Any) -> str:
    """Any value with all its digits, without trailing zeros or exponents."""
    if not isinstance(value, Decimal):
        return str(value)
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def unit_price(usd_per_unit: Decimal | None, unit: str) -> str:
    """A price as price lists have it: `$0.20 / M` (tokens), `$0.01 / call`, a factor as `x1.1`."""
    if usd_per_unit is None:
        return UNKNOWN
    if unit == "factor":
        return f"x{plain(usd_per_unit)}"
    times, per = _LISTED_BY.get(unit, (1, unit))
    units, _, rest = plain(round(usd_per_unit * times, 9)).partition(".")
    return f"${int(units):,}.{rest:0<2} / {per}"


def figure(kind: Kind, value: Any) -> str:
    """Any value of a report column; an empty text, as of a figure that does not apply, stays."""
    if value == "":
        return ""
    match kind:
        case "usd":
            return usd(value)
        case "exact_usd":
            return UNKNOWN if value is None else plain(value)
        case "raw":
            return "NULL" if value is None else plain(value)
        case "count":
            return count(value)
        case "share":
            return share(value)
        case "ratio":
            return ratio(value)
        case "ms":
            return duration(value)
        case "seconds":
            return duration(None if value is None else value * 1000)
        case "time":
            return when(value)
        case "text" | "figure":
            return "" if value is None else str(value)
