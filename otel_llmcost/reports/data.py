# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Reports as data: JSON and CSV with every digit, which neither a terminal nor a sheet runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from otel_llmcost.reports.report import Report

# What spreadsheets begin a formula with, also in its full width forms.
_FORMULA = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_SPECIAL = re.compile('[,"\r\n]')
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")


def as_json(report: Report) -> str:
    """An array of objects, one a line, with every digit; control characters are escaped."""
    shown = _shown(report)
    rows = [_json({report.columns[n].name: row[n] for n in shown}) for row in report.rows]
    return "[" + ",\n ".join(rows) + "]"


def as_csv(report: Report, *, guard: bool = True) -> str:
    """A header and the rows; unknown is empty.

    With `guard`, text that a spreadsheet would run as a formula begins with an apostrophe: stored
    names may be anybody's. Numbers stay numbers, negative ones too.
    """
    shown = _shown(report)
    lines = [[report.columns[n].name for n in shown]]
    lines += [[_csv(row[n]) for n in shown] for row in report.rows]
    if guard:
        lines = [[_guarded(cell) for cell in line] for line in lines]
    return "".join(",".join(map(_quoted, line)) + "\n" for line in lines)


def _shown(report: Report) -> list[int]:
    return [n for n, column in enumerate(report.columns) if not column.people]


def _guarded(cell: str) -> str:
    harmless = not _FORMULA.match(cell) or _NUMBER.fullmatch(cell)
    return cell if harmless else f"'{cell}"


def _quoted(cell: str) -> str:
    # csv.writer leaves a lone carriage return bare, which readers take for the end of the row.
    return '"' + cell.replace('"', '""') + '"' if _SPECIAL.search(cell) else cell


def _csv(value: Any) -> str:
    match value:
        case None:
            return ""
        case Decimal():
            return format(value, "f")
        case datetime() | date():
            return _iso(value)
        case dict() | list() | tuple():
            return _json(value)
        case _:
            return str(value)


def _json(value: Any) -> str:
    # json.dumps would turn a Decimal into a float and lose digits of money.
    match value:
        case Decimal():
            return format(value, "f") if value.is_finite() else "null"
        case float() if value != value or abs(value) == float("inf"):
            return "null"
        case datetime() | date():
            return _text(_iso(value))
        case Mapping():
            items = cast("Mapping[Any, Any]", value).items()
            return "{" + ", ".join(f"{_text(str(k))}: {_json(v)}" for k, v in items) + "}"
        case list() | tuple() | set() | frozenset():
            return "[" + ", ".join(map(_json, cast("Iterable[Any]", value))) + "]"
        case bytes():
            return _text(value.decode(errors="replace"))
        case str():
            return _text(value)
        case _:
            return json.dumps(value, default=str)


def _text(value: str) -> str:
    """Readable letters as they are; what could steer a terminal as an escape."""
    plain = json.dumps(value, ensure_ascii=False)
    return plain if plain.isprintable() else json.dumps(value)


def _iso(value: datetime | date) -> str:
    text = value.isoformat().replace("+00:00", "Z")
    naive = isinstance(value, datetime) and value.tzinfo is None
    return f"{text}Z" if naive else text
