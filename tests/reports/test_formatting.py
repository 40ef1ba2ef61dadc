# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Amounts have one format, on the page, in the terminal and in notices."""

from __future__ import annotations

from decimal import Decimal

import pytest

from otel_llmcost.reports.formatting import usd


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "unknown"),
        ("0", "$0.00"),
        ("1234567.891", "$1,234,567.89"),
        ("3.24", "$3.24"),
        ("0.96", "$0.96"),
        ("0.9634", "$0.96"),
        ("0.1", "$0.10"),
        ("0.09999", "$0.10"),
        ("0.05", "$0.05"),
        ("0.0225", "$0.0225"),
        ("0.0045", "$0.0045"),
        ("0.000264", "$0.000264"),
        ("0.00001234", "$0.000012"),
        ("0.0000004", "<$0.000001"),
        ("-0.0225", "-$0.0225"),
        ("-3.2", "-$3.20"),
        ("-0.0000004", ">-$0.000001"),
    ],
)
def test_an_amount_has_two_decimals_and_below_ten_cents_three_digits(
    value: str | None, shown: str
) -> None:
    assert usd(None if value is None else Decimal(value)) == shown
    assert usd(None if value is None else float(value)) == shown
