# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Reading JSON that may be anything: a wrong shape is a reason, not an exception for callers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

JSON = Mapping[str, Any]

_NOTHING: JSON = {}
_LARGEST = 10**12  # no reply has more; up to here SQL multiplies without loss
_DEEPEST = 20


class Unreadable(Exception):
    """The usage cannot be priced; `reason` is a `llmcost.cost.reason`. Never leaves `read`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def mapping(value: object) -> JSON:
    """The value if it is an object, else an empty one."""
    if type(value) is dict:  # by far the usual case, and a much faster check
        return cast(JSON, value)
    if value is None:
        return _NOTHING
    return cast(JSON, value) if isinstance(value, Mapping) else _NOTHING


def objects(value: object) -> list[JSON]:
    """The objects in a list; anything else is left out."""
    if value is None:
        return []
    if type(value) is not list and (  # isinstance of a list again and again is slow
        not isinstance(value, Sequence) or isinstance(value, str | bytes)
    ):
        return []
    listed = cast("Sequence[object]", value)
    return [cast(JSON, i) for i in listed if type(i) is dict or isinstance(i, Mapping)]


def part(usage: JSON, key: str) -> JSON:
    """An object inside a usage; empty when absent or null, `Unreadable` when it is anything else.

    What stands there in its place may be billed; how is unknown.
    """
    value = usage.get(key)
    if value is None:
        return _NOTHING
    if type(value) is not dict and not isinstance(value, Mapping):
        raise Unreadable("invalid_usage")
    return cast(JSON, value)


def parts(usage: JSON, key: str) -> list[JSON]:
    """The objects of a list inside a usage, as `part` reads one object."""
    value = usage.get(key)
    if value is None:
        return []
    found = objects(value)
    if not isinstance(value, Sequence) or len(found) != len(cast("Sequence[object]", value)):
        raise Unreadable("invalid_usage")
    return found


def text(value: object) -> str | None:
    """The value if it is a non-empty string."""
    return value if isinstance(value, str) and value else None


def word(holder: JSON, key: str, reason: str) -> str | None:
    """A word that decides the price; None when absent or null, `Unreadable` when not a word."""
    value = holder.get(key)
    if value is None or (isinstance(value, str) and value):
        return value
    raise Unreadable(reason)


def count(usage: JSON, key: str) -> int | None:
    """A token or call count; None when absent or null.

    Raises `Unreadable` for anything else: a negative, fractional, textual or absurd count means
    that we do not understand this reply, and then its price is not known either.
    """
    value = usage.get(key)
    if value is None or (type(value) is int and 0 <= value <= _LARGEST):
        return value
    if isinstance(value, float) and value.is_integer() and 0 <= value <= _LARGEST:
        return int(value)
    raise Unreadable("invalid_usage")


def amount(usage: JSON, key: str) -> int | Decimal | None:
    """A quantity that may be fractional, such as seconds; None when absent or null."""
    value = usage.get(key)
    if isinstance(value, float) and math.isfinite(value) and 0 <= value <= _LARGEST:
        return int(value) if value.is_integer() else Decimal(repr(value))
    return count(usage, key)


def rest(total: int, *parts: int) -> int:
    """What is left of a total; its parts cannot be more than it."""
    left = total - sum(parts)
    if left < 0:
        raise Unreadable("contradictory_usage")
    return left


def within(part: int | None, whole: int | None) -> int | None:
    """A count that is reported as a part of another one, which it cannot exceed."""
    if part is not None and whole is not None:
        rest(whole, part)
    return part


def remainder(reported: int | None, total: int, *parts: int) -> int:
    """What is left of a total after its other parts; `reported` is what the reply says, if at all.

    Where the two differ, some tokens are of a kind that we do not know.
    """
    left = rest(total, *parts)
    if reported is not None and reported != left:
        raise Unreadable("contradictory_usage")
    return left


def carries_unknown(holder: JSON, known: frozenset[str]) -> bool:
    """Whether a field outside of `known` holds a number other than 0: it may be billed."""
    if known.issuperset(holder):  # nearly always
        return False
    return any(_holds_number(value) for name, value in holder.items() if name not in known)


def _holds_number(value: object, depth: int = 0) -> bool:
    if isinstance(value, bool | str) or value is None:
        return False
    if depth > _DEEPEST:
        return True
    if isinstance(value, Mapping):
        value = tuple(cast(JSON, value).values())
    if isinstance(value, Sequence):
        return any(_holds_number(item, depth + 1) for item in cast("Sequence[object]", value))
    return value != 0


def non_zero(**buckets: int | Decimal | None) -> dict[str, int | Decimal]:
    """Only the buckets that hold something."""
    return {name: quantity for name, quantity in buckets.items() if quantity}
