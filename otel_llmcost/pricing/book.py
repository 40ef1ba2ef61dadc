# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The price book: dated public prices, one readable file per provider under `data/`.

Files are read when their provider is first needed. A price is found by exact model id, by a
pattern that ends in `:*` (fine-tuned ids), or under `*` (fees any model can incur), and by the UTC
date of the call in a half-open interval. Nothing is ever found by a bare prefix.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

from otel_llmcost.errors import ConfigError
from otel_llmcost.pricing.entries import ANY_MODEL, Entry, Inherited, matches, parse, parse_overlay
from otel_llmcost.pricing.groups import BUCKETS, COMPONENT, split
from otel_llmcost.pricing.tariff import Found, Tariff, tariff
from otel_llmcost.providers import PROVIDERS, canonical
from otel_llmcost.usage import EXACT

VERSION = "2026-11-29"
"""Version of the shipped prices; records carry it, so that history can be priced again."""

_DATA = Path(__file__).parent / "data"
_SHIPPED = tuple(provider.name for provider in PROVIDERS)
_CACHED_TARIFFS = 4096
_LAST_DIGIT = Decimal("1E-24")  # of a price in SQL


class PriceRow(NamedTuple):
    """One price as the SQL table `prices` stores it."""

    provider: str
    model: str
    """Exact id, `prefix:*`, or `*`."""
    component: str
    usd_per_unit: Decimal
    """USD per single token, character, call or second; a factor or a token count for the rest."""
    unit: str
    valid_from: dt.date
    valid_to: dt.date | None
    status: str
    source: str


class _Shelf:
    """Entries of one provider, found by model."""

    __slots__ = ("anchored", "any_model", "entries", "exact", "inherits")

    def __init__(self, entries: Iterable[Entry], inherits: Sequence[Inherited] = ()) -> None:
        self.entries = tuple(entries)
        self.inherits = inherits
        self.exact: dict[str, list[Entry]] = {}
        self.anchored: list[tuple[str, Entry]] = []
        self.any_model: list[Entry] = []
        for entry in self.entries:
            for model in entry.models:
                if model == ANY_MODEL:
                    self.any_model.append(entry)
                elif model.endswith("*"):
                    self.anchored.append((model, entry))
                else:
                    self.exact.setdefault(model, []).append(entry)

    def naming(self, model: str) -> list[Entry]:
        """Entries that name the model, on whatever date."""
        named = self.exact.get(model, [])
        return named + [entry for pattern, entry in self.anchored if matches(pattern, model)]


