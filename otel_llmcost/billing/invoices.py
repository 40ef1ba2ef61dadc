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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

from otel_llmcost.billing import invoice_files
from otel_llmcost.errors import ConfigError
from otel_llmcost.pricing import PriceBook
from otel_llmcost.providers import PROVIDERS
from otel_llmcost.providers.invoices import InvoiceLine

FORMATS = (
    "OpenAI costs or usage JSON, Anthropic cost or usage report JSON, or CSV with the columns day, "
    "model and amount_usd"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """The lines of one report, those of one key added up."""

    file: str
    """Name of the file, or of all files it was downloaded to."""
    lines: list[InvoiceLine]

    @property
    def days(self) -> tuple[date, date]:
        """First and last day."""
        days = [line.day for line in self.lines]
        return min(days), max(days)


def read_invoices(paths: Sequence[Path], provider: str | None = None) -> list[Invoice]:
    """Read files in their order; a report that was downloaded in pages is one invoice.

    A page that says `has_more` goes on in the next page of its file, or else in the next file.
    `provider` is who sent a CSV that does not say so itself. Raises ConfigError that names the
    file, what is wrong with it, and what can be read; so for a report whose end is missing.
    """
    read: list[_File] = []
    for path in paths:
        file = _read(path, provider)
        if not read or read[-1].goes_on is None:
            read.append(file)
            continue
        begun = read.pop()
        if begun.kinds.isdisjoint(file.kinds):
            raise _unfinished(begun)
        name = f"{begun.name}, {file.name}"
        read.append(_File(path, name, [*begun.lines, *file.lines], file.goes_on))
    for file in read:
        if file.goes_on is not None:
            raise _unfinished(file)
    return [Invoice(file=file.name, lines=list(_added_up(file.lines))) for file in read]


def read_invoice(path: Path, provider: str | None = None) -> Invoice:
    """Read one file that holds whole reports; see `read_invoices`."""
    (invoice,) = read_invoices([path], provider)
    return invoice


class _File(NamedTuple):
    """What one file holds, or several that go on from one another."""

    path: Path
    name: str
    lines: list[InvoiceLine]
    goes_on: str | None
    """The token of the page that must follow, "" when the last page names none; None at its end."""

    @property
    def kinds(self) -> set[tuple[str, str]]:
        return {(line.provider, line.kind) for line in self.lines}


def _read(path: Path, provider: str | None) -> _File:
    goes_on: str | None = None
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read {path}: {error}") from None
    try:
        if text.lstrip()[:1] in ("{", "["):
            pages = list(_pages(json.loads(text, parse_float=Decimal)))
            found = [line for page in pages for line in _page(page)]
            if pages and pages[-1].get("has_more") is True:
                goes_on = str(pages[-1].get("next_page") or "")
        else:
            found = list(invoice_files.lines(text, provider))
    except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
        why = f"{type(error).__name__}: {error}"
        raise ConfigError(f"{path} is no cost export that can be read ({why}): {FORMATS}") from None
    if not found and goes_on is None:
        raise ConfigError(f"{path} has no cost or usage in it: expected {FORMATS}")
    return _File(path, path.name, found, goes_on)


def _unfinished(file: _File) -> ConfigError:
    page = f"page={file.goes_on}" if file.goes_on else "the token of the next page"
    return ConfigError(
        f"{file.path} is not the end of its report (has_more is true): what is on later pages "
        f"would be missing. Request the address again with {page} until has_more is false, and "
        "import all pages together: as files in their order, or as one file with a list of pages"
    )


def _pages(content: object) -> Iterator[dict[str, Any]]:
    """A page of the API, or a list of pages."""
    for page in cast("list[object]", content) if isinstance(content, list) else [content]:
        held = cast("dict[str, Any]", page) if isinstance(page, dict) else {}
        if not isinstance(held.get("data"), list):
            raise ValueError('expected an object with "data"')
        yield held


def _page(page: Mapping[str, Any]) -> Iterator[InvoiceLine]:
    for bucket in page["data"]:
        day = _day(bucket)
        for result in bucket["results"]:
            yield from _result(day, result)


def _result(day: date, result: Mapping[str, Any]) -> Iterator[InvoiceLine]:
    for provider in PROVIDERS:
        if provider.invoice_lines is not None:
            has_model = partial(PriceBook.default().has_model, provider.name)
            lines = provider.invoice_lines(day, result, has_model)
            if lines is not None:
                return lines
    raise ValueError(f"unknown kind of result {result.get('object') or sorted(result)[:4]}")


def _day(bucket: Mapping[str, Any]) -> date:
    if "starting_at" in bucket:
        return datetime.fromisoformat(str(bucket["starting_at"])).astimezone(UTC).date()
    return datetime.fromtimestamp(int(bucket["start_time"]), UTC).date()


def _added_up(lines: list[InvoiceLine]) -> Iterator[InvoiceLine]:
    """One line a key: exports split by API key or user repeat what is a key here."""
    groups: dict[tuple[Any, ...], list[InvoiceLine]] = defaultdict(list)
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
    lines: list[InvoiceLine], name: Literal["amount_usd", "list_amount_usd", "quantity"]
) -> Decimal | None:
    known = [value for line in lines if (value := getattr(line, name)) is not None]
    return sum(known, Decimal(0)) if known else None
