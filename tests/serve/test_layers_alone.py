# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Each layer in front of the engine holds what it promises, with the two others switched off.

The promises are the table in docs/explanation/threat-model.md, the attacks tests/serve/attacks.py.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from otel_llmcost.serve import landlock
from tests.serve.attacks import ATTACKS, LAYERS

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def attacked(layer: str, directory: Path) -> list[dict[str, Any]]:
    (directory / "canary").write_text("CANARY")
    done = subprocess.run(
        [sys.executable, "-m", "tests.serve.one_layer", layer, str(directory)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_holds_alone_what_it_promises(layer: str, tmp_path: Path) -> None:
    if layer == "landlock" and (why := landlock.missing()):
        pytest.skip(f"no Landlock here: {why}")
    found = attacked(layer, tmp_path)
    assert len(found) == sum(layer in attack.layers for attack in ATTACKS)
    leaks = [each["sql"] for each in found if "CANARY" in each["said"] or each["wrote"]]
    assert leaks == []
    if layer != "landlock":  # which sees files only, not what a statement is for
        assert [each["sql"] for each in found if not each["refused"]] == []


def test_without_any_layer_the_attacks_do_get_through(tmp_path: Path) -> None:
    """Or the tests above would prove nothing."""
    found = attacked("none", tmp_path)
    assert sum("CANARY" in each["said"] for each in found) > 50
    assert sum(each["wrote"] for each in found) > 5


def test_every_attack_is_stopped_by_the_statement_check_and_most_by_two_layers() -> None:
    assert all("statement" in attack.layers for attack in ATTACKS)
    assert sum(len(attack.layers) > 1 for attack in ATTACKS) > len(ATTACKS) / 2
