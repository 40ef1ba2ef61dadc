# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost dashboards`: what is written is what is committed, a changed board is reported."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "dashboards"


def dashboards(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "otel_llmcost.cli", "dashboards", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_committed_boards_are_the_generated_ones() -> None:
    done = dashboards("check")
    assert (done.returncode, done.stderr) == (0, "")


def test_exported_boards_are_the_committed_ones_and_check_reports_a_change(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "boards"
    assert dashboards("export", folder).returncode == 0
    written = {path.name: path.read_text() for path in folder.glob("*.json")}
    assert written == {path.name: path.read_text() for path in ROOT.glob("llmcost-*.json")}
    assert len(written) == 5
    rules = "provisioning/alerting/llmcost.yaml"
    assert (folder / rules).read_text() == (ROOT / rules).read_text()
    assert dashboards("check", folder).returncode == 0

    board = json.loads(written["llmcost-feature.json"])
    board["title"] = "mine"
    (folder / "llmcost-feature.json").write_text(json.dumps(board))
    (folder / "llmcost-pipeline.json").unlink()
    done = dashboards("check", folder)
    assert done.returncode == 1
    assert "stale: " in done.stderr
    assert "llmcost-feature.json" in done.stderr
    assert "missing: " in done.stderr
    assert "llmcost-pipeline.json" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [("check", "/nowhere/at/all"), ("burn",)])
def test_misuse_is_reported_on_one_line(arguments: tuple[str, ...]) -> None:
    done = dashboards(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
