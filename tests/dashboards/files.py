# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The committed boards and alert rules, as Grafana reads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[2] / "dashboards"

BOARDS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text()) for path in sorted(ROOT.glob("llmcost-*.json"))
}


class Shown(NamedTuple):
    """A panel and the board it is on."""

    board: str
    panel: dict[str, Any]


SHOWN = [Shown(name, panel) for name, board in BOARDS.items() for panel in board["panels"]]
ALERTING: dict[str, Any] = yaml.safe_load((ROOT / "provisioning/alerting/llmcost.yaml").read_text())
RULES: list[dict[str, Any]] = [rule for group in ALERTING["groups"] for rule in group["rules"]]


def _distinct() -> list[dict[str, Any]]:
    """Panels with a query, each query once: boards share some."""
    found: dict[str, dict[str, Any]] = {}
    for _, panel in SHOWN:
        for target in panel.get("targets", []):
            found.setdefault(target["rawSql"], panel)
    return list(found.values())


PANELS = _distinct()


def panel(board: str, name: str) -> dict[str, Any]:
    """The panel of this title on the board llmcost-`board`."""
    [one] = [panel for panel in BOARDS[f"llmcost-{board}"]["panels"] if panel["title"] == name]
    return one


def title(of: dict[str, Any]) -> str:
    """Test id of a panel or rule."""
    return str(of["title"])
