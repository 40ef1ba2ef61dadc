# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Reads what providers say they charged or counted: JSON of their cost and usage APIs, and CSV.

OpenAI, as in openai 3.54: /v1/organization/costs and /v1/organization/usage/*; amounts in dollars.
Anthropic: /v1/organizations/cost_report and usage_report/messages, and, as in anthropic 2.12,
/v1/organizations/analytics/cost_report and usage_report; amounts are decimal strings in cents.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal, cast

from otel_llmcost.analysis import invoice_csv
from otel_llmcost.analysis.invoice_line import Line, anthropic_line, openai_line, usage_lines
from otel_llmcost.errors import ConfigError

FORMATS = (
    "OpenAI costs or usage JSON, Anthropic cost or usage report JSON, or CSV with the columns day, "
    "model and amount_usd"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """The lines of one file, those of one key added up."""

    file: str
    lines: list[Line]

    @property
    def days(self) -> tuple[date, date]:
        """First and last day."""
        days = [line.day for line in self.lines]
        return min(days), max(days)


def read_invoice(path: Path, provider: str | None = None) -> Invoice:
    """Read one file; `provider` is who sent a CSV that does not say so itself.

    Raises ConfigError that names the file, what is wrong with it, and what can be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read {path}: {error}") from None
    try:
        if text.lstrip()[:1] in ("{", "["):
            found = [line for page in _pages(json.loads(text, parse_float=Decimal))
                     for line in _page(page)]  # fmt: skip
        else:
            found = list(invoice_csv.lines(text, provider))
    except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
        why = f"{type(error).__name__}: {error}"
        raise ConfigError(f"{path} is no cost export that can be read ({why}): {FORMATS}") from None
    if not found:
        raise ConfigError(f"{path} has no cost or usage in it: expected {FORMATS}")
    return Invoice(file=path.name, lines=list(_added_up(found)))


def _pages(told: object) -> Iterator[dict[str, Any]]:
    """A page of the API, or a list of pages."""
    for page in cast("list[object]", told) if isinstance(told, list) else [told]:
        held = cast("dict[str, Any]", page) if isinstance(page, dict) else {}
        if not isinstance(held.get("data"), list):
            raise ValueError('expected an object with "data"')
        yield held


def _page(page: Mapping[str, Any]) -> Iterator[Line]:
    for bucket in page["data"]:
        day = _day(bucket)
        for result in bucket["results"]:
            kind = str(result.get("object", ""))
            if kind == "organization.costs.result":
                if result.get("amount") is not None:
                    yield openai_line(day, result)
            elif kind.startswith("organization.usage."):
                yield from usage_lines("openai", day, result)
            elif "amount" in result:
                yield anthropic_line(day, result)
            elif "uncached_input_tokens" in result:
                yield from usage_lines("anthropic", day, result)
            else:
                raise ValueError(f"unknown kind of result {kind or sorted(result)[:4]}")


def _day(bucket: Mapping[str, Any]) -> date:
    if "starting_at" in bucket:
        return datetime.fromisoformat(str(bucket["starting_at"])).astimezone(UTC).date()
    return datetime.fromtimestamp(int(bucket["start_time"]), UTC).date()


def _added_up(lines: list[Line]) -> Iterator[Line]:
    """One line a key: exports split by API key or user repeat what is a key here."""
    groups: dict[tuple[Any, ...], list[Line]] = defaultdict(list)
    for line in lines:
        groups[line.key].append(line)
    for group in groups.values():
        first = group[0]
        yield first.replaced(
            amount_usd=_sum(group, "amount_usd"),
            list_amount_usd=_sum(group, "list_amount_usd"),
            quantity=_sum(group, "quantity"),
        )


def _sum(
    lines: list[Line], name: Literal["amount_usd", "list_amount_usd", "quantity"]
) -> Decimal | None:
    known = [value for line in lines if (value := getattr(line, name)) is not None]
    return sum(known, Decimal(0)) if known else None
