# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Marking a saving as done, which starts the clock of what it really saves, and undoing that."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from otel_llmcost.actions import audit
from otel_llmcost.actions.audit import Author, Store
from otel_llmcost.errors import ConfigError
from otel_llmcost.reports.realised import BEFORE, KEY, decisions
from otel_llmcost.reports.savings import monthly, savings
from otel_llmcost.reports.window import Filters, Window

_COLUMNS = (
    "decided_at", "decided_by", "decision", *KEY, "change", "cost_usd_per_month",
    "saving_usd_per_month", "saving_low_usd_per_month", "note",
)  # fmt: skip
_MANY = 1_000


def done(
    store: Store,
    author: Author,
    wanted: Mapping[str, str],
    *,
    note: str = "",
    now: datetime | None = None,
) -> dict[str, Any]:
    """Mark the saving of a lever, feature and model as done; returns what was predicted.

    `wanted` has a lever and, where that leaves several, feature, model, environment and provider.
    The prediction is that of the 30 days before. Raises ConfigError when no such saving was found,
    when several were, or when it is done already.
    """
    at = now or datetime.now(UTC)
    named = {name: value for name, value in wanted.items() if name in KEY and value}
    row = _found(store, named, at)
    key = {name: row[name] for name in KEY}
    if any(_is_about(one, key) for one in decisions(store.query)):
        raise ConfigError(f"{subject(key)} is done already: `otel-llmcost savings realised`")
    after = {**key, "change": row["change"]} | {
        f"{name}_per_month": row[f"{name}_per_month"]
        for name in ("cost_usd", "saving_usd", "saving_low_usd")
    }
    audit.record(store, author, "saving done", subject(key), after={**after, "note": note}, now=at)
    _insert(store, after | {"decided_at": at, "decided_by": author.name, "note": note}, "done")
    return after


def undo(
    store: Store,
    author: Author,
    wanted: Mapping[str, str],
    *,
    now: datetime | None = None,
) -> dict[str, Any]:
    """Take it back: it was not done after all. Raises ConfigError when it is not marked."""
    at = now or datetime.now(UTC)
    named = {name: value for name, value in wanted.items() if name in KEY and value}
    held = [one for one in decisions(store.query) if _is_about(one, named)]
    row = _only(held, named, "marked as done")
    before = {name: value for name, value in row.items() if name != "decided_at"}
    audit.record(store, author, "saving undone", subject(row), before=before, now=at)
    _insert(store, row | {"decided_at": at, "decided_by": author.name}, "undone")
    return row


def subject(key: Mapping[str, Any]) -> str:
    """A saving in words."""
    place = f" ({key['environment']})" if key["environment"] else ""
    return f"{key['lever']} of {key['feature']}, {key['model']}{place}"


def _found(store: Store, named: Mapping[str, str], at: datetime) -> dict[str, Any]:
    filters = {name: named.get(name, "") for name in ("environment", "feature", "model")}
    window = Window(at - BEFORE, at + timedelta(hours=1), Filters(**filters))
    rows = savings(store.query, window, _MANY).records()
    row = _only([one for one in rows if _is_about(one, named)], named, "found in the last 30 days")
    scale, _ = monthly(store.query, window)
    return row | {
        f"{name}_per_month": row[name] * scale
        for name in ("cost_usd", "saving_usd", "saving_low_usd")
    }


def _only(rows: list[dict[str, Any]], named: Mapping[str, str], what: str) -> dict[str, Any]:
    if len(rows) == 1:
        return rows[0]
    wanted = ", ".join(f"{name} {value}" for name, value in named.items()) or "such"
    if not rows:
        raise ConfigError(f"no saving of {wanted} is {what}: `otel-llmcost savings` shows them")
    several = "; ".join(subject(row) for row in rows[:5])
    raise ConfigError(
        f"{len(rows)} savings of {wanted} are {what}, name one by --feature, --model and "
        f"--environment: {several}"
    )


def _is_about(row: Mapping[str, Any], key: Mapping[str, Any]) -> bool:
    return all(row[name] == value for name, value in key.items())


def _insert(store: Store, values: Mapping[str, Any], decision: str) -> None:
    row: dict[str, Any] = {**values, "decision": decision}
    money = [name for name in _COLUMNS if name.endswith("_per_month")]
    row |= {name: _money(values[name]) for name in money}
    store.insert("saving_decisions", [[row[name] for name in _COLUMNS]], _COLUMNS)


def _money(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(Decimal("1e-12"))
