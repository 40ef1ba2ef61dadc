# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Cost exports as CSV: the consoles' own, or any table with a day, a model and an amount."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from functools import partial

from otel_llmcost.pricing import PriceBook
from otel_llmcost.providers import PROVIDERS, provider_named
from otel_llmcost.providers.invoices import InvoiceLine, amount, dollars

_NAMES = {
    "day": ("day", "date", "usage_date_utc", "usage_date", "start_time_iso", "start_time"),
    "amount": ("amount_usd", "cost_usd", "amount_value", "cost", "amount"),
    "list": ("list_amount_usd", "list_price_usd", "list_cost_usd"),
    "model": ("model", "model_version"),
    "line": ("line_item", "line", "description", "token_type", "cost_type", "usage_type"),
    "project": ("project_id", "workspace_id", "project", "workspace"),
    "currency": ("currency", "amount_currency"),
    "quantity": ("quantity",),
    "provider": ("provider",),
}
"""Our name of a column, and what it is called where."""


def lines(text: str, provider: str | None) -> Iterator[InvoiceLine]:
    """Rows with an amount. Raises ValueError, KeyError for what cannot be read."""
    table = csv.DictReader(io.StringIO(text), strict=True)
    names = {name.strip().lower(): name for name in table.fieldnames or []}
    columns = {
        ours: names[theirs]
        for ours, known in _NAMES.items()
        for theirs in [next((name for name in known if name in names), "")]
        if theirs
    }
    for needed in ("day", "amount"):
        if needed not in columns:
            raise ValueError(f"no column for the {needed}: one of {', '.join(_NAMES[needed])}")
    if "model" not in columns and "line" not in columns:
        raise ValueError("no column for the model")
    sent_by = provider or _sender(names)
    for row in table:
        values = {ours: (row.get(theirs) or "").strip() for ours, theirs in columns.items()}
        who = values.get("provider") or sent_by
        if not who:
            raise ValueError("who sent it? add a column provider, or --provider openai")
        if values["amount"]:
            yield _line(values, who)


def _sender(names: Mapping[str, str]) -> str | None:
    """Whose console writes these columns."""
    return next((one.name for one in PROVIDERS if one.invoice_column in names), None)


def _line(values: Mapping[str, str], provider: str) -> InvoiceLine:
    dollars(values.get("currency"))
    model, bucket = values.get("model", ""), ""
    item = provider_named(provider).invoice_item
    if not model and item is not None:
        model, bucket = item(
            values.get("line", ""), partial(PriceBook.default().has_model, provider)
        )
    quantity, listed = values.get("quantity"), values.get("list")
    return InvoiceLine(
        provider=provider,
        kind="cost",
        day=_day(values["day"]),
        model=model,
        line=values.get("line", ""),
        project=values.get("project", ""),
        bucket=bucket,
        amount_usd=amount(values["amount"]),
        list_amount_usd=amount(listed) if listed else None,
        quantity=amount(quantity) if quantity else None,
    )


def _day(text: str) -> date:
    if text.isdigit():
        return datetime.fromtimestamp(int(text), UTC).date()
    when = datetime.fromisoformat(text)
    return when.date() if when.tzinfo is None else when.astimezone(UTC).date()
