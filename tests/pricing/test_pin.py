# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Changed prices get a version of their own."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from tools import pin

TODAY = dt.date(2026, 12, 1)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    source, versions, data = tmp_path / "book.py", tmp_path / "versions.json", tmp_path / "data"
    data.mkdir()
    (data / "acme.json").write_text("{}")
    source.write_text('import x\nVERSION = "2026-11-22"\n"""Doc."""\n')
    versions.write_text(json.dumps({"2026-11-22": pin.digest(data)}))
    return source, versions, data


def test_unchanged_prices_keep_their_version(files: tuple[Path, Path, Path]) -> None:
    before = [file.read_text() for file in files[:2]]
    assert pin.pin(*files, TODAY) == "2026-11-22"
    assert [file.read_text() for file in files[:2]] == before


def test_changed_prices_are_the_version_of_today(files: tuple[Path, Path, Path]) -> None:
    source, versions, data = files
    (data / "acme.json").write_text('{"entries": []}')
    assert pin.pin(*files, TODAY) == "2026-12-01"
    assert 'VERSION = "2026-12-01"\n' in source.read_text()
    assert list(pin.pinned(versions)) == ["2026-11-22", "2026-12-01"]
    assert pin.pinned(versions)["2026-12-01"] == pin.digest(data)
