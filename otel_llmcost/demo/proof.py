# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The best savings of the demo's past, each beside what the emulated providers re-billed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from otel_llmcost import reports
from otel_llmcost.demo import habits, history, rebill
from otel_llmcost.demo.habits import Call

BEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """One row of the combined plan, and the providers' word on it."""

    row: dict[str, Any]
    """Of `reports.savings`."""
    rebilled: Decimal | None
    """USD that the re-billed calls cost less; None where no answer is known."""

    @property
    def agrees(self) -> bool:
        """Whether both are the same to the last digit."""
        return self.rebilled == self.row["saving_usd"]


def savings(query: reports.Query, end: datetime, seed: int = 0, best: int = BEST) -> list[Lever]:
    """The largest savings of the plan on the history before `end`, re-billed."""
    made: dict[tuple[str, str], list[Call]] = {}
    for call in history.calls(end, seed):
        made.setdefault((call.habit.feature, call.habit.model), []).append(call)
    past = reports.Window(
        end - timedelta(days=habits.DAYS), end, reports.Filters(environment=history.ENVIRONMENT)
    )
    rows = [row for row in reports.savings(query, past).records() if row["in_plan"]]
    return [
        Lever(
            row=row,
            rebilled=rebill.saving(
                row["lever"], row["change"], made.get((row["feature"], row["model"]), [])
            ),
        )
        for row in rows[:best]
    ]