class PriceBook:
    """Public prices by provider, model and date, plus what a user's overlays add.

    A book never changes after it is made and may be shared between threads.
    """

    def __init__(self, overlay: Iterable[Entry] = (), version: str = VERSION) -> None:
        self.version = version
        self._overlay = tuple(overlay)
        self.contract = tuple(entry for entry in self._overlay if entry.kind != "list")
        """Private rates and discounts, in the order their files give them."""
        self._shelves: dict[str, _Shelf] = {}
        self._tariffs: dict[tuple[str, str, str, str | None, dt.date], Tariff] = {}

    @classmethod
    def default(cls) -> PriceBook:
        """The shipped book with the overlays of `LLMCOST_PRICES` (paths, separated as in PATH).

        The setting is read once. Raises `ConfigError` when an overlay is broken.
        """
        return _default()

    @classmethod
    def load(cls, paths: Iterable[str | os.PathLike[str]] = ()) -> PriceBook:
        """The shipped book with these overlay files; `ConfigError` names what is wrong in which.

        A list price for a model that the shipped book already prices on some of those days is
        refused: list prices are never overwritten, a contract says `"kind": "rate"`.
        """
        texts: list[tuple[str, str]] = []
        for path in paths:
            try:
                texts.append((str(path), Path(path).read_text(encoding="utf-8-sig")))
            except (OSError, ValueError) as error:
                raise ConfigError(f"{path}: cannot read price overlay: {error}") from None
        if not texts:
            return cls()
        overlay = [entry for where, text in texts for entry in parse_overlay(text, where)]
        shipped = cls()
        for entry in overlay:
            shipped.refuse_overwriting(entry)
        import hashlib  # 4 MB of OpenSSL, for those who have overlays

        digest = hashlib.sha256("\0".join(text for _, text in texts).encode()).hexdigest()
        return cls(overlay, f"{VERSION}+{digest[:8]}")

    def refuse_overwriting(self, entry: Entry) -> None:
        """Raise `ConfigError` when a list entry prices what this book prices already."""
        if entry.kind != "list":
            return
        for known, prices in self._charged(entry.provider):
            apart = (known.valid_to is not None and known.valid_to <= entry.valid_from) or (
                entry.valid_to is not None and entry.valid_to <= known.valid_from
            )
            model = _common(known.models, entry.models)
            if model and not apart and not prices.isdisjoint(entry.prices):
                raise ConfigError(
                    f"price overlay: {entry.provider} {model} has a list price from "
                    f'{known.valid_from}; give what you pay as "kind": "rate" or "discount"'
                )

    def _charged(self, provider: str) -> Iterator[tuple[Entry, set[str]]]:
        """Entries that price a provider's calls, a cloud's inherited ones too, and for what."""
        shelf = self._shelf(provider)
        for entry in shelf.entries:
            yield entry, set(entry.prices)
        for source in shelf.inherits:
            for entry, prices in self._charged(source.provider):
                yield entry, {name for name in prices if _passes(name, source)}

    def entries(self, provider: str | None = None) -> tuple[Entry, ...]:
        """Every entry of one provider, or of all; overlays last."""
        names = [provider] if provider else self.providers()
        return tuple(entry for name in names for entry in self._shelf(name).entries)

    def providers(self) -> list[str]:
        """`gen_ai.provider.name` of everybody with prices in this book."""
        return [*_SHIPPED, *sorted({e.provider for e in self._overlay} - set(_SHIPPED))]

    def prices(self, provider: str, model: str, at: dt.date) -> dict[str, Decimal]:
        """Components and prices that hold for a model on a day; empty when there are none."""
        found = self.find(provider, canonical(provider, model), at)
        return {component: Decimal(entry.prices[component]) for component, entry in found.items()}

    def find(self, provider: str, model: str, day: dt.date) -> Found:
        """The entry that sets each component of a canonical model name on a day."""
        shelf = self._shelf(provider)
        named = [entry for entry in shelf.naming(model) if entry.holds_on(day)]
        found: Found = {}
        if not any(entry.replaces for entry in named):
            for source in shelf.inherits:
                for component, entry in self.find(source.provider, model, day).items():
                    if _passes(component, source):
                        found.setdefault(component, entry)
        for entry in [*(e for e in shelf.any_model if e.holds_on(day)), *named]:
            for component in entry.prices:
                found[component] = entry
        return found

    def has_model(self, provider: str, model: str) -> bool:
        """Whether the model has a price on some other day."""
        shelf = self._shelf(provider)
        return bool(shelf.naming(canonical(provider, model))) or any(
            self.has_model(source.provider, canonical(provider, model)) for source in shelf.inherits
        )

    def tariff(self, provider: str, model: str, mode: str, geo: str | None, day: dt.date) -> Tariff:
        """What each bucket of a model costs on a day, in a mode and a geography (cached)."""
        key = (provider, model, mode, geo, day)
        known = self._tariffs.get(key)
        if known is None:
            if len(self._tariffs) >= _CACHED_TARIFFS:  # pricing years of history at once
                self._tariffs.clear()
            known = self.tariff_of(provider, canonical(provider, model), mode, geo, day)
            if known.reason == "unknown_model" and self.has_model(provider, model):
                known = known._replace(reason="no_price_on_date")
            self._tariffs[key] = known
        return known

    def tariff_of(
        self, provider: str, model: str, mode: str, geo: str | None, day: dt.date
    ) -> Tariff:
        """The same for a canonical model name, computed anew."""
        return tariff(self.find(provider, model, day), provider, model, mode, geo)

    def rows(self) -> Iterator[PriceRow]:
        """Every list price as a table row; a cloud's rows repeat what it inherits as its own.

        Models are named as in their maker's list (`providers.canonical` gives that name).
        """
        for provider in self.providers():
            yield from self._rows(provider)

    def _rows(self, provider: str) -> Iterator[PriceRow]:
        shelf = self._shelf(provider)
        for entry in shelf.entries:
            yield from _rows_of(entry)
        for source in shelf.inherits:
            for row in self._rows(source.provider):
                if _passes(row.component, source):
                    for start, end in _days_left(row, shelf.naming(row.model)):
                        yield row._replace(provider=provider, valid_from=start, valid_to=end)

    def _shelf(self, provider: str) -> _Shelf:
        shelf = self._shelves.get(provider)
        if shelf is None:
            added = [e for e in self._overlay if e.provider == provider and e.kind == "list"]
            if provider in _SHIPPED:
                file = parse((_DATA / f"{provider}.json").read_text(encoding="utf-8"))
                shelf = _Shelf([*file.entries, *added], file.inherits)
            else:
                shelf = _Shelf(added)
            self._shelves[provider] = shelf
        return shelf


