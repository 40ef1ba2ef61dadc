# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Options that several commands share."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from datetime import tzinfo
from typing import Any, Literal, TypeVar

import click

from otel_llmcost.actions.audit import Author
from otel_llmcost.reports import Filters, Window, moment
from otel_llmcost.timezones import VARIABLE, timezone

Format = Literal["table", "json", "csv"]
_Command = TypeVar("_Command", bound=Callable[..., Any])
_GUARD = f"{__name__}.csv_guard"


def with_url(command: _Command) -> _Command:
    """`--url`: which store."""
    return click.option(
        "--url",
        metavar="URL",
        help="Store to use: chdb:///PATH or http://user@host:8123/llmcost. Default: the store of "
        "the running daemon, at $LLMCOST_STORE or the user's data directory.",
    )(command)


def with_format(command: _Command) -> _Command:
    """`--format`: for people or for pipes."""
    return click.option(
        "--format",
        "output",
        type=click.Choice(["table", "json", "csv"]),
        default="table",
        show_default=True,
        help="How to print the data.",
    )(with_csv_guard(command))


def with_csv_guard(command: _Command) -> _Command:
    """`--no-csv-guard`; `guards_csv()` reads it."""
    return click.option(
        "--csv-guard/--no-csv-guard",
        default=True,
        expose_value=False,
        callback=_keep_guard,
        help="CSV: put ' before text that a spreadsheet would run as a formula. Default: yes.",
    )(command)


def guards_csv() -> bool:
    """Whether the command that runs guards its CSV."""
    context = click.get_current_context(silent=True)
    return context is None or context.meta.get(_GUARD, True)


def _keep_guard(context: click.Context, _: click.Parameter, value: bool) -> None:
    context.meta[_GUARD] = value


def author() -> Author:
    """Who runs the command, for the audit."""
    return Author(getpass.getuser(), "command line")


def with_timezone(command: _Command) -> _Command:
    """`--timezone`: whose days and months; the command gets it as `zone`."""
    return click.option(
        "--timezone",
        "zone",
        default="UTC",
        envvar=VARIABLE,
        metavar="ZONE",
        callback=_zone,
        help=f"Whose days and months, such as Europe/Berlin. Default: ${VARIABLE}, else UTC.",
    )(command)


def _zone(context: click.Context, option: click.Parameter, name: str) -> tzinfo:
    try:
        return timezone(name)
    except ValueError as error:
        raise click.BadParameter(str(error), context, option) from None


def with_window(since: str) -> Callable[[_Command], _Command]:
    """`--since`, `--until` and the filters; `window()` reads what they gave."""

    def decorate(command: _Command) -> _Command:
        for name in ("model", "feature", "service", "environment"):
            command = click.option(
                f"--{name}", default="", metavar="NAME", help=f"Only this {name}."
            )(command)
        command = with_timezone(command)
        command = click.option("--until", metavar="TIME", help="Up to this time (exclusive).")(
            command
        )
        return click.option(
            "--since",
            default=since,
            show_default=True,
            metavar="TIME",
            help="30m, 24h, 7d, 2w, or a time such as 2026-11-23T10:00.",
        )(command)

    return decorate


def window(
    since: str,
    until: str | None,
    zone: tzinfo,
    environment: str,
    service: str,
    feature: str,
    model: str,
) -> Window:
    """The window that the options of `with_window` describe. Raises ConfigError for a bad time."""
    filters = Filters(environment=environment, service=service, feature=feature, model=model)
    start, end = moment(since, zone=zone), moment(until, zone=zone) if until else None
    return Window(start, end, filters, "widen --since", zone)


def with_anomaly_limits(prefix: str = "") -> Callable[[_Command], _Command]:
    """`--floor` and `--strictness`: what detection reports; `prefix` comes before their names."""

    def decorate(command: _Command) -> _Command:
        strictness = click.option(
            f"--{prefix}strictness",
            "strictness",
            default=1.0,
            show_default=True,
            type=click.FloatRange(0.1, 100),
            metavar="FACTOR",
            help="How many times the usual evidence and excess it takes to report an anomaly.",
        )
        floor = click.option(
            f"--{prefix}floor",
            "floor",
            default=0.25,
            show_default=True,
            type=click.FloatRange(0),
            metavar="USD",
            help="Excess of a day below which nothing is called an anomaly.",
        )
        return floor(strictness(command))

    return decorate
