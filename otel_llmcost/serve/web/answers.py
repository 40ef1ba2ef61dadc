# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What the engine answered to a statement somebody wrote: as a table, as a chart, or why not.

Names of columns are those of the statement, so nothing here gives them a meaning.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from otel_llmcost.reports import Column, Report, formatting
from otel_llmcost.serve.web.charts import SLOTS, Chart, Series
from otel_llmcost.serve.web.table import Cell, Table

MOST_POSITIONS = 400
"""Rows up to which a chart says something."""
_NUMBERS = ("Int", "UInt", "Float", "Decimal", "BFloat")
_DIGITS = 24
"""Numbers with more have an exponent."""
_WRAPPERS = re.compile(r"^(?:Nullable|LowCardinality)\((.*)\)$")
_PLACES = (
    re.compile(r"\(line (?P<line>\d+), col (?P<column>\d+)\)"),
    re.compile(r"failed at position (?P<at>\d+)"),
    re.compile(r"(?:identifier|name) [`'](?P<name>[^`']+)[`']"),
)
_NOISE = re.compile(
    r"^Code: \d+\. DB::Exception: | Expected one of: .*"
    r"|[.: ]*In scope .*?(?=\.? ?\([A-Z_]+\)\s*$|$)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of the engine, read."""

    names: Sequence[str]
    types: Sequence[str]
    rows: Sequence[Sequence[Any]]
    """None is NULL; numbers are int or Decimal, everything else is text or a list."""
    seconds: float
    read_rows: int
    read_bytes: int

    @classmethod
    def of(cls, body: bytes) -> Answer | None:
        """Read JSONCompact; None for what is something else, as of a statement with FORMAT."""
        try:
            found = json.loads(body, parse_float=Decimal)
            statistics = found["statistics"]
            return cls(
                names=[str(column["name"]) for column in found["meta"]],
                types=[str(column["type"]) for column in found["meta"]],
                rows=[list(row) for row in found["data"]],
                seconds=float(statistics["elapsed"]),
                read_rows=int(statistics["rows_read"]),
                read_bytes=int(statistics["bytes_read"]),
            )
        except (ValueError, KeyError, TypeError):
            return None

    def report(self, most: int) -> Report:
        """The first rows, for CSV."""
        columns = tuple(Column(name, "raw") for name in self.names)
        rows = [tuple(_plain(value) for value in row) for row in self.rows[:most]]
        return Report(title="Answer", columns=columns, rows=rows)

    def table(self, most: int) -> Table:
        """The first rows, for people: NULL is a dash."""
        numbers = [_is_number(kind) for kind in self.types]
        return Table(
            title="Answer",
            headings=[
                Cell(text=name, title=kind, number=number)
                for name, kind, number in zip(self.names, self.types, numbers, strict=True)
            ],
            rows=[
                [_cell(value, number) for value, number in zip(row, numbers, strict=True)]
                for row in self.rows[:most]
            ],
            total=None,
            note=["No rows."] if not self.rows else [],
            report=self.report(most),
        )

    def chart(self) -> Chart | None:
        """Its first number by its first time, one line a name; else by its first name, as bars."""
        numbers = [n for n, kind in enumerate(self.types) if _is_number(kind)]
        times = [n for n, kind in enumerate(self.types) if _inner(kind).startswith("Date")]
        texts = [
            n for n, kind in enumerate(self.types) if _inner(kind).startswith(("String", "Enum"))
        ]
        if not numbers or not (times or texts) or not 2 <= len(self.rows) <= MOST_POSITIONS:
            return None
        value = numbers[0]
        if times:
            return self._lines(times[0], texts[0] if texts else None, value)
        return self._bars(texts[0], value)

    def _lines(self, time: int, text: int | None, value: int) -> Chart:
        starts = sorted({str(row[time]) for row in self.rows})
        names: dict[str, dict[str, Any]] = {}
        for row in self.rows:
            name = self.names[value] if text is None else str(row[text])
            names.setdefault(name, {})[str(row[time])] = _number(row[value])
        largest = sorted(names, key=lambda name: -sum(abs(v or 0) for v in names[name].values()))
        series = [
            Series(name=name, colour=f"c{n}", values=[names[name].get(at) for at in starts])
            for n, name in enumerate(largest[:SLOTS])
        ]
        return self._chart("line", value, self.names[time], starts, series)

    def _bars(self, text: int, value: int) -> Chart:
        names = [str(row[text]) for row in self.rows]
        values = [_number(row[value]) for row in self.rows]
        series = [Series(name=self.names[value], colour="c0", values=values)]
        return self._chart("bar", value, self.names[text], names, series)

    def _chart(
        self, kind: Any, value: int, heading: str, names: Sequence[str], series: Sequence[Series]
    ) -> Chart:
        shown = self.names[value]
        return Chart(
            title=f"{shown} by {heading}",
            label=f"{shown} by {heading}. The figures follow.",
            kind=kind,
            unit="usd" if "usd" in shown.lower() else "count",
            heading=heading,
            names=names,
            ticks=names,
            series=series,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a statement was not answered, and the part of it that is meant."""

    message: str
    before: str = ""
    marked: str = ""
    after: str = ""
    place: str = ""
    """Line and column of the marked part; "" where none is known."""


def problem(sql: str, error: str) -> Problem:
    """What the engine says, without what only repeats the statement, and where it points."""
    message = _NOISE.sub("", error).strip()
    at = _place(sql, error)
    if at is None:
        return Problem(message=message)
    begin, end = at
    line = sql.count("\n", 0, begin) + 1
    column = begin - (sql.rfind("\n", 0, begin) + 1) + 1
    return Problem(
        message=message,
        before=sql[:begin],
        marked=sql[begin:end],
        after=sql[end:],
        place=f"line {line}, column {column}",
    )


def _place(sql: str, error: str) -> tuple[int, int] | None:
    for pattern in _PLACES:
        found = pattern.search(error)
        if found is None:
            continue
        said = found.groupdict()
        if name := said.get("name"):
            place = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", sql)
            return place.span() if place else None
        if said.get("line"):
            return _word(sql, _offset(sql, int(said["line"]), int(said["column"])))
        # The engine counts bytes from 1.
        return _word(sql, len(sql.encode()[: int(said["at"]) - 1].decode(errors="ignore")))
    return None


def _offset(sql: str, line: int, column: int) -> int:
    lines = sql.split("\n")
    before = sum(len(one) + 1 for one in lines[: line - 1])
    return before + len(
        lines[min(line, len(lines)) - 1].encode()[: column - 1].decode(errors="ignore")
    )


def _word(sql: str, begin: int) -> tuple[int, int] | None:
    """From there to the end of the word; the last character where the statement is over."""
    if not sql:
        return None
    begin = min(begin, len(sql) - 1)
    word = re.match(r"\w+|.", sql[begin:], re.DOTALL)
    return begin, begin + len(word[0] if word else "")


def _inner(kind: str) -> str:
    while found := _WRAPPERS.match(kind):
        kind = found[1]
    return kind


def _is_number(kind: str) -> bool:
    return _inner(kind).startswith(_NUMBERS)


def _number(value: Any) -> Decimal | None:
    """None for NULL, and for what no chart can draw."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return Decimal(value)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, int | Decimal):
        return value
    return _text(value)


def _text(value: Any) -> str:
    """A value that is no number; arrays, tuples and maps as JSON."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=formatting.plain)
    return str(value)


def _cell(value: Any, number: bool) -> Cell:
    if value is None:
        return Cell(text="—", title="NULL", number=number)
    if isinstance(value, Decimal):
        return Cell(
            text=format(value, "f") if abs(value.adjusted()) < 24 else str(value), number=number
        )
    if isinstance(value, list | dict):
        return Cell(
            text=json.dumps(value, ensure_ascii=False, default=formatting.plain), number=number
        )
    return Cell(text=str(value), number=number)
