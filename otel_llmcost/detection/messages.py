# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""An incident in words: the same in notices, on the page and in the terminal.

Names come from telemetry and may be anybody's: they are put on one line and cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from otel_llmcost.detection.advice import advice
from otel_llmcost.reports.formatting import share, usd

_NAME = 120
_QUIET = timedelta(hours=1)
_SHARES = {"share_of_feature": "what the feature cost", "share_of_bill": "the bill"}
_ORDINALS = (
    *("first", "second", "third", "fourth", "fifth"),
    *("sixth", "seventh", "eighth", "ninth", "tenth"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What to show of an incident."""

    title: str
    lines: list[tuple[str, str]]
    """Name and text, in order."""
    links: dict[str, str]
    """Pages by what they show: `incident`, `call`. Empty without an address of the page."""

    @property
    def text(self) -> str:
        """All lines as plain text."""
        return "\n".join(f"{name}: {text}" for name, text in self.lines)


def message(
    row: Mapping[str, Any], now: datetime, *, reason: str = "", page_url: str = ""
) -> Message:
    """The message of one row of the view `incidents`.

    `reason` is why it is reported: `new`, `grown`, `joined`, `over`, or empty when it is only
    looked at. `page_url` is where people reach the page.
    """
    links = _links(row, page_url)
    return Message(
        title=_title(row, reason),
        lines=[
            ("What", row["evidence"] or words(row["kinds"][0])),
            ("Since", _since(row, now)),
            ("Cost", _cost(row)),
            ("Cause", _cause(row)),
            ("Where", _where(row)),
            ("Affected", _affected(row)),
            *_worst(row, links),
            ("What to do", advice(row["kinds"][0], row["cause"])),
            ("Acknowledge", _acknowledge(row, links)),
        ],
        links=links,
    )


def extra(row: Mapping[str, Any]) -> str:
    """What an incident cost beyond the usual, in words."""
    usd_ = row["excess_usd"]
    return "cost unknown" if usd_ is None else f"{usd(usd_)} extra"


def words(name: str) -> str:
    """A kind or cause in words."""
    return name.replace("_", " ")


def one_line(name: str) -> str:
    """A name of telemetry on one line, no longer than a line is read."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    return plain if len(plain) <= _NAME else f"{plain[: _NAME - 1]}…"


def is_quiet(row: Mapping[str, Any], now: datetime) -> bool:
    """Whether nothing was seen of it for an hour."""
    return now - _aware(row["last_seen_at"]) >= _QUIET


def ordinal(number: int) -> str:
    """`fifth`, `12th`: in words up to ten."""
    if number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"


def _title(row: Mapping[str, Any], reason: str) -> str:
    excess = extra(row)
    what = f"{words(row['kinds'][0])} in {one_line(row['feature']) or 'no feature'}"
    if reason == "over":
        return f"Over: {excess}: {what}"
    again = f", again, {ordinal(row['days'])} day" if row["days"] > 1 else ""
    if reason == "grown":
        return f"Now {excess}: {what}{again}"
    if reason == "joined":
        more = " and ".join(words(kind) for kind in row["kinds"][1:])
        return f"{excess}: {what}{again}, joined by {more}" if more else f"{excess}: {what}{again}"
    return f"{excess}: {what}{again}"


def _since(row: Mapping[str, Any], now: datetime) -> str:
    text = _time(row["start"])
    if row["days"] > 1:
        text += f", on {row['days']} days"
    return f"{text}, quiet since {_time(row['last_seen_at'])}" if is_quiet(row, now) else text


def _cost(row: Mapping[str, Any]) -> str:
    if row["excess_usd"] is None:
        return "unknown"
    text = f"{usd(row['excess_usd'])} more than usual so far"
    if row["excess_usd_per_day"] is not None:
        text += f", {usd(row['excess_usd_per_day'])} a day"
    shares = [
        f"{share(row[name])} of {of}" for name, of in _SHARES.items() if row[name] is not None
    ]
    return f"{text}; {' and '.join(shares)} since then" if shares else text


def _cause(row: Mapping[str, Any]) -> str:
    parts = sorted(row["parts"].items(), key=lambda part: -part[1])
    split = ", ".join(f"{words(name)} {usd(value)}" for name, value in parts)
    if not split:
        return words(row["cause"]) or "unknown"
    return split if words(row["cause"]) == words(parts[0][0]) else f"{words(row['cause'])}: {split}"


def _where(row: Mapping[str, Any]) -> str:
    found = [
        f"feature {one_line(row['feature']) or 'none'}",
        f"environment {one_line(row['environment']) or 'none'}",
        f"model {one_line(row['model']) or 'unknown'}",
    ]
    if row["service_version"]:
        since = row["version_since"]
        first = f" (first call {_time(since)})" if since else ""
        found.append(f"version {one_line(row['service_version'])}{first}")
    return ", ".join(found)


def _affected(row: Mapping[str, Any]) -> str:
    calls = f"{row['calls']:,} calls"
    counts = [
        f"{row[name]:,} {name if row[name] != 1 else name[:-1]}"
        for name in ("users", "sessions")
        if row[name]
    ]
    sites = ", ".join(one_line(site) for site in row["call_sites"])
    return ", ".join([calls, *counts]) + (f"; called from {sites}" if sites else "")


def _worst(row: Mapping[str, Any], links: Mapping[str, str]) -> list[tuple[str, str]]:
    if not row["worst_record_id"]:
        return []
    command = f"`otel-llmcost explain {one_line(row['worst_record_id'])}`"
    return [("Most expensive call", _with_link(command, links.get("call")))]


def _acknowledge(row: Mapping[str, Any], links: Mapping[str, str]) -> str:
    command = f"`otel-llmcost incidents ack {one_line(row['incident_id'])} --expected`"
    return _with_link(command, links.get("incident"))


def _with_link(command: str, link: str | None) -> str:
    return f"{command} or {link}" if link else command


def _links(row: Mapping[str, Any], page_url: str) -> dict[str, str]:
    if not page_url:
        return {}
    base = page_url.rstrip("/")
    links = {"incident": f"{base}/incident?{urlencode({'id': row['incident_id']})}"}
    if row["worst_record_id"]:
        links["call"] = f"{base}/call?{urlencode({'id': row['worst_record_id']})}"
    return links


def _time(at: datetime) -> str:
    return f"{_aware(at).astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _aware(at: datetime) -> datetime:
    return at.replace(tzinfo=at.tzinfo or UTC)
