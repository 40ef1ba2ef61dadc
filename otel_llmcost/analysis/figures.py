# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Figures as people read them; the terminal and the page say the same. None is "unknown"."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from otel_llmcost.analysis.report import Kind

UNKNOWN = "unknown"


def usd(value: Decimal | float | None) -> str:
    """Two decimals from a dollar on, four below, six below a cent; data keeps all digits."""
    if value is None:
        return UNKNOWN
    size = abs(value)
    places = 2 if size >= 1 or size == 0 else 4 if size >= Decimal("0.01") else 6
    return f"{'-' if value < 0 else ''}${size:,.{places}f}"


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
    if 0.999 < value < 1:
        return ">99.9%"
    return f"{value * 100:.1f}%"


def duration(ms: float | None) -> str:
    """Milliseconds as 840 ms, 1.2 s, 3.4 min."""
    if ms is None:
        return UNKNOWN
    if ms < 1000:
        return f"{ms:.0f} ms"
    return f"{ms / 1000:.1f} s" if ms < 120_000 else f"{ms / 60_000:.1f} min"


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


def figure(kind: Kind, value: Any) -> str:
    """Any value of a report column."""
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
            return UNKNOWN if value is None else f"{value:.1f}x"
        case "ms":
            return duration(value)
        case "seconds":
            return duration(None if value is None else value * 1000)
        case "time":
            return when(value)
        case "text":
            return "" if value is None else str(value)
