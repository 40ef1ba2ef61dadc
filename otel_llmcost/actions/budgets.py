# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Setting and removing budgets: the same rules on the command line and on the page."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from otel_llmcost.actions import audit
from otel_llmcost.actions.audit import Author, Store
from otel_llmcost.errors import ConfigError
from otel_llmcost.reports.budgets import PERIODS, SCOPES
from otel_llmcost.reports.report import records

ACTIONS = ("warn", "block")
_LONGEST = 200
_COLUMNS = (
    "name", "scope", "scope_value", "period", "amount_usd", "soft_percent", "action", "deleted",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What may be spent. Raises ConfigError for what is no budget."""

    scope: str
    scope_value: str
    period: str
    amount_usd: Decimal
    soft_percent: int = 80
    """Warn from this share on."""
    action: str = "warn"
    name: str = ""
    """Made of scope and period unless given."""

    def __post_init__(self) -> None:
        check_scope(self.scope, self.scope_value)
        if self.period not in PERIODS:
            raise ConfigError(f"no budget is per {self.period!r}: use one of {', '.join(PERIODS)}")
        if self.action not in ACTIONS:
            raise ConfigError(f"{self.action!r} is none of {', '.join(ACTIONS)}")
        if not 1 <= self.soft_percent <= 100:
            raise ConfigError(f"warn at {self.soft_percent} %: use 1 to 100")
        if len(self.name) > _LONGEST or len(self.scope_value) > _LONGEST:
            raise ConfigError(f"a name has at most {_LONGEST} letters")

    @property
    def called(self) -> str:
        """Its name."""
        return self.name or self.subject

    @property
    def subject(self) -> str:
        """What it is for: of one subject there is one budget."""
        return subject(self.scope, self.scope_value, self.period)


def subject(scope: str, value: str, period: str) -> str:
    """A budget in words."""
    return f"{scope}={value} per {period}" if value else f"{scope} per {period}"


def set_budget(store: Store, budget: Budget, author: Author) -> None:
    """Set a budget; it replaces the earlier one of the same scope and period."""
    after = asdict(budget) | {"name": budget.called}
    before = held(store, budget.scope, budget.scope_value, budget.period)
    audit.record(store, author, "budget set", budget.subject, before=before, after=after)
    store.insert("budgets", [[*(after[name] for name in _COLUMNS[:-1]), 0]], _COLUMNS)


def remove_budget(store: Store, scope: str, value: str, period: str, author: Author) -> str:
    """Remove a budget; returns its name. Raises ConfigError when there is none."""
    check_scope(scope, value)
    before = held(store, scope, value, period)
    if before is None:
        raise ConfigError(
            f"there is no budget for {subject(scope, value, period)}: "
            "`otel-llmcost budgets list` has them"
        )
    audit.record(store, author, "budget removed", subject(scope, value, period), before=before)
    store.insert("budgets", [[*(before[name] for name in _COLUMNS[:-1]), 1]], _COLUMNS)
    return str(before["name"])


def held(store: Store, scope: str, value: str, period: str) -> dict[str, Any] | None:
    """The budget of a scope and period as it is; None when there is none."""
    found = records(
        store.query(
            "SELECT name, scope, scope_value, period, amount_usd, soft_percent, action "
            "FROM llmcost.budget_status WHERE scope = {scope:String} "
            "AND scope_value = {value:String} AND period = {period:String}",
            {"scope": scope, "value": value, "period": period},
        )
    )
    return found[0] if found else None


def check_scope(scope: str, value: str) -> None:
    """Raise ConfigError for a scope that cannot have a budget."""
    if scope not in SCOPES:
        raise ConfigError(f"cannot budget {scope!r}: use one of {', '.join(SCOPES)}")
    if scope == "total" and value:
        raise ConfigError(f"a budget for the total is for all calls, not for {value!r}")
    if scope != "total" and not value:
        raise ConfigError(f"which {scope}? A budget for a {scope} needs its name")


def amount(text: str) -> Decimal:
    """Dollars as people write them. Raises ConfigError for what is no amount of a budget."""
    try:
        found = Decimal(text.strip().removeprefix("$").replace(",", ""))
    except InvalidOperation:
        found = Decimal("NaN")
    if found.is_finite() and not found:
        raise ConfigError(f"{text} is no budget: a budget is more than 0")
    if not found.is_finite() or not Decimal("0.000001") <= found < Decimal("1e11"):
        raise ConfigError(f"{text!r} is no amount of dollars: use a number such as 500 or 0.25")
    return found
