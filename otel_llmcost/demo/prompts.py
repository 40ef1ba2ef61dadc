# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Made-up texts for the sample app: always the same, and about as long as the real thing."""

from __future__ import annotations

from itertools import cycle, islice

_RULES = (
    "Greet the customer by name and thank them for their patience.",
    "Refunds up to 80 euros are granted without asking a supervisor.",
    "A parcel is lost when it has not moved for nine working days.",
    "Never promise a delivery date that the carrier has not confirmed.",
    "Offer a voucher of ten percent when the same thing went wrong twice.",
    "Hand the ticket to a person when a lawyer or a regulator is mentioned.",
    "Quote the order number in the first line and the ticket number in the last.",
)
_PROBLEMS = (
    "I ordered a lamp on Monday and it came with a cracked shade.",
    "The tracking page has said 'in transit' for eleven days now.",
    "Your shop charged my card twice for the same order.",
    "I returned the shoes two weeks ago and still wait for the refund.",
    "The invoice carries the wrong VAT number and my accountant refuses it.",
    "After the last update the app signs me out every few minutes.",
)
_CODE = (
    "-    total = sum(line.amount for line in lines)",
    "+    total = sum((line.amount for line in lines), Decimal(0))",
    "     if total > limit:",
    "-        raise Exception('too much')",
    "+        raise LimitExceeded(total, limit)",
    "     return total.quantize(CENT, rounding=ROUND_HALF_EVEN)",
)


def handbook() -> str:
    """What every support reply must respect; the same in each call, so worth caching."""
    return "You answer for the help desk of a web shop.\n" + _fill(_RULES, 9_600)


def guidelines() -> str:
    """The coding rules of the reviewer."""
    return "You review pull requests. Be brief and concrete.\n" + _fill(_RULES, 16_000)


def ticket(number: int) -> str:
    """A customer's ticket, with the mails that belong to it."""
    return f"Ticket {number}\n" + _fill(_PROBLEMS[number % 6 :] + _PROBLEMS, 3_200)


def question(number: int) -> str:
    """One line a customer types."""
    return f"#{number}: {_PROBLEMS[number % 6]} What shall I do?"


def documents(number: int) -> str:
    """Passages that a search has found."""
    return f"Search result {number}\n" + _fill(_RULES[number % 7 :] + _RULES, 2_400)


def diff(number: int) -> str:
    """A pull request."""
    return f"diff --git a/order_{number}.py b/order_{number}.py\n" + _fill(_CODE, 6_000)


def invoice(number: int) -> str:
    """The text layer of a scanned invoice."""
    lines = (f"{n} x article {n * 37} at {n}.90 EUR" for n in range(1, 60))
    return f"Invoice 2026-{number:04}\n" + "\n".join(lines)


def _fill(sentences: tuple[str, ...], characters: int) -> str:
    return "\n".join(islice(cycle(sentences), 400))[:characters]
