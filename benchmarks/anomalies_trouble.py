# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What goes wrong in the benchmark of detection, and what it does to the calls of an hour."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from tests.detection.traffic import Call

QUIET = "none"
CACHED = "cache_collapse"
"""Happens only to clients that read from a cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """One labelled trouble; `kind` is a detector's name, or `none`."""

    kind: str
    factor: float = 1
    """Of tokens, price or calls; a day for gradual_drift; calls for loop; a share for the rest."""
    hours: int = 6

    @property
    def label(self) -> str:
        return self.kind if self.kind == QUIET else f"{self.kind} {self.factor:g}"


DEFAULT = (
    Injection(kind="prompt_growth", factor=1.5, hours=24),
    *(Injection(kind="prompt_growth", factor=factor) for factor in (2, 3, 5, 10)),
    Injection(kind="output_growth", factor=3),
    Injection(kind="model_swap", factor=2),
    Injection(kind="model_swap", factor=5),
    Injection(kind="cache_collapse", factor=1),
    Injection(kind="loop", factor=60, hours=1),
    Injection(kind="call_outlier", factor=100, hours=1),
    Injection(kind="volume_surge", factor=5),
    Injection(kind="duplicate_requests", factor=0.7),
    Injection(kind="retry_storm", factor=0.5),
    Injection(kind="truncation_surge", factor=0.6),
    Injection(kind="unpriced_model", factor=1),
)


def injections(path: Path | None) -> list[Injection]:
    """Of a file, else of most kinds; without those that inject nothing."""
    known = [Injection(**one) for one in json.loads(path.read_text())] if path else DEFAULT
    return [one for one in known if one.kind != QUIET]


def injected(
    rng: random.Random, trouble: Injection, calls: list[Call], since: int, spare: Call
) -> list[Call]:
    """The calls of an hour with the trouble in them, `since` hours after it began."""
    factor, share = trouble.factor, {"resend_count": 2}
    match trouble.kind:
        case "prompt_growth":
            return [_longer(one, factor) for one in calls]
        case "gradual_drift":
            return [_longer(one, factor ** (since / 24)) for one in calls]
        case "output_growth":
            return [one | {"output": round(one["output"] * factor)} for one in calls]
        case "model_swap":
            swapped = {"model": "large-1", "request_model": "large"}
            rise = Decimal(repr(factor))
            return [one | swapped | {"price": one["price"] * rise} for one in calls]
        case "cache_collapse":
            return [
                one | {"input": one["input"] + one["cache_read"], "cache_read": 0}
                if rng.random() < factor
                else one
                for one in calls
            ]
        case "volume_surge":
            return [_again(one, n) for one in calls for n in range(round(factor))]
        case "loop":
            return [*calls, *(_again(spare, n, new_trace=False) for n in range(round(factor)))]
        case "call_outlier":
            return [*calls, _longer(spare, factor)]
        case "duplicate_requests":
            share = {"request_fingerprint": "again"}
        case "truncation_surge":
            share = {"finish_reason": "max_tokens"}
        case "unpriced_model":
            share = {"model": "mystery-1", "price": None}
        case "retry_storm":
            pass
        case _:
            raise ValueError(f"no such kind of trouble: {trouble.kind}")
    return [one | share if rng.random() < factor else one for one in calls]


def _longer(made: Call, factor: float) -> Call:
    size = {part: round(made[part] * factor) for part in ("input", "cache_read")}
    return made | size


def _again(one: Call, n: int, *, new_trace: bool = True) -> Call:
    ids = ("record_id", "request_fingerprint") + (("trace_id", "scope_id") if new_trace else ())
    return one | {name: f"{one[name]}{n}" for name in ids}
