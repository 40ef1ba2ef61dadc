# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""docs/reference/settings.md, from `otel_llmcost/config.py` and what the daemon reads."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from pathlib import Path

import otel_llmcost
from otel_llmcost.config import Config
from tools.reference.markdown import documented, head, table

INTRODUCTION = """
Settings are environment variables. Inside an application a bad value costs one warning and falls
back to the default; `otel-llmcost doctor` says what is wrong with it. The standard `OTEL_*`
variables are OpenTelemetry's own. A switch is `1` or `0`.
"""
TOOLS = {
    "LLMCOST_STORE": "Directory of the embedded store, or the URL of a server, where a command has "
    "no `--url` or `--store`. Default: `otel-llmcost` in `$XDG_DATA_HOME`, else `~/.local/share`.",
    "LLMCOST_PAGE_URL": "Where people reach the page of `serve`: notices link to it.",
    "LLMCOST_TOKEN": "Secret that `serve` requires when it listens off this machine.",
    "LLMCOST_TOKEN_FILE": "File that holds the secret.",
    "LLMCOST_VIEWER_TOKEN_FILE": "File with the secret of people who may look at the page only.",
    "LLMCOST_IDENTITY_HEADER": "Header in which a proxy names the person it has let in.",
}
"""What the command line and the daemon read, beside the settings of applications."""


def page() -> str:
    """The whole page."""
    rows = [
        (f"`LLMCOST_{name.upper()}`", _default(getattr(Config(), name)), " ".join(text.split()))
        for name, _, text in documented(_class_body())
    ]
    missing = variables() - {row[0].strip("`") for row in rows} - TOOLS.keys()
    assert not missing, f"{', '.join(sorted(missing))}: read by the code, on no line of settings.md"
    return "\n".join(
        [
            head("Settings", "otel_llmcost/config.py", INTRODUCTION),
            "## Of an application\n",
            table(["variable", "default", "meaning"], rows),
            "## Of the command line and the daemon\n",
            table(["variable", "meaning"], [(f"`{name}`", text) for name, text in TOOLS.items()]),
            "Those of the Collector are on [its own page](../how-to/collector.md#settings).\n",
        ]
    )


def variables() -> set[str]:
    """Every `LLMCOST_…` that is a text of its own in the package."""
    package = Path(otel_llmcost.__file__).parent
    found: set[str] = set()
    for path in package.rglob("*.py"):
        found |= set(re.findall(r"\"(LLMCOST_[A-Z_]+[A-Z])\"", path.read_text("utf-8")))
    return found


def _class_body() -> list[ast.stmt]:
    [node] = ast.parse(textwrap.dedent(inspect.getsource(Config))).body
    assert isinstance(node, ast.ClassDef)
    return node.body


def _default(value: object) -> str:
    if value is None or value in ({}, ()):
        return "none"
    if isinstance(value, bool):
        return "`1`" if value else "`0`"
    return f"`{value}`"
