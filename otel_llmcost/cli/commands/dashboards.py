# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost dashboards`: the Grafana boards that belong to this version."""

from __future__ import annotations

from pathlib import Path

import click


@click.group("dashboards")
def command() -> None:
    """Grafana boards and alert rules, generated from code.

    \b
    otel-llmcost dashboards export ./boards
    otel-llmcost dashboards check ./boards
    """


@command.command("export")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), default=".")
def export(directory: Path) -> None:
    """Write the boards (llmcost-*.json) and provisioning/alerting/llmcost.yaml into DIRECTORY."""
    _run(str(directory))


@command.command("check")
@click.argument(
    "directory", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False
)
def check(directory: Path | None) -> None:
    """Say which boards and rules in DIRECTORY are not those of this version; exit 1 if any.

    Without DIRECTORY: those of the repository.
    """
    _run("--check", *([str(directory)] if directory else []))
    click.echo("The boards and alert rules are those of this version.")


def _run(*arguments: str) -> None:
    from otel_llmcost.dashboards.__main__ import main

    code = main([*arguments])
    if code:
        raise click.exceptions.Exit(code)
