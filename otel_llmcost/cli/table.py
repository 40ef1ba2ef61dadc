# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Reports as tables for people, as wide as their terminal and no wider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import zip_longest
from typing import Any, TextIO

import click
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from otel_llmcost.cli.layout import Field, Fit, fit, folded
from otel_llmcost.cli.printable import printable
from otel_llmcost.reports import Column, Report
from otel_llmcost.reports.formatting import UNKNOWN, figure

_WIDE = 100_000  # columns when the stream is no terminal: files and pipes need no wrapping


def print_report(report: Report, stream: TextIO) -> None:
    """The report's columns for people, and below it the texts that its marks stand for."""
    columns = [n for n, column in enumerate(report.columns) if _worth_showing(report, n, column)]
    notes = _footnotes(report)
    rows = [[_text(report.columns[n], _marked(report, row, n, notes)) for n in columns]
            for row in report.rows]  # fmt: skip
    total = report.total and [_text(report.columns[n], report.total[n]) for n in columns]
    fields = [
        Field(
            name=_heading(column),
            cells=[row[at] for row in (*rows, *([total] if total else []))],
            number=not _is_text(report.rows, n, column),
            spare=column.spare,
        )
        for at, n in enumerate(columns)
        for column in (report.columns[n],)
    ]
    hidden = print_fields(printable(report.title), fields, stream, has_total=total is not None)
    noted = {_heading(column) for column in report.columns if column.footnote}
    if noted.isdisjoint(hidden):
        for text, mark in notes.items():
            _write(f"{mark} {printable(text)}", stream)


def print_fields(
    title: str, fields: Sequence[Field], stream: TextIO, *, has_total: bool = False
) -> list[str]:
    """A table as wide as the terminal at most; its last row is the total if there is one.

    Figures are never cut: columns that may be spared go, and are named, else each row is a block.
    Returns the names of the columns that went.
    """
    terminal = stream.isatty()
    console = Console(file=stream, width=None if terminal else _WIDE, highlight=False, markup=False)
    fitting = fit(fields, console.width)
    with console.capture() as captured:
        if title:
            console.print(title, style="bold", soft_wrap=not terminal)
        if fitting is None:
            _print_blocks(console, fields, has_total=has_total)
        else:
            console.print(_table(fields, fitting, has_total=has_total), soft_wrap=True)
    _write("\n".join(line.rstrip() for line in captured.get().splitlines()), stream)
    hidden = fitting.hidden if fitting else []
    if hidden:
        where = "; --format csv has all" if _has_format() else ""
        _write(f"Hidden at {console.width} columns: {', '.join(hidden)}{where}", stream)
    return hidden


def _table(fields: Sequence[Field], fitting: Fit, *, has_total: bool) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD,
        show_footer=has_total,
        pad_edge=False,
        collapse_padding=fitting.narrow,
    )
    shown = [(fields[n], width) for n, width in fitting.shown]
    for field, width in shown:
        table.add_column(
            _cell(field.name, width),
            footer=_cell(field.cells[-1], width) if has_total else "",
            justify="right" if field.number else "left",
            width=width,
        )
    for n in range(len(fields[0].cells) - has_total):
        table.add_row(*(_cell(field.cells[n], width) for field, width in shown))
    return table


def _print_blocks(console: Console, fields: Sequence[Field], *, has_total: bool) -> None:
    """One record under the other, a line for each value."""
    widest = max(cell_len(field.name) for field in fields)
    left = min(widest, console.width // 2)
    count = len(fields[0].cells)
    for n in range(count):
        if n:
            console.print()
        for field in fields:
            value = field.cells[n]
            if has_total and n == count - 1 and not value:
                continue
            names, values = folded(field.name, left), folded(value, console.width - left - 2)
            style = "dim not bold" if value == UNKNOWN else "not bold"
            for name, line in zip_longest(names, values, fillvalue=""):
                text = Text(name.ljust(left + 2), style="bold").append(line, style=style)
                console.print(text, soft_wrap=True)


def _cell(text: str, width: int) -> Text:
    return Text("\n".join(folded(text, width)), style="dim" if text == UNKNOWN else "")


def _has_format() -> bool:
    """Whether the command that runs has `--format csv`."""
    context = click.get_current_context(silent=True)
    parameters = context.command.params if context else []
    return any("csv" in getattr(p.type, "choices", ()) for p in parameters)


def _write(text: str, stream: TextIO) -> None:
    click.echo(text, file=stream)


def _heading(column: Column) -> str:
    return printable(column.name).removesuffix("_usd").removesuffix("_tokens").replace("_", " ")


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
    if column.kind in ("usd", "exact_usd", "raw"):  # an unknown cost says something
        return True
    return len(report.columns) <= 6 or any(row[n] not in (None, "", 0) for row in report.rows)


def _is_text(rows: Sequence[Sequence[Any]], n: int, column: Column) -> bool:
    numeric = any(isinstance(row[n], int | float | Decimal) for row in rows)
    return column.kind in ("text", "raw", "time") and not numeric


def _text(column: Column, value: Any) -> str:
    return printable(value if isinstance(value, str) else figure(column.kind, value))
