# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""docs/reference/cli.md, from the commands themselves."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click

from otel_llmcost.cli.app import app
from tools.reference.markdown import head, table

INTRODUCTION = """
Data goes to stdout, messages to stderr. Exit codes: 0 all is well, 1 an error or a limit that is
exceeded, 2 wrong usage. Reports have `--format table|json|csv`: [tables, CSV and
JSON](output.md). `otel-llmcost COMMAND --help` prints what stands here.
"""


def page() -> str:
    """The whole page."""
    context = click.Context(app, info_name="otel-llmcost")
    parts = [head("Command line", "the commands in otel_llmcost/cli", INTRODUCTION)]
    parts += [_command(command, inner) for command, inner in _commands(app, context)]
    return "\n".join(parts)


def _commands(
    group: click.Group, context: click.Context
) -> Iterator[tuple[click.Command, click.Context]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, info_name=name, parent=context)
        yield command, inner
        if isinstance(command, click.Group):
            yield from _commands(command, inner)


def _command(command: click.Command, context: click.Context) -> str:
    path = context.command_path
    depth = "#" * (len(path.split()))
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    parts = [f"{depth} {path.removeprefix('otel-llmcost ')}\n", _help(command)]
    parts.append(f"```text\n{usage}\n```\n")
    rows = [
        (_names(parameter), _meaning(parameter, context))
        for parameter in command.get_params(context)
        if isinstance(parameter, click.Option)
        and "--help" not in parameter.opts
        and not parameter.hidden
    ]
    if rows:
        parts.append(table(["option", "meaning"], rows))
    return "\n".join(parts)


def _help(command: click.Command) -> str:
    """The help text; lines that click must not wrap (`\\b`) are examples or lists."""
    text = inspect.cleandoc(command.help or "").split("\f")[0]
    parts: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text):
        if paragraph.startswith("\b"):
            parts.append("```text\n" + inspect.cleandoc(paragraph[1:]) + "\n```\n")
        else:
            parts.append(_literal(" ".join(paragraph.split())) + "\n")
    return "\n".join(parts)


def _names(option: click.Option) -> str:
    names = ", ".join([*option.opts, *option.secondary_opts])
    if option.is_flag or option.count:
        return f"`{names}`"
    return f"`{names} {option.make_metavar(click.Context(app))}`"


def _meaning(option: click.Option, context: click.Context) -> str:
    notes = option.get_help_extra(context)
    parts = [_literal(option.help or "")]
    if "default" in notes:
        parts.append(f"Default: `{notes['default']}`.")
    if "range" in notes:
        parts.append(f"Range: `{notes['range']}`.")
    if option.multiple:
        parts.append("Can be repeated.")
    return " ".join(parts)


def _literal(text: str) -> str:
    """Options and variables in a sentence, as code; a `<` or `*` is no markup."""
    pieces = re.split(r"(`[^`]*`)", text)
    for at in range(0, len(pieces), 2):
        piece = re.sub(r"(?<![\w`-])(--[a-z][a-z-]+|\$?[A-Z]+_[A-Z_=\d]+)", r"`\1`", pieces[at])
        pieces[at] = piece.replace("<", "&lt;").replace("*", "\\*")
    return "".join(pieces)
