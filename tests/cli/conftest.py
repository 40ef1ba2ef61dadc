# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The command as a user starts it, and a store for it to find."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from otel_llmcost.cli.app import app
from tests.cli.provider import provider
from tests.support.embedded import embedded_store, store_directory

__all__ = ["embedded_store", "provider"]

Command = Callable[..., Result]
Terminal = Callable[[int], None]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """Runs `otel-llmcost …`; by default it finds the store of the tests."""
    return command_in(tmp_path, monkeypatch)


def command_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The same in a folder of one's own, for fixtures of a whole module."""
    monkeypatch.setenv("LLMCOST_STORE", str(store_directory()))
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data"))
    monkeypatch.chdir(folder)

    def run(*args: str, input: str | None = None) -> Result:
        result = CliRunner().invoke(app, list(args), input=input)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Makes the command believe in a terminal of that width."""
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("LINES", raising=False)
    return lambda width: monkeypatch.setenv("COLUMNS", str(width))


def rows(result: Result) -> list[dict[str, Any]]:
    """What `--format json` printed; fails loudly when the command did."""
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)
