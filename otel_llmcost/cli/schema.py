# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost schema`."""

from __future__ import annotations

import click

from otel_llmcost.analysis import Column, Report
from otel_llmcost.cli import options, render, target


@click.group("schema")
def command() -> None:
    """Create or inspect the tables and views."""


@command.command("apply")
@options.with_url
def apply(url: str | None) -> None:
    """Create what is missing, load the prices, rebuild rollups. Safe to repeat."""
    with target.opened(url, create=True) as store:
        store.apply_schema()
        store.refresh()
        render.say(f"The schema is in place at {_shown(url)}.")


@command.command("status")
@options.with_format
@options.with_url
def status(output: options.Format, url: str | None) -> None:
    """List the migrations and which are applied. Exit 1 when one is missing."""
    with target.opened(url) as store:
        migrations = store.schema_status()
    rows = [(m.number, m.name, m.state) for m in migrations]
    columns = (Column("number"), Column("name"), Column("state"))
    render.emit(Report(title="Migrations", columns=columns, rows=rows), output)
    if any(m.state != "applied" for m in migrations):
        render.say("Bring it up to date with `otel-llmcost schema apply`.")
        raise SystemExit(1)


def _shown(url: str | None) -> str:
    """The store's address without a password."""
    import re

    return re.sub(r"//([^:/@]*):[^@]*@", r"//\1@", target.store_url(url))
