# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What one run of a program cost, as a small JSON file that a later run can be compared with."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, cast

from otel_llmcost import schema
from otel_llmcost.errors import ConfigError
from otel_llmcost.pricing import PriceBook
from otel_llmcost.pricing.groups import BUCKETS
from otel_llmcost.reports.report import Query, records
from otel_llmcost.reports.window import Window
from otel_llmcost.usage import EXACT, Group

FORMAT = 1
GROUPS: tuple[Group, ...] = ("input", "cache_read", "cache_write", "output", "tools")
_TOKENS = ("uncached_input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens")
_KEYS = ("feature", "provider", "model", "mode", "context", "geo")
_COUNTS = ("calls", "unpriced_calls", "replies", "of_several_models")
_DIGITS = Decimal("1E-12")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """One feature's use of one model, in one mode, context and geography."""

    feature: str
    provider: str
    model: str
    mode: str
    context: str
    geo: str
    """A factor, or a place; empty for neither."""
    calls: int
    unpriced_calls: int
    replies: int
    """Billed replies, of priced calls."""
    of_several_models: int
    """Calls that billed more than one model: what each of them used is unknown."""
    usd: Mapping[str, Decimal]
    """By bucket group; empty when no call is priced."""
    tokens: tuple[int, int, int, int]
    """Plain input, cache reads, cache writes, output."""
    buckets: Mapping[str, Decimal]

    @property
    def cost_usd(self) -> Decimal | None:
        """What it cost; None when nothing of it is priced."""
        return sum(self.usd.values(), Decimal(0)) if self.usd else None

    def repriced(self, book: PriceBook, day: dt.date) -> RunLine | None:
        """The same usage under this book on this day; None where that is unknown."""
        if self.of_several_models or not self.usd:
            return None
        factor = _number(self.geo) if self.geo else Decimal(1)
        place = None if factor is not None else self.geo
        tariff = book.tariff(self.provider, self.model, self.mode, place, day)
        rates = tariff.long if self.context == "long" and tariff.long else tariff.short
        usd = dict.fromkeys(GROUPS, Decimal(0))
        for bucket, quantity in self.buckets.items():
            rate = rates.get(bucket)
            if rate is None:
                return None
            scale = factor if factor is not None and BUCKETS[bucket].is_token else Decimal(1)
            amount = EXACT.multiply(EXACT.multiply(rate.product, quantity), scale)
            amount = EXACT.divide(amount, rate.divisor) if rate.divisor else amount
            usd[rate.group] += amount.quantize(_DIGITS, None, EXACT)
        return replace(self, usd=usd)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """A run: when, of what service, under which price book, and its lines."""

    recorded_at: dt.datetime
    service: str
    price_book: str
    lines: tuple[RunLine, ...]
    runs: Mapping[str, int]
    """How often a feature ran, where every call of it has a scope."""

    def to_json(self) -> str:
        """The file's text; amounts are decimal strings."""
        known = [line.cost_usd for line in self.lines if line.cost_usd is not None]
        return json.dumps(
            {
                "otel_llmcost_record": FORMAT,
                "recorded_at": self.recorded_at.isoformat().replace("+00:00", "Z"),
                "service": self.service,
                "price_book": self.price_book,
                "calls": sum(line.calls for line in self.lines),
                "unpriced_calls": sum(line.unpriced_calls for line in self.lines),
                "cost_usd": str(sum(known, Decimal(0))) if known else None,
                "runs": dict(self.runs),
                "lines": [_as_json(line) for line in self.lines],
            },
            indent=1,
            ensure_ascii=False,
        )

    @classmethod
    def load(cls, path: Path) -> RunRecord:
        """Read a file. Raises ConfigError that says what is wrong with it and how to get one."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ConfigError(f"cannot read the record {path} ({error}): {_HOW}") from None
        if not isinstance(data, dict) or "otel_llmcost_record" not in data:
            raise ConfigError(f"{path} is no record of a run: {_HOW}")
        if data["otel_llmcost_record"] != FORMAT:
            raise ConfigError(f"{path} is of another version of otel-llmcost: record it again")
        try:
            return _of_json(cast("dict[str, Any]", data))
        except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
            why = f"{type(error).__name__} {error}"
            raise ConfigError(f"{path} is damaged ({why}): {_HOW}") from None


_HOW = "make one with `otel-llmcost run --record FILE -- CMD`"


def run_record(query: Query, window: Window) -> RunRecord:
    """Everything the service of this window's filter did in it."""
    parameters = window.parameters()
    lines = [_of_row(row) for row in records(query(schema.query("run_record"), parameters))]
    runs = records(query(schema.query("run_scopes"), parameters))
    return RunRecord(
        recorded_at=dt.datetime.now(dt.UTC).replace(microsecond=0),
        service=window.filters.service,
        price_book=PriceBook.default().version,
        lines=tuple(lines),
        runs={row["feature"]: row["runs"] for row in runs},
    )


def _of_row(row: Mapping[str, Any]) -> RunLine:
    usd: dict[str, Decimal] = {}
    if row["cost_usd"] is not None:
        usd = {group: row[f"cost_{group}_usd"] or Decimal(0) for group in GROUPS}
        # What the groups do not say (another emitter's claim) is kept with what is no tokens.
        usd["tools"] += row["cost_usd"] - sum(usd.values())
    plain, read, written, out = (int(row[name]) for name in _TOKENS)
    named: dict[str, Any] = {name: row[name] for name in (*_KEYS, *_COUNTS)}
    return RunLine(
        **named,
        usd=usd,
        tokens=(plain, read, written, out),
        buckets={name: Decimal(text) for name, text in row["buckets"].items()},
    )


def _as_json(line: RunLine) -> dict[str, Any]:
    named = {name: getattr(line, name) for name in (*_KEYS, *_COUNTS)}
    return {
        **named,
        "cost_usd": None if line.cost_usd is None else str(line.cost_usd),
        "usd": {group: str(amount) for group, amount in line.usd.items()},
        "tokens": dict(zip(_TOKENS, line.tokens, strict=True)),
        "buckets": {name: str(quantity) for name, quantity in line.buckets.items()},
    }


def _of_json(data: dict[str, Any]) -> RunRecord:
    return RunRecord(
        recorded_at=dt.datetime.fromisoformat(data["recorded_at"]),
        service=str(data["service"]),
        price_book=str(data["price_book"]),
        lines=tuple(_line(line) for line in data["lines"]),
        runs={str(name): int(runs) for name, runs in data["runs"].items()},
    )


def _line(data: dict[str, Any]) -> RunLine:
    plain, read, written, out = (int(data["tokens"][name]) for name in _TOKENS)
    named: dict[str, Any] = {name: str(data[name]) for name in _KEYS}
    named |= {name: int(data[name]) for name in _COUNTS}
    return RunLine(
        **named,
        usd={group: _amount(text) for group, text in data["usd"].items()},
        tokens=(plain, read, written, out),
        buckets={name: _amount(text) for name, text in data["buckets"].items()},
    )


def _amount(text: str) -> Decimal:
    value = Decimal(text)
    if not value.is_finite():
        raise ValueError(f"{text!r} is no amount")
    return value


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
