# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Prints reports: rich tables for people, exact JSON and CSV for pipes. Notes go to stderr."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TextIO, cast

import click

from otel_llmcost.analysis import Column, Report, Result
from otel_llmcost.analysis.figures import UNKNOWN, figure
from otel_llmcost.cli.options import Format

_WIDE = 2000  # columns when the stream is no terminal: files and pipes need no wrapping
_SHORT = 24  # cells up to this length are never folded


def emit(report: Report, output: Format, *, err: bool = False) -> None:
    """Print one report to stdout, or its table to stderr; the note, if any, always to stderr."""
    if output == "json":
        click.echo(as_json(report))
    elif output == "csv":
        _print_csv(report)
    elif report.rows:
        _print_table(report, sys.stderr if err else sys.stdout)
    if report.note:
        say(report.note)


def say(text: str) -> None:
    """A line for the person at the terminal, never part of the data."""
    click.echo(printable(text, keep_lines=True), err=True)


def from_result(title: str, result: Result) -> Report:
    """Any query result as a report; values are shown as they are."""
    return Report(
        title=title,
        columns=tuple(Column(name, "raw") for name in result.columns),
        rows=list(result.rows),
        note=None if result.rows else "The query returned no rows.",
    )


def as_json(report: Report) -> str:
    """An array of objects, one a line; decimals keep every digit."""
    names = [column.name for column in report.columns]
    rows = [_json_value(dict(zip(names, row, strict=True))) for row in report.rows]
    return "[" + ",\n ".join(rows) + "]"


def printable(text: str, *, keep_lines: bool = False) -> str:
    """Text that cannot steer a terminal: control characters become a question mark."""
    return "".join(
        char if char.isprintable() or (keep_lines and char == "\n") else "\ufffd" for char in text
    )


def _json_value(value: Any) -> str:
    # json.dumps would turn a Decimal into a float and lose digits of money.
    match value:
        case Decimal():
            return format(value, "f") if value.is_finite() else "null"
        case float() if value != value or abs(value) == float("inf"):
            return "null"
        case datetime() | date():
            return json.dumps(_iso(value))
        case Mapping():
            items = cast("Mapping[Any, Any]", value).items()
            inner = ", ".join(f"{json.dumps(str(k))}: {_json_value(v)}" for k, v in items)
            return "{" + inner + "}"
        case list() | tuple() | set() | frozenset():
            return "[" + ", ".join(map(_json_value, cast("Iterable[Any]", value))) + "]"
        case bytes():
            return json.dumps(value.decode(errors="replace"))
        case _:
            return json.dumps(value, ensure_ascii=False, default=str)


def _iso(value: datetime | date) -> str:
    text = value.isoformat().replace("+00:00", "Z")
    naive = isinstance(value, datetime) and value.tzinfo is None
    return f"{text}Z" if naive else text


def _print_csv(report: Report) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(column.name for column in report.columns)
    writer.writerows([_csv_value(value) for value in row] for row in report.rows)


def _csv_value(value: Any) -> Any:
    match value:
        case None:
            return ""
        case Decimal():
            return format(value, "f")
        case datetime() | date():
            return _iso(value)
        case dict() | list() | tuple():
            return _json_value(value)
        case _:
            return value


def _print_table(report: Report, stream: TextIO) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(
        file=stream, width=None if stream.isatty() else _WIDE, highlight=False, markup=False
    )
    table = Table(
        title=printable(report.title) or None,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_footer=report.total is not None,
        pad_edge=False,
    )
    shown = [n for n, column in enumerate(report.columns) if _worth_showing(report, n, column)]
    for n in shown:
        column = report.columns[n]
        footer = _text(column, report.total[n]) if report.total else ""
        table.add_column(
            column.name.removesuffix("_usd").removesuffix("_tokens").replace("_", " "),
            footer=footer,
            justify="left" if _is_text(report.rows, n, column) else "right",
            overflow="fold",
            no_wrap=not stream.isatty() or _is_short(report.rows, n, column),
        )
    notes = _footnotes(report)
    for row in report.rows:
        table.add_row(*(_cell(report.columns[n], _marked(report, row, n, notes)) for n in shown))
    console.print(table)
    for text, mark in notes.items():
        console.print(f"{mark} {printable(text)}", soft_wrap=True)


def _footnotes(report: Report) -> dict[Any, str]:
    """A numbered mark for every distinct text of the columns whose values stand below the table."""
    columns = [n for n, column in enumerate(report.columns) if column.footnote]
    texts = dict.fromkeys(row[n] for row in report.rows for n in columns if row[n])
    return {text: f"[{k}]" for k, text in enumerate(texts, 1)}


def _marked(report: Report, row: Sequence[Any], n: int, notes: Mapping[Any, str]) -> Any:
    return notes.get(row[n], "") if report.columns[n].footnote else row[n]


def _worth_showing(report: Report, n: int, column: Column) -> bool:
    """A table for people leaves out ids of records, and columns that would say nothing."""
    if column.detail:
        return False
    if column.kind in ("usd", "exact_usd"):  # an unknown cost says something
        return True
    return len(report.columns) <= 6 or any(row[n] not in (None, "", 0) for row in report.rows)


def _is_text(rows: Sequence[Sequence[Any]], n: int, column: Column) -> bool:
    numeric = any(isinstance(row[n], int | float | Decimal) for row in rows)
    return column.kind in ("text", "raw", "time") and not numeric


def _is_short(rows: Sequence[Sequence[Any]], n: int, column: Column) -> bool:
    return all(len(_text(column, row[n])) <= _SHORT for row in rows)


def _cell(column: Column, value: Any) -> Any:
    from rich.text import Text

    text = _text(column, value)
    return Text(text, style="dim" if text == UNKNOWN else "")


def _text(column: Column, value: Any) -> str:
    return printable(value if isinstance(value, str) else figure(column.kind, value))
