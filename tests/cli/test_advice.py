# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Every command and option that a message, a docstring or a page of ours names exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import otel_llmcost
from otel_llmcost.cli.app import app

PACKAGE = Path(otel_llmcost.__file__).parent
ROOT = PACKAGE.parent
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9_-]+")
SNIPPET = re.compile(r"otel-llmcost ((?:[^`\n;|>#\"]|\\\n)*)")
FOREIGN = {
    "--traces_exporter", "--metrics_exporter", "--logs_exporter",  # opentelemetry-instrument
    "--force-reinstall",  # pip
    "--check",  # the generator of the dashboards
}  # fmt: skip


def texts(path: Path) -> Iterator[str]:
    """Every string of a module, its f-strings as one with `{}` for what is put in."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inner = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
        if part is not node
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
            )
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inner
        ):
            yield node.value


def below(command: click.Command) -> Iterator[click.Command]:
    """A command and all its subcommands."""
    yield command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from below(found)


def options(*commands: click.Command) -> set[str]:
    """Their long options, `--help` among them."""
    found = {"--help", "--version"}
    for command in commands:
        for parameter in command.params:
            found |= {*parameter.opts, *parameter.secondary_opts}
    return found


def wrong(snippet: str) -> str | None:
    """What does not exist in `spend --by day` and the like; None when all of it does."""
    words = snippet.replace("\\\n", " ").split(" -- ")[0].split()
    command: click.Command = app
    while words and isinstance(command, click.Group) and re.fullmatch(r"[a-z]+", words[0]):
        found = command.get_command(click.Context(command), words[0])
        if found is None:
            if command is app or not command.invoke_without_command:
                return f"no command {words[0]!r}"
            break
        command, words = found, words[1:]
    unknown = set(OPTION.findall(" ".join(words))) - options(command)
    return f"{command.name} has no {', '.join(sorted(unknown))}" if unknown else None


def modules() -> list[Path]:
    programs_of_their_own = ("demo", "emulator")
    return sorted(
        path
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] not in programs_of_their_own
    )


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_what_a_message_names_exists(path: Path) -> None:
    is_command = path.parent.name == "commands"
    own = app.get_command(click.Context(app), path.stem) if is_command else None
    known = options(*below(own)) if own else options(*below(app))
    faults: list[str] = []
    for text in texts(path):
        for snippet in SNIPPET.findall(text):
            # A sentence about the product, such as "otel-llmcost is not installed", is no command.
            fault = wrong(snippet) if "`" in text or "--" in snippet else None
            faults += [f"{fault}: {text!r}"] if fault else []
        rest = SNIPPET.sub("", text)
        named = set(OPTION.findall(rest)) - known - FOREIGN
        faults += [f"no option {name}: {text!r}" for name in sorted(named)]
    assert not faults


@pytest.mark.parametrize(
    "path",
    sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md")]),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_commands_of_a_page_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = [
        *re.findall(r"`otel-llmcost ([^`\n]*)`", text),
        *re.findall(r"^(?:\$ |[A-Z_]+=\S+ )*otel-llmcost ((?:[^\n#\"|>]|\\\n)*)", text, re.M),
    ]
    faults = [f"{fault}: {one}" for one in named if (fault := wrong(one))]
    assert not faults


@pytest.mark.parametrize(
    "snippet", ["spendd", "spend --bye day", "budgets sett 5", "review --since 7d"]
)
def test_the_check_finds_what_does_not_exist(snippet: str) -> None:
    assert wrong(snippet)
