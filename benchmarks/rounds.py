# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Comparing two things that were measured in turn, as far as the noise of the machine allows.

Round n of one is paired with round n of the other, so that what the machine did meanwhile falls
out. The interval around the median of the differences is that of the sign test: it assumes nothing
about how the noise is distributed.
"""

from __future__ import annotations

import math
import os
import statistics
from collections.abc import Sequence
from typing import NamedTuple

FEWEST = 6
"""With fewer rounds no 95 % interval exists."""


class Difference(NamedTuple):
    """Median of what one takes more than the other, and its 95 % interval."""

    low: float
    middle: float
    high: float

    @property
    def is_shown(self) -> bool:
        """Whether the interval says which of the two takes more."""
        return self.low > 0 or self.high < 0

    def __str__(self) -> str:
        return f"{self.middle:.0f} ({self.low:.0f} to {self.high:.0f})"


def difference(ones: Sequence[float], others: Sequence[float]) -> Difference:
    """What `ones` took more than `others`, round by round. Raises `ValueError` below six rounds."""
    pairs = sorted(one - other for one, other in zip(ones, others, strict=True))
    if len(pairs) < FEWEST:
        raise ValueError(f"{len(pairs)} rounds give no 95 % interval: make {FEWEST} or more")
    outside = _outside(len(pairs))
    return Difference(pairs[outside], statistics.median(pairs), pairs[-1 - outside])


def compared(ones: Sequence[float], others: Sequence[float]) -> str:
    """`23 less (20 to 26)`, or that the noise does not allow to say."""
    found = difference(ones, others)
    if not found.is_shown:
        return f"not shown ({found.low:.0f} to {found.high:.0f})"
    low, high = sorted((abs(found.low), abs(found.high)))
    word = "less" if found.middle < 0 else "more"
    return f"{abs(found.middle):.0f} {word} ({low:.0f} to {high:.0f})"


def pin() -> None:
    """Keep this process on one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _outside(rounds: int) -> int:
    """How many ordered differences at each end are outside of the interval."""
    beyond, outside = 0.0, -1
    while (beyond := beyond + math.comb(rounds, outside + 1) / 2**rounds) <= 0.025:
        outside += 1
    return outside
