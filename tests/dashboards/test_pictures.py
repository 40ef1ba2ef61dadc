# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A board without data is drawn by Grafana's components; committed pictures are in true color."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.dashboards.files import BOARDS
from tests.support.schema_store import with_schema
from tests.web.browser import CHROMIUM

ROOT = Path(__file__).parents[2]
RENDER = ROOT / "dashboards/render"
PICTURES = ROOT / "docs/pictures"

needs_grafana = pytest.mark.skipif(
    CHROMIUM is None or not (RENDER / "node_modules/@grafana/ui").is_dir(),
    reason="needs Chromium and: make pictures",
)


@needs_grafana
def test_a_board_without_data_is_drawn(tmp_path: Path) -> None:
    store = with_schema(tmp_path / "store")
    drawing = [sys.executable, RENDER / "render.py", store, "overview", "--out", tmp_path]
    subprocess.run(drawing, check=True, capture_output=True)
    image = (tmp_path / "overview.png").read_bytes()
    assert image.startswith(b"\x89PNG")
    assert len(image) > 5_000


def test_every_board_has_an_image_in_true_color_on_its_page() -> None:
    page = (ROOT / "docs/how-to/dashboards.md").read_text()
    for name in BOARDS:
        image = f"{Path(name).stem.removeprefix('llmcost-')}.png"
        assert f"](../pictures/{image})" in page
        png = (PICTURES / image).read_bytes()
        assert len(png) < 700_000
        assert png[25] in (2, 6), "true color, no palette"