@cache
def _default() -> PriceBook:
    paths = os.environ.get("LLMCOST_PRICES", "")
    try:
        return PriceBook.load(path for path in paths.split(os.pathsep) if path)
    except ConfigError as error:
        raise ConfigError(f"LLMCOST_PRICES: {error}") from None


def _common(known: Iterable[str], other: Iterable[str]) -> str | None:
    """A model that both name, exactly or by a pattern."""
    pairs = ((one, two) for one in known for two in other)
    return next((two for one, two in pairs if matches(one, two) or matches(two, one)), None)


def _passes(component: str, source: Inherited) -> bool:
    """Whether a cloud takes over this price of the model's own provider."""
    mode, _, name = split(component)
    bucket = BUCKETS.get(name)
    if bucket is not None and bucket.group == "tools" and not source.fees:
        return False
    if bucket is not None or name in COMPONENT.values():
        return mode in source.modes
    if name == "batch_multiplier":
        return "batch" in source.modes
    return name == "long_context_threshold"


def _days_left(row: PriceRow, entries: Iterable[Entry]) -> list[tuple[dt.date, dt.date | None]]:
    """Parts of a row's interval that no `replaces` entry covers."""
    left: list[tuple[dt.date, dt.date | None]] = [(row.valid_from, row.valid_to)]
    for entry in entries:
        if not entry.replaces:
            continue
        parts: list[tuple[dt.date, dt.date | None]] = []
        for start, end in left:
            before = entry.valid_from if end is None else min(end, entry.valid_from)
            if start < before:
                parts.append((start, before))
            if entry.valid_to is not None and (end is None or entry.valid_to < end):
                parts.append((max(start, entry.valid_to), end))
        left = parts
    return left


def _rows_of(entry: Entry) -> Iterator[PriceRow]:
    for component, listed in entry.prices.items():
        name = split(component)[2]
        prefix = component.removesuffix(name)
        for bucket, per_unit, unit in _units(name, Decimal(listed), entry):
            for model in entry.models:
                yield PriceRow(
                    entry.provider,
                    model,
                    prefix + bucket,
                    per_unit,
                    unit,
                    entry.valid_from,
                    entry.valid_to,
                    entry.status,
                    entry.source,
                )


def _units(name: str, value: Decimal, entry: Entry) -> Iterator[tuple[str, Decimal, str]]:
    """The price per single unit of a component, and of the bucket it is listed for."""
    bucket = BUCKETS.get(name)
    if bucket is not None:
        yield name, EXACT.divide(value, bucket.per), bucket.unit
        return
    unit = "minute" if name == "audio_minute" else "factor"
    yield name, value, (entry.units or {}).get(name, unit)
    for alias, component in COMPONENT.items():
        if component == name:
            per_unit = EXACT.divide(value, BUCKETS[alias].per).quantize(_LAST_DIGIT, context=EXACT)
            yield alias, per_unit, BUCKETS[alias].unit
