# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost diff`."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

import click

from otel_llmcost.attribution import periods as changes
from otel_llmcost.cli import options, render, target
from otel_llmcost.reports import Column, Filters, Report, moment
from otel_llmcost.reports.comparison import period


@click.command("diff")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option("--since", default="30d", show_default=True, help="Time of a side that names none.")
@click.option("--until", help="Its end (exclusive); default: now.")
@click.option("--feature", default="", metavar="NAME", help="Only this feature.")
@click.option("--model", default="", metavar="NAME", help="Only this model.")
@click.option("--service", default="", metavar="NAME", help="Only this service.")
@click.option("--environment", default="", metavar="NAME", help="Only this environment.")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 100_000))
@options.with_timezone
@options.with_format
@options.with_url
def command(
    a: str,
    b: str,
    since: str,
    until: str | None,
    zone: tzinfo,
    limit: int,
    output: options.Format,
    url: str | None,
    **only: Any,
) -> None:
    """What changed from A to B, and why: cost of a call, tokens, and the parts of the change.

    A and B are ranges of time (the end is not in it), days, months, versions (service.version) or
    environments; or two of these with a comma. Days and months are those of --timezone.

    \b
    otel-llmcost diff 2026-10-01..2026-10-08 2026-10-08..2026-10-15
    otel-llmcost diff 14d..7d 7d..
    otel-llmcost diff version:1.2 version:1.3 --since 7d
    otel-llmcost diff env:staging env:prod
    otel-llmcost diff env:prod,2026-09 env:prod,2026-10

    The parts add up to the change to the last digit; `change_between` in the store says what each
    of them is. Calls of unknown cost are counted and left out.
    """
    filters = Filters(**only)
    start = moment(since, zone=zone)
    end = moment(until, zone=zone) if until else datetime.now(zone)
    with target.opened(url) as store:
        change = changes.compare(store.query, period(a, start, end), period(b, start, end), filters)
        notes = changes.notes(store.query, change, filters)
    if output == "table" and any(used["calls"] for used in change.used):
        render.emit(changes.periods(change), output)
        if change.rows:
            render.emit(changes.reasons(change), output)
            render.emit(changes.rows(change, limit), output)
    elif output == "json":
        render.emit(_nested(change), output)
    elif output == "csv":
        render.emit(_flat(change), output)
    for note in notes:
        render.say(note)


def _nested(change: changes.Change) -> Report:
    """One object: both sides, the parts, and the rows they are sums of."""
    names = [column.name for column in changes.periods(change).columns]
    periods = [dict(zip(names, row, strict=True)) for row in changes.periods(change).rows]
    row = (
        str(change.a), str(change.b), periods, change.change_usd, change.parts(), change.per_call(),
        change.rows,
    )  # fmt: skip
    columns = ("a", "b", "periods", "change_usd", "parts", "per_call", "rows")
    return Report(title="", columns=tuple(Column(name, "raw") for name in columns), rows=[row])


def _flat(change: changes.Change) -> Report:
    columns = list(change.rows[0]) if change.rows else []
    return Report(
        title="",
        columns=tuple(Column(name, "raw") for name in columns),
        rows=[tuple(row.values()) for row in change.rows],
    )
