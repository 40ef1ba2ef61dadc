# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Each kind of trouble is found in the feature that has it; what only looks like it is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from otel_llmcost.detection.detect import Anomaly, detect
from tests.detection.traffic import NOW, THIS_HOUR, WEEK, Call, Change, fill, since, traffic
from tests.support.embedded import empty, shared_store

pytestmark = pytest.mark.slow


def times(factor: float) -> Callable[[int], int]:
    return lambda tokens: round(tokens * factor)


def cached(made: Call, ago: int, _: int) -> Call:
    """Nine tenths come from the cache, until two hours ago."""
    if ago < 2:
        return made | {"prefix_fingerprint": "q"}
    return made | {"input": made["input"] // 10, "cache_read": made["input"] * 9 // 10}


def half_cached(made: Call, ago: int, _: int) -> Call:
    share = 6 if ago < 2 else 9
    return made | {
        "input": made["input"] * (10 - share) // 10,
        "cache_read": made["input"] * share // 10,
    }


def looping(made: Call, ago: int, n: int) -> Call | list[Call]:
    """One trace, an hour ago, makes sixty calls, each longer than the one before."""
    if ago != 1 or n:
        return made
    return [made] + [
        made | {"record_id": f"{9:016x}{turn:016x}", "input": 1000 + 200 * turn}
        for turn in range(1, 60)
    ]


def busy_agent(made: Call, ago: int, n: int) -> Call | list[Call]:
    """Every trace makes twenty calls; one, an hour ago, makes thirty."""
    turns = (30 if ago == 1 else 20) if n == 0 else 1
    return [made | {"record_id": made["record_id"] + f"{turn}"} for turn in range(turns)]


def surging(factor: int) -> Change:
    def more(made: Call, ago: int, _: int) -> list[Call]:
        ids = ("record_id", "trace_id", "scope_id", "request_fingerprint")
        return [
            made | {key: f"{made[key]}{n}" for key in ids} for n in range(factor if ago < 2 else 1)
        ]

    return more


def repeating(made: Call, ago: int, n: int) -> Call:
    return made | {"request_fingerprint": "again"} if ago < 5 and n % 3 else made


def retried(made: Call, ago: int, n: int) -> Call:
    return made | {"resend_count": 2} if ago < 3 and n % 2 else made


def drifting(made: Call, ago: int, _: int) -> Call:
    """A sixth more every day of the last week."""
    return made | {"input": round(made["input"] * 1.16 ** max(0.0, 7 - ago / 24))}


def one_big(made: Call, ago: int, n: int) -> Call:
    return made | {"input": 150_000} if (ago, n) == (2, 3) else made


def untagged(made: Call, ago: int, _: int) -> Call | None:
    return made | {"feature": "", "call_site": "job.py:run"} if ago < 4 else None


def unknown(made: Call, ago: int, n: int) -> Call:
    return made | {"model": "mystery-1", "price": None} if ago < 2 and n % 2 else made


def heavy_tail(made: Call, ago: int, n: int) -> Call:
    """Three calls of a hundred are ten times as long, always."""
    return made | {"input": made["input"] * 10} if (ago * 10 + n) % 33 == 0 else made


FOUND: dict[str, Change] = {
    "prompt_growth": since(2, input=times(3)),
    "output_growth": since(2, output=times(4)),
    "model_swap": since(2, model="large-1", request_model="large", price=5),
    "cache_collapse": cached,
    "loop": looping,
    "volume_surge": surging(8),
    "duplicate_requests": repeating,
    "retry_storm": retried,
    "truncation_surge": since(2, finish_reason="max_tokens"),
    "gradual_drift": drifting,
    "call_outlier": one_big,
    "untagged_spend": untagged,
    "unpriced_model": unknown,
}
CALM: dict[str, Change | None] = {
    "usual": None,
    "a fifth longer": since(2, input=times(1.2)),
    "one longer call": lambda made, ago, n: made | {"input": 6000} if (ago, n) == (1, 2) else made,
    "heavy tail": heavy_tail,
    "half as much cached": half_cached,
    "busy agent": busy_agent,
    "twice as many calls": surging(2),
    "a higher price": since(2, price=2),
    "a new version": since(2, service_version="2"),
}


@pytest.fixture(scope="module")
def found() -> dict[str, list[Anomaly]]:
    """By feature: what one pass over all of them finds."""
    store = shared_store()
    empty(store)
    calls = [
        made
        for name, change in {**FOUND, **CALM}.items()
        for made in traffic(name, change, hours=300 if name == "gradual_drift" else WEEK)
    ]
    calls += traffic("too young", since(2, input=times(5)), hours=4)
    calls += [made | {"feature": "elsewhere", "environment": "test"} for made in traffic("x")]
    fill(store, calls)
    by_feature: dict[str, list[Anomaly]] = {}
    for anomaly in detect(store, NOW, floor_usd=0.01):
        by_feature.setdefault(anomaly.feature, []).append(anomaly)
    return by_feature


@pytest.mark.parametrize("kind", FOUND)
def test_trouble_is_found_once_and_by_its_name(found: dict[str, list[Anomaly]], kind: str) -> None:
    feature = "job.py:run" if kind == "untagged_spend" else kind
    assert [anomaly.kind for anomaly in found[feature]] == [kind]


@pytest.mark.parametrize("feature", [*CALM, "too young", "elsewhere"])
def test_what_only_looks_like_trouble_is_not_reported(
    found: dict[str, list[Anomaly]], feature: str
) -> None:
    assert feature not in found


@pytest.mark.parametrize("kind", FOUND)
def test_the_parts_of_an_excess_add_up_to_it(found: dict[str, list[Anomaly]], kind: str) -> None:
    (anomaly,) = found["job.py:run" if kind == "untagged_spend" else kind]
    if kind in ("unpriced_model", "retry_storm"):
        assert (anomaly.excess_usd, anomaly.parts, anomaly.cause) == (None, {}, "unknown")
        return
    assert anomaly.excess_usd is not None
    assert sum(anomaly.parts.values()) == anomaly.excess_usd
    assert anomaly.excess_usd >= Decimal("0.005")


@pytest.mark.parametrize(
    ("kind", "cause"),
    [
        ("prompt_growth", "prompt"),
        ("output_growth", "output"),
        ("model_swap", "model"),
        ("cache_collapse", "cache"),
        ("loop", "loop"),
        ("volume_surge", "volume"),
        ("gradual_drift", "prompt"),
        ("call_outlier", "prompt"),
        ("duplicate_requests", "repeats"),
        ("truncation_surge", "truncated"),
        ("untagged_spend", "new"),
    ],
)
def test_the_cause_is_the_largest_part(
    found: dict[str, list[Anomaly]], kind: str, cause: str
) -> None:
    (anomaly,) = found["job.py:run" if kind == "untagged_spend" else kind]
    assert anomaly.cause == cause


def test_the_excess_of_a_longer_prompt_is_what_its_tokens_cost(
    found: dict[str, list[Anomaly]],
) -> None:
    (anomaly,) = found["prompt_growth"]
    assert anomaly.started_at == THIS_HOUR - timedelta(hours=1)
    # Fifteen calls, two thousand tokens more in each, $3 a million; the sizes vary by a third.
    assert float(anomaly.excess_usd or 0) == pytest.approx(15 * 2000 * 3e-6, rel=0.1)
    assert "input tokens per call instead of 1,000" in anomaly.evidence


def test_a_loop_names_its_trace(found: dict[str, list[Anomaly]]) -> None:
    (anomaly,) = found["loop"]
    assert anomaly.evidence.startswith("60 calls of one trace in an hour instead of 1")
    assert anomaly.evidence.endswith("its prompts grew from 1,000 to 12,800 tokens")
    assert float(anomaly.excess_usd or 0) == pytest.approx(59 * 0.0225, rel=0.1)


def test_why_is_said_as_far_as_it_is_known(found: dict[str, list[Anomaly]]) -> None:
    assert "the prompt prefix changed" in found["cache_collapse"][0].evidence
    assert "another model is requested" in found["model_swap"][0].evidence
    assert "were repeats" in found["duplicate_requests"][0].evidence


def test_a_surge_of_unpriced_calls_is_reported_without_dollars() -> None:
    store = shared_store()
    empty(store)
    unpriced = [made | {"price": None} for made in traffic("surging", surging(8))]
    fill(store, unpriced)
    (anomaly,) = detect(store, NOW, floor_usd=0.01)
    assert (anomaly.kind, anomaly.excess_usd, anomaly.cause) == ("volume_surge", None, "unknown")


def test_dollars_of_a_week_without_a_price_are_unknown_not_nothing() -> None:
    """Else all that calls cost once they have a price would be excess."""

    def priced_lately(made: Call, ago: int, n: int) -> Call:
        longer = 3 if ago < 3 else 1
        return made | {
            "price": None if ago >= 6 else 5,
            "input": made["input"] * longer,
            "output": made["output"] * longer,
        }

    store = shared_store()
    empty(store)
    fill(store, traffic("new", priced_lately))
    reported = {anomaly.kind: anomaly for anomaly in detect(store, NOW)}
    assert {"prompt_growth", "output_growth"} & set(reported)
    assert [anomaly.excess_usd for anomaly in reported.values()] == [None] * len(reported)
