# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost incidents`."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import Any

import click

from otel_llmcost import reports
from otel_llmcost.cli import options, render, target
from otel_llmcost.errors import ConfigError
from otel_llmcost.reports.incidents import acknowledgements, incident


@click.group("incidents", invoke_without_command=True)
@options.with_window(since="7d")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100_000))
@options.with_format
@options.with_url
@click.pass_context
def command(
    context: click.Context, limit: int, output: options.Format, url: str | None, **where: Any
) -> None:
    """What costs more than it should: one incident per feature and environment.

    An incident stays open until 24 hours have been quiet. `otel-llmcost anomalies` has its lines,
    one for each kind of trouble.

    \b
    otel-llmcost incidents show 3f9a2c0d81b7e645
    otel-llmcost incidents ack 3f9a2c0d81b7e645 --expected --note "new prompt"
    """
    if context.invoked_subcommand:
        return
    window = options.window(**where)
    with target.opened(url) as store:
        report = reports.incidents(store.query, window, limit)
    render.emit(report, output)


@command.command("show")
@click.argument("incident_id", metavar="ID")
@options.with_url
def show(incident_id: str, url: str | None) -> None:
    """Say all of one incident, as its notice does, and who acknowledged it."""
    from otel_llmcost.detection.messages import message

    with target.opened(url) as store:
        row = incident(store.query, incident_id)
        said = acknowledgements(store.query, incident_id)
    if row is None:
        raise ConfigError(
            f"there is no incident {incident_id}: "
            "`otel-llmcost incidents --since 30d` has their ids"
        )
    shown = message(row, datetime.now(UTC))
    render.echo(f"{shown.title}\nState: {row['state']}\n{shown.text}")
    if said.rows:
        render.echo("")
        render.emit(said, "table")


@command.command("ack")
@click.argument("incident_id", metavar="ID")
@click.option("--expected", is_flag=True, help="It is meant: its level is usual from now on.")
@click.option("--mute", is_flag=True, help="No more notices of this incident.")
@click.option("--note", default="", help="What there is to know about it.")
@options.with_url
def ack(incident_id: str, expected: bool, mute: bool, note: str, url: str | None) -> None:
    """Acknowledge an incident.

    Without a flag: somebody looks at it. It is reported again when it costs four times as much, and
    when it is over. Expected also covers what comes again at the same hours of the week or with the
    same version, until that costs twice as much.
    """
    from otel_llmcost.detection.acks import acknowledge

    if expected and mute:
        raise ConfigError("give one of --expected and --mute")
    state = "expected" if expected else "muted" if mute else "acknowledged"
    with target.opened(url) as store:
        acknowledge(store, incident_id, state, by=getpass.getuser(), note=note)
    render.say(f"Incident {incident_id} is {state}.")
