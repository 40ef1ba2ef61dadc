# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import pytest

from tools import charts


def test_the_chart_library_is_what_was_built_from_the_pinned_versions() -> None:
    assert charts.problems() == []


def test_a_changed_library_is_noticed(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = tmp_path_factory.mktemp("vendor") / "echarts.js"
    changed.write_text(charts.BUILT.read_text() + "eval('1')")
    monkeypatch.setattr(charts, "BUILT", changed)
    assert len(charts.problems()) == 2
