# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What a report is: named columns, rows, an optional total, and a note for the reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Kind = Literal[
    "text", "figure", "count", "usd", "exact_usd", "share", "ratio", "ms", "seconds", "time", "raw"
]
Row = tuple[Any, ...]


class Result(Protocol):
    """What a query returns, whichever engine ran it."""

    @property
    def columns(self) -> Sequence[str]: ...  # noqa: D102 - the protocol's docstring says it
    @property
    def types(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def rows(self) -> Sequence[Row]: ...  # noqa: D102


class Query(Protocol):
    """Runs one SELECT with `{name:Type}` parameters; `Store.query` is one."""

    def __call__(  # noqa: D102 - the protocol's docstring says it
        self, sql: str, parameters: Mapping[str, Any] | None = None, /
    ) -> Result: ...


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a report; `kind` says what the values mean, so that every renderer agrees."""

    name: str
    kind: Kind = "text"
    detail: bool = False
    """Left out of tables for people; JSON and CSV have it."""
    footnote: bool = False
    """Tables for people number the distinct values and list them below; JSON and CSV have them."""
    people: bool = False
    """Only in tables for people: another column says the same in JSON and CSV."""
    spare: int = 0
    """A terminal that is too narrow leaves out columns with the highest number first, 0 never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The answer to one question. Unknown values are None, never 0."""

    title: str
    columns: tuple[Column, ...]
    rows: list[Row]
    total: Row | None = None
    """Over everything the window holds, also when `rows` was cut at a limit; same columns."""
    note: str | None = None
    """What the reader must know: why it is empty, what it leaves out."""

    def records(self) -> list[dict[str, Any]]:
        """The rows by column name."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]


def records(result: Result) -> list[dict[str, Any]]:
    """The rows of a result by column name."""
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows]


def pick(record: Mapping[str, Any], columns: Sequence[Column]) -> Row:
    """One row of a report out of a record that has at least its columns."""
    return tuple(record[column.name] for column in columns)


def read(
    query: Query,
    sql: str,
    parameters: Mapping[str, Any],
    title: str,
    columns: tuple[Column, ...],
    empty: Callable[[], str],
) -> Report:
    """The rows of a statement as a report, whose note is `empty` where there are none."""
    found = records(query(sql, parameters))
    return Report(
        title=title,
        columns=columns,
        rows=[pick(record, columns) for record in found],
        note=None if found else empty(),
    )


def marked(sql: str, marker: str, text: str) -> str:
    """A query with one of our own expressions between its markers of that name."""
    return re.sub(rf"/\* {marker} \*/.*?/\* {marker} \*/", lambda _: text, sql, flags=re.DOTALL)
