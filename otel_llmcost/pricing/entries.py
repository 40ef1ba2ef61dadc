# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The format of a price file, ours and a user's overlay alike.

A file is JSON: `{"provider": …, "entries": […]}`. One entry says what some models cost during one
half-open interval of UTC dates, with the page it was read from. Token and character prices are USD
per million, all others USD per unit; factors end in `_multiplier`.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from otel_llmcost.errors import ConfigError
from otel_llmcost.pricing.groups import BUCKETS, COMPONENT, split

Kind = Literal["list", "rate", "discount"]
"""`list`: a public price. `rate`, `discount`: what a user's own contract says (overlays only)."""

ANY_MODEL = "*"
_STATUSES = ("actual", "announced", "promo")
_PRICE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,12})?")
"""As many digits as the prices of a page need, and as SQL multiplies without losing any."""
_FILE_KEYS = frozenset({"provider", "currency", "entries", "note"})
_ENTRY_KEYS = frozenset(
    [
        *("provider", "models", "from", "to", "status", "kind"),
        *("prices", "units", "source", "checked_on", "note"),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Prices of some models during one interval."""

    provider: str
    models: tuple[str, ...]
    """Exact ids, `prefix:*` for the fine-tuned children of a base, or `*` for any model."""
    valid_from: dt.date
    valid_to: dt.date | None
    """First day it no longer holds; None while it holds."""
    status: str
    """`actual`, `promo` (may end without notice) or `announced` (may never come)."""
    prices: Mapping[str, str]
    """Decimal text by component."""
    source: str
    checked_on: str | None = None
    note: str | None = None
    units: Mapping[str, str] | None = None
    """Units of components that are not measured as usual."""
    replaces: bool = False
    """On a cloud: hides what the models' own provider charges, instead of adding to it."""
    kind: Kind = "list"

    def holds_on(self, day: dt.date) -> bool:
        """Whether the entry prices calls of that UTC day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    @property
    def for_any_model(self) -> bool:
        """Whether it holds fees and factors that do not depend on the model."""
        return ANY_MODEL in self.models


@dataclass(frozen=True, slots=True)
class Inherited:
    """Whose list prices a cloud charges, and for which modes; fees only where it says so."""

    provider: str
    modes: frozenset[str]
    fees: bool


@dataclass(frozen=True, slots=True)
class PriceFile:
    """One parsed file."""

    entries: tuple[Entry, ...]
    inherits: tuple[Inherited, ...] = ()


def matches(pattern: str, model: str) -> bool:
    """Whether an exact id or anchored pattern names this model."""
    if pattern.endswith(":*"):
        return model.startswith(pattern[:-1]) and len(model) >= len(pattern)
    return pattern in (model, ANY_MODEL)


def parse(text: str) -> PriceFile:
    """Read a shipped file; its content is proven by tests, so nothing is checked here."""
    data = json.loads(text)
    provider = data["provider"]
    return PriceFile(
        tuple(_entry(item, provider) for item in data["entries"]),
        tuple(
            Inherited(item["provider"], frozenset(item["modes"]), item["fees"])
            for item in data.get("inherits", ())
        ),
    )


def _entry(item: Mapping[str, Any], provider: str) -> Entry:
    until = item.get("to")
    return Entry(
        provider=provider,
        models=tuple(item["models"]),
        valid_from=dt.date.fromisoformat(item["from"]),
        valid_to=dt.date.fromisoformat(until) if until else None,
        status=item.get("status", "actual"),
        prices=item["prices"],
        source=item.get("source", ""),
        checked_on=item.get("checked_on"),
        note=item.get("note"),
        units=item.get("units"),
        replaces=item.get("replaces", False),
        kind=item.get("kind", "list"),
    )


def parse_overlay(text: str, where: str) -> tuple[Entry, ...]:
    """Read a user's file with every mistake named: `ConfigError` says file, entry and fix."""
    try:
        data: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{where}: not JSON: {error}") from None
    if not isinstance(data, dict):
        raise ConfigError(f'{where}: expected an object with "provider" and "entries"')
    file = cast("dict[str, object]", data)
    _refuse_unknown_keys(file, _FILE_KEYS, where)
    if file.get("currency", "USD") != "USD":
        raise ConfigError(f'{where}: "currency" must be USD, in which all prices are kept')
    listed = file.get("entries")
    if not isinstance(listed, list):
        raise ConfigError(f'{where}: "entries" must be a list')
    entries: list[Entry] = []
    for number, item in enumerate(cast("list[object]", listed), start=1):
        spot = f"{where}: entry {number}"
        if not isinstance(item, dict):
            raise ConfigError(f"{spot}: must be an object")
        entries.append(_checked(cast("dict[str, object]", item), file.get("provider"), spot))
    return tuple(entries)


def _refuse_unknown_keys(item: dict[str, object], known: frozenset[str], spot: str) -> None:
    """A date or a unit under a mistyped name would silently not count."""
    for key in item:
        if key not in known:
            names = ", ".join(sorted(known))
            raise ConfigError(f"{spot}: unknown {key!r}, expected one of {names}")


def _checked(item: dict[str, object], default_provider: object, spot: str) -> Entry:
    _refuse_unknown_keys(item, _ENTRY_KEYS, spot)
    provider = item.get("provider", default_provider)
    if not isinstance(provider, str) or not provider:
        raise ConfigError(f'{spot}: no "provider", neither here nor at the top of the file')
    _check_models(item.get("models"), spot)
    if item.get("status", "actual") not in _STATUSES:
        raise ConfigError(f'{spot}: "status" must be one of {", ".join(_STATUSES)}')
    if item.get("kind", "list") not in ("list", "rate", "discount"):
        raise ConfigError(f'{spot}: "kind" must be list, rate or discount')
    _check_prices(item.get("prices"), spot, discount=item.get("kind") == "discount")
    for key in ("source", "checked_on", "note"):
        if not isinstance(item.get(key, ""), str | None):
            raise ConfigError(f'{spot}: "{key}" must be text')
    units = item.get("units")
    if units is not None and not isinstance(units, dict):
        raise ConfigError(f'{spot}: "units" must map components to text')
    try:
        entry = _entry(item, provider)
    except (KeyError, TypeError, ValueError):
        raise ConfigError(
            f'{spot}: "from" must be a date such as "2026-01-31", "to" one or null'
        ) from None
    if entry.valid_to is not None and entry.valid_to <= entry.valid_from:
        raise ConfigError(f'{spot}: "to" must be later than "from"')
    return entry


def _check_models(models: object, spot: str) -> None:
    if not isinstance(models, list) or not models:
        raise ConfigError(f'{spot}: "models" must be a list of model ids')
    for model in cast("list[object]", models):
        named = isinstance(model, str) and model.removesuffix(":*")
        if not named or ("*" in named and model != ANY_MODEL):
            raise ConfigError(
                f'{spot}: model {model!r} must be an exact id, end in ":*", or be "*"'
            )


def _check_prices(prices: object, spot: str, *, discount: bool) -> None:
    if not isinstance(prices, dict) or not prices:
        raise ConfigError(f'{spot}: "prices" must map components to decimal text')
    for component, value in cast("dict[str, object]", prices).items():
        if not _is_component(component, discount=discount):
            raise ConfigError(f"{spot}: nothing is billed as {component!r}")
        if not isinstance(value, str) or not _PRICE.fullmatch(value):
            raise ConfigError(
                f"{spot}: price of {component!r} must be decimal text such as "
                f'"2.50" of at most 12 decimals, not {value!r}'
            )
        if component == "long_context_threshold" and not value.isdecimal():
            raise ConfigError(f"{spot}: {component!r} must be a whole number of tokens")


def _is_component(name: str, *, discount: bool) -> bool:
    """Whether a price of that name can ever apply: a typo would be a silent zero discount."""
    if discount:
        groups = {bucket.group for bucket in BUCKETS.values()}
        return name == ANY_MODEL or name in BUCKETS or name in groups
    bucket = split(name)[2]
    priced = bucket in BUCKETS or bucket in COMPONENT.values()
    return priced or bucket == "long_context_threshold" or bucket.endswith("_multiplier")
