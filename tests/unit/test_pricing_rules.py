# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Every rule that is cited, in code or on a bill, is explained on the page of pricing rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import otel_llmcost
from otel_llmcost.pricing import PriceBook
from otel_llmcost.pricing.rates import rates
from otel_llmcost.pricing.rules import PAGE, RULES, cited, explained
from otel_llmcost.providers import APIS

PACKAGE = Path(otel_llmcost.__file__).parent
REPOSITORY = PACKAGE.parent
HEADING = re.compile(r"^### (.+?): (.+) \{#(.+)\}$", re.MULTILINE)
NUMBERS = r"\d+(?!\.?\d)"
CITATION = re.compile(
    rf"\b(anthropic|openai|clouds|general) ({NUMBERS}(?:(?:, | to | and ){NUMBERS})*)"
)
OLD_CITATION = re.compile(r"\((?:[AOC]\d+|[AOC])[,)]|# [AO]\d+\b|billing facts|pricing 1\.\d")


@pytest.fixture(scope="module")
def page() -> str:
    return (REPOSITORY / PAGE).read_text(encoding="utf-8")


def sources() -> Iterator[tuple[str, str]]:
    """Code, SQL and documentation that may cite rules, by path."""
    for root, endings in ((PACKAGE, (".py", ".sql")), (REPOSITORY / "docs", (".md",))):
        for path in sorted(root.rglob("*")):
            if path.suffix in endings and path.name != "pricing-rules.md":
                yield path.relative_to(REPOSITORY).as_posix(), path.read_text(encoding="utf-8")


def citations(text: str) -> Iterator[str]:
    for group, numbers in CITATION.findall(text):
        yield from (f"{group} {number}" for number in re.findall(r"\d+", numbers))


def test_the_page_explains_the_rules_under_their_numbers(page: str) -> None:
    found = {number: title for number, title, _ in HEADING.findall(page)}
    assert found == RULES


def test_an_anchor_is_the_number_of_the_rule(page: str) -> None:
    assert all(anchor == number.replace(" ", "-") for number, _, anchor in HEADING.findall(page))


def test_every_rule_has_a_source_with_a_link(page: str) -> None:
    parts = HEADING.split(page)[1:]
    bodies = dict(zip(parts[::4], parts[3::4], strict=True))
    assert [number for number, body in bodies.items() if "\nSource: [" not in body] == []


def test_no_citation_dangles() -> None:
    dangling = [
        f"{path}: {rule}"
        for path, text in sources()
        for rule in citations(text)
        if rule not in RULES
    ]
    assert dangling == []


def test_code_cites_the_rules() -> None:
    cites = {rule for path, text in sources() if path.endswith(".py") for rule in citations(text)}
    assert len(cites) > 30


def test_no_citation_is_of_a_document_that_is_not_here() -> None:
    assert [path for path, text in sources() if OLD_CITATION.search(text)] == []


def test_every_rule_on_a_bill_is_on_the_page() -> None:
    on_bills = {rule for row in rates(PriceBook()) if row.rule for rule in cited(row.rule)}
    of_apis = {f"{api.name} {number}" for api in APIS for number in api.rules.values()}
    assert on_bills
    assert (on_bills | of_apis) - RULES.keys() == set()


def test_a_bill_says_what_its_rules_say() -> None:
    assert explained(["anthropic 13, 11", None, "anthropic 13"]) == [
        f"Rules ({PAGE}):",
        f"  anthropic 11: {RULES['anthropic 11']}.",
        f"  anthropic 13: {RULES['anthropic 13']}.",
    ]
    assert explained([None]) == []
