# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What a store must hold after any accident: each acknowledged record, once, to the cent."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import NamedTuple

from tests.support.daemon_process import Served
from tools.chaos.load import Load

_CALLS = """
SELECT
    groupArray(reinterpretAsUInt64(reverse(unhex(substring(record_id, 17))))) AS numbers,
    toString(sum(cost_usd)) AS usd
FROM llmcost.calls WHERE service = 'chaos'
"""
_ROLLUP = """
SELECT toString(sum(calls)) AS calls, toString(sum(cost_usd)) AS usd
FROM {table} WHERE service = 'chaos'
"""


class Verdict(NamedTuple):
    """One line of the table."""

    accident: str
    times: int
    acknowledged: int
    lost: int
    """Acknowledged, and not in `calls`."""
    doubled: int
    """More than once in `calls`, or never acknowledged."""
    sums_equal: bool
    """Dollars of `calls`, of `hourly_spend` and of the rebuilt rollup are those acknowledged."""
    seen: str
    """What senders met meanwhile."""

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, doubled or miscounted, and anything was sent at all."""
        return self.acknowledged > 0 and not self.lost and not self.doubled and self.sums_equal


def judge(accident: str, times: int, load: Load, served: Served, seen: str = "") -> Verdict:
    """Compare, when all is delivered and the rollups have been rebuilt, or after a minute."""
    wanted = (str(len(load.acknowledged)), load.usd)
    deadline = time.monotonic() + 60
    while True:
        [calls] = served.rows(_CALLS)
        sums = [(str(len(calls["numbers"])), Decimal(calls["usd"] or 0))]
        for table in ("llmcost.hourly_spend", "llmcost.hourly_spend__rows FINAL"):
            [rollup] = served.rows(_ROLLUP.format(table=table))
            sums.append((rollup["calls"], Decimal(rollup["usd"] or 0)))
        if all(found == wanted for found in sums) or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    stored = [int(number) for number in calls["numbers"]]
    return Verdict(
        accident,
        times,
        len(load.acknowledged),
        len(load.acknowledged - set(stored)),
        len(stored) - len(load.acknowledged & set(stored)),
        all(found == wanted for found in sums),
        seen or ", ".join(f"{n} x {what}" for what, n in sorted(load.failures.items())) or "-",
    )
