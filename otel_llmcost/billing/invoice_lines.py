# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""One line of a provider's export, and how the providers' APIs write it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from otel_llmcost.pricing import PriceBook

_CENT = Decimal("0.01")
_MAX = Decimal("1E15")
_ANTHROPIC_BUCKETS = {
    "uncached_input_tokens": "input",
    "cache_read_input_tokens": "cache_read",
    "cache_creation.ephemeral_5m_input_tokens": "cache_write_5m",
    "cache_creation.ephemeral_1h_input_tokens": "cache_write_1h",
    "output_tokens": "output",
}
_OPENAI_BUCKETS = {
    "input": "input",
    "cached input": "cache_read",
    "cache write": "cache_write_30m",
    "output": "output",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a provider charged or counted for one day, model and kind of use."""

    provider: str
    kind: str
    """`cost` or `usage`."""
    day: date
    model: str = ""
    line: str = ""
    """In the provider's words."""
    project: str = ""
    bucket: str = ""
    """Our name of the quantity; empty when it has none."""
    amount_usd: Decimal | None = None
    list_amount_usd: Decimal | None = None
    quantity: Decimal | None = None

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes it one line."""
        return (
            self.provider,
            self.kind,
            self.day,
            self.model,
            self.line,
            self.project,
            self.bucket,
        )

    def replaced(self, **values: Any) -> Line:
        """The same line with other figures."""
        return replace(self, **values)


def amount(value: Any) -> Decimal:
    """A finite number that the store can hold; raises ValueError."""
    number = Decimal(str(value))
    if not number.is_finite() or abs(number) >= _MAX:
        raise ValueError(f"{value!r} is no amount")
    return number


def dollars(currency: Any) -> None:
    """Raise ValueError for another currency: nothing here converts."""
    if str(currency or "USD").upper() != "USD":
        raise ValueError(f"amounts in {currency}: only USD can be compared")


def openai_line(day: date, result: Mapping[str, Any]) -> Line:
    """A row of /v1/organization/costs. Its line item is "model, kind of tokens", or a fee."""
    dollars(result["amount"].get("currency"))
    item = str(result.get("line_item") or "")
    model, bucket = openai_item(item)
    return Line(
        provider="openai",
        kind="cost",
        day=day,
        model=model,
        line=item,
        project=str(result.get("project_id") or ""),
        bucket=bucket,
        amount_usd=amount(result["amount"]["value"]),
        quantity=None if result.get("quantity") is None else amount(result["quantity"]),
    )


def openai_item(item: str) -> tuple[str, str]:
    """Model and bucket of an OpenAI line item; no model when the price book knows none by it."""
    model, _, what = item.partition(",")
    model = model.strip().lower()
    known = PriceBook.default().knows("openai", model)
    return (model, _OPENAI_BUCKETS.get(what.strip().lower(), "")) if known or what else ("", "")


def anthropic_line(day: date, result: Mapping[str, Any]) -> Line:
    """A row of a cost report: amounts are strings in cents; only analytics say `list_amount`."""
    dollars(result.get("currency"))
    kind, token = (str(result.get(name) or "") for name in ("cost_type", "token_type"))
    listed = result.get("list_amount")
    is_tokens = kind in ("", "tokens")
    return Line(
        provider="anthropic",
        kind="cost",
        day=day,
        model=str(result.get("model") or "") if is_tokens else "",
        line=" ".join(filter(None, (kind if not is_tokens else "", token or _words(result)))),
        project=str(result.get("workspace_id") or ""),
        bucket=_ANTHROPIC_BUCKETS.get(token, ""),
        amount_usd=amount(result["amount"]) * _CENT,
        list_amount_usd=None if listed is None else amount(listed) * _CENT,
    )


def _words(result: Mapping[str, Any]) -> str:
    return str(result.get("description") or "")


def usage_lines(provider: str, day: date, result: Mapping[str, Any]) -> Iterator[Line]:
    """One line per bucket that was used."""
    counted = _openai_usage(result) if provider == "openai" else _anthropic_usage(result)
    project = result.get("project_id") or result.get("workspace_id") or ""
    for bucket, quantity in counted.items():
        if quantity:
            yield Line(
                provider=provider,
                kind="usage",
                day=day,
                model=str(result.get("model") or ""),
                line=bucket,
                project=str(project),
                bucket=bucket,
                quantity=amount(quantity),
            )


def _openai_usage(result: Mapping[str, Any]) -> dict[str, int]:
    cached = _count(result, "input_cached_tokens")
    long = _count(result, "input_cache_write_12h_tokens")
    written = _count(result, "input_cache_write_tokens")
    short = _count(result, "input_cache_write_30m_tokens") or max(written - long, 0)
    return {
        # `input_tokens` includes what was cached and written.
        "input": max(_count(result, "input_tokens") - cached - short - long, 0),
        "cache_read": cached,
        "cache_write_30m": short,
        "cache_write_12h": long,
        "output": _count(result, "output_tokens"),
    }


def _anthropic_usage(result: Mapping[str, Any]) -> dict[str, int]:
    written: Mapping[str, Any] = result.get("cache_creation") or {}
    tools: Mapping[str, Any] = result.get("server_tool_use") or {}
    return {
        "input": _count(result, "uncached_input_tokens"),
        "cache_read": _count(result, "cache_read_input_tokens"),
        "cache_write_5m": _count(written, "ephemeral_5m_input_tokens"),
        "cache_write_1h": _count(written, "ephemeral_1h_input_tokens"),
        "output": _count(result, "output_tokens"),
        "web_search_call": _count(tools, "web_search_requests"),
    }


def _count(result: Mapping[str, Any], name: str) -> int:
    return int(result.get(name) or 0)
