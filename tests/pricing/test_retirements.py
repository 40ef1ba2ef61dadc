# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Retirement dates are those that the SDK ships, and every successor is on sale by then."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from otel_llmcost.pricing import PriceBook
from otel_llmcost.pricing.retirements import RETIREMENTS


def test_the_dates_are_the_sdk_s() -> None:
    data = pytest.importorskip("anthropic._data", reason="older SDKs keep the dates elsewhere")
    shipped: dict[str, dt.date] = {}
    for model, written in data.DEPRECATED_MODELS.items():
        plain = re.sub(r"(\d)(?:st|nd|rd|th),", r"\1,", written)
        shipped[model] = dt.datetime.strptime(plain, "%B %d, %Y").replace(tzinfo=dt.UTC).date()
    assert {one.model: one.day for one in RETIREMENTS.values()} == shipped


@pytest.mark.parametrize("model", list(RETIREMENTS))
def test_a_successor_is_on_sale_and_stays(model: str) -> None:
    about = RETIREMENTS[model]
    today = dt.date(2026, 11, 29)
    assert "input" in PriceBook().prices("anthropic", about.successor, max(about.day, today))
    assert about.successor not in RETIREMENTS
