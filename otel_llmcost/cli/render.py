# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Prints reports: rich tables for people, exact JSON and CSV for pipes. Notes go to stderr."""

from __future__ import annotations

import sys

import click

from otel_llmcost.cli.options import Format, guards_csv
from otel_llmcost.cli.printable import printable
from otel_llmcost.reports import Column, Report, Result
from otel_llmcost.reports.data import as_csv, as_json


def emit(report: Report, output: Format, *, err: bool = False) -> None:
    """Print one report to stdout, or its table to stderr; the note, if any, always to stderr."""
    if output == "json":
        echo(as_json(report))
    elif output == "csv":
        echo(as_csv(report, guard=guards_csv()), nl=False)
    elif report.rows:
        # rich loads only where there is a table to print.
        from otel_llmcost.cli.table import print_report

        print_report(report, sys.stderr if err else sys.stdout)
    if report.note:
        say(report.note)


def echo(text: str, *, nl: bool = True) -> None:
    """Data on stdout as it is; a terminal gets it without control characters."""
    click.echo(printable(text, keep_lines=True) if sys.stdout.isatty() else text, nl=nl)


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
