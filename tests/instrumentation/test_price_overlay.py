# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""An overlay that cannot be read costs a warning, never a price."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from otel_llmcost.instrumentation.calls import price_book
from otel_llmcost.pricing import book as book_module
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import Api, assert_exact


@pytest.fixture
def broken_overlay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "mine.json"
    path.write_text("{")
    monkeypatch.setenv("LLMCOST_PRICES", str(path))
    read_once = (price_book.book, book_module._default)
    for read in read_once:
        read.cache_clear()
    yield path
    for read in read_once:
        read.cache_clear()


async def test_a_broken_overlay_costs_one_warning_and_list_prices_stay(
    broken_overlay: Path,
    telemetry: Telemetry,
    api: Api,
    sdk: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING, "otel_llmcost"):
        await api.create()
        await api.create()
    assert len(telemetry.records) == 2
    for record in telemetry.records:
        assert_exact(record, sdk)
    (warning,) = caplog.messages
    assert "LLMCOST_PRICES" in warning
    assert str(broken_overlay) in warning
