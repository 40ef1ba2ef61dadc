# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost schema`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from otel_llmcost.cli import options, render, target
from otel_llmcost.reports import Column, Report

if TYPE_CHECKING:
    from otel_llmcost.schema import Options

_Command = TypeVar("_Command", bound=Callable[..., Any])


def _with_layout(command: _Command) -> _Command:
    """The options that lay out the same schema in another way."""
    for name, what in (
        ("rollup", "hourly rollups and logged anomalies (new stores: 1830)"),
        ("calls", "calls and outcomes (new stores: 400)"),
        ("raw", "raw spans and log records (new stores: 14)"),
    ):
        command = click.option(
            f"--{name}-ttl-days", type=click.IntRange(min=1), help=f"How long to keep {what}."
        )(command)
    return click.option(
        "--cluster",
        metavar="NAME",
        help="Replicated tables on every shard of this cluster, Distributed ones over them.",
    )(command)


@click.group("schema")
def command() -> None:
    """Create or inspect the tables and views."""


@command.command("apply")
@click.option("--dry-run", is_flag=True, help="Print the statements instead of running them.")
@_with_layout
@options.with_url
def apply(url: str | None, dry_run: bool, **layout: Any) -> None:
    """Create what is missing, load the prices, rebuild rollups. Safe to repeat.

    Retention changes only where an option says so.
    """
    chosen = _chosen(layout)
    if dry_run:
        with target.opened(url) as store:
            _print(store.planned_schema(chosen))
        return
    with target.opened(url, create=True) as store:
        store.apply_schema(chosen)
        store.refresh()
        render.say(f"The schema is in place at {_shown(url)}.")


@command.command("render")
@_with_layout
def render_(**layout: Any) -> None:
    """Print the whole schema as SQL, for servers that others look after. Needs no store."""
    from otel_llmcost import schema

    _print(schema.script(_chosen(layout), scheduled=True))


@command.command("status")
@options.with_format
@options.with_url
def status(output: options.Format, url: str | None) -> None:
    """List the objects, where the store differs from them, and the fix. Exit 1 when it does."""
    with target.opened(url) as store:
        states = {(item.kind, item.name): item.state for item in store.schema_status()}
        differences = store.schema_drift()
    differing = {(drift.kind, drift.name) for drift in differences}
    rows = [(*key, state, "", "") for key, state in states.items() if key not in differing]
    for drift in differences:
        state = states[drift.kind, drift.name]
        rows.append((drift.kind, drift.name, _state(state), drift.problem, drift.fix))
    columns = tuple(Column(name) for name in ("kind", "name", "state", "problem", "fix"))
    rows.sort()
    render.emit(Report(title="Schema", columns=columns, rows=rows), output)
    if differences:
        for drift in differences:
            render.say(f"{drift.name} {drift.problem}: {drift.fix}.")
        raise SystemExit(1)


def _state(of_object: str) -> str:
    return "drifted" if of_object == "applied" else of_object


def _chosen(layout: dict[str, Any]) -> Options:
    from otel_llmcost.schema import Options

    return Options(**layout)


def _print(statements: list[str]) -> None:
    for statement in statements:
        click.echo(f"{statement.strip()};\n")


def _shown(url: str | None) -> str:
    """The store's address without a password."""
    import re

    return re.sub(r"//([^:/@]*):[^@]*@", r"//\1@", target.store_url(url))
