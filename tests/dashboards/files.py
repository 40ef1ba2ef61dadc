# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The committed boards and alert rules, as Grafana reads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2] / "dashboards"

BOARDS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text()) for path in sorted(ROOT.glob("*.json"))
}
PANELS: list[dict[str, Any]] = [panel for board in BOARDS.values() for panel in board["panels"]]
ALERTING: dict[str, Any] = yaml.safe_load((ROOT / "provisioning/alerting/llmcost.yaml").read_text())
RULES: list[dict[str, Any]] = [rule for group in ALERTING["groups"] for rule in group["rules"]]


def title(of: dict[str, Any]) -> str:
    """Test id of a panel or rule."""
    return str(of["title"])
