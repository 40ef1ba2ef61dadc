# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""An amount crosses the wire as a double and arrives to the last of its 12 decimals."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.support.embedded import shared_store


@given(st.lists(st.decimals("0", "999.999999999999", places=12), min_size=1, max_size=500))
def test_below_a_thousand_dollars_no_digit_is_lost(amounts: list[Decimal]) -> None:
    read = shared_store().query(
        "SELECT toDecimal64OrNull(toString(amount), 12) "
        "FROM (SELECT arrayJoin({amounts:Array(Float64)}) AS amount)",
        {"amounts": [float(amount) for amount in amounts]},
    )
    assert [row[0] for row in read.rows] == amounts
