# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Prices change at midnight UTC, wherever the clock of the caller stands."""

from __future__ import annotations

import datetime as dt

import pytest

from otel_llmcost.pricing import price_response
from otel_llmcost.usage import Cost
from tests.pricing.bill import usd

# Cached input of claude-sonnet-5-5 costs $0.20 per million until 2026-10-07, then $0.10.
BEFORE, AFTER = usd("0.2"), usd("0.1")


def read_a_million(at: str) -> Cost:
    usage = {"input_tokens": 0, "cache_read_input_tokens": 1_000_000, "output_tokens": 0}
    return price_response(
        "anthropic",
        request={},
        response={"model": "claude-sonnet-5-5", "usage": usage},
        at=dt.datetime.fromisoformat(at),
    )


@pytest.mark.parametrize(
    ("at", "total"),
    [
        ("2026-10-06T23:59:59.999999+00:00", BEFORE),
        ("2026-10-07T00:00:00+00:00", AFTER),
        ("2026-10-07T01:59:59+02:00", BEFORE),
        ("2026-10-07T02:00:00+02:00", AFTER),
        ("2026-10-06T16:59:59-07:00", BEFORE),
        ("2026-10-06T17:00:00-07:00", AFTER),
        ("2026-10-06T23:59:59", BEFORE),  # without a zone: UTC
        ("2026-10-07T00:00:00", AFTER),
    ],
)
def test_the_utc_day_decides(at: str, total: object) -> None:
    assert read_a_million(at).total == total
