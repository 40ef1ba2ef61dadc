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
from tests.support.embedded import embedded_store, store_directory

__all__ = ["embedded_store"]

Command = Callable[..., Result]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """Runs `otel-llmcost …`; by default it finds the store of the tests."""
    monkeypatch.setenv("LLMCOST_STORE", str(store_directory()))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def run(*args: str, input: str | None = None) -> Result:
        result = CliRunner().invoke(app, list(args), input=input)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


def rows(result: Result) -> list[dict[str, Any]]:
    """What `--format json` printed; fails loudly when the command did."""
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)
