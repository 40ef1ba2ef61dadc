# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The billing rules that lines of a bill cite, each under an anchor of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from otel_llmcost.pricing.rules import PAGE, RULES
from otel_llmcost.reports import Query
from otel_llmcost.serve.web.page import Page
from otel_llmcost.serve.web.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesPage(Page):
    """Numbers and what they say."""

    template: ClassVar[str] = "rules.html"
    under: ClassVar[str] = "/calls"

    rules: Sequence[tuple[str, str, str]] = ()
    """Anchor, number and text."""
    document: str = PAGE


def rules(_query: Query, span: Span, _: Mapping[str, str]) -> RulesPage:
    """Every rule in short."""
    return RulesPage(
        path="/rules",
        title="Billing rules",
        span=span,
        timeless=True,
        rules=[(number.replace(" ", "-"), number, said) for number, said in RULES.items()],
    )
