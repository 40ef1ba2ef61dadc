# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Short ways to price a reply in a test."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from otel_llmcost.pricing import PriceBook, price_response
from otel_llmcost.usage import Cost

TODAY = "2026-11-20"


def at(day: str) -> dt.datetime:
    return dt.datetime.fromisoformat(day).replace(hour=12, tzinfo=dt.UTC)


def message(
    model: str | None = "claude-opus-5-5",
    *,
    day: str = TODAY,
    provider: str = "anthropic",
    request: dict[str, Any] | None = None,
    response: dict[str, Any] | None = None,
    client: dict[str, Any] | None = None,
    book: PriceBook | None = None,
    **usage: Any,
) -> Cost:
    """Price a Messages reply; 1,000 tokens in and 1,000 out unless given otherwise."""
    return price_response(
        provider,
        request={"model": model, **(request or {}), "client": client or {}},
        response={
            "model": model,
            "usage": {"input_tokens": 1000, "output_tokens": 1000, **usage},
            **(response or {}),
        },
        at=at(day),
        book=book,
    )


def reply(
    model: str | None = "gpt-6-sol",
    *,
    day: str = TODAY,
    provider: str = "openai",
    request: dict[str, Any] | None = None,
    response: dict[str, Any] | None = None,
    client: dict[str, Any] | None = None,
    book: PriceBook | None = None,
    **usage: Any,
) -> Cost:
    """Price a Responses reply; 1,000 tokens in and 1,000 out unless given otherwise."""
    return price_response(
        provider,
        request={"model": model, **(request or {}), "client": client or {}},
        response={
            "model": model,
            "service_tier": "default",
            "usage": {"input_tokens": 1000, "output_tokens": 1000, **usage},
            **(response or {}),
        },
        at=at(day),
        book=book,
    )


def usd(text: str) -> Decimal:
    return Decimal(text)
