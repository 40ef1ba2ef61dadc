# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Situations of real traffic: what only looks like trouble, and trouble that is easily missed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from otel_llmcost.detection.detect import Anomaly, detect
from tests.detection.traffic import NOW, Call, Change, fill, since, traffic
from tests.support.embedded import empty, shared_store

pytestmark = pytest.mark.slow

DAYS = 24
Found = dict[str, dict[str, Anomaly]]


def times(factor: float) -> Callable[[int], int]:
    return lambda tokens: round(tokens * factor)


def mixed(made: Call, ago: int, n: int) -> Call:
    """Short questions and long documents: half of each, but documents only in some hours."""
    documents = 10 if ago in (0, 1, 2, 50, 51, 99, 100, 101) else 5
    return made | {"input": made["input"] * (20 if n < documents else 1)}


def mixed_and_longer(made: Call, ago: int, n: int) -> Call:
    return mixed(made, ago + 20, n) | (
        {"input": mixed(made, ago + 20, n)["input"] * 3} if ago < 2 else {}
    )


def growing_context(made: Call, ago: int, n: int) -> Call:
    """Every call of the hour carries the ones before it along: no two are as long."""
    return made | {"input": made["input"] * (1 + n)} if ago < 2 else made


def weekly(made: Call, ago: int, _: int) -> Call:
    """Every Friday morning three hours of long calls."""
    return made | {"input": made["input"] * 8} if ago < 3 or 168 <= ago < 171 else made


def nightly(made: Call, ago: int, _: int) -> Call:
    """Every day, two hours of long calls at this time."""
    return made | {"input": made["input"] * 8} if ago % 24 < 2 else made


def deployed(price: float) -> Change:
    """Another model since two hours ago, and no other change."""
    return since(2, model="next-1", request_model="next", price=Decimal(str(price)))


def deployed_and_longer(made: Call, ago: int, n: int) -> Call | list[Call] | None:
    changed = deployed(0.4)(made, ago, n)
    assert isinstance(changed, dict)
    return changed | {"input": changed["input"] * 4} if ago < 2 else changed


def every_day(factor: float) -> Change:
    """Prompts that grow by a factor a day, for five days."""
    return lambda made, ago, _: (
        made | {"input": round(made["input"] * factor ** max(0.0, 5 - ago / 24))}
    )


def cache_decays(made: Call, ago: int, _: int) -> Call:
    """Nine tenths come from the cache, and eight points less every day of the last five."""
    read = round(made["input"] * (0.9 - 0.08 * max(0.0, 5 - ago / 24)))
    return made | {"input": made["input"] - read, "cache_read": read, "price": 10}


def rare(longer: int) -> Change:
    """A call in twelve hours; the last four days ten times as long."""

    def seldom(made: Call, ago: int, n: int) -> Call | None:
        if n or ago % 12 != 1:
            return None
        return made | {"input": made["input"] * (longer if ago < 48 else 1), "price": 100}

    return seldom


def young(hours: int) -> Change:
    return lambda made, ago, _: made if ago < hours else None


def growing(made: Call, ago: int, n: int) -> Call | None:
    """A feature of two days whose calls double every six hours."""
    return made if ago < 40 and n < 10 / 2 ** (ago / 6) else None


def many_more(made: Call, ago: int, n: int) -> list[Call]:
    ids = ("record_id", "trace_id", "scope_id", "request_fingerprint")
    return [made | {key: f"{made[key]}{n}" for key in ids} for n in range(6 if ago < 2 else 1)]


def many_more_at(price: float) -> Change:
    return lambda made, ago, n: [
        one | {"price": Decimal(str(price))} for one in many_more(made, ago, n)
    ]


def loop_of(turns: int) -> Change:
    def looping(made: Call, ago: int, n: int) -> Call | list[Call]:
        if ago != 1 or n:
            return made
        ids = ("record_id", "request_fingerprint")
        return [made | {key: f"{made[key]}{turn}" for key in ids} for turn in range(turns)]

    return looping


