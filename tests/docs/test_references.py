# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The generated pages of the reference say what the code says."""

from __future__ import annotations

import pytest

from tools.reference.__main__ import FOLDER, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_what_the_code_says(name: str) -> None:
    committed = (FOLDER / name).read_text("utf-8")
    assert committed == PAGES[name](), "run: python -m tools.reference"


def test_each_page_says_how_it_is_changed() -> None:
    for name in PAGES:
        assert "python -m tools.reference" in (FOLDER / name).read_text("utf-8").splitlines()[0]
