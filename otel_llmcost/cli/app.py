# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The command group: commands load when they are used, and our errors end as one line."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from otel_llmcost import __version__
from otel_llmcost.errors import LLMCostError

# Name -> what it does. Each lives in the module of its name; `--help` need not import any of them.
_COMMANDS = {
    "serve": "Receive, store and show LLM costs: one local process, no Docker.",
    "run": "Run a command with cost tracking and print what it cost.",
    "gate": "Stop a change that makes a feature dearer, in CI.",
    "demo": "See it all work, without an API key.",
    "spend": "What was spent, by any dimension.",
    "anomalies": "What cost more than it should, and why.",
    "review": "A month on one page: spend, its change explained, waste, next savings.",
    "diff": "What changed between two times, versions or environments, and why.",
    "savings": "Where the next dollars are, from your own calls.",
    "breakeven": "When rented capacity or a commitment would be cheaper.",
    "watch": "Tell somebody: anomalies, budgets, silence, daily and weekly spend.",
    "budgets": "Set what may be spent, and see how it stands.",
    "invoices": "Import what providers say they charged.",
    "reconcile": "Your records against the provider's bill, day by day.",
    "export": "Costs in the format of other tools: FOCUS.",
    "query": "Run SQL on the store.",
    "price": "Price provider replies from a file.",
    "explain": "What one stored call cost, and why, line by line.",
    "prices": "Look into the price book.",
    "reprice": "What history costs under another price book.",
    "dashboards": "Grafana boards and alert rules: write them, or check what is there.",
    "schema": "Create or inspect the tables and views.",
    "backup": "Write a store to a directory.",
    "restore": "Bring back what a backup holds.",
    "move": "Copy a store into a ClickHouse server.",
    "doctor": "Check the way from your app to the store, and say what to fix.",
}


class _Commands(click.Group):
    """Lazy commands whose LLMCostErrors become `Error: …` and exit 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        return import_module(f"otel_llmcost.cli.{cmd_name}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except ImportError as missing:
            raise click.ClickException(str(missing)) from None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except LLMCostError as error:
            raise click.ClickException(_shown(" ".join(str(error).split()))) from error


def _shown(message: str) -> str:
    from otel_llmcost.cli.render import printable

    return printable(message, keep_lines=True)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="otel-llmcost")
def app() -> None:
    """What every LLM call really costs: exact, per feature, over OpenTelemetry."""