def three_calls(made: Call, ago: int, n: int) -> Call | None:
    """Three calls an hour; those of this hour go to an expensive model."""
    if n > 2:
        return None
    large = {"model": "large-1", "request_model": "large", "price": 5}
    return made | (large if ago == 0 else {})


def reasoning(made: Call, ago: int, _: int) -> Call:
    thought = made["output"] * 5 if ago < 2 else 0
    return made | {"output": made["output"] + thought, "reasoning_tokens": thought}


WEEK: dict[str, Change] = {
    "mixed": mixed,
    "mixed and longer": mixed_and_longer,
    "weekly": weekly,
    "nightly": nightly,
    "deployed twice the price": deployed(2),
    "deployed cheaper": deployed(0.4),
    "deployed and longer": deployed_and_longer,
    "half as long again": since(4, input=times(1.6)),
    "many more": many_more_at(0.5),
    "expensive and many more": many_more_at(30),
    "loop of 25": loop_of(25),
    "loop of 24": loop_of(24),
    "three calls": three_calls,
    "reasoning": reasoning,
    "growing context": growing_context,
}
LONG: dict[str, Change | None] = {
    "old": None,
    "a tenth more every day": every_day(1.1),
    "three tenths in all": every_day(1.02),
    "cache decays": cache_decays,
    "rare": rare(1),
    "rare and longer": rare(10),
    "a day old": young(28),
    "two days old": young(40),
    "growing": growing,
}


def calls() -> Iterator[Call]:
    for name, change in WEEK.items():
        yield from traffic(name, change)
    for name, change in LONG.items():
        yield from traffic(name, change, per_hour=4, hours=28 * DAYS if "rare" in name else 300)


@pytest.fixture(scope="module")
def found() -> Found:
    """By feature and kind: what one pass over all of them finds."""
    store = shared_store()
    empty(store)
    fill(store, calls())
    by_feature: Found = {name: {} for name in (*WEEK, *LONG)}
    for anomaly in detect(store, NOW, floor_usd=0.01):
        by_feature[anomaly.feature][anomaly.kind] = anomaly
    return by_feature


@pytest.mark.parametrize(
    "feature",
    ["mixed", "weekly", "nightly", "deployed cheaper", "loop of 24", "old",
     "three tenths in all", "rare", "two days old", "growing"],
)  # fmt: skip
def test_what_only_looks_like_trouble_is_not_reported(found: Found, feature: str) -> None:
    """A mix that changes, a job a week later, a cheaper model, growth of what is new."""
    assert found[feature] == {}


@pytest.mark.parametrize(
    ("feature", "kind", "level", "cause"),
    [
        ("mixed and longer", "prompt_growth", "report", "prompt"),
        ("deployed twice the price", "model_swap", "report", "model"),
        ("deployed and longer", "prompt_growth", "report", "prompt"),
        ("half as long again", "prompt_growth", "digest", "prompt"),
        ("many more", "volume_surge", "digest", "volume"),
        ("expensive and many more", "volume_surge", "report", "volume"),
        ("loop of 25", "loop", "report", "loop"),
        ("three calls", "model_swap", "report", "model"),
        ("reasoning", "output_growth", "report", "reasoning"),
        ("a tenth more every day", "gradual_drift", "report", "prompt"),
        ("cache decays", "gradual_drift", "report", "cache"),
        ("rare and longer", "prompt_growth", "report", "prompt"),
        ("growing context", "prompt_growth", "report", "prompt"),
        ("a day old", "new_feature", "digest", "new"),
    ],
)
def test_trouble_is_found_once_with_its_level_and_its_cause(
    found: Found, feature: str, kind: str, level: str, cause: str
) -> None:
    assert list(found[feature]) == [kind]
    anomaly = found[feature][kind]
    assert (anomaly.level, anomaly.cause) == (level, cause)


def test_reasoning_is_a_part_of_what_longer_replies_cost(found: Found) -> None:
    parts = found["reasoning"]["output_growth"].parts
    assert parts["reasoning"] > 0
    assert abs(parts.get("output", Decimal(0))) < parts["reasoning"] / 10
