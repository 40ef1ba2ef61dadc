# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Worked bills, to the last digit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.pricing.billing_cases import (
    load,
    price,
)


@pytest.mark.parametrize("case", load())
def test_a_worked_bill_is_exact(case: dict[str, Any]) -> None:
    cost, _ = price(case)
    expected = None if case["expected_usd"] is None else Decimal(case["expected_usd"])
    assert cost.total == expected
    if cost.total is None:
        assert cost.status == "unpriced"
        assert cost.reason
    else:
        assert sum(cost.by_group().values()) == cost.total
