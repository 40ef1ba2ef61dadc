# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The command group: commands load when they are used, and our errors end as one line."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from typing import Any

import click

from otel_llmcost import __version__
from otel_llmcost.errors import LLMCostError

# Name -> what it does, by what it is for. Each is in the module of its name (with `_` for `-`);
# `--help` need not import any of them.
_GROUPS = {
    "Start": {
        "serve": "Receive, store and show LLM costs: one local process, no Docker.",
        "run": "Run a command with cost tracking and print what it cost.",
        "demo": "See it all work, without an API key.",
        "emulator": "Both providers on this machine, to try an app without a key.",
        "doctor": "Check the way from your app to the store, and say what to fix.",
    },
    "See": {
        "spend": "What was spent, by any dimension.",
        "review": "A month on one page: spend, its change explained, waste, next savings.",
        "incidents": "What costs more than it should, why, and what to do.",
        "anomalies": "The lines of incidents, one for each kind of trouble.",
        "savings": "Where the next dollars are, from your own calls.",
        "breakeven": "When rented capacity or a commitment would be cheaper.",
        "query": "Run SQL on the store.",
    },
    "Explain": {
        "diff": "What changed between two times, versions or environments, and why.",
        "explain": "What one stored call cost, and why, line by line.",
        "price": "Price provider replies from a file.",
        "price-book": "Show models and prices, and check your own.",
        "reprice": "What history costs under another price book.",
    },
    "Guard": {
        "budgets": "Set what may be spent, and see how it stands.",
        "gate": "Stop a change that makes a feature cost more, in CI.",
        "watch": "Notify somebody: incidents, budgets, silence, daily and weekly spend.",
    },
    "Exchange": {
        "invoices": "Import what providers say they charged.",
        "reconcile": "Your records against the provider's bill, day by day.",
        "export": "Costs in the format of other tools: FOCUS.",
        "dashboards": "Grafana boards and alert rules: write them, or check what is there.",
    },
    "Store": {
        "schema": "Create or inspect the tables and views.",
        "backup": "Write a store to a directory.",
        "restore": "Bring back what a backup holds.",
        "copy": "Copy a store into a ClickHouse server.",
    },
}
_COMMANDS = {name: what for group in _GROUPS.values() for name, what in group.items()}
_EPILOG = """\b
Examples:
  otel-llmcost run -- python app.py
  otel-llmcost spend --by feature,model --since 7d
  otel-llmcost budgets set 20 --per day --for feature=support.reply

\b
Completion in bash (zsh and fish alike):
  eval "$(_OTEL_LLMCOST_COMPLETE=bash_source otel-llmcost)"
"""


class _Commands(click.Group):
    """Lazy commands whose LLMCostErrors become `Error: …` and exit 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        return import_module(f"otel_llmcost.cli.commands.{cmd_name.replace('-', '_')}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, _COMMANDS))
        for title, commands in _GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), what) for name, what in commands.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except ImportError as missing:
            raise click.ClickException(str(missing)) from None
        except click.UsageError as unknown:
            close = get_close_matches(args[0].lower(), _COMMANDS, n=1)
            if not close or "Did you mean" in unknown.message:
                raise
            ctx.fail(f"{unknown.message} Did you mean {close[0]!r}?")

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except LLMCostError as error:
            raise click.ClickException(_shown(" ".join(str(error).split()))) from error


def _shown(message: str) -> str:
    from otel_llmcost.cli.render import printable

    return printable(message, keep_lines=True)


@click.group(
    cls=_Commands, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="otel-llmcost")
def app() -> None:
    """What every LLM call really costs: exact, per feature, over OpenTelemetry."""
